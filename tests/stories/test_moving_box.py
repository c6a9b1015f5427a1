"""A page with a box of which every look shows other lines: they are never told, and what comes there and stays is."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.answers import Answer
from monitor.service import Service
from tests.stories.stage import Installation, Stage, look, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
LASTING = "".join(f"<p>Question {number} that readers ask, and where the answer stands</p>" for number in range(20))
READ = ["EMA recommends refusal of drug A", "FDA approves drug B", "Trial of drug C halted", "How to read a label",
        "Shortage of drug D", "What is a trial", "Drug E withdrawn in Japan", "Living with the disease",
        "Contact and press", "Opinion on drug F adopted"]  # fmt: skip
NEWS = "FDA approves tofersen for ALS"


class Page:
    """A page with what is most read, and an installation that looks at it twice a day."""

    def __init__(self, world: Stage, service: Service, seed: int) -> None:
        self.world, self.service, self.dice = world, service, random.Random(seed)
        self.news: list[str] = []
        self.draw()
        self.asked = 0

    def draw(self) -> None:
        """Show eight of the ten lines, and what is new."""
        lines = "".join(f"<li>{line}</li>" for line in [*self.news, *self.dice.sample(READ, 8)])
        said = f"<h1>Studies of ALS</h1>{LASTING}<h2>Most read</h2><ul>{lines}</ul>"
        text = f"<html><head><title>Studies</title></head><body>{said}</body></html>"
        self.world.instead["/studies"] = Answer(200, "text/html; charset=utf-8", text.encode())

    def check(self, *, moving: bool) -> int:
        """How many changes a check finds. `moving`: each look sees another box."""
        self.world.during = self.draw if moving else None
        self.world.at(self.world.moment + timedelta(hours=13))
        asked = len(self.world.asked)
        (one,) = look(self.service).values()
        assert one.error is None, one.error
        self.asked = len(self.world.asked) - asked
        return one.changes


@pytest.fixture(params=range(3))
def page(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    with Stage(tale(), at=START) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("studies", "page", url="WORLD/studies"))
        with home.service() as service:
            yield Page(world, service, request.param)


def test_what_is_drawn_by_lot_is_not_told_and_what_comes_and_stays_is_told_at_once(page: Page) -> None:
    assert [page.check(moving=False) for _ in range(4)] == [0] * 4
    assert [page.check(moving=True) for _ in range(12)] == [0] * 12
    page.news = [NEWS]
    assert [page.check(moving=True) for _ in range(3)] == [1, 0, 0]


def test_what_came_as_the_box_began_to_move_is_told_though_the_page_then_stands_still(page: Page) -> None:
    """A page that says the same at every further look was no longer asked what is still unsure of it."""
    assert [page.check(moving=False) for _ in range(4)] == [0] * 4
    page.news = [NEWS]
    assert page.check(moving=True) == 0
    assert [page.check(moving=False) for _ in range(3)] == [0, 1, 0]
    assert page.asked == 1
