"""A page that moves by itself and says what is stored of it: what moves is learnt, and that is all that is written."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from demo.answers import Answer
from monitor.service import Service
from monitor.watching.runs import Checked
from store.database import reading, writing
from store.tables import Item, Memory, Run, Watch
from tests.stories.stage import Installation, Stage, look, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
LASTING = "".join(f"<p>Question {number} that readers ask, and where the answer stands</p>" for number in range(20))


class Page:
    """A page that bears another token each time it is asked for, and an installation that looks at it."""

    def __init__(self, world: Stage, service: Service) -> None:
        self.world, self.service, self.asked = world, service, 0

    def look(self, status: str = "recruiting") -> Checked:
        """Half a day later."""
        self.asked += 1
        self.world.at(self.world.moment + timedelta(hours=13))
        said = f"<h1>Studies of ALS</h1><p>Request ID: {self.asked:016x}</p>{LASTING}<p>The study is {status}.</p>"
        text = f"<html><head><title>Studies</title></head><body>{said}</body></html>"
        self.world.instead["/studies"] = Answer(200, "text/html; charset=utf-8", text.encode())
        (one,) = look(self.service).values()
        assert one.error is None, one.error
        return one


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Page]:
    with Stage(tale(), at=START) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("studies", "page", url="WORLD/studies"))
        with home.service() as service:
            yield Page(world, service)


def test_what_moves_is_learnt_without_a_turn_for_news(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.look()
    page.look()
    with monkeypatch.context() as patch:
        patch.setattr("monitor.path.take_in.writing", None)  # nothing is taken in
        looked = [page.look() for _ in range(4)]

    assert [one.outcome for one in looked] == ["unchanged"] * 4
    with reading(page.service.engine) as session:
        row, memory, runs = (session.exec(select(kind)).all() for kind in (Watch, Memory, Run))
    assert (row[0].noise["runs"], row[0].last_success_at) == (6, page.world.moment)
    assert len(row[0].sizes) == 5 and row[0].size_median == row[0].sizes[-1]
    assert memory[0].fetched_at == page.world.moment
    assert [run.outcome for run in runs] == ["baseline", *["unchanged"] * 5]
    assert page.look("terminated").changes == 1


def test_what_counted_as_gone_and_is_shown_again_is_a_change(page: Page) -> None:
    for _ in range(3):
        page.look()
    with writing(page.service.engine) as session:
        item = session.exec(select(Item)).one()
        item.present = False
        session.add(item)

    assert page.look().changes == 1
    assert page.look().changes == 0
