"""What a check costs when a page is young and when it has had 500 versions.

    python benchmarks/versions.py [--versions 500] [--pages 4]

A server in a process of its own shows pages of 150 lines, of which one reads anew with each version. Printed are
milliseconds of CPU of this process for each check, of a page that has changed and of one that has not: the median of
the first twenty turns but one, and of the last twenty.
"""

import argparse
import multiprocessing
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
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
from monitor.settings import Settings
from store.states import RunOutcome

LINES, SITES = 150, 50
WINDOW = 20
BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "http://127.0.0.1:{port}/p/{n}"\n'
FLAT = 1.15


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


def turns(folder: Path, port: int, version: "Synchronized[int]", versions: int, pages: int) -> dict[str, list[float]]:
    """Milliseconds of each check, by its outcome, in the order of the turns."""
    (folder / "pack.toml").write_text(HEAD + "".join(WATCH.format(n=n, port=port) for n in range(pages)))
    spent: dict[str, list[float]] = {"changed": [], "unchanged": []}
    told = 0
    with longest_told(), assembled(settings_of(folder)) as service:
        clock = {"now": BEGAN}
        object.__setattr__(service, "now", lambda: clock["now"])
        for turn in range(2 * versions):
            clock["now"] += timedelta(hours=6)
            version.value = turn // 2
            begun = time.process_time()
            outcomes = Counter(one.outcome for one in check_all(service, everything=True, workers=1))
            cost = (time.process_time() - begun) * 1000 / pages
            assert turn == 0 or outcomes.keys() <= spent.keys(), outcomes
            told += outcomes[RunOutcome.CHANGED]
            if turn > 1:
                spent["unchanged" if turn % 2 else "changed"].append(cost)
    assert told > 0.9 * pages * (versions - 1), f"expected nearly every version to be told, found {told}"
    return spent


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
    with tempfile.TemporaryDirectory() as folder:
        spent = turns(Path(folder), ports.get(), version, asked.versions, asked.pages)
    server.terminate()
    worst = 0.0
    for outcome, costs in spent.items():
        young, old = statistics.median(costs[:WINDOW]), statistics.median(costs[-WINDOW:])
        worst = max(worst, old / young)
        print(f"{outcome:9}  young {young:6.2f} ms   after {asked.versions} versions {old:6.2f} ms   {old / young:.2f}")
    print(f"bar: {FLAT}")
    return 0 if worst <= FLAT else 1


if __name__ == "__main__":
    sys.exit(main())
