"""What is done to a long log at leisure: bodies and attempts forgotten after a year, and all events derived again.

    python benchmarks/upkeep.py [--bodies 50000] [--attempts 200000] [--versions 60]

A store gets answers that were kept two years ago, half of them under a snapshot, and the attempts of that year;
`tidy` forgets what may be forgotten. Another has looked at pages in many versions; `rederive` reads all of them again.
Printed are the seconds by the clock and of CPU, and the longest write transaction.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import Engine, insert
from sqlmodel import Session, SQLModel
from transactions import longest_told
from versions import installed, serve, settings_of

from monitor.path.assemble import assembled
from monitor.path.rederive import rederive
from monitor.settings import Settings
from monitor.watching.retention import tidy
from store.states import DeliveryKind, RunOutcome
from store.tables import Attempt, Body, Capture, Delivery, Item, Run, Snapshot, Subscription

NOW = datetime(2026, 6, 1, tzinfo=UTC)
THEN = NOW - timedelta(days=700)
BODY = bytes(range(256)) * 24
"""As long as a page of 60 KB is, compressed; nothing here reads it."""
BATCH = 5_000


def fill(engine: Engine, bodies: int, attempts: int) -> None:
    """Put in what was kept and tried long ago."""

    def put(table: type[SQLModel], count: int, row: Callable[[int], dict[str, Any]]) -> None:
        for start in range(1, count + 1, BATCH):
            rows = [row(number) for number in range(start, min(start + BATCH, count + 1))]
            session.connection().execute(insert(table), rows)

    with Session(engine) as session, session.begin():
        session.add(Run(id=1, watch_id=1, started_at=THEN, finished_at=THEN, outcome=RunOutcome.CHANGED))
        session.add(Item(id=1, source="page", key="p", title="P", url="https://p.example"))
        session.add(Subscription(id=1, channel="email", address="reader@example.org", created_at=THEN))
        session.flush()
        session.add(
            Delivery(id="d", subscription_id=1, kind=DeliveryKind.ALERT, slot="s", created_at=THEN, due_at=THEN)
        )
        session.flush()
        put(Body, bodies, lambda n: {"sha256": f"{n:064x}", "size": 60_000, "packed": BODY})
        captured = {"watch_id": 1, "url": "https://p.example", "fetched_at": THEN, "status": 200, "content_type": ""}
        put(Capture, bodies, lambda n: captured | {"id": n, "sha256": f"{n:064x}"})
        taken = {"item_id": 1, "run_id": 1, "taken_at": THEN, "packed": b"", "fingerprint": "f", "revision": 1}
        put(Snapshot, bodies // 2, lambda n: taken | {"capture_id": 2 * n})
        put(Attempt, attempts, lambda n: {"delivery_id": "d", "at": THEN, "accepted": True})


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print how long something took, and the longest write transaction of it."""
    with longest_told():
        clock, cpu = time.perf_counter(), time.process_time()
        yield
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        print(f"{what}: {clock:.1f} s by the clock, {cpu:.1f} s of CPU", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bodies", type=int, default=50_000)
    parser.add_argument("--attempts", type=int, default=200_000)
    parser.add_argument("--versions", type=int, default=60)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/watch.db"
        with assembled(Settings(database_url=url, now=NOW)) as service:
            fill(service.engine, asked.bodies, asked.attempts)
            with timed(f"tidy of {asked.bodies} bodies and {asked.attempts} attempts"):
                forgotten = tidy(service)
            assert forgotten == asked.bodies - asked.bodies // 2, f"expected half of the bodies, found {forgotten}"
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    version = multiprocessing.Value("i", 0)
    server = multiprocessing.Process(target=serve, args=(ports, version), daemon=True)
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        pages = Path(folder, "pages")
        with installed(pages, ports.get(), 4) as installation:
            for version.value in range(asked.versions):
                installation.look()
        with assembled(settings_of(pages)) as service, timed(f"rederive of {4 * asked.versions} versions"):
            rederive(service)
    server.terminate()
    return 0


if __name__ == "__main__":
    sys.exit(main())
