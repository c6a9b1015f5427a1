"""What a check costs when a page is young and when it has had 500 versions.

    python benchmarks/versions.py [--versions 500] [--pages 4]

A server in a process of its own shows pages of 150 lines, of which one reads anew with each version. One installation
sees them grow old; beside its last forty versions another sees the same pages for the first time, turn by turn, as a
machine may be a third slower in one minute than in the next. Printed are milliseconds of CPU of this process for each
check, of a page that has changed and of one that has not: the medians of those turns, and the geometric mean of what
each turn of the old costs beside that of the young.
"""

import argparse
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import structlog
from many_hosts import HEAD
from peers_site import VOCABULARY
from transactions import longest_told

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import Settings
from store.states import RunOutcome

LINES, SITES = 150, 50
BESIDE, FIRST = 40, 2
"""For how many versions the young are looked at beside the old, and how many of these are not counted: first looks."""
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "http://127.0.0.1:{port}/p/{n}"\n'
FLAT = 1.15
Costs = dict[RunOutcome, list[float]]
"""Milliseconds of a check by its outcome, in the order of the turns."""


@lru_cache(maxsize=64)
def shown(page: str, version: int) -> bytes:
    """A page at one version: some text, and a table of sites of which one enrols more people with each version."""
    dice = random.Random(page)
    prose = "".join(f"<p>{' '.join(dice.choices(VOCABULARY, k=20)).capitalize()}.</p>" for _ in range(LINES - SITES))
    rows = "".join(
        f"<tr><td>Site {n}</td><td>recruiting, {10 + (version + SITES - n) // SITES} patients enrolled</td></tr>"
        for n in range(SITES)
    )
    table = f"<table><tr><th>Site</th><th>Status</th></tr>{rows}</table>"
    return (
        f"<html><head><title>Page</title></head><body><main><h1>Page</h1>{table}{prose}</main></body></html>".encode()
    )


def serve(ports: "multiprocessing.Queue[int]", version: "Synchronized[int]") -> None:
    """Show the pages at the version that stands now."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version, wbufsize, disable_nagle_algorithm = "HTTP/1.1", -1, True

        def do_GET(self) -> None:
            robots = self.path == "/robots.txt"
            body = b"User-agent: *\nAllow: /\n" if robots else shown(self.path, version.value)
            self.send_response(200)
            self.send_header("Content-Type", "text/plain" if robots else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    ports.put(server.server_address[1])
    server.serve_forever()


def settings_of(folder: Path) -> Settings:
    """Those of the installation that looks at the pages."""
    return Settings(
        config=folder / "pack.toml", database_url=f"sqlite:///{folder}/watch.db", quiet=True, allow_private=True,
        pace_seconds=0, now=BEGAN,
    )  # fmt: skip


class Installation:
    """One that looks at the pages every six hours, at whatever version they are."""

    def __init__(self, service: Service, pages: int) -> None:
        self.service, self.pages, self.now, self.told = service, pages, BEGAN, 0
        object.__setattr__(service, "now", lambda: self.now)

    def look(self) -> tuple[RunOutcome, float]:
        """The outcome of most pages, and milliseconds of CPU of a check."""
        self.now += timedelta(hours=6)
        begun = time.process_time()
        outcomes = Counter(one.outcome for one in check_all(self.service, everything=True, workers=1))
        cost = (time.process_time() - begun) * 1000 / self.pages
        self.told += outcomes[RunOutcome.CHANGED]
        return outcomes.most_common(1)[0][0], cost


@contextmanager
def installed(folder: Path, port: int, pages: int) -> Iterator[Installation]:
    """A new installation that follows the pages."""
    folder.mkdir()
    (folder / "pack.toml").write_text(HEAD + "".join(WATCH.format(n=n, port=port) for n in range(pages)))
    with longest_told(), assembled(settings_of(folder)) as service:
        yield Installation(service, pages)


def turns(old: Installation, young: Installation, version: "Synchronized[int]", versions: int) -> tuple[Costs, Costs]:
    """What each look costs the old and the young, after the old has seen so many versions alone."""
    costs: tuple[Costs, Costs] = (defaultdict(list), defaultdict(list))
    for number in range(versions):
        version.value = number
        both = number >= versions - BESIDE
        pair = [(costs[0], old), (costs[1], young)][: 2 if both else 1]
        for _ in range(2):
            for kept, one in pair if number % 2 else reversed(pair):  # who looks second finds warm caches
                outcome, cost = one.look()
                if number >= versions - BESIDE + FIRST:
                    kept[outcome].append(cost)
    for one, seen in ((old, versions), (young, BESIDE)):
        told = 0.9 * one.pages * (seen - 1)
        assert one.told > told, f"expected nearly every version to be told ({told:.0f}), found {one.told}"
    return costs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--versions", type=int, default=500)
    parser.add_argument("--pages", type=int, default=4)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    version = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(ports, version), daemon=True)
    server.start()
    with (
        tempfile.TemporaryDirectory() as folder,
        installed(Path(folder, "old"), port := ports.get(), asked.pages) as old,
        installed(Path(folder, "young"), port, asked.pages) as young,
    ):
        costs = turns(old, young, version, asked.versions)
    server.terminate()
    worst = 0.0
    for outcome in (RunOutcome.CHANGED, RunOutcome.UNCHANGED):
        dear, cheap = (each[outcome] for each in costs)
        dearer = statistics.geometric_mean(one / other for one, other in zip(dear, cheap, strict=True))
        worst = max(worst, dearer)
        print(
            f"{outcome:9}  young {statistics.median(cheap):6.2f} ms   after {asked.versions} versions "
            f"{statistics.median(dear):6.2f} ms   {dearer:.2f}"
        )
    print(f"bar: {FLAT}")
    return 0 if worst <= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
