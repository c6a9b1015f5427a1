"""Decision dates that were named, and passed."""

from datetime import UTC, datetime

import pytest

from monitor.standing.decision_dates import decisions_awaited
from monitor.standing.silence import Overdue
from store.tables import Event, Evidence

AT = datetime(2023, 6, 1, tzinfo=UTC)


def event(identity: str, step: str, on: str, *, thread: str = "us/tofersen/authorisation", type_: str = "") -> Event:
    return Event(
        id=identity,
        sequence=int(identity[2:]),
        type=type_ or step,
        therapy="tofersen",
        place="US",
        polarity="positive",
        occurred_on=on,
        detected_at=AT,
        level="major",
        certainty="reported",
        tier=3,
        thread=thread,
        step=step,
        title="",
        state="released",
    )


def said(identity: str, quote: str) -> dict[str, list[Evidence]]:
    return {identity: [Evidence(event_id=identity, source="company", tier=3, quote=quote, at=AT)]}


def decisions_overdue(told: list[Event], quotes: dict[str, list[Evidence]], at: datetime) -> list[Overdue]:
    return [one for one in decisions_awaited(told, quotes) if one.waiting_since <= at.date()]


ACCEPTED = event("EV1", "application_accepted", "2022-07-26")


@pytest.mark.parametrize(
    ("quote", "due"),
    [
        ("The goal date is January 25, 2023.", "2023-01-25"),
        ("A decision is expected by 25 January 2023.", "2023-01-25"),
        ("The agency set a PDUFA action date of 2023-01-25.", "2023-01-25"),
        ("The FDA accepted the application on July 26, 2022.", None),
        ("The trial ended on January 25, 2023.", None),
        ("The goal date is June 31, 2023.", None),
    ],
)
def test_only_a_day_that_ends_the_review_counts(quote: str, due: str | None) -> None:
    found = [one.due.isoformat() for one in decisions_overdue([ACCEPTED], said("EV1", quote), AT)]
    assert found == ([due] if due else [])


def test_one_waits_a_week_before_saying_so() -> None:
    quote = said("EV1", "The goal date is May 28, 2023.")
    assert decisions_overdue([ACCEPTED], quote, AT) == []
    (late,) = decisions_overdue([ACCEPTED], quote, datetime(2023, 6, 4, tzinfo=UTC))
    assert (late.due.isoformat(), late.waiting_since.isoformat()) == ("2023-05-28", "2023-06-04")


def test_an_extension_replaces_the_date() -> None:
    extended = event("EV2", "review_extended", "2022-10-17")
    quotes = said("EV1", "The goal date is January 25, 2023.") | said("EV2", "The review was moved to April 25, 2024.")
    assert decisions_overdue([ACCEPTED, extended], quotes, AT) == []


@pytest.mark.parametrize("step", ["authorised", "refused", "application_withdrawn"])
def test_any_decision_ends_the_waiting(step: str) -> None:
    decided = event("EV2", step, "2023-04-25")
    assert decisions_overdue([ACCEPTED, decided], said("EV1", "The goal date is April 25, 2023."), AT) == []


def test_it_is_told_once() -> None:
    told = event("EV3", "decision_overdue", "2023-02-01", type_="decision_overdue")
    assert decisions_overdue([ACCEPTED, told], said("EV1", "The goal date is January 25, 2023."), AT) == []


@pytest.mark.parametrize(
    ("step", "thread"),
    [
        ("form_added", "us/tofersen/forms"),
        ("supplement_withdrawn", "us/tofersen/supplement"),
        ("converted", "us/tofersen/authorisation"),
    ],
)
def test_a_decision_in_another_thread_ends_the_waiting(step: str, thread: str) -> None:
    """What a supplement asks for is decided where supplements are."""
    quote = said("EV1", "The goal date is January 25, 2023.")
    decided = event("EV2", step, "2023-01-20", thread=thread)
    elsewhere = event("EV3", step, "2023-01-20", thread=thread)
    elsewhere.place = "EU"
    assert decisions_overdue([ACCEPTED, decided], quote, AT) == []
    assert len(decisions_overdue([ACCEPTED, elsewhere], quote, AT)) == 1
    earlier = event("EV4", step, "2022-06-01", thread=thread)
    assert len(decisions_overdue([ACCEPTED, earlier], quote, AT)) == 1
