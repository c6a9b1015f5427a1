"""What Prometheus reads: every figure, who may read it, and that dashboard and alert rules ask for what is there."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine
from sqlmodel import select

from monitor.path.clock import Clock
from monitor.path.heartbeat import last_round, note_round
from monitor.service import Service
from monitor.telling.pause import pause_subscription
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app
from store.database import reading, writing
from store.states import DeliveryKind, DeliveryState, Health, RunOutcome
from store.tables import Delivery, Run, Watch
from tests.web.conftest import NOW

ROOT = Path(__file__).resolve().parents[2]
RULES = yaml.safe_load((ROOT / "ops/alerts.yaml").read_text(encoding="utf-8"))["groups"][0]["rules"]
BOARD = json.loads((ROOT / "ops/dashboard.json").read_text(encoding="utf-8"))
TOKEN = "a-token-of-more-than-20-signs"
HERE, ELSEWHERE = ("127.0.0.1", 5000), ("192.0.2.7", 5000)

Series = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def scraped(service: Service, client: tuple[str, int] = HERE) -> Series:
    """The figures by name and labels, as Prometheus reads them."""
    clock = Clock(service)
    answer = TestClient(create_app(service, measured=clock.measured), client=client).get("/metrics")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def of(series: Series, name: str, **labels: str) -> float:
    return series[f"therawatch_{name}", tuple(sorted(labels.items()))]


def test_the_figures_say_how_the_installation_fares(service: Service) -> None:
    mail, _ = subscribe(service, channel="email", address="reader@example.org", confirmed=True)
    hook, _ = subscribe(service, channel="webhook", address="https://93.184.216.34/in")
    paused, _ = subscribe(service, channel="webhook", address="https://93.184.216.34/out")
    assert mail.id and hook.id and paused.id
    pause_subscription(service, paused.id)
    with writing(service.engine) as session:
        watch = session.get_one(Watch, 1)
        watch.health, watch.last_success_at = Health.BLOCKED, NOW - timedelta(days=3)
        session.add(watch)
        for number, outcome in enumerate([RunOutcome.CHANGED, *[RunOutcome.REFUSED] * 2]):
            moment = NOW - timedelta(hours=number)
            session.add(Run(watch_id=1, started_at=moment, finished_at=moment, outcome=outcome, ms=500))
        for number, (owner, state) in enumerate(
            ((mail.id, DeliveryState.SENT), (hook.id, DeliveryState.FAILED), (hook.id, DeliveryState.WAITING),
             (paused.id, DeliveryState.WAITING))
        ):  # fmt: skip
            due = NOW - timedelta(minutes=10 * number)
            session.add(
                Delivery(id=f"D{number}", subscription_id=owner, slot=f"{number}", kind=DeliveryKind.ALERT, state=state,
                         due_at=due, created_at=due)
            )  # fmt: skip
    note_round(service, 1.25)

    found = scraped(service)

    assert of(found, "database_up") == 1
    assert of(found, "watches", health="blocked") == 1
    assert of(found, "watches", health="new") == of(found, "watches_stale") - 1
    assert of(found, "watch_success_age_seconds") == 3 * 86_400
    assert of(found, "runs_total", outcome="refused") == 2
    assert of(found, "runs_total", outcome="failed") == 0
    assert of(found, "runs_seconds_total") == 1.5
    assert of(found, "last_good_round_seconds") == 1.25
    assert abs(of(found, "last_good_round_timestamp_seconds") - datetime.now(UTC).timestamp()) < 60
    assert of(found, "events", state="imported", level="critical") > 10
    assert of(found, "events", state="held", level="major") == of(found, "held_age_seconds") == 0
    assert of(found, "deliveries", channel="email", state="sent") == 1
    assert of(found, "deliveries", channel="webhook", state="failed") == 1
    assert of(found, "deliveries", channel="webhook", state="waiting") == 2
    assert of(found, "deliveries_due") == 1, "what waits because of a pause is not due"
    assert of(found, "oldest_due_seconds") == 20 * 60
    assert of(found, "subscriptions", channel="webhook", state="paused") == 1
    assert of(found, "sending_paused") == of(found, "channel_down", channel="email") == 0
    assert of(found, "http_answers_total", status="5xx") == 0
    assert of(found, "job_failures_total", job="check") == 0


def test_no_label_is_a_name_and_their_lists_are_short(service: Service) -> None:
    subscribe(service, channel="email", address="reader@example.org", confirmed=True)

    found = scraped(service)

    values = {value for _, labels in found for label, value in labels if label != "le"}
    with reading(service.engine) as session:
        names = set(session.exec(select(Watch.name)))
    assert not values & names
    assert not any("@" in value or "://" in value for value in values)
    assert len(found) < 250


def test_what_pages_answer_is_counted(service: Service) -> None:
    app = create_app(service)

    @app.get("/breaks")
    def breaks() -> None:
        raise ZeroDivisionError

    pages = TestClient(app, client=HERE, raise_server_exceptions=False)
    for path in ("/sources", "/none", "/breaks", "/breaks"):
        pages.get(path)

    found = pages.get("/metrics").text
    for line in (
        'answers_total{status="2xx"} 1.0',
        'answers_total{status="4xx"} 1.0',
        'answers_total{status="5xx"} 2.0',
    ):
        assert f"therawatch_http_{line}" in found


def test_a_database_that_is_away_is_said(service: Service, tmp_path: Path) -> None:
    away = replace(service, engine=create_engine(f"sqlite:///{tmp_path / 'empty.db'}"))

    found = scraped(away)

    assert of(found, "database_up") == 0
    assert of(found, "http_answers_total", status="5xx") == 0


@pytest.mark.parametrize(
    ("token", "client", "headers", "status"),
    [
        (None, HERE, {}, 200),
        (None, ("::1", 5000), {}, 200),
        (None, ELSEWHERE, {}, 403),
        (None, ("testclient", 5000), {}, 403),
        (None, HERE, {"x-forwarded-for": "127.0.0.1"}, 403),
        (None, HERE, {"forwarded": "for=192.0.2.7"}, 403),
        (TOKEN, HERE, {}, 401),
        (TOKEN, ELSEWHERE, {}, 401),
        (TOKEN, ELSEWHERE, {"authorization": f"Bearer {TOKEN}x"}, 401),
        (TOKEN, ELSEWHERE, {"authorization": f"Basic {TOKEN}"}, 401),
        (TOKEN, ELSEWHERE, {"authorization": f"Bearer {TOKEN}"}, 200),
        (TOKEN, HERE, {"authorization": f"bearer {TOKEN}", "x-forwarded-for": "192.0.2.7"}, 200),
    ],
)
def test_only_this_machine_or_who_shows_the_token_may_read(
    service: Service, token: str | None, client: tuple[str, int], headers: dict[str, str], status: int
) -> None:
    guarded = replace(service, settings=service.settings.changed(metrics_token=token))

    answer = TestClient(create_app(guarded), client=client).get("/metrics", headers=headers)

    assert answer.status_code == status
    assert ("therawatch_watches" in answer.text) == (status == 200)
    assert TOKEN not in answer.text


def asked() -> set[str]:
    """Every name that the rules and the dashboard ask for."""
    asking = [rule["expr"] for rule in RULES]
    asking += [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]
    return {name for one in asking for name in re.findall(r"\b(?:therawatch|process)_\w+", one)}


def test_every_figure_that_dashboard_and_rules_ask_for_exists(service: Service) -> None:
    note_round(service, 1.0)
    subscribe(service, channel="email", address="reader@example.org")

    there = {name for name, _ in scraped(service)}

    assert len(asked()) > 15
    assert asked() <= there, asked() - there


def test_every_label_they_ask_for_is_one_that_is_told(service: Service) -> None:
    told: dict[str, set[tuple[str, str]]] = {}
    for name, labels in scraped(service):
        told.setdefault(name, set()).update(labels)
    asking = [rule["expr"] for rule in RULES]
    asking += [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]

    for name, picked in re.findall(r"\b(therawatch_\w+)\{([^}]+)\}", " ".join(asking)):
        for label, values in re.findall(r'(\w+)=~?"([^"]+)"', picked):
            for value in values.split("|"):
                assert (label, value) in told[name], f"{name}{{{label}={value}}}"


def test_the_rules_are_whole() -> None:
    assert len({rule["alert"] for rule in RULES}) == len(RULES) >= 10
    for rule in RULES:
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("warning", "critical")
        assert set(rule["annotations"]) == {"summary", "description"}
        assert re.fullmatch(r"\d+[mhd]", rule.get("for", "1m"))
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_the_dashboard_is_whole() -> None:
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    corners = {(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in BOARD["panels"]}
    assert len(corners) == len(BOARD["panels"])
    assert all(panel["title"] and panel["description"] and panel["targets"] for panel in BOARD["panels"])


def test_a_round_is_noted_and_read_again(service: Service) -> None:
    with reading(service.engine) as session:
        assert last_round(session.connection()) is None
    note_round(service, 2.5)
    with reading(service.engine) as session:
        noted = last_round(session.connection())
    assert noted is not None and noted.seconds == 2.5
