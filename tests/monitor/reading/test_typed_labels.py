"""Labels: what is told of a new version, in whose words, and what waits for a person."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from monitor.watching.compare import compare
from sources.base import Page
from sources.dailymed import DailyMed, DailyMedOptions
from sources.product_labels import Label

BODY = (Path(__file__).resolve().parents[2] / "samples" / "dailymed" / "label.xml").read_bytes()
THERAPIES = Therapies(
    Pack.model_validate(
        {
            "pack": {"name": "als", "condition": "amyotrophic lateral sclerosis"},
            "therapies": [{"name": "tofersen", "brands": ["Qalsody"], "applications": {"fda": ["NDA215887"]}}],
        }
    )
)
MAJOR = '<component><section><code code="43683-2"/><text><paragraph>{}</paragraph></text></section></component>'
FIRST = '<component><section><code code="34067-9"/>'
BOXED = MAJOR.format("WARNING: DEATH.").replace("43683-2", "34066-1")
MYELITIS = "myelitis and radiculitis have been reported."


def label(**changes: str) -> Label:
    text = BODY.decode()
    for old, new in changes.items():
        old = {"first": FIRST, "myelitis": MYELITIS, "dose": "100 mg (15 mL)", "use": "in adults who"}.get(old, old)
        assert old in text
        text = text.replace(old, new)
    shown = Page("https://x.test", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: text.encode())
    (found,) = DailyMed(DailyMedOptions()).parse(shown)
    assert isinstance(found, Label)
    return found


def read(now: Label, before: Label | None = None) -> list[Claim]:
    was = (before or label()).content()
    differences = compare(was, now.content(), record=Label, paths=DailyMed.paths)
    return interpret(RecordChange(now, was, now.content(), differences, date(2023, 4, 26), THERAPIES))


@pytest.mark.parametrize(
    ("changes", "claims"),
    [
        ({}, []),
        ({"myelitis": MYELITIS.upper()}, []),
        ({"myelitis": MYELITIS + " Deaths have been reported."}, [("safety_label", True)]),
        ({"myelitis": MYELITIS + " Deaths have been reported.",
          "first": MAJOR.format("Warnings and Precautions (5.1) 6/2026") + FIRST}, [("safety_label", False)]),
        ({"first": BOXED + FIRST}, [("safety_label", False)]),
        ({"dose": "60 mg (9 mL)"}, [("label_expansion", True)]),
        ({"use": "in adults and children who"}, [("label_expansion", True)]),
        ({"Store refrigerated": "Keep refrigerated"}, []),
    ],
    ids=["same", "case", "edited", "listed", "boxed", "dose", "use", "storage"],
)  # fmt: skip
def test_what_a_new_version_says(changes: dict[str, Any], claims: list[tuple[str, bool]]) -> None:
    found = read(label(**changes))
    assert [(claim.type, bool(claim.doubt)) for claim in found] == claims
    assert {(claim.therapy, claim.agency, claim.occurred_on) for claim in found} <= {("tofersen", "FDA", "2023-04-25")}


TAKEN_BACK = MAJOR.format("Boxed Warning, Removed 6/2026")
LOST = MAJOR.format("Warnings and Precautions, Myelitis (5.1) Removed 6/2026")


@pytest.mark.parametrize(
    ("before", "after", "claims"),
    [
        ({"first": BOXED + FIRST}, {}, [("positive", "warning_removed", True)]),
        ({"first": BOXED + FIRST}, {"first": TAKEN_BACK + FIRST}, [("positive", "warning_removed", False)]),
        ({}, {"myelitis": "radiculitis has been reported."}, [("negative", "warning_added", True)]),
        ({"myelitis": MYELITIS + " Deaths have been reported."}, {}, [("positive", "warning_removed", True)]),
        ({"myelitis": MYELITIS + " Deaths have been reported."}, {"first": LOST + FIRST},
         [("positive", "warning_removed", False)]),
        ({}, {"first": LOST + FIRST, "myelitis": MYELITIS + " It is rare."}, [("negative", "warning_added", True)]),
    ],
    ids=["box gone", "box removed, and it is said", "other words", "words gone", "words removed", "removed and added"],
)  # fmt: skip
def test_what_a_label_says_no_more(
    before: dict[str, str], after: dict[str, str], claims: list[tuple[str, str, bool]]
) -> None:
    found = read(label(**after), label(**before))
    assert [(claim.polarity, claim.step, bool(claim.doubt)) for claim in found] == claims
    assert all(claim.type == "safety_label" and claim.quote for claim in found)


def test_a_dose_that_a_label_names_no_more_waits_for_a_person() -> None:
    (claim,) = read(label(), label(dose="100 mg (15 mL) per administration. The first dose is 200 mg"))
    assert (claim.type, claim.polarity, claim.step) == ("label_expansion", "negative", "use_ended")
    assert claim.doubt == "words of dosage and administration are gone: has a use or a dose ended?"


def test_a_difference_shows_the_words_before_and_after_and_no_others() -> None:
    (difference,) = compare(label().content(), label(dose="60 mg (9 mL)").content(), record=Label, paths=DailyMed.paths)
    assert (difference.field, difference.path) == (
        "sections[dosage_and_administration]", "section[dosage_and_administration]",
    )  # fmt: skip
    assert difference.before == "The recommended dosage is 100 mg (15 mL) per administration."
    assert difference.after == "The recommended dosage is 60 mg (9 mL) per administration."


def test_a_label_seen_for_the_first_time_is_no_news() -> None:
    now = label()
    assert interpret(RecordChange(now, None, now.content(), (), date(2023, 4, 26), THERAPIES)) == []
