"""Of which medicine a text tells, where the rules and the network hear different names."""

import pytest

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.subjects import Place, Subject, candidates_of, subjects_of
from monitor.reading.prose.told_names import how_heard, share_of, told_of
from monitor.reading.prose.two_readers import both_readers
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from tests.monitor.reading.followed import followed


def told(title: str, names: dict[str, float]) -> list[Subject]:
    """What a text of this title is about, where the network hears these names."""
    units = [title]
    drugs = find_drugs(units, None)
    (named,) = candidates_of(units, drugs, [Place(0, 0, 0, len(title), len(title))])
    return told_of(subjects_of(0, units, drugs), named, units, names)


def test_a_network_that_was_not_asked_changes_nothing() -> None:
    assert told("FDA approves velnitinib", {}) == [("velnitinib", None)]


def test_what_the_rules_choose_stands_where_the_network_hears_it_too() -> None:
    assert told("FDA approves velnitinib of Zolbex maker", {"velnitinib": 0.6, "zolbex": 0.9}) == [("velnitinib", None)]


def test_another_name_takes_the_place_of_one_that_is_not_heard() -> None:
    title = "ZAP-100 study: velnitinib fails"
    assert told(title, {"zap-100": 0.1, "velnitinib": 0.95}) == [("velnitinib", None)]
    assert told(title, {"zap-100": 0.1, "velnitinib": 0.7})[0][0] == "ZAP-100", "half heard is not enough"


@pytest.mark.parametrize(
    ("title", "names", "found"),
    [
        ("FDA warns of Marden's iDrop TR", {"idrop": 0.9, "tr": 0.8}, ["iDrop TR"]),
        ("Marden halts Pexo-Q7 arm", {"pexo-q7": 0.9}, ["Pexo-Q7"]),
        ("Recall of biQo due to undeclared sildenafil", {"biqo": 0.95, "sildenafil": 0.9}, ["biQo"]),
        ("Narcolepsy cases linked to shots", {"narcolepsy": 0.95}, []),
        ("Recall by Marden Pharma of shots", {"marden": 0.95}, []),
        ("Recall of Marden's shots", {"marden": 0.95}, []),
        ("Marden (NASDAQ: MRDN) jumps on the news", {"marden": 0.95}, []),
    ],
)
def test_a_name_that_no_rule_knows(title: str, names: dict[str, float], found: list[str]) -> None:
    assert [written for written, _ in told(title, names)] == found


def test_a_followed_medicine_that_does_not_stand_aside_never_gives_way() -> None:
    units = ["Qalsody maker waits; velnitinib wins FDA approval"]
    pack = Pack.model_validate(
        {"pack": {"name": "p", "condition": "c", "version": "1"}, "therapies": [{"name": "Qalsody"}], "watches": []}
    )
    drugs = find_drugs(units, Therapies(pack))
    (named,) = candidates_of(units, drugs, [Place(0, 0, 0, len(units[0]), len(units[0]))])
    names = {"qalsody": 0.05, "velnitinib": 0.98}

    assert told_of([("Qalsody", "Qalsody")], named, units, names) == [("Qalsody", "Qalsody")]
    assert told_of([("Waits", None)], named, units, names) == [("velnitinib", None)]


def test_a_name_is_as_sure_as_its_words_on_average() -> None:
    names = {"pfizer": 0.2, "covid-19": 0.8, "vaccine": 0.5}

    assert share_of("Pfizer's COVID-19 vaccine", names) == pytest.approx(0.5)
    assert share_of("", names) == share_of("Zolbex", names) == 0


def test_how_far_a_medicine_and_its_rival_are_heard_is_for_the_judge() -> None:
    units = ["Velnitinib beats zolumab"]
    (named,) = candidates_of(units, find_drugs(units, None), [Place(0, 0, 0, 24, 24)])
    chosen: list[Subject] = [("Velnitinib", None)]

    heard = how_heard(chosen, named, {"velnitinib": 0.9, "zolumab": 0.3})
    assert heard == {"drug_heard": 0.9, "drug_heard_beside": 0.3, "drug_heard_less": 0.0}
    assert how_heard(chosen, named, {}) == {"drug_unheard": 1.0}


@pytest.mark.parametrize(
    "title",
    [
        "Health Canada okays Tervane, a rival to Qalsody",
        "FDA approves Tervane, an alternative to Qalsody",
        "Orsa wins FDA nod for Tervane, its answer to Qalsody",
        "FDA approves Tervane, first rival for Qalsody",
        "Tervane wins approval to take on Qalsody",
        "Tervane beats Qalsody to win approval in Canada",
        "FDA clears Qalsody competitor Tervane",
        "FDA approves Qalsody's rival Tervane",
    ],
)
def test_a_followed_medicine_that_is_only_a_rival_is_not_told_of(title: str) -> None:
    claims = judged(Item("1", "news", title, "", "2026-10-01"), followed("Qalsody"))

    assert [(claim.type, claim.drug, claim.therapy) for claim in claims] == [("approval", "Tervane", None)]


def test_a_name_is_heard_too_where_the_encoder_is_asked_about_a_clause_again() -> None:
    seen = both_readers(cleaned("FDA files BLA for apitegromab in spinal muscular atrophy", ""), None)

    assert seen is not None and seen.names["apitegromab"] > 0.5
