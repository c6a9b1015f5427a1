"""What maintainers do, and what comes of it: for readers, for the log, for whoever did it before."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlmodel import col, select

from monitor.events.review import Overruled
from monitor.events.review_decisions import UNDO, UNDO_CRITICAL, Rules, Wish, decide
from monitor.people.audit import at_terminal
from monitor.service import Service
from monitor.telling.deliver import deliver
from monitor.telling.foretold import foretell
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.states import Verdict
from store.tables import Audit, Change, Delivery, Enclosure, Event, Evidence, Item, Review, Run, Watch
from tests.web.conftest import NOW
from tests.web.desk.conftest import Clock, Desk

SAYS = re.compile(r"<strong>(\d+) messages?</strong>")


def event(service: Service, id: str) -> Event:
    with reading(service.engine) as session:
        return session.get_one(Event, id)


def readers(service: Service) -> None:
    """Five who would hear of it, and three who would not."""
    for number, cadence in enumerate(("immediate", "daily", "weekly")):
        subscribe(service, channel="email", address=f"r{number}@als.example", cadence=cadence, confirmed=True)
    subscribe(service, channel="webhook", address="https://hook.als.example/in", therapies=["tofersen"])
    subscribe(service, channel="email", address="us@als.example", places=["US"], level="critical", confirmed=True)
    subscribe(service, channel="email", address="r0@als.example", places=["US"], confirmed=True)  # one person, once
    subscribe(service, channel="email", address="japan@als.example", places=["JP"], confirmed=True)
    subscribe(service, channel="email", address="never-confirmed@als.example")


def owed(service: Service, id: str) -> int:
    """Deliveries that hold an event."""
    with reading(service.engine) as session:
        rows = session.exec(
            select(Delivery.id)
            .join(Enclosure, col(Enclosure.delivery_id) == col(Delivery.id))
            .where(Enclosure.event_id == id)
        ).all()
    return len(set(rows))


def log(service: Service, act: str) -> list[Audit]:
    with reading(service.engine) as session:
        return list(session.exec(select(Audit).where(Audit.act == act).order_by(col(Audit.id))))


def test_what_is_approved_waits_and_then_reaches_as_many_as_were_foretold(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    readers(service)
    id, later = waits(), waits(type_="shortage", therapy="AMX0035", minutes=30)
    foretold = SAYS.search(desk.get(f"/review/events/{id}").text)
    assert foretold and int(foretold[1]) == 5

    after = desk.act(id, "approve")

    assert after.url.path == f"/review/events/{later}", "the next one of the queue"
    assert "Approved: Qalsody (tofersen): trials put on hold in the US. It takes effect at 12:02 UTC" in after.text
    assert event(service, id).state == "held"
    assert desk.client.get(f"/events/{id}").status_code == 404, "not yet for readers"
    clock.goes_on(seconds=UNDO_CRITICAL.total_seconds() - 1)
    match(service)
    assert (event(service, id).state, owed(service, id)) == ("held", 0)
    clock.goes_on(seconds=1)
    match(service)
    told = event(service, id)
    assert (told.state, told.released_at, owed(service, id)) == ("released", clock.moment, 5)
    assert desk.client.get(f"/events/{id}").status_code == 200

    (entry,) = log(service, "approve")
    assert (entry.who, entry.role, entry.door, entry.matter, entry.at) == (
        "an-editor", "maintainer", "desk", f"event {id}", NOW,
    )  # fmt: skip
    assert entry.before == {"state": "held", "level": "critical"}
    with reading(service.engine) as session:
        (verdict,) = session.exec(select(Review).where(Review.event_id == id))
    assert (verdict.by, verdict.verdict) == ("maintainer", "confirmed"), "no name where readers look"
    assert "an-editor" not in desk.client.get(f"/api/v1/events/{id}").text
    again = desk.act(id, "undo")
    assert again.status_code == 409
    assert "correct it instead" in again.text


def test_what_is_undone_leaves_no_message_and_no_trace_but_in_the_log(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    readers(service)
    id = waits(type_="shortage")
    desk.act(id, "approve")
    clock.goes_on(minutes=9)
    match(service)
    page = desk.get("/review?view=decided")
    assert "Approved by an-editor" in page.text
    undone = desk.act(id, "undo")
    assert "Undone. It waits for you as before; nobody was told." in undone.text
    clock.goes_on(days=2)
    assert list(deliver(service)) == [] or owed(service, id) == 0
    assert (event(service, id).state, owed(service, id)) == ("held", 0)
    with reading(service.engine) as session:
        assert session.exec(select(Review)).all() == []
    assert [row.act for row in (*log(service, "approve"), *log(service, "undo approve"))] == ["approve", "undo approve"]
    assert "undo approve" in desk.get(f"/review/events/{id}").text
    assert UNDO.total_seconds() == 600


def test_what_is_rejected_reaches_nobody_and_says_why(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    readers(service)
    id = waits()
    assert desk.act(id, "reject").status_code == 409, "a reason is asked for"
    desk.act(id, "reject", reason="parser", note="It is a hold on shipments.")
    clock.goes_on(minutes=2)
    match(service)
    assert (event(service, id).state, owed(service, id)) == ("dismissed", 0)
    (entry,) = log(service, "reject")
    assert (entry.note, entry.after["amended"]) == ("It is a hold on shipments.", {"reason": "parser"})
    assert desk.client.get(f"/events/{id}").status_code == 404
    assert desk.get(f"/review/events/{id}").status_code == 200, "at the desk nothing is lost"


def test_what_was_told_wrongly_is_corrected_for_whoever_got_it(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    readers(service)
    id = waits()
    desk.act(id, "approve")
    clock.goes_on(minutes=3)
    match(service)
    with writing(service.engine) as session:
        for row in session.exec(select(Delivery)):
            row.first_attempt_at, row.attempts, row.body = clock.moment, 1, b"{}"
            session.add(row)
    assert desk.act(id, "correct", occurred_on="2026-11-19").status_code == 409, "readers are told how it came about"
    wish = Wish(Verdict.CORRECTED, "A day off.", {"occurred_on": "2026-11-19"})
    foretold = foretell(service, id, wish)

    page = desk.act(id, "correct", occurred_on="2026-11-19", note="A day off.", type="clinical_hold", place="US")

    assert page.status_code == 200
    (entry,) = log(service, "correct")
    assert entry.after["amended"] == {"occurred_on": "2026-11-19"}, "what stays as it is is not among it"
    clock.goes_on(minutes=2)
    match(service)
    with reading(service.engine) as session:
        (right,) = session.exec(select(Event).where(Event.corrects == id))
        notices = session.exec(select(Enclosure.notice).where(Enclosure.event_id == right.id)).all()
    assert (right.occurred_on, right.state) == ("2026-11-19", "released")
    assert set(notices) == {"correction"}
    assert owed(service, right.id) == foretold.deliveries == 5


def test_the_sentence_is_the_maintainers_where_she_wrote_one(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    id, mine = waits(), "The FDA stopped the trials of tofersen on 20 November <b>2026</b>."
    page = desk.act(id, "wording", sentence=f"  {mine}\n")
    assert page.url.path == f"/review/events/{id}"
    assert "Wording kept" in page.text
    assert "&lt;b&gt;2026&lt;/b&gt;" in page.text
    assert "<b>2026" not in page.text
    (entry,) = log(service, "edit wording")
    assert (entry.before, entry.after) == ({"sentence": None}, {"sentence": mine})
    subscribe(service, channel="webhook", address="https://hook.als.example/in")
    desk.act(id, "approve")
    clock.goes_on(minutes=2)
    match(service)
    assert mine.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;") in desk.client.get(f"/events/{id}").text
    assert desk.act(id, "wording", sentence="Too late.").status_code == 409
    # a correction does not go on saying what was wrong
    desk.act(id, "correct", occurred_on="2026-11-18", note="A slip.")
    clock.goes_on(minutes=2)
    match(service)
    with reading(service.engine) as session:
        assert session.exec(select(Event).where(Event.corrects == id)).one().sentence is None


def test_two_rows_become_one_unless_it_is_undone(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    id, other = waits(), waits(minutes=90, occurred_on="2026-11-21")
    assert f'value="{other}"' in desk.get(f"/review/events/{id}").text, "it is offered"
    for wrong in ("", id, "EVNOTHING"):
        assert desk.act(id, "merge", into=wrong).status_code == 409, wrong
    desk.act(id, "merge", into=other)
    desk.act(id, "undo")
    clock.goes_on(minutes=11)
    match(service)
    assert event(service, id).state == "held"
    desk.act(id, "merge", into=other)
    clock.goes_on(minutes=2)
    match(service)
    with reading(service.engine) as session:
        proofs = session.exec(select(Evidence).where(Evidence.event_id == other)).all()
    assert (event(service, id).state, len(proofs)) == ("dismissed", 2)


def test_what_is_put_off_comes_back_by_itself(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    day, second, stays = waits(), waits(minutes=50, place="CA"), waits(minutes=40, place="EU")

    def to_do() -> set[str]:
        page = desk.get("/review").text
        return {id for id in (day, second, stays) if id in page}

    desk.act(day, "snooze", until="day")
    desk.act(second, "snooze", until="source")
    for wrong in ("", "yesterday", "2020-01-01", "2026-13-01"):
        assert desk.act(stays, "snooze", until=wrong).status_code == 409, wrong
    assert to_do() == {stays}
    assert day in desk.get("/review?view=snoozed").text
    with writing(service.engine) as session:
        session.add(Evidence(event_id=second, source="another", tier=3, at=clock.moment))
    assert to_do() == {second, stays}
    clock.goes_on(days=1, minutes=1)
    assert to_do() == {day, second, stays}
    assert len(log(service, "snooze")) == 2


def test_what_is_critical_waits_for_two(
    service: Service, at_desk: Callable[..., Desk], waits: Callable[..., str], clock: Clock
) -> None:
    strict = replace(service, settings=service.settings.changed(two_people=True))
    one, two = at_desk("first-editor"), at_desk("second-editor")
    for desk in (one, two):
        desk.client.app.state.service = strict  # type: ignore[attr-defined]
    id, small = waits(), waits(type_="trial_registered", polarity="neutral", place=None, trial="NCT04856982")
    assert "a second person has to agree" in one.get(f"/review/events/{id}").text
    assert "A second person is yet to agree" in one.act(id, "approve").text
    again = one.act(id, "approve")
    assert again.status_code == 409
    assert "Expected a second person" in again.text
    assert one.act(id, "agree").status_code == 409
    assert two.act(id, "reject", reason="noise").status_code == 409, "who differs undoes it first"
    clock.goes_on(days=1)
    match(strict)
    assert event(service, id).state == "held", "one is not enough, however long it takes"
    assert f'action="/review/events/{id}/agree"' in two.get(f"/review/events/{id}").text
    two.act(id, "agree")
    clock.goes_on(minutes=2)
    match(strict)
    assert event(service, id).state == "released"
    assert [(row.who, row.act) for row in (*log(service, "approve"), *log(service, "agree to approve"))] == [
        ("first-editor", "approve"), ("second-editor", "agree to approve"),
    ]  # fmt: skip
    one.act(small, "approve")
    clock.goes_on(minutes=10)
    match(strict)
    assert event(service, small).state == "released", "what is small needs one"


def test_many_small_ones_of_one_rule_go_at_once(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    small = [
        waits(type_="trial_registered", polarity="neutral", place=None, trial=f"NCT0000000{n}", rule="registry.new")
        for n in range(3)
    ]
    large, other = waits(), waits(type_="trial_registered", polarity="neutral", place=None, trial="NCT00000009")
    page = desk.get("/review").text
    assert all(f'name="event" value="{id}"' in page for id in small)
    assert f'name="event" value="{large}"' not in page
    assert desk.post("/review/approve", event=[*small, large]).status_code == 409
    assert desk.post("/review/approve", event=[*small, other]).status_code == 409
    assert desk.post("/review/approve").status_code == 409
    assert {event(service, id).state for id in small} == {"held"}
    assert log(service, "approve") == []
    done = desk.post("/review/approve", event=small)
    assert "Approved: 3 events." in done.text
    desk.post("/review/undo", event=small[:1])
    clock.goes_on(minutes=10)
    match(service)
    assert [event(service, id).state for id in small] == ["held", "released", "released"]


def test_the_queue_puts_first_what_matters_and_folds_what_one_run_brought(
    service: Service, desk: Desk, waits: Callable[..., str]
) -> None:
    with writing(service.engine) as session:
        watch = session.exec(select(Watch)).first()
        assert watch and watch.id
        run = Run(watch_id=watch.id, started_at=NOW, finished_at=NOW, outcome="changed")
        session.add(run)
        session.flush()
        for number in range(40):
            item = Item(source="clinicaltrials", key=f"NCT{number:08}", title="A study", url="https://example.org")
            session.add(item)
            session.flush()
            session.add(
                Change(item_id=item.id or 0, watch_id=watch.id, run_id=run.id or 0, kind="changed", differences=[],
                       detected_at=NOW, previous_hash="", hash=str(number))
            )  # fmt: skip
    facts: dict[str, Any] = {"type_": "trial_status_change", "polarity": "neutral", "place": None, "therapy": None}
    many = [waits(**facts, trial=f"NCT{number:08}") for number in range(40)]
    with writing(service.engine) as session:
        for number, id in enumerate(many, 1):
            session.add(Evidence(event_id=id, change_id=number, source="clinicaltrials", tier=2, at=NOW))
    old, new = waits(minutes=500), waits(minutes=5, place="CA")
    small = waits(type_="shortage", minutes=900)

    page = desk.get("/review").text

    assert "40 events of one look" in page
    assert page.count("data-row") == 4, "forty things are one row"
    places = [page.index(f"/review/events/{id}") for id in (old, new, small)]
    assert places == sorted(places), "the weightiest first, of these the oldest"
    opened = desk.get(f"/review?run={run.id}")
    assert opened.text.count("data-row") == 25
    assert desk.get(f"/review?run={run.id}&page=2").text.count("data-row") == 15
    narrowed = desk.get("/review?level=critical&place=CA").text
    assert new in narrowed
    assert old not in narrowed
    for odd in ("?q=%25", "?therapy=%00", "?run=99999", "?page=200", "?done=1.2.x"):
        assert desk.get(f"/review{odd}").status_code == 200, odd
    for wrong in ("?view=nonsense", "?level=nonsense", "?page=0", "?run=-1"):
        assert desk.get(f"/review{wrong}").status_code == 400, wrong


def test_each_tab_shows_what_it_rests_on_as_text(service: Service, desk: Desk, waits: Callable[..., str]) -> None:
    spike = '<script>window.hit=1</script><img src=x onerror="window.hit=1">'
    id = waits(rule=f"prose.{spike}", drug=spike, therapy=None)
    with writing(service.engine) as session:
        session.add(
            Evidence(event_id=id, source=spike, watch=spike, tier=3, url="javascript:hit()", quote=spike, at=NOW)
        )
    for tab in ("fields", "words", "page", "raw", "tellers", "ladder", "why"):
        page = desk.get(f"/review/events/{id}?tab={tab}")
        assert page.status_code == 200, tab
        assert "<script>window" not in page.text, tab
        assert "<img" not in page.text, tab
        assert "javascript:hit" not in re.sub(r"<pre.*?</pre>", "", page.text, flags=re.DOTALL), tab
    assert desk.get(f"/review/events/{id}?tab=nonsense").status_code == 400
    assert desk.get("/review/events/EVNOTHING").status_code == 404
    assert desk.act(id, "applaud").status_code == 404


def test_a_decision_that_fits_no_more_lapses_and_is_written_down(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    id = waits()
    desk.act(id, "approve")
    with writing(service.engine) as session:
        row = session.get_one(Event, id)
        row.state, row.matched_at = "released", clock.moment  # type: ignore[assignment]
        session.add(row)
    clock.goes_on(minutes=3)
    match(service)
    (entry,) = log(service, "approve: lapsed")
    assert "expected a held event" in entry.note


def test_all_doors_do_the_same_and_stand_in_one_log(service: Service, desk: Desk, waits: Callable[..., str]) -> None:
    id, other = waits(), waits(place="CA")
    with writing(service.engine) as session:
        row = session.get_one(Event, id)
        decide(session, row, Wish(Verdict.CONFIRMED), at_terminal("an-operator"), service.now(), Rules())
        with pytest.raises(Overruled):
            decide(session, row, Wish(Verdict.DISMISSED), at_terminal("an-operator"), service.now(), Rules())
    desk.act(other, "approve")
    token = "t" * 20
    desk.client.app.state.service = replace(service, settings=service.settings.changed(api_token=token))  # type: ignore[attr-defined]
    by_api = f"/api/v1/events/{other}/review"
    assert desk.client.post(by_api, json={"verdict": "undo"}).status_code == 401, "the cookie of the desk opens nothing"
    shown = {"authorization": f"Bearer {token}"}
    for wrong, status in (({"verdict": "confirm"}, 400), ({"verdict": "correct"}, 400), ({"verdict": "applaud"}, 400)):
        assert desk.client.post(by_api, json=wrong, headers=shown).status_code == status, wrong
    assert (
        desk.client.post("/api/v1/events/EVNOTHING/review", json={"verdict": "undo"}, headers=shown).status_code == 404
    )
    undone = desk.client.post(by_api, json={"verdict": "undo"}, headers=shown)
    assert (undone.status_code, undone.json()["state"]) == (200, "undone")
    again = desk.client.post(by_api, json={"verdict": "dismiss", "note": "no such act"}, headers=shown).json()
    assert (again["verdict"], again["takes_effect"]) == ("dismissed", "2026-11-24T12:02:00Z")
    page = desk.get("/review/log").text
    assert "api-token, by api" in page
    assert "an-operator, by command" in page
    assert "an-editor, by desk" in page
    lines = [json.loads(line) for line in desk.get("/review/log.jsonl").text.splitlines()]
    assert [(line["who"], line["door"], line["act"]) for line in lines[:4]] == [
        ("api-token", "api", "reject"), ("api-token", "api", "undo approve"),
        ("an-editor", "desk", "approve"), ("an-operator", "command", "approve"),
    ]  # fmt: skip
    assert all(line["at"] for line in lines)
