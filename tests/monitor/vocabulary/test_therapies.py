"""Which therapy is meant: the traps of matching names, trials and numbers."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ROOT = Path(__file__).resolve().parents[3]
PACK = Pack.model_validate(tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8")))
THERAPIES = Therapies(PACK)


def named(text: str) -> list[str]:
    return [mention.therapy for mention in THERAPIES.mentioned(text)]


@pytest.mark.parametrize(
    "written", ["BIIB067", "BIIB-067", "BIIB 067", "biib067", "Tofersen", "QALSODY", "tofersen-treated"]
)
def test_names_are_found_in_every_spelling(written: str) -> None:
    (mention,) = THERAPIES.mentioned(f"News on {written}.")
    assert mention.therapy == "tofersen"
    assert mention.written.lower() in written.lower()


@pytest.mark.parametrize("text", ["isNurOwnReady = True", "NurOwned", "primechanie", "tofersenlike", "AMX00351"])
def test_names_are_never_part_of_a_word(text: str) -> None:
    assert named(f"{text} in ALS") == []


def test_acronyms_count_only_beside_drug_sponsor_or_disease() -> None:
    assert named("A man of valor and VALOR") == []
    assert named("PHOENIX rises again") == []
    assert named("VALOR in people with ALS") == ["tofersen"]
    assert named("Amylyx: PHOENIX is full") == ["AMX0035"]
    assert named("phoenix in people with ALS") == []


def test_substances_with_another_use_need_the_disease_or_the_sponsor() -> None:
    assert named("Edaravone after stroke") == []
    assert named("Ciprofloxacin and celecoxib after surgery") == []
    assert named("Edaravone in ALS") == ["edaravone"]
    assert named("Edaravone, says Mitsubishi Tanabe Pharma") == ["edaravone"]
    assert named("Radicava ORS") == ["edaravone"]  # a brand is nothing else


def test_als_is_ambiguous() -> None:
    assert THERAPIES.context("people with ALS")
    assert THERAPIES.context("SOD1-ALS")
    assert THERAPIES.context("motor neurone disease")
    assert not THERAPIES.context("An advanced life support (ALS) course for paramedics")
    assert not THERAPIES.context("als ob nichts wäre")
    assert not THERAPIES.context("signals and trials")


@pytest.mark.parametrize(
    ("number", "therapy"),
    [
        ("NDA 216660", "AMX0035"), ("NDA216660", "AMX0035"), ("216660", "AMX0035"), ("NDA020599", "riluzole"),
        ("20599", "riluzole"), ("EMEA/H/C/005493", "tofersen"), ("EMEA/H/C/005493/II/0004", "tofersen"),
        ("EU/3/20/2395", "PrimeC"), ("999999", None), ("", None),
    ],
)  # fmt: skip
def test_application_numbers(number: str, therapy: str | None) -> None:
    assert THERAPIES.of_application(number) == therapy


def test_trial_numbers() -> None:
    assert THERAPIES.of_trial("nct04768972") == "ulefnersen"
    assert THERAPIES.of_trial("2020-005522-28") == "ulefnersen"
    assert THERAPIES.of_trial("NCT03799718") is None  # NurOwn in multiple sclerosis


def study(title: str, sponsor: str, *interventions: str, condition: str = "ALS") -> dict[str, Any]:
    return {"title": title, "sponsor": sponsor, "interventions": list(interventions), "conditions": [condition]}


def test_a_known_number_is_enough() -> None:
    assert THERAPIES.of_study({}, "NCT05021536") == "AMX0035"


def test_intervention_and_sponsor_together_tell_the_therapy() -> None:
    record = study("A new study", "Biogen", "DRUG: BIIB067", "DRUG: Placebo")
    assert THERAPIES.of_study(record) == "tofersen"
    assert THERAPIES.of_study({**record, "sponsor": "Some University"}) is None


def test_background_riluzole_is_no_riluzole_trial() -> None:
    assert THERAPIES.of_study(study("SAR443820 in ALS", "Sanofi", "DRUG: SAR443820", "DRUG: riluzole")) is None
    assert THERAPIES.of_study(study("Riluzole oral film", "Aquestive", "DRUG: Riluzole")) == "riluzole"
    assert THERAPIES.of_study(study("FAB122", "Ferrer", "DRUG: FAB122", "DRUG: riluzole")) == "FAB122"


def test_another_disease_is_another_trial() -> None:
    record = study(
        "MSC-NTF cells", "BrainStorm Cell Therapeutics", "BIOLOGICAL: MSC-NTF", condition="Multiple Sclerosis"
    )
    assert THERAPIES.of_study(record) is None


@given(st.text(max_size=300))
def test_mentions_stand_where_they_say(text: str) -> None:
    told = f"{text} tofersen {text} in ALS"
    for mention in THERAPIES.mentioned(told):
        assert told[mention.start : mention.end] == mention.written


def test_a_disease_that_has_only_a_short_name_is_not_met_everywhere() -> None:
    short = Therapies(Pack.model_validate({"pack": {"name": "xyd", "condition": "XYD"}}))
    assert short.context("News for people with XYD")
    assert not short.context("News for people with a cold")


@pytest.mark.parametrize(
    "written",
    [
        "sodium phenylbutyrate / taurursodiol",
        "taurursodiol/sodium phenylbutyrate",
        "sodium phenylbutyrate + taurursodiol",
        "Taurursodiol and sodium phenylbutyrate",
    ],
)
def test_a_combination_is_found_in_either_order_and_with_any_sign(written: str) -> None:
    assert named(f"{written} | Neurology") == ["AMX0035"]


def test_one_part_of_a_combination_is_not_the_combination() -> None:
    assert named("sodium phenylbutyrate for urea cycle disorders, taurursodiol for the liver") == []
