"""Rules that a maintainer lets pass, and what people say of tellers: keys l and f of the desk."""

from collections.abc import Callable
from typing import Any

from sqlmodel import Session, select

from monitor.service import Service
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.states import EventState
from store.tables import Event, Evidence, Passing, Watch
from tests.web.desk.conftest import Clock, Desk
from tests.web.desk.test_acts import event, log, owed

RULE = "trial_registered.registers"


def small(waits: Callable[..., str], service: Service, clock: Clock, **more: Any) -> str:
    """A small reading by the rule, found just now."""
    facts = {"type_": "trial_registered", "polarity": "neutral", "place": None, "rule": RULE, "minutes": 0}
    id = waits(**facts | {"trial": f"NCT0{clock.moment:%d%H%M}{len(more)}", "confidence": 0.6} | more)
    with writing(service.engine) as session:
        session.get_one(Event, id).detected_at = clock.moment
    return id


def states(service: Service, *ids: str) -> list[str]:
    return [event(service, id).state for id in ids]


def test_a_rule_passes_from_then_on_until_it_is_undone_or_rejected(
    service: Service, desk: Desk, at_desk: Callable[..., Desk], waits: Callable[..., str], clock: Clock
) -> None:
    subscribe(service, channel="webhook", address="https://hook.als.example/in", level="info")
    before = small(waits, service, clock)
    assert f'href="/review/rules/{RULE}" data-key="l"' in desk.get(f"/review/events/{before}").text
    assert RULE in desk.get("/review/rules").text
    viewer = at_desk("a-viewer", "viewer")
    assert viewer.post(f"/review/rules/pass/{RULE}").status_code == 403
    for odd in ("no.such-rule", "<script>", "a/b"):
        assert desk.get(f"/review/rules/{odd}").status_code == 404, odd
        assert desk.post(f"/review/rules/pass/{odd}").status_code in (404, 409), odd

    clock.goes_on(minutes=1)
    page = desk.post(f"/review/rules/pass/{RULE}")
    assert "From now on what it reads" in page.text and "It passes" in page.text
    clock.goes_on(minutes=1)
    after = small(waits, service, clock)
    large = small(waits, service, clock, type_="clinical_hold", polarity="negative", place="US")
    other = small(waits, service, clock, rule="trial_registered.other")
    first = small(waits, service, clock, held_because="found at first check")
    disputed = small(waits, service, clock, certainty="disputed")
    match(service)
    assert states(service, before, after, large, other, first, disputed) == ["held"] * 6, "it may be undone first"
    decided = desk.get("/review?view=decided").text
    assert decided.count("Approved by an-editor") == 1 and after in decided
    (entry,) = log(service, "approve")
    assert (entry.who, entry.door, entry.matter) == ("an-editor", "rule", f"event {after}")
    undone = small(waits, service, clock, trial="NCT09999999")
    match(service)
    desk.act(undone, "undo")
    clock.goes_on(minutes=10)
    match(service)
    match(service)
    assert states(service, before, after, large, other, first, disputed, undone) == [
        "held", "released", "held", "held", "held", "held", "held",
    ], "what somebody has undone waits for her"  # fmt: skip
    assert owed(service, after) == 1

    rejected = small(waits, service, clock, trial="NCT09999998", rule=RULE, certainty="disputed")
    desk.act(rejected, "reject", reason="parser")
    clock.goes_on(minutes=10)
    match(service)
    later = small(waits, service, clock, trial="NCT09999997")
    match(service)
    clock.goes_on(minutes=11)
    match(service)
    assert states(service, rejected, later) == ["dismissed", "held"], "one rejection within 90 days ends it"
    assert "But not now:" in desk.get(f"/review/rules/{RULE}").text
    assert "What it reads waits for you again." in desk.post(f"/review/rules/look/{RULE}").text
    refused = desk.post(f"/review/rules/pass/{RULE}")
    assert (refused.status_code, "1 of " + RULE in refused.text) == (409, True)
    clock.goes_on(days=91)
    assert desk.post(f"/review/rules/pass/{RULE}").status_code == 200
    assert [row.act for row in (*log(service, "let pass"), *log(service, "look again"))] == [
        "let pass", "let pass", "look again",
    ]  # fmt: skip


def test_what_a_source_is_set_to_hold_does_not_pass(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    one, two = small(waits, service, clock), small(waits, service, clock, trial="NCT09999999")
    with writing(service.engine) as session:
        session.add(Passing(rule=RULE, by="an-editor", at=clock.moment))
        session.add(Evidence(event_id=one, source="feed", watch=held_watch(session), tier=3, at=clock.moment))
    match(service)
    clock.goes_on(minutes=10)
    match(service)
    assert states(service, one, two) == ["held", "released"]


def held_watch(session: Session) -> str:
    """A watch that a maintainer has set to hold; its name."""
    watch = session.exec(select(Watch)).first()
    assert watch is not None
    watch.held_at = watch.next_check_at
    session.add(watch)
    return watch.name


def test_a_person_says_that_tellers_disagree_and_takes_it_back(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    id = waits()
    page = desk.act(id, "conflict")
    assert page.url.path == f"/review/events/{id}" and "they disagree" in page.text
    assert (event(service, id).certainty, event(service, id).state) == ("disputed", "held")
    assert id in desk.get("/review?view=conflicts").text
    assert "agree after all" in desk.act(id, "conflict").text
    assert event(service, id).certainty == "reported", "press is no regulator"
    said = (*log(service, "conflict"), *log(service, "no conflict"))
    assert [row.before["certainty"] for row in said] == ["reported", "disputed"]
    desk.act(id, "approve")
    clock.goes_on(minutes=2)
    match(service)
    desk.act(id, "conflict")
    assert "How sure</dt><dd>Sources disagree" in desk.client.get(f"/events/{id}").text, "readers see it at once"
    with reading(service.engine) as session:
        assert session.get_one(Event, id).state == EventState.RELEASED
