"""Rules that a maintainer lets pass, and what people say of tellers: keys l and f of the desk."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlmodel import Session, select
from typer.testing import CliRunner

from monitor.cli import app
from monitor.people.audit import acts
from monitor.service import Service
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.states import Certainty, EventState
from store.tables import Enclosure, Event, Evidence, Policy, Watch
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
    assert "It is back to default" in desk.post(f"/review/rules/default/{RULE}").text
    refused = desk.post(f"/review/rules/pass/{RULE}")
    assert (refused.status_code, "1 of " + RULE in refused.text) == (409, True)
    clock.goes_on(days=91)
    assert desk.post(f"/review/rules/pass/{RULE}").status_code == 200
    assert [row.act for row in (*log(service, "let pass"), *log(service, "back to default"))] == [
        "let pass", "let pass", "back to default",
    ]  # fmt: skip


def test_a_rule_is_edited_by_every_door_and_each_edit_is_undone_within_ten_minutes(
    service: Service, desk: Desk, at_desk: Callable[..., Desk], waits: Callable[..., str], clock: Clock
) -> None:
    waiting = [small(waits, service, clock, trial=f"NCT0000000{number}") for number in range(3)]
    went_out = small(waits, service, clock, trial="NCT00000009")
    with writing(service.engine) as session:
        out = session.get_one(Event, went_out)
        out.state, out.certainty, out.matched_at = EventState.RELEASED, Certainty.STATED, clock.moment
    page = desk.get(f"/review/rules/{RULE}").text
    assert "3 small readings that waited for a person would have gone out without one." in page
    assert "1 reading that went out without a person would have waited; a regulator or registry stands for 1." in page
    refused = desk.post(f"/review/rules/hold/{RULE}")
    assert (refused.status_code, "expected a note" in refused.text.lower()) == (409, True)
    assert "Hold always" in desk.post(f"/review/rules/hold/{RULE}", note="reads  adverts").text
    page = desk.get(f"/review/rules/{RULE}").text
    assert "It is held" in page and "reads adverts" in page and "Hold it always" not in page
    assert at_desk("a-viewer", "viewer").post(f"/review/rules/undo/{RULE}").status_code == 403
    assert desk.client.post(f"/review/rules/undo/{RULE}", data={"token": "forged"}).status_code == 403
    assert "It stands as it stood before" in desk.post(f"/review/rules/undo/{RULE}").text
    assert "Nothing was changed." in desk.post(f"/review/rules/undo/{RULE}").text, "what is undone is undone"

    clock.goes_on(minutes=1)
    line = by_command(service, "rule", RULE, "pass", "--by", "an-operator", "--note", "always right")
    assert (line["way"], line["by"], line["year"]["held"], line["year"]["lost"]) == ("pass", "an-operator", 3, 1)
    later = small(waits, service, clock, trial="NCT00000008")
    match(service)
    assert len(log(service, "approve")) == 1
    api = client_with_token(desk, service)
    assert api("rules", rule="no.such")[0] == 400 and api("rules", rule=RULE)[1][0]["way"] == "pass"
    status, line = api("rules", json={"rule": RULE, "act": "undo"})
    assert (status, line["way"], [row.act for row in log(service, "undo approve")]) == (
        200,
        "default",
        ["undo approve"],
    )
    clock.goes_on(minutes=10)
    match(service)
    assert states(service, *waiting, later) == ["held"] * 4, "what had passed waits for a person"

    assert api("rules", json={"rule": RULE, "act": "hold", "note": "adverts"})[1]["note"] == "adverts"
    assert api("rules", json={"rule": RULE, "act": "pass"})[1]["way"] == "pass"
    assert api("rules", json={"rule": RULE, "act": "undo"})[1]["note"] == "adverts", "back to what stood before"
    clock.goes_on(minutes=11)
    assert api("rules", json={"rule": RULE, "act": "undo"})[0] == 400
    assert by_command(service, "rules", RULE)["way"] == "hold"
    assert api("rules", json={"rule": RULE, "act": "default"})[1]["way"] == "default"
    assert desk.client.post("/api/v1/rules", json={"rule": RULE, "act": "pass"}).status_code == 401
    with reading(service.engine) as session:
        told = [(row.who, row.door, row.act, row.note) for row in acts(session, matter=f"rule {RULE}")][::-1]
    assert told == [
        ("an-editor", "desk", "hold always", "reads adverts"), ("an-editor", "desk", "undo hold always", ""),
        ("an-operator", "command", "let pass", "always right"), ("api-token", "api", "undo let pass", ""),
        ("api-token", "api", "hold always", "adverts"), ("api-token", "api", "let pass", ""),
        ("api-token", "api", "undo let pass", ""), ("api-token", "api", "back to default", ""),
    ]  # fmt: skip


def test_what_a_rule_reads_is_moved_to_another_level_with_a_look_at_the_past_year(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    subscribe(service, channel="webhook", address="https://hook.als.example/in", level="info")
    asks, _ = subscribe(service, channel="webhook", address="https://hook.als.example/major", level="major")
    told = small(waits, service, clock, trial="NCT00000001", therapy=None)
    desk.act(told, "approve")
    clock.goes_on(minutes=11)
    match(service)
    assert (event(service, told).level, owed(service, told)) == ("info", 1)
    page = desk.get(f"/review/rules/{RULE}").text
    assert "1 reading raised, 1 of them to where more subscriptions ask for it" in page
    page = desk.post(f"/review/rules/critical/{RULE}", note="a pivotal one").text
    assert "From now on what it reads is critical." in page
    clock.goes_on(minutes=1)
    ours = small(waits, service, clock, trial="NCT00000002", moved_to="critical")
    page = desk.get(f"/review/rules/{RULE}").text
    assert "It has the level critical" in page and "a pivotal one" in page and "As its type says" in page
    why = desk.get(f"/review/events/{ours}?tab=why").text
    assert "moved to critical by a maintainer" in why and event(service, ours).level == "critical"
    desk.act(ours, "approve")
    clock.goes_on(minutes=2)
    match(service)
    with reading(service.engine) as session:
        (enclosed,) = session.exec(select(Enclosure.event_id).where(Enclosure.subscription_id == asks.id)).all()
    assert enclosed == ours, "who asks for major alone is told of it"

    refused = desk.post(f"/review/rules/minor/{RULE}")
    assert (refused.status_code, "that a person confirmed" in refused.text) == (409, True)
    assert "Not possible: a person confirmed 1 of them" in desk.get(f"/review/rules/{RULE}").text
    waiting = small(waits, service, clock, trial="NCT00000003", moved_to="critical")
    assert "It stands as it stood before" in desk.post(f"/review/rules/undo/{RULE}").text
    assert (event(service, waiting).level, event(service, ours).level) == ("info", "critical"), "what was told stays"

    clock.goes_on(minutes=1)
    line = by_command(service, "rule", RULE, "major", "--by", "an-operator")
    assert (line["level"], line["way"], line["by"]) == ("major", "default", "an-operator")
    assert "taxonomy" in line["edits"] and "info" not in line["edits"], "a person confirmed what it would keep back"
    api = client_with_token(desk, service)
    assert api("rules", json={"rule": RULE, "act": "hold"})[1]["level"] == "major", "each is edited by itself"
    status, line = api("rules", json={"rule": RULE, "act": "taxonomy"})
    assert (status, line["level"], line["way"]) == (200, None, "hold")
    assert api("rules", json={"rule": RULE, "act": "taxonomy"})[0] == 400
    assert api("rules", json={"rule": RULE, "act": "grave"})[0] == 400
    assert [row.act for row in log(service, "move to critical")] == ["move to critical"]


def by_command(service: Service, *arguments: str) -> Any:
    """The line that a command prints, run on the same database at the same moment."""
    settings = ["--database", service.settings.database_url, "--now", service.now().isoformat(), "--quiet"]
    ran = CliRunner().invoke(app, [*settings, *arguments, "--json"])
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout)


def client_with_token(desk: Desk, service: Service) -> Callable[..., tuple[int, Any]]:
    """Asks the interface as a program that shows the token."""
    token = "t" * 20
    desk.client.app.state.service = replace(service, settings=service.settings.changed(api_token=token))  # type: ignore[attr-defined]

    def ask(path: str, json: Any = None, **query: str) -> tuple[int, Any]:
        shown = {"authorization": f"Bearer {token}"}
        method = "GET" if json is None else "POST"
        answer = desk.client.request(method, f"/api/v1/{path}", headers=shown, json=json, params=query)
        return answer.status_code, answer.json()

    return ask


def test_what_a_source_is_set_to_hold_does_not_pass(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    one, two = small(waits, service, clock), small(waits, service, clock, trial="NCT09999999")
    with writing(service.engine) as session:
        session.add(Policy(way="pass", rule=RULE, by="an-editor", at=clock.moment))
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
