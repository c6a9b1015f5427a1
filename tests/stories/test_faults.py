"""Inputs that failed once, as ../shared/faults keeps them, played day by day: what is told, and what is a problem."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from demo.answers import Answer
from monitor.path.round import check_all
from monitor.service import Service
from store.database import reading
from store.tables import Change, Event, Run
from tests.stories.stage import Installation, Stage, tale

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
KINDS = {".html": "text/html; charset=utf-8", ".xml": "application/xml", ".txt": "text/plain"}

RIGHT: dict[str, tuple[list[str], dict[str, str]]] = {
    "01-feed-one-guid-for-all": (["baseline", "changed"], {"approval": "released"}),
    "02-feed-guid-new-each-time": (["baseline", "unchanged", "unchanged"], {}),
    "05-feed-unescaped-ampersand": (["baseline", "changed"], {"approval": "released"}),
    "07-feed-euc-kr": (["baseline", "changed"], {"approval": "released"}),
    "08-feed-prefix-not-declared": (["baseline", "changed"], {"approval": "released"}),
    "09-feed-drupal-dates": (["baseline", "changed"], {"approval": "imported"}),
    "13-page-says-temporarily-unavailable": (["baseline", "unchanged", "unchanged", "changed", "unchanged"], {}),
    "14-page-with-recaptcha-notice": (["baseline", "changed"], {}),
    "15-page-soft-404": (["baseline", "unchanged", "unchanged", "refused"], {}),
    "16-page-without-closing-tag": (["baseline", "changed"], {}),
    "17-page-status-in-accordion-button": (["baseline", "unchanged", "unchanged", "changed"], {}),
    "18-page-wrapper-class-names-cookies": (["baseline", "unchanged", "unchanged", "changed"], {}),
    "19-robots-is-the-start-page": (["baseline"], {}),
    "34-jsonfeed-title-with-less-than": (["baseline", "changed"], {"approval": "released"}),
    "35-page-meta-refresh": (["refused"], {}),
    "36-page-only-link-target-changes": (["baseline", "unchanged", "unchanged", "changed"], {}),
    "37-feed-empty-at-first-look": (["refused", "baseline"], {}),
    "41-feed-entry-edited": (["baseline", "changed", "changed"], {"filing_accepted": "released"}),
    "45-page-korean-encoding": (["baseline", "unchanged", "unchanged", "changed"], {}),
    "46-wire-presentation-of-data-names-old-approval": (["baseline", "changed"], {}),
    "47-wire-market-report": (["baseline", "changed"], {}),
    "49-wire-quarterly-report-of-other-approval": (["baseline", "changed"], {}),
    "50-agency-notice-of-compliance-dated-in-title": (["baseline", "changed"], {"approval": "released"}),
    "58-news-also-known-as": (["baseline", "changed"], {"approval": "released"}),
}
"""The outcome of each day's look, and the state of the events that must be there; of a page, `changed` counts."""


OLD_NEWS = {"46", "47", "49"}
"""Cases whose text names an approval of another day or another drug: no event at all."""


def serve(world: Stage, step: Path) -> None:
    """What stands in this step's folder is what the site shows."""
    world.forget()
    for file in sorted(path for path in step.rglob("*") if path.is_file() and path.suffix != ".meta"):
        meta = file.with_name(f"{file.name}.meta")
        wishes = json.loads(meta.read_text()) if meta.exists() else {}
        kind = wishes.get("headers", {}).get("Content-Type") or KINDS.get(file.suffix, "application/json")
        body = file.read_bytes()
        while b"{{RANDOM}}" in body:
            body = body.replace(b"{{RANDOM}}", uuid.uuid4().hex.encode(), 1)
        world.instead[f"/{file.relative_to(step)}"] = Answer(wishes.get("status", 200), kind, body)


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(tale(), at=MORNING) as world:
        yield world


@pytest.mark.parametrize("case", RIGHT)
def test_the_right_value_comes(shared: Path, tmp_path: Path, stage: Stage, case: str) -> None:
    folder = shared / "faults" / case
    home = Installation(tmp_path, stage)
    pack = (folder / "pack.toml").read_text().replace("http://127.0.0.1:8931", stage.url)
    if case.startswith("36"):
        pack = pack.replace("options = { tier = 1 }", "options = { tier = 1, links = true }")
    home.pack.write_text(pack, encoding="utf-8")
    outcomes, told = RIGHT[case]

    with home.service() as service:
        for day, step in enumerate(sorted(path for path in folder.iterdir() if path.name.isdigit())):
            serve(stage, step)
            stage.at(MORNING + timedelta(days=day))
            list(check_all(service, everything=True, workers=1))

        assert seen(service) == outcomes
        states = events(service)

    assert {name: states.get(name) for name in told} == told
    if case[:2] in OLD_NEWS:
        assert states == {}
    if not told:
        assert "released" not in states.values() or outcomes[-1] == "changed"


def seen(service: Service) -> list[str]:
    with reading(service.engine) as session:
        return [str(outcome) for outcome in session.exec(select(Run.outcome).order_by(col(Run.id)))]


def events(service: Service) -> dict[str, str]:
    with reading(service.engine) as session:
        rows = session.exec(select(Event).order_by(col(Event.sequence)))
        return {event.type: str(event.state) for event in rows}


def test_the_log_says_nothing_of_entries_that_are_known(shared: Path, tmp_path: Path, stage: Stage) -> None:
    """A feed with an id of its own making for each request: no line in the log, whatever the number of looks."""
    folder = shared / "faults" / "02-feed-guid-new-each-time"
    home = Installation(tmp_path, stage)
    home.pack.write_text((folder / "pack.toml").read_text().replace("http://127.0.0.1:8931", stage.url))
    with home.service() as service:
        for day in range(5):
            serve(stage, folder / "1")
            stage.at(MORNING + timedelta(days=day))
            list(check_all(service, everything=True, workers=1))
        with reading(service.engine) as session:
            assert session.exec(select(Change)).all() == []
            assert "came under another id" in (
                session.exec(select(Run.note).order_by(col(Run.id).desc())).first() or ""
            )
