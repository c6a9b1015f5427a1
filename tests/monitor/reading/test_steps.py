"""What the words of a claim tell beside its type: the step, the pathway, and several places at once."""

from datetime import date

import pytest

from monitor.reading.prose.announcements import interpret_prose, staged, worth_a_look
from monitor.reading.typed.record_change import RecordChange
from monitor.vocabulary.claims import HOLD, NETWORK, RELEASE, Claim
from monitor.vocabulary.event_types import ASIDE, COMPLETES, LEVELS, TYPES, alerts
from sources.records import Announcement
from tests.monitor.reading.followed import followed


def claim(type_: str, quote: str, **fields: object) -> Claim:
    told = {"polarity": "negative", "rule": "rule", "confidence": 0.9, "therapy": "AMX0035", "place": "US"}
    return Claim(type=type_, quote=quote, **(told | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("type_", "quote", "step"),
    [
        ("chmp_opinion", "The committee confirmed its negative opinion.", "opinion_confirmed"),
        ("chmp_opinion", "The committee adopted a negative opinion.", None),
        ("application_withdrawn", "The company withdrew its supplement.", "supplement_withdrawn"),
        ("application_withdrawn", "The company withdrew its application.", None),
        ("market_withdrawal", "The company stopped the marketing of the drug.", "market_ended"),
        ("market_withdrawal", "The drug is no longer sold.", "market_ended"),
        ("market_withdrawal", "The drug leaves the market by December 31, 2024.", "market_end_planned"),
        ("market_withdrawal", "The company asked the FDA to end the approval.", "withdrawal_requested"),
        ("market_withdrawal", "The company withdraws the drug from the market.", None),
        ("market_withdrawal", "The company pauses shipments of the drug.", "shipments_paused"),
        ("market_withdrawal", "The company has temporarily suspended sales of the drug.", "shipments_paused"),
        ("market_withdrawal", "Distribution of the drug was put on hold.", "shipments_paused"),
        ("market_withdrawal", "The company resumes shipments of the drug.", "shipments_resumed"),
        ("market_withdrawal", "The company stopped sales of the drug.", "market_ended"),
        ("reimbursement", "Ontario lists the drug.", "listed"),
        ("reimbursement", "The agency recommends reimbursement.", "recommended"),
    ],
)
def test_words_tell_the_step(type_: str, quote: str, step: str | None) -> None:
    (found,) = staged(claim(type_, quote), "a title")
    assert found.step == step


def test_a_designation_is_a_step_by_its_kind() -> None:
    (found,) = staged(claim("designation", "orphan designation", subtype="orphan"), "")
    assert found.step == "orphan"


@pytest.mark.parametrize(
    ("place", "quote", "kind"),
    [
        ("EU", "authorised under exceptional circumstances", "exceptional_circumstances"),
        ("CN", "has granted conditional approval", "conditional"),
        ("EU", "a conditional marketing authorisation", "conditional"),
        ("CA", "a notice of compliance with conditions", None),
        ("US", "accelerated approval", None),
    ],
)
def test_words_tell_the_pathway_where_the_type_does_not(place: str, quote: str, kind: str | None) -> None:
    (found,) = staged(claim("accelerated_approval", quote, place=place), "")
    assert found.kind == kind


def test_an_announcement_for_two_places_is_a_claim_for_each() -> None:
    quote = "The company withdraws the drug from the market in the United States and Canada."
    found = list(staged(claim("market_withdrawal", quote, agency="FDA"), ""))
    assert [(one.place, one.beside, one.first, one.agency) for one in found] == [
        ("US", ("CA",), True, "FDA"),
        ("CA", ("US",), False, None),
    ]


@pytest.mark.parametrize(
    ("lead", "places"),
    [
        ("Marden is discontinuing obelarsen in the U.S. and Canada. A trial had failed.", ["US", "CA"]),
        ("Marden, at home in the U.S. and Canada, had lost a trial. Obelarsen was its only product.", ["US"]),
        ("In the US and Canada few had taken it. Marden stops selling obelarsen in the US.", ["US"]),
    ],
)
def test_a_title_that_alone_tells_an_end_has_the_places_of_the_sentence_below(lead: str, places: list[str]) -> None:
    record = Announcement(
        key="a", url="https://example.org/a", title="Obelarsen is taken off the US market", summary=lead,
        published_on="2026-03-04",
    )  # fmt: skip
    seen = RecordChange(record, None, record.content(), (), date(2026, 3, 4), followed("obelarsen"))
    found = interpret_prose(seen, tier=3, therapies_of_watch=())
    assert [one.place for one in found if one.type == "market_withdrawal"] == places


def test_an_agency_acts_in_its_own_place() -> None:
    found = list(staged(claim("approval", "The FDA approved it; it is sold in the US and Canada."), ""))
    assert [one.place for one in found] == ["US"]


def test_small_news_and_completing_steps_are_no_alerts_and_all_else_is() -> None:
    for name, spec in TYPES.items():
        assert alerts(name, spec.step) is (LEVELS.index(spec.level) >= LEVELS.index("major"))
        for step in (*COMPLETES, *ASIDE):
            assert not alerts(name, step)


HELD_BY_RULE = claim("interim_data", "q", decision=HOLD, confidence=0.86)
RELEASED = claim("safety_label", "q", decision=RELEASE, confidence=0.99)


@pytest.mark.parametrize(
    ("beside", "type_", "confidence", "kept"),
    [
        (None, "interim_data", 0.1, True),  # nothing else is told
        (HELD_BY_RULE, "futility_stop", 0.92, True),  # a rule tells less, and less likely
        (HELD_BY_RULE, "publication", 0.3, False),
        (RELEASED, "label_expansion", 0.91, True),
        (RELEASED, "approval", 0.6, False),
        (RELEASED, "designation", 0.98, False),  # of what is told at once the story, not more news
    ],
)
def test_what_the_network_alone_hears_is_not_lost_beside_a_lesser_reading(
    beside: Claim | None, type_: str, confidence: float, kept: bool
) -> None:
    heard = claim(type_, "q", rule=f"{type_}{NETWORK}", decision=HOLD, confidence=confidence)
    others = [beside] if beside else []

    assert worth_a_look([*others, heard]) == [*others, *([heard] if kept else [])]
