"""What a regulator tells of a medicine that it does not name, and names that hold the word of another thing."""

import pytest

from monitor.reading.prose.items import Item, judged
from monitor.reading.prose.objections import WORDLESS
from monitor.vocabulary.claims import RELEASE, Claim


def read(title: str, text: str = "", kind: str = "regulator_feed") -> list[Claim]:
    return judged(Item("x", kind, title, text, "2026-03-04"))


def types(title: str, text: str = "", kind: str = "regulator_feed") -> set[str]:
    return {claim.type for claim in read(title, text, kind)}


@pytest.mark.parametrize("title", ["Recall due to glass particles in one batch", "Recall of one batch due to mould"])
def test_a_notice_without_any_word_for_a_medicine_is_held_for_a_person(title: str) -> None:
    (claim,) = (claim for claim in read(title) if claim.type == "recall")
    assert claim.decision != RELEASE
    assert WORDLESS in claim.because


@pytest.mark.parametrize(
    "title",
    ["Recall of one batch of baby formula", "Recall of chew sticks for dogs", "Recall of certain spinach salads"],
)
def test_food_and_animals_are_still_nothing(title: str) -> None:
    assert not types(title)


@pytest.mark.parametrize(
    "body", ["the Agency for Medicinal Products and Medical Devices", "the Pharmaceuticals and Medical Devices Agency"]
)
def test_the_devices_in_the_name_of_an_agency_are_none(body: str) -> None:
    text = f"Its maker has notified {body} of the recall of batch 21B7 of Zolbex from pharmacies."
    assert "recall" in types("Notice on the recall of one batch of Zolbex 20 mg/g", text)


@pytest.mark.parametrize(
    "title",
    [
        "FDA approves first recombinant clotting factor for factor XIII deficiency",
        "Health Canada recalls one batch of nicotine patches",
        "Recall of human and veterinary compounded drugs for lack of sterility",
    ],
)
def test_medicines_whose_names_sound_like_other_things(title: str) -> None:
    assert types(title) & {"approval", "label_expansion", "recall"}


def test_nicotine_and_veterinary_drugs_are_still_no_medicines() -> None:
    assert not types("FDA approves first sales of nicotine pouches")
    assert "approval" not in types("FDA approves first veterinary antibody for itching")
