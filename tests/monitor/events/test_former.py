"""What was known at a moment is what the log said then, not what it came to say."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from monitor.events.conflicts import turn_conflict
from monitor.events.intents import Teller
from monitor.people.audit import Who
from monitor.standing.contract import EventLine
from monitor.standing.filters import Filters
from monitor.standing.kept_answers import KeptAnswers
from monitor.standing.known_acts import what_is_known
from monitor.standing.log import events as lines
from monitor.standing.recent import recent
from monitor.standing.status import table
from store.database import reading, writing
from store.states import Door, Role
from store.tables import Event
from tests.monitor.events.told import COMPANY, NOW, PACK, PRESS, claim, events, tell, teller

DAY = timedelta(days=1)
MET = claim("readout_met", quote="it met", place=None, agency=None, trial="NCT02623699")
MISSED = replace(MET, type="readout_not_met", polarity="negative", quote="it missed")
MAYBE = claim(occurred_on="2023-04-26", announced=True, kind="not_stated")
EXACT = claim("accelerated_approval", kind="accelerated", quote="in the register")


def later(name: str, tier: int, days: int, typed: bool = False) -> Teller:
    return teller(name, tier, after=days * DAY, typed=typed)


def line_at(engine: Engine, moment: datetime | None) -> EventLine:
    with reading(engine) as session:
        (line,) = lines(session, Filters(known_at=moment))
    return line


@pytest.mark.parametrize(
    ("days", "certainty"), [(0, "reported"), (17, "reported"), (18, "disputed"), (400, "disputed")]
)
def test_nobody_disputed_it_before_it_was_disputed(engine: Engine, days: int, certainty: str) -> None:
    tell(engine, (MET, COMPANY), (MISSED, later("paper", 4, 18)))
    assert line_at(engine, NOW + days * DAY)["certainty"] == certainty


def test_all_that_a_better_teller_changed_is_as_it_was_and_as_it_came_to_be(engine: Engine) -> None:
    def shown(moment: datetime | None) -> list[Any]:
        line: Any = line_at(engine, moment)
        keys = ("type", "occurred_on", "tier", "certainty", "trial", "polarity", "title", "level")
        return [*(line[key] for key in keys), len(line["evidence"])]

    moments = [NOW, NOW + 5 * DAY, NOW + 9 * DAY]
    met = replace(MISSED, quote="the registry has it", occurred_on="2023-04-24")
    found = []
    for told in (
        (MET, COMPANY),
        (replace(MISSED, trial=None), later("paper", 4, 5)),
        (met, later("registry", 2, 9, True)),
    ):
        tell(engine, told)
        found.append(shown(None))
    assert [shown(moment) for moment in moments] == found
    assert [one[0] for one in found] == ["readout_met", "readout_met", "readout_not_met"]


def status_at(engine: Engine, moment: datetime) -> dict[str, Any]:
    with reading(engine) as session:
        acts, proofs = what_is_known(session.connection(), moment)
        whole = table(acts, proofs, pack=PACK, as_of=(NOW + 30 * DAY).date(), places=["US"])
        asked = ((NOW + 30 * DAY).date(), moment)
        assert KeptAnswers(PACK).table(session.connection(), asked, ("US",)) == whole
    return dict(whole[0]["places"]["US"])


def test_status_and_latest_news_are_as_they_were_known(engine: Engine) -> None:
    tell(engine, (MAYBE, COMPANY), (EXACT, later("register", 1, 9, typed=True)))
    cells = [status_at(engine, NOW + days * DAY) for days in (8, 9)]
    assert [(cell["since"], cell["kind"]) for cell in cells] == [
        ("2023-04-26", "not_stated"), ("2023-04-25", "accelerated"),
    ]  # fmt: skip
    with reading(engine) as session:
        asked: dict[str, Any] = {"as_of": (NOW + 30 * DAY).date(), "lowest": "minor", "limit": 3}
        found = [recent(session, known_at=NOW + days * DAY, **asked) for days in (8, 9)]
    assert [(event.type, event.certainty) for (event,) in found] == [
        ("approval", "reported"), ("accelerated_approval", "stated"),
    ]  # fmt: skip


def test_what_a_person_said_of_it_counts_from_then(engine: Engine) -> None:
    tell(engine, (MET, COMPANY))
    for days in (3, 6):
        with writing(engine) as session:
            event = session.get_one(Event, events(engine)[0].id)
            turn_conflict(session, event, Who("an-editor", Role.MAINTAINER, Door.DESK), NOW + days * DAY, PACK)
    assert [line_at(engine, NOW + days * DAY)["certainty"] for days in (2, 3, 5, 6)] == [
        "reported", "disputed", "disputed", "reported",
    ]  # fmt: skip


def test_of_what_the_log_did_not_keep_one_teller_alone_disputed_nothing(engine: Engine) -> None:
    tell(engine, (MET, COMPANY), (MISSED, later("paper", 4, 18)))
    with writing(engine) as session:
        session.get_one(Event, events(engine)[0].id).former = None  # as before revision 0034
    assert [line_at(engine, NOW + days * DAY)["certainty"] for days in (17, 18)] == ["reported", "disputed"]


def test_where_the_log_kept_nothing_who_told_by_then_says_how_sure_and_when(engine: Engine) -> None:
    register = later("register", 1, 9, typed=True)
    tell(engine, (MAYBE, COMPANY), (replace(MAYBE, kind="regular", quote="regular"), later("paper", 4, 2)))
    tell(engine, (EXACT, register), (replace(EXACT, quote="so it is"), later("weekly", 4, 12)))
    with writing(engine) as session:
        session.get_one(Event, events(engine)[0].id).former = None
    found = [line_at(engine, NOW + days * DAY) for days in (0, 2, 9, 12)]
    assert [(line["certainty"], line["tier"], line["occurred_on"]) for line in found] == [
        ("reported", 3, "2023-04-26"), ("reported", 3, "2023-04-26"), ("disputed", 1, "2023-04-25"),
        ("disputed", 1, "2023-04-25"),
    ]  # fmt: skip


def test_what_changes_in_the_moment_of_finding_is_no_former_state(engine: Engine) -> None:
    tell(engine, (MAYBE, COMPANY), (EXACT, PRESS))
    assert events(engine)[0].former is None
