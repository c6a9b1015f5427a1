"""Whose act it is: candidates in order, with what speaks for each."""

import tomllib
from pathlib import Path

import pytest

from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.subject_weights import LEAST, WEIGHTS
from monitor.reading.prose.subjects import Candidate, Place, candidates_of, subjects_of
from monitor.reading.prose.tense import clause
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ROOT = Path(__file__).resolve().parents[3]
THERAPIES = Therapies(Pack.model_validate(tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8"))))


def candidates(units: list[str], unit: int, words: str | None = None) -> list[Candidate]:
    start = units[unit].index(words) if words else 0
    end = start + len(words or units[unit])
    left, right = clause(units[unit], start, end)
    return candidates_of(units, find_drugs(units, THERAPIES), [Place(unit, left, start, end, right)])[0]


def test_every_candidate_has_every_feature_and_they_stand_in_order() -> None:
    found = candidates(["Company gains", "The FDA approved ABC-123, while sales of Qalsody fell."], 1, "approved")
    assert [one.drug for one in found] == ["ABC-123", "Qalsody"]
    assert all(list(one.features) == list(WEIGHTS) for one in found)
    assert [one.features["in_clause"] for one in found] == [1.0, 0.0]
    assert found[0].score > found[1].score


def test_the_names_of_one_drug_are_one_candidate() -> None:
    (found,) = candidates(["FDA approves Zolvatrix (relatinib)", "Relatinib, formerly ABC-123, is a pill."], 0)
    assert found.drug == "Zolvatrix (relatinib)"
    assert found.names == ("Zolvatrix", "relatinib", "Relatinib", "ABC-123")


def test_a_followed_therapy_is_one_candidate_by_all_its_names() -> None:
    (found,) = candidates(["FDA approves Qalsody", "Tofersen (BIIB067) is given into the spine."], 0)
    assert (found.therapy, found.features["followed"]) == ("tofersen", 1.0)


@pytest.mark.parametrize(
    ("title", "text", "drug"),
    [
        (
            "Keytruda disappoints in mesothelioma",
            "Patients were given cisplatin and pemetrexed. Those who had pembrolizumab too lived no longer.",
            "Keytruda (pembrolizumab)",
        ),
        (
            "Japan clears riociguat for children",
            "Bayer sells Adempas in tablets, and has filed nerandomilast too.",
            "Adempas (riociguat)",
        ),
        ("NICE turns down OCREVUS", "It found ocrelizumab dear beside ofatumumab.", "OCREVUS (ocrelizumab)"),
    ],
)
def test_a_substance_and_its_brand_in_another_sentence_are_one_candidate(title: str, text: str, drug: str) -> None:
    assert candidates([title, *text.split(". ")], 0)[0].drug == drug


def test_of_two_brands_of_one_substance_neither_is_meant_by_it_alone() -> None:
    found = candidates(["Ozempic and Wegovy keep their labels", "Semaglutide is in both."], 0)
    assert [one.names for one in found if "Semaglutide" in one.names] == [("Semaglutide",)]


def test_the_brand_that_is_copied_is_not_the_copy() -> None:
    found = candidates(["Biocon wins EU yes for Bmab 1200, a copy of Stelara", "Its ustekinumab will be cheaper."], 0)
    assert not any({"Stelara", "ustekinumab"} <= set(one.names) for one in found)


def test_a_drug_that_is_only_compared_with_comes_after() -> None:
    found = candidates(["Relatinib beats cordanib in a trial"], 0)
    assert [(one.drug, one.features["aside"]) for one in found] == [("Relatinib", 0.0), ("cordanib", 1.0)]


@pytest.mark.parametrize(
    "sentence",
    [
        "Its reductions exceeded the company's blockbuster Stelara",
        "Given alongside anti-androgen therapy Zytiga (abiraterone)",
    ],
)
def test_what_is_surpassed_or_given_beside_is_an_aside(sentence: str) -> None:
    assert [one.features["aside"] for one in candidates([sentence], 0)] == [1.0]


def first(title: str, text: str = "") -> str | None:
    found = candidates([title, text] if text else [title], 0)
    return found[0].drug if found and found[0].score >= LEAST else None


@pytest.mark.parametrize(
    ("title", "text", "drug"),
    [
        # ordinary words, firms and trials in capitals are no drugs
        ("Experimental Sleep Drug Shows Promise", "The drug, known as zolvorexant, is made by Acme.", "zolvorexant"),
        ("Mimivax opens phase 2 trial of ZolVaxM", "", "ZolVaxM"),
        ("Acme completes enrolment in TALOS-003 Phase 2 trial of ABC-123", "", "ABC-123"),
        ("FDA clears therapy for patients with Glycogen Storage Disease", "", None),
        # names that begin with a small letter or have a hyphen
        ("FDA approves zolby® for allergies", "", "zolby"),
        ("Acme reports data on Zoli-cel in lymphoma", "", "Zoli-cel"),
        ("Acme receives fast track designation for VXN-01", "", "VXN-01"),
        # the drug a new one is compared with, copies or rivals
        ("Acme's psoriasis drug tops Novartis' Stelara in phase 3", "", None),
        ("New blood thinner bests warfarin", "The drug, called zolaxaban, was safer.", "zolaxaban"),
        ("EMA accepts application for ABC12, a proposed biosimilar to Eylea (aflibercept)", "", "ABC12"),
        ("FDA approves higher dose of Zolvatrix in combination with Keytruda", "", "Zolvatrix"),
        # what patients had before, what is given beside it
        ("FDA approves Zolvatrix for cordanib-refractory tumours", "", "Zolvatrix"),
        ("EU approves Zolvatrix for bevacizumab-pretreated, cisplatin-ineligible patients", "", "Zolvatrix"),
        ("Positive CHMP opinion for Zolvatrix plus gemcitabine and cisplatin", "", "Zolvatrix"),
        # firms that share one, and what it is sold as
        ("FDA places hold on Balmer and Marden's B-DXd lung cancer trial", "", "B-DXd"),
        ("Recall: Marden Pharma Ltd, Zolpryl 10mg Tablets (cordanib)", "", "Zolpryl (cordanib)"),
        # what stands where a medicine stands is one, by whatever figures and hyphens
        ("Marden's IND for QVR-4 cleared by FDA", "", "QVR-4"),
        ("Hold on marrow cell therapy", "The FDA stopped the trial of Marden's TLRNOP1, a cell graft.", "TLRNOP1"),
        ("UK allows phase 3 trial of ZLVax-R for glioma", "", "ZLVax-R"),
        ("First Subjects Dosed in Study Evaluating CD412 for the Prevention of Flu", "", "CD412"),
        ("Acme presents data of its PD-1 antibody and on the safety of IL-2 in lupus", "", None),
        # strengths and forms between the names of one product; what a batch was soiled with
        ("Zolbex 0,5 mg and 1,0 mg (cordanib) Tablets", "N-nitroso-cordanib exceeds the limit.", "Zolbex (cordanib)"),
        ("Zolbrix 5 mg and Zolbrix 10 mg film coated tablets (zolazepam)", "Recalled.", "Zolbrix (zolazepam)"),
        ("FDA says no", "It refused the cordanoprost solution 0.02% product called Zolvuta.", "Zolvuta (cordanoprost)"),
        # a class where nothing has a name
        ("FDA adds safety warnings to statins", "", "statins"),
    ],
)  # fmt: skip
def test_the_first_candidate_is_the_drug_of_the_act(title: str, text: str, drug: str | None) -> None:
    assert first(title, text) == drug


def about(*units: str) -> list[str]:
    return [written for written, _ in subjects_of(0, list(units), find_drugs(list(units), None))]


@pytest.mark.parametrize(
    ("sentence", "drug"),
    [
        ("FDA approves Keytruda to ease harm by cisplatin", "Keytruda"),
        ("Prostate cancer medicine Xofigo must not be used with prednisone", "Xofigo"),
        ("Panel to discuss Lynparza and prednisone in cancer", "Lynparza"),
        # a code is surer, and so is what comes first
        ("Balmer's trial of Keytruda and its candidate QVR-810", "QVR-810"),
        ("Cisplatin trial of Keytruda's maker", "Cisplatin"),
    ],
)
def test_an_authorised_brand_is_meant_before_the_substances_behind_it(sentence: str, drug: str) -> None:
    assert about(sentence) == [drug]


@pytest.mark.parametrize(
    ("sentence", "drug"),
    [
        ("FDA approves adalimumab biosimilar Zolvuta", "Zolvuta (adalimumab)"),
        ("EMA accepts application for bevacizumab biosimilar QVR1706", "bevacizumab (QVR1706)"),
        ("Approval was granted for Zolvuta, a biosimilar ranibizumab", "Zolvuta (ranibizumab)"),
        ("The trial of Balmer's ustekinumab copy biological QVR2206", "ustekinumab (QVR2206)"),
        ("The panel rejected Zolvuta, an epinephrine spray", "Zolvuta (epinephrine)"),
        # the brand of two substances
        ("FDA approved phentermine/topiramate (Zolvuta, Balmer).", "Zolvuta (phentermine)"),
        ("FDA approved 10 mg dapagliflozin and 5 mg saxagliptin (Zolvuta, Balmer).", "Zolvuta (dapagliflozin)"),
        ("The recall of quinapril with hydrochlorothiazide - branded as Zolvuta", "Zolvuta (quinapril)"),
        # forms, marks of quotation and words between
        ("Withdrawal: Zolvuta Oral Powder for Suspension (cordanib)", "Zolvuta (cordanib)"),
        ("The drug “Zolvuta,” also called cordanib, has been approved.", "Zolvuta (cordanib)"),
        ("FDA approved cordanib extended-release dissolving tablet (Zolvuta, Balmer).", "Zolvuta (cordanib)"),
        # what is copied
        ("The first true generic version of Balmer's asthma inhaler Flovent: fluticasone", "fluticasone"),
    ],
)  # fmt: skip
def test_a_copy_a_brand_of_two_and_a_product_by_its_form_are_told_with_their_substance(
    sentence: str, drug: str
) -> None:
    assert about(sentence) == [drug]
