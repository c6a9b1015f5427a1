"""The engine knows no disease: the words of a pack stand in the pack, and nowhere in the code that reads it."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from monitor.vocabulary.drug_words import TABLES
from monitor.vocabulary.pack import Pack, Therapy

ROOT = Path(__file__).resolve().parents[1]
PACKS = sorted(file for file in (ROOT / "monitor/packs").glob("*.toml") if ".events" not in file.name)
ENGINE = ("monitor", "sources", "store", "notifiers")
BUNDLED = "BUNDLED_PACK = "
"""The one line that may name a pack: which one is taken where none is given."""
LEXICON = "monitor/vocabulary/drug_words.txt"
LETTERS = "monitor/reading/prose/trigrams.json"
PIECES = "monitor/reading/prose/model/tokenizer.json"
"""The pieces of words of a published English vocabulary, which no rule reads as words."""
TEXTS = {".py", ".txt", ".toml", ".json", ".html", ".css", ".js", ".rules", ".groups", ".svg"}


def pack_in(file: Path) -> Pack:
    return Pack.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))


def words_of(therapy: Therapy) -> set[str]:
    numbers = {number for many in therapy.applications.values() for number in many}
    return {*therapy.names, *therapy.sponsors, *therapy.trials, *numbers}


def pattern(words: set[str], flags: int = 0) -> re.Pattern[str]:
    inside = "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{inside})(?![A-Za-z0-9])", flags)


def lines() -> Iterator[tuple[str, str]]:
    """Every line of the engine with its place; packs and the shared lexicon are looked at apart."""
    for folder in ENGINE:
        for file in sorted((ROOT / folder).rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            if file.suffix not in TEXTS or "/packs/" in name or name in (LEXICON, LETTERS, PIECES):
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                if not line.startswith(BUNDLED):
                    yield f"{name}:{number}", line


@pytest.mark.parametrize("file", PACKS, ids=lambda file: file.stem)
def test_no_word_of_a_pack_stands_in_the_engine(file: Path) -> None:
    pack = pack_in(file)
    named = {pack.pack.condition, *pack.pack.synonyms, *pack.pack.platforms}
    named |= {word for therapy in pack.therapies for word in words_of(therapy)}
    acronyms = pattern({word for therapy in pack.therapies for word in therapy.acronyms})  # words elsewhere: "atlas"
    words = pattern(named, re.IGNORECASE)
    found = [
        f"{where}: {hit[0]}" for where, line in lines() for hit in (*words.finditer(line), *acronyms.finditer(line))
    ]
    assert found == []


@pytest.mark.parametrize("file", PACKS, ids=lambda file: file.stem)
def test_the_shared_lexicon_knows_makers_but_no_drug_or_disease_of_a_pack(file: Path) -> None:
    """A maker is a maker whichever disease is followed; its drugs and the disease come from the pack."""
    pack = pack_in(file)
    own = {word.lower() for word in (pack.pack.condition, *pack.pack.synonyms, *pack.pack.platforms)}
    own |= {name.lower() for therapy in pack.therapies for name in (*therapy.names, *therapy.acronyms)}
    lexicon = {word.lower() for name, table in TABLES.items() for word in table if name != "companies"}
    assert sorted(own & lexicon) == []
