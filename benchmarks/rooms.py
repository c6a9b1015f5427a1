"""How one piece of news walks through the house: the files it enters, in order, and how often it moves between them.

    python benchmarks/rooms.py [study] [headline] [--moves N] [--pairs] [--functions]

A study stops and a webhook hears of it; a headline says that a drug is approved and the next digest tells it. Both run
the real steps over HTTP and SMTP on loopback. A move is a call into another file of the project than the one entered
last in the same thread; where a thread begins is no move.

Every file counts, the database sessions and seals too. `--moves N` exits 1 where a walk needs more than N.
"""

import argparse
import logging
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from demo.receivers import MailCatcher, WebhookEcho
from demo.story import Story, Told, Versioned
from demo.world import World
from monitor.logs import log
from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import Settings
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from sources.late_pattern import LATE

ROOT = Path(__file__).resolve().parents[1]
HOUSE = tuple(f"{ROOT / package}/" for package in ("monitor", "sources", "store", "notifiers"))
PATIENCE = 60.0
"""Seconds to wait for a send before one looks for what has fallen due meanwhile: a slow machine adds no steps."""
SECRET = "whsec_ZGVtby1zZWNyZXQtb2YtdGhlLXRpbWUtbGFwc2U="

PACK = """
[pack]
name = "walk"
condition = "amyotrophic lateral sclerosis"
synonyms = ["ALS", "SOD1-ALS"]

[[therapies]]
name = "AMX0035"
brands = ["Relyvrio"]
sponsors = ["Amylyx Pharmaceuticals"]
trials = ["NCT05021536"]

[[therapies]]
name = "tofersen"
brands = ["Qalsody"]
sponsors = ["Biogen"]
"""
REGISTRY = """
[[watches]]
name = "trials"
source = "clinicaltrials"
every = "12h"
base_url = "WORLD"
options = { ids = ["NCT05021536"] }
"""
FEED = """
[[watches]]
name = "biogen"
source = "feed"
every = "12h"
url = "WORLD/feeds/biogen.xml"
therapies = ["tofersen"]
options = { tier = 3 }
"""


@dataclass
class Walk:
    """What was entered while the walk was watched."""

    files: list[str] = field(default_factory=list)  # in order, each time another one
    functions: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)  # who called into whom
    _last: threading.local = field(default_factory=threading.local)  # file entered last

    def enter(self, frame: FrameType, event: str, _: Any) -> None:
        """The profiler's hook."""
        if event != "call" or not frame.f_code.co_filename.startswith(HOUSE):
            return
        name = frame.f_code.co_filename[len(str(ROOT)) + 1 :].removesuffix(".py")
        self.functions[name, frame.f_code.co_qualname] += 1
        before = vars(self._last)
        if (file := before.get("file")) != name:
            self.files.append(name)
            if file is not None:
                self.pairs[file, name] += 1
            before["file"] = name

    @property
    def moves(self) -> int:
        """How often another file was entered than the one before."""
        return self.pairs.total()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Watch this thread and those it starts."""
        threading.setprofile(self.enter)
        sys.setprofile(self.enter)
        try:
            yield
        finally:
            sys.setprofile(None)
            threading.setprofile(None)


def study() -> Walk:
    """A trial stops for futility; a webhook is told."""
    facts = {
        "key": "NCT05021536", "title": "A study in ALS", "sponsor": "Amylyx Pharmaceuticals",
        "conditions": ["Amyotrophic Lateral Sclerosis"], "interventions": [{"type": "DRUG", "name": "AMX0035"}],
        "phases": ["PHASE3"], "status": "RECRUITING",
    }  # fmt: skip
    stops = {"status": "TERMINATED", "why_stopped": "Futility"}
    trial = Versioned("NCT05021536", ((date(2021, 1, 1), facts), (date(2026, 8, 1), stops)))
    story = Story((trial,), (), (), (), (), {})
    with WebhookEcho(SECRET) as hook, _house(story, REGISTRY) as (world, service):
        subscribe(service, channel="webhook", address=hook.url, secret=SECRET)
        walk = _walked(world, service, look=datetime(2026, 8, 2, 12, tzinfo=UTC))
        assert len(hook.calls) == 1 and not hook.refused, f"expected one webhook, found {hook.calls} {hook.refused}"
    return walk


def headline() -> Walk:
    """A company tells of an approval; the digest of the next morning tells it."""
    news = (
        _told("2026-07-01T12:00", "Our plans", "What to expect."),
        _told(
            "2026-07-30T12:00", "FDA grants full approval to Qalsody for SOD1-ALS",
            "The FDA granted full approval to Qalsody (tofersen) today for adults with ALS.",
        ),
    )  # fmt: skip
    story = Story((), (), (), (), news, {"biogen": "biogen"})
    with MailCatcher() as box, _house(story, FEED, smtp_url=box.url) as (world, service):
        subscribe(service, channel="email", address="a@example.org", confirmed=True, cadence="daily")
        later = datetime(2026, 8, 3, 12, tzinfo=UTC)
        walk = _walked(world, service, look=datetime(2026, 8, 2, 12, tzinfo=UTC), send=later)
        assert len(box.mails) == 1, f"expected one mail, found {[mail['Subject'] for mail in box.mails]}"
    return walk


WALKS: dict[str, Callable[[], Walk]] = {"study": study, "headline": headline}


def _told(at: str, title: str, text: str) -> Told:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    return Told("biogen", moment, title, text, f"biogen-{moment.date()}")


@contextmanager
def _house(story: Story, watches: str, **settings: Any) -> Iterator[tuple[World, Service]]:
    """An installation in an empty folder that has had its first look at the world, with all loaded that it needs:
    expressions too, which else are compiled when first asked."""
    with tempfile.TemporaryDirectory() as folder, World(story, at=datetime(2026, 7, 2, 12, tzinfo=UTC)) as world:
        pack = Path(folder) / "pack.toml"
        pack.write_text((PACK + watches).replace("WORLD", world.url), encoding="utf-8")
        own = {"config": pack, "database_url": f"sqlite:///{folder}/walk.db", "allow_private": True,
               "pace_seconds": 0, "now": world.moment}  # fmt: skip
        with assembled(Settings.from_environ({}, **(own | settings))) as service:
            service = replace(service, now=lambda: world.moment)
            _look(service)
            for expression in LATE:
                expression.make()
            yield world, service


def _look(service: Service) -> None:
    for checked in check_all(service, everything=True):
        assert checked.error is None, checked.error
    match(service)


def _walked(world: World, service: Service, *, look: datetime, send: datetime | None = None) -> Walk:
    walk = Walk()
    log.goes(logging.ERROR, None)  # what a step says of itself is no part of its way
    world.at(look)
    with walk.watched():
        _look(service)
        world.at(send or look)
        with patch("monitor.telling.deliver.LOOK_AGAIN", PATIENCE):
            list(deliver(service))
    return walk


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("walks", nargs="*", metavar="WALK", help=f"of {', '.join(WALKS)}; default: all")
    parser.add_argument("--moves", type=int, default=None, help="the most moves a walk may need")
    parser.add_argument("--pairs", action="store_true", help="which file called into which, and how often")
    parser.add_argument("--functions", action="store_true", help="every function, and how often it was called")
    asked = parser.parse_args()
    if unknown := set(asked.walks) - set(WALKS):
        parser.error(f"expected walks of {', '.join(WALKS)}, found {', '.join(sorted(unknown))}")
    most = 0
    for name in asked.walks or WALKS:
        walk = WALKS[name]()
        most = max(most, walk.moves)
        print(f"\n== {name}: {walk.moves} moves, {len(set(walk.files))} files, {len(walk.functions)} functions")
        print(" -> ".join(dict.fromkeys(walk.files)))
        if asked.pairs:
            print("\n".join(f"{count:5} {a} -> {b}" for (a, b), count in walk.pairs.most_common(60)))
        if asked.functions:
            print("\n".join(f"{count:5} {file}: {name}" for (file, name), count in walk.functions.most_common()))
    return 1 if asked.moves is not None and most > asked.moves else 0


if __name__ == "__main__":
    sys.exit(main())
