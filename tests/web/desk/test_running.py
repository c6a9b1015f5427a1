"""Running the installation from the desk: watches, subscriptions and deliveries are seen by who is signed in, acted on
by maintainers alone, and each act stands in the log."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, func, insert, select

from monitor.people.audit import acts
from monitor.service import Service
from monitor.telling.pause import sending_paused
from monitor.telling.subscriptions import subscribe, subscriptions
from monitor.web.app import create_app
from store.database import reading, writing
from store.states import DeliveryKind, DeliveryState, Health, RunOutcome
from store.tables import Attempt, Delivery, Run, Subscription, Watch
from tests.web.conftest import NOW
from tests.web.desk.conftest import Desk, browser_of
from tests.web.test_lists import worked

HOOK_PATH = "T0p3nsTh3Ho0k-99887766"


@pytest.fixture
def hook(service: Service) -> int:
    """A webhook to which one message was given up and another was sent, and a mail reader."""
    hook, _ = subscribe(service, channel="webhook", address=f"https://hooks.example.net/{HOOK_PATH}")
    subscribe(service, channel="email", address="reader@example.org", confirmed=True)
    assert hook.id is not None
    with writing(service.engine) as session:
        for number, state in enumerate((DeliveryState.FAILED, DeliveryState.SENT)):
            owed = NOW - timedelta(days=2 - number)
            session.add(
                Delivery(
                    id=f"D{number}", subscription_id=hook.id, slot=f"{number}", kind=DeliveryKind.ALERT, state=state,
                    attempts=9, due_at=owed, created_at=owed, body=b"{}", error="status 500" if not number else None,
                    sent_at=owed if number else None,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                Attempt(delivery_id=f"D{number}", at=owed, accepted=bool(number), said=None if number else "status 500")
            )
    return hook.id


@pytest.fixture
def name(service: Service) -> str:
    """A watch that was refused."""
    with writing(service.engine) as session:
        watch = session.exec(select(Watch).order_by(Watch.name)).first()
        assert watch is not None
        watch.health, watch.problem, watch.failures = Health.BLOCKED, "expected 312 records, found 3", 1
        session.add(watch)
        session.add(
            Run(watch_id=watch.id, started_at=NOW, finished_at=NOW, outcome=RunOutcome.REFUSED, note=watch.problem)
        )
        return watch.name


def pages_of(name: str, hook: int) -> list[str]:
    return [
        "/review/watches", f"/review/watches/{name}", "/review/subscriptions", f"/review/subscriptions/{hook}",
        "/review/deliveries", "/review/deliveries?view=failed", f"/review/deliveries?view=all&subscription={hook}",
        "/review/deliveries/D0",
    ]  # fmt: skip


def posts_of(name: str, hook: int) -> list[str]:
    return [
        *(f"/review/watches/{name}/{act}" for act in ("check", "accept", "pause", "resume", "hold", "unhold")),
        *(f"/review/subscriptions/{hook}/{act}" for act in ("pause", "resume", "test", "again", "secret", "end")),
        "/review/deliveries/D0/again", "/review/sending/stop", "/review/sending/start",
    ]  # fmt: skip


def log_of(service: Service) -> list[tuple[str, str, str]]:
    with reading(service.engine) as session:
        return [(row.who, row.act, row.matter) for row in acts(session) if row.matter.split()[0] != "maintainer"]


def test_who_is_not_signed_in_sees_none_of_it_and_a_viewer_acts_on_nothing(
    service: Service, at_desk: Callable[..., Desk], name: str, hook: int
) -> None:
    stranger = browser_of(service)
    viewer = at_desk("a-viewer", role="viewer")
    before = log_of(service)
    for path in pages_of(name, hook):
        assert stranger.get(path, follow_redirects=False).headers["location"].startswith("/review/sign-in"), path
        seen = viewer.get(path)
        assert seen.status_code == 200, path
        assert HOOK_PATH not in seen.text and "reader@example.org" not in seen.text, path
        assert '<form method="post" action="/review/' not in seen.text.split("</header>")[1], path
    for path in posts_of(name, hook):
        assert stranger.post(path, data={}).status_code == 401, path
        assert viewer.post(path).status_code == 403, path
    assert log_of(service) == before


def test_a_form_without_its_token_or_from_another_site_does_nothing(
    service: Service, desk: Desk, name: str, hook: int
) -> None:
    token = desk.token()
    for path in posts_of(name, hook):
        assert desk.client.post(path, data={}).status_code == 403, path
        elsewhere = {"sec-fetch-site": "cross-site"}
        assert desk.client.post(path, data={"token": token}, headers=elsewhere).status_code == 403, path
    assert log_of(service) == []


def test_a_maintainer_sees_why_a_message_is_not_there_and_sends_it_again(
    service: Service, desk: Desk, hook: int
) -> None:
    listed = desk.get("/review/deliveries?view=failed").text
    assert "given up after 9 attempts: status 500" in listed.lower() and "webhook at hooks.example.net" in listed
    assert HOOK_PATH not in listed
    shown = desk.get("/review/deliveries/D0").text
    assert "not accepted" in shown and "status 500" in shown

    again = desk.post("/review/deliveries/D0/again")

    assert "It is owed again" in again.text
    assert "It goes with the next round" in again.text
    assert log_of(service) == [("an-editor", "resend", "delivery D0")]
    assert desk.get("/review/deliveries/NONE").status_code == 404


def test_the_list_of_deliveries_costs_no_more_with_the_years(service: Service, desk: Desk, hook: int) -> None:
    sent = {
        "subscription_id": hook,
        "kind": DeliveryKind.ALERT,
        "state": DeliveryState.SENT,
        "attempts": 1,
        "resent": 0,
    }
    rows = [sent | {"id": f"S{number}", "slot": f"s{number}", "due_at": owed, "created_at": owed, "sent_at": owed}
            for number in range(20_000) for owed in [NOW - timedelta(minutes=number)]]  # fmt: skip
    with writing(service.engine) as session:
        session.connection().execute(insert(Delivery), rows)  # unsealed: nobody verifies these
    with worked(service) as steps, reading(service.engine) as session:
        session.exec(select(func.count()).select_from(Delivery).group_by(col(Delivery.state))).all()
    counting = len(steps)
    with worked(service) as steps:
        shown = [desk.get(f"/review/deliveries?view={view}").text for view in ("sent", "all")]
    assert all("24 Nov 2026, 11:59 UTC" in page for page in shown)
    assert len(steps) < 2 * counting + 50, "they are counted, and not put in order anew"


def test_a_subscription_is_paused_resumed_tested_sent_again_and_ended(service: Service, desk: Desk, hook: int) -> None:
    def act(what: str, **fields: Any) -> str:
        return desk.post(f"/review/subscriptions/{hook}/{what}", **fields).text

    assert "It is paused" in act("pause") and "a maintainer paused it" in desk.get(f"/review/subscriptions/{hook}").text
    assert "It goes on" in act("resume", owed="newest")
    assert "Owed again: 2 of its messages" in act("again", since="2026-11-01")
    assert "expected a day" in act("again", since="soon")
    assert "The test did not arrive" in act("test"), "the host of the hook does not exist"
    assert "It has ended" in act("end")
    assert "has ended" in desk.post("/review/deliveries/D0/again").text
    whose = f"subscription {hook}"
    assert [(act, matter) for _, act, matter in log_of(service)][::-1] == [
        ("pause", whose), ("resume", whose), ("resend all", whose), ("send a test", whose), ("end", whose),
    ]  # fmt: skip
    assert "reader@example.org" in desk.get("/review/subscriptions").text
    assert desk.get("/review/subscriptions/999").status_code == 404


def test_a_new_secret_is_shown_once_and_is_in_no_log(service: Service, desk: Desk, hook: int) -> None:
    changed = desk.post(f"/review/subscriptions/{hook}/secret", hours="24")

    found = re.search(r"whsec_[A-Za-z0-9+/=]+", changed.text)
    assert found and changed.headers["cache-control"] == "no-store"
    assert "valid beside it until" in changed.text and "25 Nov 2026, 12:00 UTC" in changed.text
    secret = found[0]
    for path in (f"/review/subscriptions/{hook}", "/review/log", "/review/log.jsonl"):
        assert secret not in desk.get(path).text
    mail = next(one.id for one in subscriptions(service) if one.channel == "email")
    assert "expected a webhook" in desk.post(f"/review/subscriptions/{mail}/secret").text
    with reading(service.engine) as session:
        assert len((session.get_one(Subscription, hook).secret or "").split()) == 2


def test_all_sending_is_stopped_and_started(service: Service, desk: Desk, hook: int) -> None:
    stopped = desk.post("/review/sending/stop")

    assert "All sending is stopped" in stopped.text and sending_paused(service)
    desk.post("/review/deliveries/D0/again")
    assert "all sending is stopped" in desk.get("/review/deliveries/D0").text
    started = desk.post("/review/sending/start", owed="all")
    assert "Sending goes on" in started.text and not sending_paused(service)
    assert [act for _, act, _ in log_of(service)][::-1] == ["stop", "resend", "start"]


def test_a_watch_rests_goes_on_and_holds_what_it_tells(service: Service, desk: Desk, name: str) -> None:
    def act(what: str) -> str:
        return desk.post(f"/review/watches/{name}/{what}").text

    assert "Expected 312 records, found 3" in desk.get("/review/watches").text
    assert "It rests" in act("pause") and "rests" in desk.get("/review/watches").text
    assert "with the next round" in act("resume")
    assert "waits for a maintainer from now on" in act("hold")
    assert "released as the rules say" in act("unhold")
    assert "Look at the kept page first" in act("accept"), "one has to say that one has looked"
    assert [(act, matter) for _, act, matter in log_of(service)][::-1] == [
        (act, f"watch {name}") for act in ("pause", "resume", "hold", "no longer hold")
    ]
    assert desk.get("/review/watches/none").status_code == 404
    assert desk.post("/review/watches/none/pause").status_code == 404
    assert desk.post(f"/review/watches/{name}/burn").status_code == 404
    assert desk.get("/review/captures/999").status_code == 404


def test_a_program_with_the_token_is_named_in_the_log(service: Service, hook: int) -> None:
    guarded = replace(service, settings=service.settings.changed(api_token="a-token-of-more-than-20-signs"))
    client = TestClient(create_app(guarded), headers={"authorization": "Bearer a-token-of-more-than-20-signs"})
    client.post("/api/v1/deliveries/D0/resend")
    assert log_of(service) == [("api-token", "resend", "delivery D0")]
