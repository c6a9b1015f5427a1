"""What an authority allows besides a medicine, and what only looks like a yes of another kind."""

import pytest

from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.items import Item, judged
from monitor.vocabulary.claims import NETWORK, RELEASE, Claim


def read(title: str, text: str = "", kind: str = "news") -> list[Claim]:
    return judged(Item("x", kind, title, text, "2026-03-04"))


def by_rule(title: str, text: str) -> set[str]:
    return {claim.type for claim in read(title, text) if not claim.rule.endswith(NETWORK)}


def released(title: str, text: str = "", kind: str = "news") -> set[str]:
    return {claim.type for claim in read(title, text, kind) if claim.decision == RELEASE}


@pytest.mark.parametrize(
    "title",
    [
        "FDA approves first emergency treatment for scorpion stings",
        "EMA approves Zolbex as an emergency treatment of bleeding",
    ],
)
def test_a_treatment_for_emergencies_is_not_allowed_in_an_emergency_only(title: str) -> None:
    assert "emergency_authorization" not in released(title, kind="regulator_feed")


def test_allowed_for_emergency_use_still_is() -> None:
    found = read("FDA grants emergency use authorization to Zolbex for measles", kind="regulator_feed")
    assert "emergency_authorization" in {claim.type for claim in found}


@pytest.mark.parametrize("goes_on", ["The trial will enrol 90 people.", "This phase 2 study is to begin in May."])
def test_what_is_allowed_is_a_trial_where_the_next_sentence_says_so(goes_on: str) -> None:
    text = f"Marden's antibody VQN-221 has received approval from the Chinese regulator NMPA. {goes_on}"
    assert "approval" not in by_rule("Marden moves on with its antibody VQN-221", text)


@pytest.mark.parametrize("goes_on", ["The confirmatory trial will enrol 90 people.", "The study will go on until May."])
def test_a_trial_that_goes_on_takes_nothing_from_an_approval(goes_on: str) -> None:
    assert "approval" in by_rule("Marden's antibody", f"The FDA has approved Zolbex for lupus. {goes_on}")


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FDA approves label changes for Zolbex", "The changes underscore the risk of blindness."),
        ("Zolbex label changes", "The FDA has approved changes to the drug label of Zolbex, which warns of falls now."),
    ],
)
def test_a_changed_label_is_no_further_use(title: str, text: str) -> None:
    assert not {"approval", "label_expansion"} & by_rule(title, text)


@pytest.mark.parametrize(
    ("title", "type_"),
    [
        ("FDA approves Zolbex and Marden sets out its launch plan for May", "approval"),
        ("FDA approves Zolbex after a decade-long plan to treat lupus", "approval"),
        ("EU approves Zolbex despite a dispute over documents on side effects", "approval"),
        ("FDA approves label change for Zolbex, adding children from two years", "label_expansion"),
        ("FDA rejects Zolbex over claims of its maker", "complete_response"),
        ("FDA turns down Zolbex after a dispute about its fee", "complete_response"),
    ],
)
def test_a_decision_on_a_medicine_is_heard_whatever_its_sentence_names_besides(title: str, type_: str) -> None:
    assert type_ in by_rule(title, "")


def test_a_trial_in_two_words_of_capitals_is_no_medicine() -> None:
    named = find_drugs(["Zolbex cuts deaths", "Marden announced top-line results from HERA-REG SURVIVE."], None)
    assert [drug.written for drug in named] == ["Zolbex"]
