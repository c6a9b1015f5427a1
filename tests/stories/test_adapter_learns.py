"""An adapter learns to read more: what an older one stored is no news, and what the world did meanwhile still is."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from monitor.service import Service
from sources.base import Page, Unexpected
from sources.clinicaltrials import ClinicalTrials
from sources.drugsfda import DrugsFda
from sources.records import Application, Record, Study
from store.database import reading, writing
from store.tables import Body, Change
from tests.stories.stage import Installation, Stage, application, events, look, study, tale, watch

BEFORE, AFTER = datetime(2026, 3, 1, 9, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC)
FIRST = ("ORIG", "1", "AP", "2023-04-25")
NEW_USE = application("NDA215887", date(2026, 3, 3), FIRST, ("SUPPL", "7", "AP", "2026-03-02")).versions[0]


class OlderRegister(DrugsFda):
    """The adapter before it read acts."""

    revision = 1

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        for record in super().parse(page):
            assert isinstance(record, Application)
            less: dict[str, Any] = {"authority": None, "place": None, "numbers": (), "generic": None}
            for table in ("submissions", "products"):
                rows = getattr(record, table)
                less[table] = {key: row.model_copy(update={"act": None}) for key, row in rows.items()}
            yield record.model_copy(update=less)


class OlderTrials(ClinicalTrials):
    """The adapter before it kept the registry's own word."""

    revision = 1

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        for record in super().parse(page):
            assert isinstance(record, Study)
            yield record.model_copy(update={"status_text": None})


def looked_with_older_adapters(service: Service) -> None:
    look(replace(service, sources={**service.sources, "drugsfda": OlderRegister, "clinicaltrials": OlderTrials}))


def changes(service: Service) -> list[Change]:
    with reading(service.engine) as session:
        return list(session.exec(select(Change).order_by(col(Change.id))))


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    was = application("NDA215887", date(2023, 5, 1), FIRST)
    moved = type(was)(was.key, (*was.versions, (NEW_USE[0], with_class(NEW_USE[1]))))
    trial = study("NCT04856982", (date(2022, 1, 1), {}), (date(2026, 3, 3), {"status": "TERMINATED"}))
    with Stage(tale(applications=(moved,), studies=(trial,)), at=BEFORE) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(
            watch("register", "drugsfda", base_url="WORLD", options={"applications": ["NDA215887"]}),
            watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": ["NCT04856982"]}),
        )
        yield installed


def with_class(facts: Any) -> dict[str, Any]:
    """The last submission is of the class that means a new use."""
    *rest, last = facts["submissions"]
    return {**facts, "submissions": [*rest, (*last[:4], {"submission_class_code": "EFFICACY"})]}


def test_what_an_older_adapter_stored_is_no_change(home: Installation) -> None:
    with home.service() as service:
        looked_with_older_adapters(service)
        known = len(events(service))
        looked = look(service)

        assert {one.outcome for one in looked.values()} == {"unchanged"}
        assert changes(service) == []
        assert len(events(service)) == known


def test_what_the_world_did_while_the_adapter_learnt_is_news(home: Installation) -> None:
    with home.service() as service:
        looked_with_older_adapters(service)
        home.world.at(AFTER)
        look(service)

        assert {change.kind for change in changes(service)} == {"changed"}
        assert {"label_expansion", "trial_stopped"} <= {e.type for e in events(service) if e.state == "released"}
        assert "approval" not in {e.type for e in events(service)}


def test_where_the_older_capture_is_forgotten_the_difference_is_a_reread(home: Installation) -> None:
    with home.service() as service:
        looked_with_older_adapters(service)
        known = len(events(service))
        with writing(service.engine) as session:
            for body in session.exec(select(Body)):
                session.delete(body)
        home.world.at(AFTER)
        look(service)

        assert {change.kind for change in changes(service)} == {"reread"}
        assert len(events(service)) == known
