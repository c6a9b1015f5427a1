"""A text as the sentences that are read: each with its place in the source, and with a reason where it says nothing.

Boilerplate is cut sentence by sentence: one sentence of it never hides the news beside it (decision rule 30).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest

from monitor.reading.prose.patterns import rows_of

CAP, LONGEST = 6_000, 700
"""How much of a text is read, and of one sentence, in characters."""

SENTENCE = re.compile(
    r"(?<=[.!?])[\"'”’)\]]*\s+(?=[A-Z0-9\"'“‘(+•-])|\s*\n+\s*|\s+[•●▪]\s*|(?<=\w)[.!?](?=[A-Z][a-z]+ [a-z])"
)
SIGN = re.compile(r"(?:^|(?<=\s))([+-])\s(?=\S)")
"""What stands before a line that a page difference adds or takes away."""
ABBREVIATION = re.compile(
    r"\b(?:Inc|Ltd|Co|Corp|Dr|vs|No|St|approx|e\.g|i\.e|U\.S|U\.K|F\.D\.A|Mr|Mrs|Ms|Prof|Ph|Jan|Feb|Mar|Apr|Jun|Jul|Aug|"
    r"Sept?|Oct|Nov|Dec|al|Fig|[A-Z])\.$"
)
PLAIN = str.maketrans(
    {
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "\u00a0": " ",
        "\u2010": "-",
        "\u2011": "-",
        "\t": " ",
        "\r": " ",
        "\f": " ",
    }
)
"""Signs of one letter each, so that every place in the plain text is the same place in the source."""

WIRES = (
    r"GLOBE ?NEWSWIRE|GlobeNewswire|PR ?NEWSWIRE|PRNewswire|BUSINESS WIRE|Business Wire|ACCESSWIRE|"
    r"Newsfile(?: Corp\.?)?|Marketwired|CNW(?: Group)?|EQS-News|ots|"
    r"Reuters(?: Health)?|AP|AFP|Bloomberg|HealthDay(?: News)?|UPI|Xinhua|dpa"
)
DATELINE = re.compile(
    rf"^(?:[^\n(]{{0,60}}?(?:\([A-Z][a-z]+\))?[^\n(]{{0,40}}?[(/](?:{WIRES})[)/]\s*(?:[-–—:|]+\s*)*|"
    r"[A-Z][\w.,;'()& -]{2,60}?[,;] (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w*\.? \d{1,2},? (?:19|20)\d\d"
    r"(?:, \d\d?:\d\d \w+)?\s*[-–—:|;]+\s+|"
    r"[A-Z]{3,}[A-Z,. ]* [–—-]{1,2} )(?=\S)"
)
"""Where and through which wire a release came: the front of a sentence, left out of what is read."""

ABOUT = "about"
ANNOUNCES = re.compile(
    r"\b(?:today|announce[sd]?|this (?:week|morning)|yesterday|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b", re.I
)
"""The kind of cut under which the rest of a paragraph falls too, and what in a sentence ends that."""
CUTS = tuple((kind, re.compile(pattern)) for kind, pattern in rows_of("boilerplate.rules"))
"""Kinds of boilerplate, each with what is looked for in a sentence."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence as read, and its place in the title or the text of the source. `cut` says why it is not read."""

    text: str
    start: int
    end: int
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class ItemText:
    """A title and the sentences below it; number 0 is the title."""

    sentences: tuple[Sentence, ...]
    title: str
    text: str
    units: list[str] = field(init=False)
    """What is read, one string a sentence; a cut sentence is empty, so that numbers stay."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "units", ["" if sentence.cut else sentence.text for sentence in self.sentences])

    def quote(self, number: int) -> str:
        """The words of the source for a sentence, letter by letter."""
        sentence = self.sentences[number]
        return (self.text if number else self.title)[sentence.start : sentence.end]


def cleaned(title: str, text: str) -> ItemText:
    """Title and text in sentences, with those marked that are boilerplate."""
    return ItemText((_title(title), *_marked(text[:CAP])), title, text)


def cleaned_page(title: str, text: str) -> tuple[ItemText, ItemText]:
    """What a page difference (`- gone + new`) adds, and what stood there before; a sentence of both is in neither."""
    sides: dict[str, list[Sentence]] = {"+": [], "-": []}
    signs = list(SIGN.finditer(text[:CAP]))
    for match, following in zip_longest(signs, signs[1:]):
        end = following.start() if following else min(len(text), CAP)
        sides[match[1]] += [
            Sentence(s.text, s.start + match.end(), s.end + match.end(), s.cut)
            for s in _marked(text[match.end() : end])
        ]
    kept = {s.text for s in sides["+"]} & {s.text for s in sides["-"]}
    added, gone = (tuple(s for s in side if s.text not in kept) for side in (sides["+"], sides["-"]))
    return ItemText((_title(title), *added), title, text), ItemText((_title(title), *gone), title, text)


def added_lines(text: str) -> list[str]:
    """What a page difference adds, sentence by sentence."""
    return cleaned_page("", text)[0].units[1:]


def _title(title: str) -> Sentence:
    return _trimmed(title.translate(PLAIN), 0, len(title), titled=True)


def sentences(text: str) -> list[str]:
    """The sentences of a text; abbreviations do not end one."""
    return [text[start:end] for start, end in _spans(text)]


def _marked(text: str) -> Iterator[Sentence]:
    plain, about = text.translate(PLAIN), False
    for start, end in _spans(plain):
        sentence = _trimmed(plain, start, end)
        cut = next((kind for kind, pattern in CUTS if pattern.search(sentence.text)), None)
        if about and "\n" in plain[max(0, start - 2) : start] and not _is_heading(plain, start):
            about = False
        about = (about and not ANNOUNCES.search(sentence.text)) or cut == ABOUT
        yield Sentence(sentence.text, sentence.start, sentence.end, cut or (ABOUT if about else None))


def _is_heading(plain: str, start: int) -> bool:
    """Whether a heading stands on the line before: what it heads is the paragraph below."""
    return len(plain[:start].rstrip().rsplit("\n", 1)[-1]) < 60


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Where each sentence begins and ends."""
    begin = 0
    for match in [*SENTENCE.finditer(text), None]:
        end = match.start() if match else len(text)
        if match and match[0][:1] in ".!?":
            end += 1
        if match and "\n" not in match[0] and ABBREVIATION.search(text[begin:end]):
            continue
        if text[begin:end].strip():
            yield begin, end
        begin = match.end() if match else end


def _trimmed(plain: str, start: int, end: int, *, titled: bool = False) -> Sentence:
    """The sentence without blanks around it and without its dateline; single blanks inside."""
    words = plain[start:end]
    if not titled and (dateline := DATELINE.match(words)):
        start += dateline.end()
    words = plain[start:end]
    start, end = start + len(words) - len(words.lstrip()), end - (len(words) - len(words.rstrip()))
    end = min(end, start + LONGEST)
    return Sentence(re.sub(r" {2,}|\n+", " ", plain[start:end]), start, max(start, end))
