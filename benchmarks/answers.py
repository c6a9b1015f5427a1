"""What starting, answering and telling cost, each beside a loop of plain Python in the same run.

    python benchmarks/answers.py [--events 20000] [--readers 5000]

Prints the CPU of `--version`, `--help` and `status`; of `/`, `/api/v1/status` and `/api/v1/newest` over a long log, the
first time and while the log stands; of one critical event for many readers, with how long the lock is held; and of one
mail. On a machine that is busy the figures grow together with the loop: compare the ratios.
"""

import argparse
import gc
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from fastapi.testclient import TestClient
from transactions import longest_told

from demo.receivers import MailCatcher
from monitor.path.assemble import assembled
from monitor.service import Service
from monitor.settings import Settings
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.vocabulary.event_types import TYPES
from monitor.web.app import create_app
from store.database import writing
from store.states import Cadence, Certainty, EventState, Level, Polarity
from store.tables import Event, Evidence, Subscription

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).resolve().parents[1]
COMMON = ("trial_registered", "recruitment_status", "trial_stopped", "results_posted", "label_expansion", "approval")
ROUNDS = 3
WARM, MAILS = 20, 220
"""Mails sent before the measure begins, and until it ends."""


def loop() -> float:
    """Seconds of CPU that a million additions take: what everything else is compared with."""
    total, begun = 0, time.thread_time()
    for number in range(1_000_000):
        total += number
    return time.thread_time() - begun


def least(act: Callable[[], Any], times: int = ROUNDS) -> float:
    """Seconds of CPU of this process, the least of some times."""
    costs = []
    for _ in range(times):
        begun = time.process_time()
        act()
        costs.append(time.process_time() - begun)
    return min(costs)


def of_command(*arguments: str) -> float:
    """Seconds of CPU of a command from its start to its end, the least of some times; what it
    imports is compiled, as an installation has it."""
    costs = []
    compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "monitor", *arguments]
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, check=True, env=compiled)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        costs.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(costs)


def catch_mails(ports: "multiprocessing.Queue[int]") -> None:
    """Take mails for ever: what that costs is not ours."""
    with MailCatcher() as caught:
        ports.put(caught.port)
        threading.Event().wait()


@contextmanager
def service_of(folder: Path) -> Iterator[Service]:
    """The bundled pack as a first start leaves it, and a mail server on this machine."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    catcher = multiprocessing.Process(target=catch_mails, args=(ports,), daemon=True)
    catcher.start()
    smtp_url = f"smtp://127.0.0.1:{ports.get()}"
    with assembled(Settings(database_url=f"sqlite:///{folder / 'watch.db'}", now=NOW, smtp_url=smtp_url)) as service:
        yield service
    catcher.terminate()


def mailed(service: Service) -> float:
    """Seconds of CPU of one of the alerts that wait, among some hundred."""
    sent: list[float] = []
    for line in deliver(service, stop=lambda: len(sent) >= MAILS):
        assert line["state"] == "sent", line
        sent.append(time.process_time())
    return (sent[-1] - sent[WARM]) / (len(sent) - WARM - 1)


def happen(service: Service, count: int) -> None:
    """Lengthen the log: events of the commonest types, one piece of evidence each."""
    names = [therapy.name for therapy in service.pack.therapies]
    types = [name for name in COMMON if name in TYPES]
    with writing(service.engine) as session:
        for number in range(count):
            kind = TYPES[types[number % len(types)]]
            day = date(2015, 1, 1) + timedelta(days=number % 4000)
            moment = datetime.combine(day, datetime.min.time(), UTC)
            trial = f"NCT{number:08}" if kind.scope == "trial" else None
            event = Event(
                id=f"EVB{number:07}", sequence=100_000 + number, type=kind.name, therapy=names[number % len(names)],
                place=None if trial else "US", trial=trial, polarity=Polarity(kind.polarity or "positive"),
                occurred_on=day.isoformat(), detected_at=moment, released_at=moment, level=Level(kind.level),
                certainty=Certainty.STATED, tier=2, thread=f"b/{number}", step=kind.step, title=f"Event {number}",
                state=EventState.RELEASED, matched_at=moment,
            )  # fmt: skip
            session.add(event)
        session.flush()
        session.add_all(Evidence(event_id=f"EVB{n:07}", source="bench", tier=2, at=NOW) for n in range(count))


def follow(service: Service, count: int) -> None:
    """Readers who want every event at once, and one critical event that none has heard of."""
    with writing(service.engine) as session:
        session.add_all(
            Subscription(
                channel="email", address=f"reader{number}@example.org", created_at=NOW, confirmed_at=NOW,
                cadence=Cadence.IMMEDIATE, level=Level.MINOR,
            )
            for number in range(count)
        )  # fmt: skip
        session.add(
            Event(
                id="EVCRITICAL", sequence=9_999_999, type="approval", therapy=service.pack.therapies[0].name,
                place="US", polarity=Polarity.POSITIVE, occurred_on="2026-06-01", detected_at=NOW, released_at=NOW,
                level=Level.CRITICAL, certainty=Certainty.STATED, tier=1, thread="us/bench", step="authorised",
                title="Approved", state=EventState.RELEASED,
            )
        )  # fmt: skip


def tell(what: str, seconds: float, base: float, bar: str = "") -> None:
    """One line: what, its CPU, and how many loops that is."""
    print(f"{what:58} {seconds * 1000:8.1f} ms  {seconds / base:6.1f} loops  {bar}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--readers", type=int, default=5_000)
    asked = parser.parse_args()
    base = min(loop() for _ in range(5))
    tell("a million additions", base, base)
    with tempfile.TemporaryDirectory() as folder, service_of(Path(folder)) as service:
        database = f"sqlite:///{folder}/watch.db"
        tell("therawatch --version", of_command("--version"), base, "bar: 200 ms")
        tell("therawatch --help", of_command("--help"), base, "bar: 200 ms")
        tell("therawatch status", of_command("--database", database, "status"), base, "bar: 500 ms")
        happen(service, asked.events)
        gc.collect()
        gc.freeze()  # as `serve` does, and its threshold
        gc.set_threshold(10_000)
        for address in ("/", "/api/v1/status", "/api/v1/newest"):
            pages = TestClient(create_app(service))
            first = least(lambda: pages.get(address), 1)  # noqa: B023
            tell(f"{address} over {asked.events} events, first", first, base, "bar: 300 ms")
            tell(f"{address} while the log stands", least(lambda: pages.get(address)), base, "bar: 300 ms")  # noqa: B023
        follow(service, asked.readers)
        gc.collect()
        gc.freeze()
        begun = time.perf_counter()
        with longest_told():
            cpu = least(lambda: match(service), 1)
            clock = f"{time.perf_counter() - begun:.2f} s by the clock; bar: 0.5 s of lock"
            tell(f"one critical event for {asked.readers} readers", cpu, base, clock)
            tell("one of the mails about it", mailed(service), base, "bar: 8 ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
