"""Lists are searched and paged alike on SQLite and on PostgreSQL, whatever is typed and whatever comes in meanwhile."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from monitor.standing import log, pages
from monitor.standing.filter_values import read
from monitor.standing.filters import Filters
from monitor.standing.pages import Page, Place
from store.database import reading, writing
from store.engine import open_engine
from store.prepare import prepare
from store.states import BELIEVED
from store.tables import Change, Event, Evidence, Item, Run, Watch

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
TITLES = (
    "Relyvrio: US approval formally ended", "Qalsody: EU approval", "CNM-Au8: submission", "Ein Antrag für Straßburg",
    "ロゼバラミン 承認", "Relyvrio: trial results",
)  # fmt: skip
QUESTIONS = {
    "relyvrio": [6, 1],
    "RELYVRIO approval": [1],
    "approvals": [2, 1],
    "trial result": [6],
    "strassburg": [4],
    "STRASSBURG fur": [4],
    "承認": [5],
    "cnm-au8": [3],
    "au8, cnm!": [3],
    "withdrawn": [1],
    "drugsfda": [1],
    "nothing-of-the-kind": [],
}
HOSTILE = [
    '"', "'", '""', 'relyvrio"', "relyvrio'", "relyvrio*", "title:relyvrio", "{title}:relyvrio", "relyvrio NOT x",
    "^relyvrio", "NEAR(relyvrio approval, 2)", "relyvrio AND", "OR", "AND OR NOT", "(relyvrio", "relyvrio)",
    "-relyvrio", "relyvrio -- ;", "relyvrio & | ! <->", "'relyvrio':*A", "\\", "\\'",
    "\x00", "relyvrio\x00approval", "%", "_",
    "relyvrio%", "$1 :x ?", "' OR 1=1 --", "\u202erelyvrio", "\ud7ff", "\U0010ffff", "x" * 10_000, "relyvrio " * 1200,
    '"' * 10_000, "* " * 5000, "a " * 100, "\n\t relyvrio \r\n",
]  # fmt: skip


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'log.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")
    engine = open_engine(url)
    prepare(engine)
    with writing(engine) as session:
        a_log(session)
    yield engine
    engine.dispose()


def a_log(session: Session) -> None:
    session.add(Watch(id=1, name="trials", source="clinicaltrials", options={}, every_seconds=60, next_check_at=NOON))
    session.flush()
    session.add(Run(id=1, watch_id=1, started_at=NOON, finished_at=NOON, outcome="changed"))
    for number in (1, 2):
        session.add(Item(id=number, source="clinicaltrials", key=f"NCT0000000{number}", title="A study", url="x"))
    session.flush()
    session.add_all(an_event(number, title=title) for number, title in enumerate(TITLES, 1))
    session.add_all(
        [an_event(7, title="Relyvrio held", state="held"), an_event(8, title="Relyvrio no", state="dismissed")]
    )
    session.add_all(a_change(number) for number in range(1, 31))
    session.flush()
    quote = "Approval is withdrawn as of August 29, 2025."
    session.add(Evidence(event_id="EV1", change_id=4, source="drugsfda", tier=1, quote=quote, at=NOON))


def an_event(number: int, **more: Any) -> Event:
    fields: dict[str, Any] = {
        "id": f"EV{number}", "sequence": number, "type": "adcomm_outcome", "therapy": "AMX0035",
        "place": "US", "polarity": "positive", "occurred_on": f"2026-01-{number:02}", "level": "critical",
        "detected_at": NOON + timedelta(hours=number), "certainty": "stated", "tier": 1, "thread": f"x/{number}",
        "state": "released", "title": "t",
    }  # fmt: skip
    return Event(**fields | more)


def a_change(number: int) -> Change:
    field = {"field": "sponsor", "path": "p", "before": "Amylyx", "after": f"Company {number}"}
    if number % 3:
        field = {"field": "status", "path": "overallStatus", "before": "NOT_YET_RECRUITING", "after": "COMPLETED"}
    return Change(
        id=number, item_id=1 + number % 2, watch_id=1, run_id=1, kind="changed", differences=[field],
        detected_at=NOON + timedelta(hours=number), previous_hash="", hash=f"h{number}",
    )  # fmt: skip


def asked(text: str, **more: Any) -> Filters:
    return Filters(search=read("search", text), among=BELIEVED, **more)


def events(session: Session, filters: Filters) -> list[int]:
    found = pages.events_by_day(session, filters, size=25)
    total = found.total()
    assert total and total.number == len(found.rows)
    return [event.sequence for event in found.rows]


def changes(session: Session, filters: Filters) -> list[int]:
    return [line["change"] for line in pages.changes(session, filters, size=40).rows]


def test_words_find_what_holds_them_all_and_nothing_that_is_held(engine: Engine) -> None:
    with reading(engine) as session:
        assert {text: events(session, asked(text)) for text in QUESTIONS} == QUESTIONS
        assert events(session, asked("relyvrio", type="adcomm_outcome", place="EU")) == []
        assert changes(session, asked("nct00000002 recruiting")) == [29, 25, 23, 19, 17, 13, 11, 7, 5, 1]
        assert changes(session, asked("amylyx company 12")) == [12]
        assert changes(session, asked("recruiting", therapy="AMX0035")) == [4]
        assert changes(session, asked("", routine="sponsor")) == list(range(30, 0, -3))
        assert changes(session, asked("nct00000001", routine="sponsor")) == list(range(30, 0, -6))
        assert [line["change"] for line in log.changes(session, asked("amylyx"))] == list(range(3, 31, 3))
        assert [line["event"] for line in log.events(session, asked("relyvrio"))] == ["EV1", "EV6"]


def test_whatever_is_typed_means_plain_words(engine: Engine) -> None:
    with reading(engine) as session:
        for text in HOSTILE:
            found = events(session, asked(text))
            changes(session, asked(text))
            words = "".join(sign if sign.isalnum() else " " for sign in text.lower()).split()
            if set(words) == {"relyvrio"}:
                assert found == [6, 1], text[:80]
            elif not words:
                assert found == ([] if read("search", text) else [6, 5, 4, 3, 2, 1]), text[:80]


@pytest.mark.parametrize("listed", ["changes", "events_by_detection", "events_by_day"])
def test_a_list_is_walked_once_whatever_comes_in_meanwhile(engine: Engine, listed: str) -> None:
    def turn(**mark: Any) -> Page[Any]:
        with reading(engine) as session:
            return page(session, Filters(among=BELIEVED), size=4, **mark)

    page: Callable[..., Page[Any]] = getattr(pages, listed)
    first = turn()
    seen, marks, number = [*map(key, first.rows)], [first.older], 100
    while marks[-1]:
        with writing(engine) as session:
            number += 1
            session.add(a_change(number))
            session.add(an_event(number, occurred_on="2026-02-01"))
        older = turn(before=marks[-1])
        seen += map(key, older.rows)
        marks.append(older.older)
    assert seen == list(range(30 if listed == "changes" else 6, 0, -1))
    back = turn(after=Place(2, "2026-01-02"))
    assert [*map(key, back.rows)] == [6, 5, 4, 3]
    while back.newer:
        back = turn(after=back.newer)
    newest = [*range(number, 100, -1), *range(30 if listed == "changes" else 6, 0, -1)]
    assert [*map(key, back.rows)] == newest[:4], "a whole page of them"


def key(row: Any) -> int:
    return row.sequence if isinstance(row, Event) else row["change"]
