"""A program of the operator looks after deliveries: it shows the token, sees what failed, and has it sent again."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from monitor.service import Service
from monitor.settings import Misconfigured, Settings
from monitor.telling.pause import pause_subscription
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app
from store.database import writing
from store.states import DeliveryKind, DeliveryState
from store.tables import Attempt, Delivery, Subscription
from tests.web.conftest import NOW

TOKEN = "a-token-of-more-than-20-signs"
SHOWN = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
def guarded(service: Service) -> TestClient:
    return TestClient(create_app(replace(service, settings=service.settings.changed(api_token=TOKEN))))


@pytest.fixture
def reader(service: Service) -> int:
    """A webhook's subscription to which one delivery was given up and another was sent."""
    subscription, _ = subscribe(service, channel="webhook", address="https://93.184.216.34/in")
    assert subscription.id is not None
    with writing(service.engine) as session:
        for number, state in enumerate((DeliveryState.FAILED, DeliveryState.SENT)):
            session.add(
                Delivery(
                    id=f"D{number}", subscription_id=subscription.id, slot=f"alert:{number}", kind=DeliveryKind.ALERT,
                    state=state, attempts=9, due_at=NOW - timedelta(days=2 - number),
                    created_at=NOW - timedelta(days=2 - number), body=b"{}",
                    error="503 Service Unavailable" if state == DeliveryState.FAILED else None,
                )
            )  # fmt: skip
    return subscription.id


ROUTES = [
    ("GET", "/api/v1/deliveries"),
    ("POST", "/api/v1/deliveries/resend"),
    ("POST", "/api/v1/deliveries/D0/resend"),
    ("GET", "/api/v1/deliveries/D0"),
    ("GET", "/api/v1/subscriptions"),
    ("GET", "/api/v1/rules"),
    ("POST", "/api/v1/rules"),
    ("GET", "/api/v1/stale"),
    ("POST", "/api/v1/stale"),
    ("GET", "/api/v1/subscriptions/1"),
    *(("POST", f"/api/v1/subscriptions/1/{act}") for act in ("change", "pause", "resume", "test", "rotate", "end")),
]


WRONG = (None, "", "Bearer", "Bearer ", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", "Bearer é")


def test_nobody_may_ask_where_no_token_is_set(pages: TestClient) -> None:
    for verb, path in ROUTES:
        answer = pages.request(verb, path, headers=SHOWN, json={})

        assert answer.status_code == 403, path
        assert "THERAWATCH_API_TOKEN" in answer.json()["error"]["problems"][0]


def test_who_shows_no_token_or_another_learns_nothing(guarded: TestClient, reader: int) -> None:
    for verb, path in ROUTES:
        for header in WRONG:
            headers = {} if header is None else {"authorization": header.encode()}

            answer = guarded.request(verb, path, headers=headers, json={})

            assert answer.status_code == 401, (path, header)
            assert answer.headers["www-authenticate"] == "Bearer"
            assert TOKEN not in answer.text and "503" not in answer.text


def test_what_failed_is_listed_with_its_reason(guarded: TestClient, reader: int) -> None:
    def listed(**query: Any) -> list[str]:
        return [row["delivery"] for row in guarded.get("/api/v1/deliveries", headers=SHOWN, params=query).json()]

    assert listed() == ["D0", "D1"]
    assert listed(state="failed") == ["D0"]
    assert listed(since=(NOW - timedelta(days=1, hours=1)).isoformat()) == ["D1"]
    assert listed(subscription=reader) == ["D0", "D1"]
    failed = guarded.get("/api/v1/deliveries?state=failed", headers=SHOWN).json()[0]
    assert (failed["attempts"], failed["error"]) == (9, "503 Service Unavailable")


def test_one_delivery_is_owed_again_under_its_id(guarded: TestClient, reader: int, service: Service) -> None:
    answer = guarded.post("/api/v1/deliveries/D0/resend", headers=SHOWN)

    assert answer.status_code == 200, answer.text
    assert (answer.json()["delivery"], answer.json()["state"], answer.json()["attempts"]) == ("D0", "waiting", 0)


def test_all_since_a_moment_are_owed_again(guarded: TestClient, reader: int) -> None:
    asked = {"since": (NOW - timedelta(days=3)).isoformat(), "subscription": reader}

    answer = guarded.post("/api/v1/deliveries/resend", headers=SHOWN, json=asked)

    assert [row["delivery"] for row in answer.json()] == ["D0", "D1"]


def test_many_subscriptions_come_in_portions(guarded: TestClient, reader: int, service: Service) -> None:
    with writing(service.engine) as session:
        kept = session.get_one(Subscription, reader).model_dump(exclude={"id", "address"})
        session.add_all(Subscription(**kept, address=f"reader{number}@example.org") for number in range(4))
    address, seen = "/api/v1/subscriptions?limit=2", []
    while address:
        answer = guarded.get(address, headers=SHOWN)
        seen += [line["subscription"] for line in answer.json()]
        address = answer.links.get("next", {}).get("url")
    assert seen == sorted(set(seen)) and len(seen) == 5


def test_a_pause_of_a_subscription_ends(guarded: TestClient, reader: int, service: Service) -> None:
    for owed in ("all", "newest", "none"):
        pause_subscription(service, reader)

        answer = guarded.post(f"/api/v1/subscriptions/{reader}/resume?owed={owed}", headers=SHOWN)

        assert answer.status_code == 200, answer.text
        assert answer.json()["paused_at"] is None


REFUSED: list[tuple[str, str, Any, str]] = [
    ("GET", "/api/v1/deliveries?state=lost", None, "state"),
    ("GET", "/api/v1/deliveries?stat=failed", None, "stat"),
    ("GET", "/api/v1/deliveries?subscription=999", None, "999"),
    ("GET", "/api/v1/deliveries?subscription=99999999999999999999", None, "subscription"),
    ("GET", "/api/v1/deliveries?since=yesterday", None, "since"),
    ("POST", "/api/v1/deliveries/resend", {}, "since"),
    ("POST", "/api/v1/deliveries/resend", {"since": "soon"}, "since"),
    ("POST", "/api/v1/deliveries/resend", {"since": "2026-01-01", "subscription": 999}, "999"),
    ("GET", "/api/v1/deliveries?after=NONE", None, "NONE"),
    ("GET", "/api/v1/deliveries?limit=0", None, "limit"),
    ("POST", "/api/v1/deliveries/resend", {"after": "NONE"}, "NONE"),
    ("POST", "/api/v1/deliveries/resend", {"after": "D0", "since": "2026-01-01"}, "since"),
    ("POST", "/api/v1/subscriptions/999/pause", None, "999"),
    ("POST", "/api/v1/subscriptions/999/test", None, "999"),
    ("POST", "/api/v1/subscriptions/999/rotate", {}, "999"),
    ("POST", "/api/v1/subscriptions/999/end", None, "999"),
    ("POST", "/api/v1/subscriptions/1/rotate", {"hours": 9999}, "hours"),
    ("POST", "/api/v1/deliveries/NONE/resend", None, "NONE"),
    ("POST", "/api/v1/subscriptions/999/resume", None, "999"),
    ("POST", "/api/v1/subscriptions/0/resume", None, "subscription"),
    ("POST", "/api/v1/subscriptions/1/resume?owed=some", None, "owed"),
]


def test_what_cannot_be_done_is_said(guarded: TestClient) -> None:
    for verb, path, body, said in REFUSED:
        answer = guarded.request(verb, path, headers=SHOWN, json=body)

        assert answer.status_code == 400, (path, answer.text)
        assert any(said in problem for problem in answer.json()["error"]["problems"]), path


def test_a_delivery_is_shown_with_its_log_and_why_it_waits(guarded: TestClient, reader: int, service: Service) -> None:
    with writing(service.engine) as session:
        for number in range(2):
            moment = NOW - timedelta(days=1, hours=number)
            session.add(Attempt(delivery_id="D0", at=moment, accepted=False, said=f"status {500 + number}"))

    failed = guarded.get("/api/v1/deliveries/D0", headers=SHOWN).json()
    sent = guarded.get("/api/v1/deliveries/D1", headers=SHOWN).json()

    assert [(one["accepted"], one["said"]) for one in failed["log"]] == [(False, "status 500"), (False, "status 501")]
    assert failed["waits"] == "given up after 9 attempts: 503 Service Unavailable"
    assert (sent["kind"], sent["waits"], sent["log"]) == ("alert", None, [])
    pause_subscription(service, reader, "the receiver moves")
    guarded.post("/api/v1/deliveries/D0/resend", headers=SHOWN)
    assert guarded.get("/api/v1/deliveries/D0", headers=SHOWN).json()["waits"].endswith("paused: the receiver moves")
    assert guarded.get("/api/v1/deliveries/NONE", headers=SHOWN).status_code == 404


def test_a_receiver_has_all_sent_again_that_followed_the_last_it_has(guarded: TestClient, reader: int) -> None:
    again = guarded.post("/api/v1/deliveries/resend", headers=SHOWN, json={"after": "D0"}).json()

    assert [row["delivery"] for row in again] == ["D1"]
    assert guarded.post("/api/v1/deliveries/resend", headers=SHOWN, json={"after": "D1"}).json() == []


def test_a_long_list_comes_in_pages_that_lead_to_the_next(guarded: TestClient, reader: int) -> None:
    first = guarded.get("/api/v1/deliveries?limit=1", headers=SHOWN)

    assert [row["delivery"] for row in first.json()] == ["D0"]
    second = guarded.get(first.links["next"]["url"], headers=SHOWN)
    assert [row["delivery"] for row in second.json()] == ["D1"]
    assert guarded.get(second.links["next"]["url"], headers=SHOWN).json() == []


def test_subscriptions_are_listed_paused_and_ended(guarded: TestClient, reader: int) -> None:
    here = f"/api/v1/subscriptions/{reader}"

    (listed,) = guarded.get("/api/v1/subscriptions", headers=SHOWN).json()
    assert listed == guarded.get(here, headers=SHOWN).json()
    assert (listed["to"], listed["about"], listed["paused_at"]) == ("https://93.184.216.34/in", "news", None)
    assert "secret" not in listed
    assert guarded.post(f"{here}/pause", headers=SHOWN).json()["paused_at"]
    assert guarded.post(f"{here}/end", headers=SHOWN).json()["ended_at"]
    assert guarded.get("/api/v1/subscriptions", headers=SHOWN).json() == []
    assert len(guarded.get("/api/v1/subscriptions?ended=true", headers=SHOWN).json()) == 1
    assert guarded.get("/api/v1/subscriptions/999", headers=SHOWN).status_code == 404
    assert guarded.post(f"{here}/rotate", headers=SHOWN, json={}).status_code == 400, "it has ended"


def test_a_secret_is_changed_and_shown_once(guarded: TestClient, reader: int, service: Service) -> None:
    here = f"/api/v1/subscriptions/{reader}"

    changed = guarded.post(f"{here}/rotate", headers=SHOWN, json={"hours": 24}).json()

    assert changed["secret"].startswith("whsec_")
    assert changed["secret_until"] == (NOW + timedelta(hours=24)).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert "secret" not in guarded.get(here, headers=SHOWN).json()
    assert guarded.post(f"{here}/rotate", headers=SHOWN, json={"secret": "short"}).status_code == 400
    at_once = guarded.post(f"{here}/rotate", headers=SHOWN, json={"hours": 0}).json()
    assert at_once["secret_until"] is None and at_once["secret"] != changed["secret"]


def test_a_post_from_another_site_is_refused_also_with_the_token(guarded: TestClient, reader: int) -> None:
    answer = guarded.post("/api/v1/deliveries/D0/resend", headers=SHOWN | {"sec-fetch-site": "cross-site"})

    assert answer.status_code == 403


def test_a_token_that_is_too_short_is_refused_and_not_shown() -> None:
    with pytest.raises(Misconfigured, match="THERAWATCH_API_TOKEN") as refused:
        Settings.from_environ({"THERAWATCH_API_TOKEN": "short-one"})

    assert "short-one" not in str(refused.value)


def test_the_interface_describes_itself(open_pages: Callable[[], TestClient]) -> None:
    described = open_pages().get("/api/openapi.json").json()["paths"]

    of = "/api/v1/subscriptions/{subscription}"
    assert {path for path in described if "deliveries" in path or "subscriptions" in path} == {
        "/api/v1/deliveries", "/api/v1/deliveries/resend", "/api/v1/deliveries/{delivery}",
        "/api/v1/deliveries/{delivery}/resend", "/api/v1/subscriptions", of,
        *(f"{of}/{act}" for act in ("change", "pause", "resume", "test", "rotate", "end")),
    }  # fmt: skip


def test_what_webhooks_are_sent_is_described_at_an_address(pages: TestClient) -> None:
    answer = pages.get("/schemas/event-1.json")

    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["$id"] == "https://als.example/schemas/event-1.json"
    assert "/schemas/event-1.json" in pages.get("/api/docs").text
