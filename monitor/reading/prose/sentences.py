"""A text as the units that are read one by one: tidied, cut into sentences, a page difference to what it adds."""

import re

CAP, SENTENCES, LONGEST = 6_000, 30, 500
"""How much of a text is read: characters, sentences, characters of one sentence. News stands in front."""

SENTENCE = re.compile(r"(?<=[.!?])[\"'”’)]*\s+(?=[A-Z0-9\"“(+-])|\n+")
ABBREVIATION = re.compile(r"\b(?:Inc|Ltd|Co|Corp|Dr|vs|No|St|approx|e\.g|i\.e|U\.S|Mr|Ms|Prof)\.$")


def tidied(text: str) -> str:
    """The text with plain quotation marks and single blanks; lines stay lines."""
    text = text.replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').replace("\u00a0", " ")
    return re.sub(r"[ \t\r\f]+", " ", text).strip()


def sentences(text: str) -> list[str]:
    """The sentences of a text; abbreviations do not end one."""
    parts: list[str] = []
    for part in SENTENCE.split(text):
        if parts and ABBREVIATION.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {part}"
        elif part and part.strip():
            parts.append(part.strip())
    return parts


def units_of(title: str, text: str) -> list[str]:
    """The title and the first sentences of a text, each cut to its length."""
    return [unit[:LONGEST] for unit in (title, *sentences(text)[:SENTENCES])]


def added_lines(text: str) -> list[str]:
    """What a page difference adds: the parts behind `+`."""
    parts = re.split(r"(?:^|(?<=\s))([+-])\s(?=\S)", text)
    return [content.strip() for sign, content in zip(parts[1::2], parts[2::2], strict=True) if sign == "+"]
