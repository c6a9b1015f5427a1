"""What stands beside a medicine and is not what the news is about: earlier therapies, pens, names of trials."""

import pytest

from monitor.reading.prose.candidates import candidates_of
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.subjects import subjects_of
from monitor.reading.prose.two_readers import views_of


def subjects(title: str, text: str = "", unit: int = 0) -> list[str]:
    units = [each for each in cleaned(title, text).units if each]
    return [name for name, _ in subjects_of(unit, units, find_drugs(units, None))]


@pytest.mark.parametrize(
    "beside", ["interferon-based therapy", "cisplatin-containing treatment", "rifampicin-induced rash"]
)
def test_a_therapy_that_patients_had_before_is_not_the_medicine(beside: str) -> None:
    title = f"FDA approves Zolbex for patients after {beside}"
    assert [name.split(" ")[0] for name in subjects(title)] == ["Zolbex"]


@pytest.mark.parametrize("pen", ["FlexPen", "KwikPen", "Respimat"])
def test_a_pen_is_how_a_medicine_is_given(pen: str) -> None:
    assert pen not in subjects(f"Agency recalls certain batches of insulin degludec {pen}")
    assert not any(pen == drug.written for drug in find_drugs([f"EMA recalls batches of Zolbex 30 {pen}"], None))


@pytest.mark.parametrize("title", ["Marden's phase 3 ZolBex-G trial shows lower sugar", "ZolBex-G study begins"])
def test_a_short_name_before_trial_is_that_of_the_trial(title: str) -> None:
    assert "ZolBex-G" not in [drug.written for drug in find_drugs([title], None)]


def test_a_code_of_two_words_is_read_where_a_medicine_stands() -> None:
    (candidate,) = (
        one
        for one in candidates_of(
            views_of(
                cleaned("Marden starts a phase 3 trial of once-daily oral MRDN 5461 in depression", ""),
                None,
                values=None,
            )
        )
        if one.type == "trial_started"
    )
    assert [name for name, _ in candidate.subjects] == ["MRDN 5461"]


@pytest.mark.parametrize(
    "where",
    ["Marden Inc., of Quillville, Md.,", "Marden Inc. (Quillbury City, QC)", "Mardensciences (Quillburgh),"],
)
def test_the_town_of_a_firm_is_no_medicine(where: str) -> None:
    found = find_drugs([f"{where} starts a phase 2 trial of its flu vaccine"], None)
    assert not any(drug.written.startswith("Quill") for drug in found)


@pytest.mark.parametrize(
    "goes_on",
    [
        "IL-6 blocker of its maker",
        "MS drug, after a long review",
        "IN combination",
        "MD Anderson says",
        "OK for children",
    ],
)
def test_letters_behind_a_medicine_are_no_state(goes_on: str) -> None:
    assert "Quillexa" in [drug.written for drug in find_drugs([f"FDA approves Quillexa, {goes_on}"], None)]


@pytest.mark.parametrize(
    ("title", "drug"),
    [
        ("FDA grants breakthrough therapy designation to plorbulin for neutropenia", "plorbulin"),
        ("Marden halts work on its asthma drug zenicapoc", "zenicapoc"),
        ("Marden has discontinued development of anecortave acetate", "anecortave acetate"),
        ("FDA Drug Safety Communication: TNF blockers", "TNF blockers"),
        ("Marden enters a deal on rights to milvexian in China", "milvexian"),
        ("Stronger warnings for all opioid pain medications", "opioid pain medications"),
    ],
)
def test_what_stands_where_a_medicine_stands_and_is_no_english_word_is_one(title: str, drug: str) -> None:
    assert drug in [found.written for found in find_drugs([title], None)]


def test_words_of_english_in_such_a_place_are_none() -> None:
    assert not find_drugs(["Its maker speeds development of vaccines and its drug discovery"], None)
