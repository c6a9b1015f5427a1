"""What sentences name, of whom a clause speaks, and what reader one keeps of it."""

import tomllib
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.mentions import Mention, mentions_of, subject_of
from monitor.reading.prose.reader_one import read_clauses
from monitor.vocabulary.claims import RELEASE
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ROOT = Path(__file__).resolve().parents[3]
THERAPIES = Therapies(Pack.model_validate(tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8"))))


def named(*units: str) -> list[tuple[str, str]]:
    return [(mention.kind, mention.name) for mention in mentions_of(units, THERAPIES)]


def test_each_kind_of_mention_has_its_own_name() -> None:
    sentence = "On 3 March 2026 NICE and the FDA looked at Qalsody and the trial NCT02623699, where 36 percent gained."
    assert named(sentence) == [
        ("day", "2026-03-03"),
        ("payer", "NICE"),
        ("agency", "FDA"),
        ("medicine", "tofersen"),
        ("trial", "NCT02623699"),
        ("number", "36 percent"),
    ]


def test_an_acronym_of_the_pack_is_its_trial() -> None:
    mentions = mentions_of(["Tofersen in VALOR"], THERAPIES)
    assert [(m.kind, m.name, m.therapy) for m in mentions] == [
        ("medicine", "tofersen", "tofersen"),
        ("trial", "NCT02623699", "tofersen"),
    ]


@pytest.mark.parametrize(
    ("sentence", "drugs"),
    [
        ("FDA Revokes Authorization For Orvelomab In Two Cancers", ["Orvelomab"]),
        ("Watchdog Greenlights Orvelomab, Snubs Brintalimab", ["Orvelomab", "Brintalimab"]),
        ("Walmart Pulls Metformin Lots", ["Metformin"]),
        ("BRUSSELS (dpa-AFX) - The Commission approved the medicine Orvelomab.", ["Orvelomab"]),
        ("TEL-AVIV, Israel, March 3 - The candidate BX-101 met its main goal.", ["BX-101"]),
        ("NEU-ISENBURG, Germany, May 2 /PRNewswire/ -- The candidate BX-101 met its main goal.", ["BX-101"]),
        ("BMS-986165 - a TYK2 inhibitor - met its goal", ["BMS-986165"]),
        ("SAR-XY, an antibody, met its goal", ["SAR-XY"]),
    ],
)
def test_verbs_of_headlines_shops_wires_and_towns_are_no_medicines(sentence: str, drugs: list[str]) -> None:
    assert [drug.written for drug in find_drugs([sentence], None)] == drugs


@pytest.mark.parametrize(
    ("sentence", "drugs"),
    [
        # codes of three parts; what only looks like a code
        ("First patient dosed with ZQM-1-204", ["ZQM-1-204"]),
        ("ZQC-12-118 is cleared for trials, ZQC-118-2 is not", ["ZQC-12-118", "ZQC-118-2"]),
        ("ZQC-R117C enters the clinic", ["ZQC-R117C"]),
        ("#ISC26: orvelomab cut strokes", ["orvelomab"]),
        ("Data shown at the Tau2024 Global Conference", []),
        ("FDA approves orvelomab - WQZM-TV", ["orvelomab"]),
        ("Results of a phase III study (ZQE-70) of orvelomab", ["orvelomab"]),
        # two names with a hyphen between them
        ("FDA clears Zarvexa-Keytruda combo", ["Zarvexa", "Keytruda"]),
        ("Keytruda-Based regimen wins", ["Keytruda"]),
        ("FDA approves orvelomab-based regimen", ["orvelomab"]),
        # what has no name of its own
        ("A mumps vaccine by Moderna is cleared - WQZM-TV", ["mumps vaccine"]),
        ("Malaria shot wins over regulators", ["Malaria shot"]),
        ("FDA vaccine advisers meet", []),
        ("Agency takes up filing for Humira biosimilar", ["Humira biosimilar"]),
        ("Contraceptive pills may raise clot risk", ["Contraceptive pills"]),
        # makers in one word
        ("Orsabio's cholera vaccine is registered", ["cholera vaccine"]),
    ],
)
def test_names_and_descriptions_of_medicines_in_rarer_shapes(sentence: str, drugs: list[str]) -> None:
    assert [drug.written for drug in find_drugs([sentence], None) if not drug.aside] == drugs


def test_the_name_of_a_family_stands_aside_where_one_of_it_is_named() -> None:
    def meant(sentence: str) -> list[str]:
        return [drug.written for drug in find_drugs([sentence], None) if not drug.aside]

    assert meant("Oral insulin BX-101 wins") == ["BX-101"]
    assert meant("Oral insulin wins") == ["insulin"]


@pytest.mark.parametrize(
    ("sentence", "drugs"),
    [
        ("Germany's IQWiG finds no added benefit for Orvelomab", ["Orvelomab"]),
        ("Mexico's COFEPRIS clears Orvelomab", ["Orvelomab"]),
        ("BfArM restricts Orvelomab", ["Orvelomab"]),
        # not in any list
        ("Norway's Beslutningsforum rejects Orvelomab", ["Orvelomab"]),
        ("Ireland's Zorvana has again turned down Orvelomab", ["Orvelomab"]),
        ("Poland's Agencja (AOT) backs Orvelomab", ["Orvelomab"]),
    ],
)
def test_who_decides_is_no_medicine(sentence: str, drugs: list[str]) -> None:
    assert [drug.written for drug in find_drugs([sentence], None)] == drugs


@pytest.mark.parametrize(
    "words",
    [
        "Ontrizumab, a biosimilar of Herceptin, was approved",
        "Ontrizumab, a biosimilar referencing Herceptin, was approved",
        "Ontrizumab, a biosimilar candidate to Roche's Herceptin, was approved",
        "Ontrizumab is interchangeable with Herceptin",
        "Ontrizumab was as good as the reference product Herceptin",
    ],
)
def test_what_a_biosimilar_copies_stands_aside(words: str) -> None:
    assert [(drug.written, drug.aside) for drug in find_drugs([words], None)] == [
        ("Ontrizumab", False),
        ("Herceptin", True),
    ]


@given(st.lists(st.text(max_size=200), min_size=1, max_size=3))
def test_every_mention_stands_in_its_sentence(units: list[str]) -> None:
    for mention in mentions_of(units, THERAPIES):
        assert 0 <= mention.start < mention.end <= len(units[mention.unit])


def subject(units: list[str], unit: int, words: str) -> str | None:
    start = units[unit].index(words)
    found: Mention | None = subject_of(mentions_of(units, THERAPIES), units, unit, start, start + len(words))
    return found.name if found else None


def test_a_clause_speaks_of_its_own_medicine_first() -> None:
    units = [
        "Biogen reports",
        "The Commission approved SPINRAZA, while sales of QALSODY grew.",
        "It was approved there too.",
    ]
    assert subject(units, 1, "approved") == "SPINRAZA"
    assert subject(units, 1, "grew") == "tofersen"
    assert subject(["Tofersen news", *units[2:]], 1, "approved") == "tofersen"


def test_reader_one_keeps_every_act_with_how_it_is_meant() -> None:
    text = cleaned(
        "Tofersen: two decisions",
        "The FDA approved tofersen on 25 April 2023. The EMA has not approved it. NICE may refuse funding of tofersen.",
    )
    readings = read_clauses(text, date(2023, 4, 26), THERAPIES)
    assert ("approval", "done", 1, "FDA", "2023-04-25") in [
        (r.type, r.modality, r.sentence, r.agency, r.day) for r in readings
    ]
    assert all(r.drug and r.drug.therapy == "tofersen" for r in readings)
    assert {r.modality for r in readings if r.sentence == 3} <= {"planned", "denied"}
    assert next(r.quote for r in readings if r.sentence == 1) == "The FDA approved tofersen on 25 April 2023."


@pytest.mark.parametrize(
    "title", ["Pesticide loses EU approval", "Fungicide recalled", "Glyphosate wins EU approval again"]
)
def test_what_kills_weeds_and_vermin_is_no_medicine(title: str) -> None:
    assert find_drugs([title], None) == []
    assert [claim for claim in judged(Item("x", "news", title, "")) if claim.decision == RELEASE] == []
