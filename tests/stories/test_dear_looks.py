"""A page whose host asks for a minute between two looks: a slogan that changed is told some checks later, a status at
once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.answers import Answer
from monitor.watching.runs import Checked
from tests.stories.stage import Installation, Stage, look, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
LASTING = "".join(f"<p>Question {number} that readers ask, and where the answer stands</p>" for number in range(20))


def shown(slogan: str, status: str) -> Answer:
    said = f"<title>Studies</title><h1>Studies of ALS</h1><p>{slogan}</p>{LASTING}<p>The study of 2023 is {status}.</p>"
    return Answer(200, "text/html; charset=utf-8", f"<html><body>{said}</body></html>".encode())


def test_looks_go_on_with_the_next_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sources.noise.settle.SECONDS", -1)  # each look takes too long
    with Stage(tale(), at=START) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("studies", "page", url="WORLD/studies"))
        with home.service() as service:

            def checked(slogan: str, status: str) -> tuple[Checked, int]:
                world.at(world.moment + timedelta(hours=13))
                world.instead["/studies"], asked = shown(slogan, status), len(world.asked)
                (one,) = look(service).values()
                assert one.error is None, one.error
                return one, len(world.asked) - asked

            for _ in range(4):
                checked("Find a study near you", "recruiting")
            told = [checked("Studies close to where you live", "recruiting") for _ in range(4)]
            assert [one.changes for one, _ in told] == [0, 0, 1, 0]
            assert max(asked for _, asked in told) <= 8, "fifteen in one check, a minute apart, held up a worker"
            one, _ = checked("Ask your doctor about studies", "suspended")
            assert one.changes == 1
            assert [checked("Ask your doctor about studies", "suspended")[0].changes for _ in range(3)] == [0, 1, 0]
