"""Two clocks on one PostgreSQL database: one leads and asks each watch once; when it is killed, the other goes on."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select, update

from demo.story import Told
from store.database import reading, writing
from store.engine import open_engine
from store.tables import Run, Watch
from tests.stories.stage import ROOT, Installation, Stage, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
WATCHES = 12
PATIENCE = 240  # seconds; a start may take minutes where much else runs


TOLD = tuple(
    Told(f"f{number:02}", START - timedelta(days=3), f"News {number}", "Nothing much.", f"n{number}")
    for number in range(WATCHES)
)


@contextmanager
def clock(home: Installation, name: str) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """A clock of its own; its log."""
    log = home.folder / f"{name}.log"
    with log.open("wb") as file:
        running = subprocess.Popen(
            [sys.executable, "-m", "monitor", "serve", "--no-web"],
            cwd=ROOT, env=home.variables(), stdin=subprocess.DEVNULL, stdout=file, stderr=file,
        )  # fmt: skip
        try:
            yield running, log
        finally:
            running.kill()
            running.wait()


def wait_for(what: Callable[[], bool], *logs: Path) -> None:
    give_up = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < give_up, "\n".join(log.read_text()[-3000:] for log in logs)
        time.sleep(0.2)


def feeds(world: Stage) -> Counter[str]:
    """How often each feed was asked for."""
    return Counter(path for path in world.asked if path.startswith("/feeds/"))


def leads(log: Path) -> bool:
    return "this clock leads" in log.read_text()


@pytest.mark.timeout(3 * PATIENCE)
def test_one_of_two_clocks_asks_and_the_other_takes_over(tmp_path: Path, postgres: str) -> None:
    with Stage(tale(told=TOLD), at=START) as world:
        home = Installation(tmp_path, world, {"DATABASE_URL": postgres, "SECRET_KEY": "k" * 40})
        home.write_pack(*(watch(f"w{n:02}", "feed", url=f"WORLD/feeds/f{n:02}.xml") for n in range(WATCHES)))
        assert home.command("doctor").status == 0, "the schema is made before two start at once"
        engine = open_engine(postgres)

        def runs() -> Counter[int]:
            with reading(engine) as session:
                return Counter(session.exec(select(Run.watch_id)))

        with clock(home, "one") as one, clock(home, "two") as two:
            logs = (one[1], two[1])
            wait_for(lambda: len(runs()) == WATCHES and any(map(leads, logs)), *logs)
            wait_for(lambda: all("this clock" in log.read_text() for log in logs), *logs)
            time.sleep(6)  # a further tick of either
            assert set(runs().values()) == {1}
            assert feeds(world) == {f"/feeds/f{n:02}.xml": 1 for n in range(WATCHES)}
            assert [leads(log) for log in logs].count(True) == 1

            first, second = (one, two) if leads(one[1]) else (two, one)
            os.kill(first[0].pid, signal.SIGKILL)
            first[0].wait()
            with writing(engine) as session:
                session.exec(update(Watch).values(next_check_at=START))
            wait_for(lambda: sum(runs().values()) == 2 * WATCHES, *logs)
            assert leads(second[1])
            assert set(runs().values()) == {2}
            assert set(feeds(world).values()) == {2}
        engine.dispose()
