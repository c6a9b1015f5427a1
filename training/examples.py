"""`python -m training.examples`: write the labelled items of our own that an explanation may show.

Those of `benchmarks/items` that may be trained on, without page differences and without any that a word of a bundled
pack stands in: the engine knows no disease.
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from monitor.reading.examples import FILE
from monitor.vocabulary.pack import Pack
from training.items import OWN, ROOT, rows

LONGEST = 200
"""Letters of an item that are kept: title and lead."""


def lines(folder: Path = ROOT / "benchmarks" / "items") -> Iterator[str]:
    """Each item as a line."""
    named = _words_of_packs()
    for row in (row for name in OWN for row in rows(folder / name)):
        words = re.sub(r"\s+", " ", f"{row['title']}. {row.get('text') or ''}").strip()
        if row["source_kind"] not in ("registry_diff", "page_diff") and not named.search(f"{words} {row['expected']}"):
            types = sorted({event["type"] for event in row["expected"]})
            yield f"{row['id']}\t{','.join(types)}\t{_short(words)}"


def _short(words: str) -> str:
    """The beginning, up to a sentence's end or a word's."""
    if len(words) <= LONGEST:
        return words
    cut = words[:LONGEST]
    return cut[: cut.rindex(". ") + 1] if ". " in cut[LONGEST // 2 :] else f"{cut[: cut.rindex(' ')]} …"


def _words_of_packs() -> re.Pattern[str]:
    words: set[str] = set()
    for file in (ROOT / "monitor" / "packs").glob("*.toml"):
        if not file.name.endswith(".events.toml"):
            pack = Pack.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
            words |= {pack.pack.condition, *pack.pack.synonyms, *pack.pack.platforms}
            for therapy in pack.therapies:
                words |= {*therapy.names, *therapy.sponsors, *therapy.trials, *therapy.acronyms}
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(map(re.escape, words))})(?![A-Za-z0-9])", re.I)


if __name__ == "__main__":
    FILE.write_text("".join(f"{line}\n" for line in lines()), encoding="utf-8")
