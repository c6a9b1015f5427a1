"""Subscriptions made and changed as JSON: every wish that the page and the command know."""

import dataclasses
import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from monitor.service import Service
from monitor.telling.subscriptions import subscriptions
from monitor.telling.wishes import WISHES
from monitor.web.app import create_app
from monitor.web.subscribe_api import Wished

TOKEN = "a-token-of-thirty-two-characters"
SHOWN = {"authorization": f"Bearer {TOKEN}"}
WISH = {
    "therapies": ["Qalsody"], "places": ["UK"], "tiers": [1, 2], "level": "major", "only_doors": True,
    "muted": ["payment"], "wording": "technical", "hide_outcomes": True, "cadence": "daily", "hour": 17,
    "timezone": "Europe/London", "quiet_days": ["sun"],
}  # fmt: skip


@pytest.fixture
def pages(service: Service) -> TestClient:
    """The interface of an installation with a token."""
    settings = service.settings.model_copy(update={"api_token": TOKEN})
    return TestClient(create_app(dataclasses.replace(service, settings=settings)), base_url="https://als.example")


def test_a_mail_is_subscribed_with_every_wish_and_changed_in_part(pages: TestClient, service: Service) -> None:
    told = {"channel": "email", "to": "reader@als.example", "options": {"neutral_subject": True}}
    made = pages.post("/api/v1/subscriptions", headers=SHOWN, json={**told, **WISH})
    assert made.status_code == 201, made.text
    assert {name: made.json()[name] for name in WISH} == {**WISH, "therapies": ["tofersen"]}
    assert (made.json()["confirmed_at"], "secret" in made.json()) == (None, False)

    path = f"/api/v1/subscriptions/{made.json()['subscription']}/change"
    changed = pages.post(path, headers=SHOWN, json={"muted": [], "hour": 6}).json()
    assert {name: changed[name] for name in WISH} == {**WISH, "therapies": ["tofersen"], "muted": [], "hour": 6}
    assert changed["options"] == {"neutral_subject": True}


def test_a_webhook_has_its_secret_in_the_answer_once(pages: TestClient, service: Service) -> None:
    told = {"channel": "webhook", "to": "https://hooks.example/x", "types": ["approval"], "only_doors": True}
    made = pages.post("/api/v1/subscriptions", headers=SHOWN, json=told).json()
    assert made["secret"].startswith("whsec_")
    assert (made["types"], made["only_doors"], made["cadence"]) == (["approval"], True, "immediate")
    assert made["secret"] not in pages.get("/api/v1/subscriptions", headers=SHOWN).text


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"channel": "fax"}, "channel"),
        ({"to": "nobody"}, "to"),
        ({"muted": ["weather"]}, "mute"),
        ({"quiet_days": ["someday"]}, "quiet_day"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"hour": 24}, "hour"),
        ({"wording": "poetic"}, "wording"),
        ({"tiers": [0]}, "tiers"),
        ({"colour": "red"}, "colour"),
        ({"options": {"owner": "a@b.example"}}, "owner"),
        ({"channel": "webhook", "to": "https://hooks.example/x", "hide_outcomes": True}, "hide_outcomes"),
        ({"channel": "webhook", "to": "http://10.0.0.1/x"}, "to"),
    ],
)
def test_what_cannot_be_granted_is_named(pages: TestClient, service: Service, told: dict[str, Any], named: str) -> None:
    asked = {"channel": "email", "to": "reader@als.example", **told}
    answer = pages.post("/api/v1/subscriptions", headers=SHOWN, json=asked)
    assert (answer.status_code, named in json.dumps(answer.json()["error"]["problems"])) == (400, True), answer.text
    assert subscriptions(service) == []


def test_only_who_shows_the_token_may_ask(pages: TestClient, service: Service) -> None:
    for path in ("/api/v1/subscriptions", "/api/v1/subscriptions/1/change"):
        assert pages.post(path, json={"channel": "email", "to": "a@b.example"}).status_code == 401
    assert pages.post("/api/v1/subscriptions/7/change", headers=SHOWN, json={}).status_code == 400
    assert subscriptions(service) == []


def test_no_wish_is_missing_from_the_interface() -> None:
    assert set(Wished().parts()) == set(WISHES) - {"types"}
