"""The clock: four jobs that ask the store what is due. The schedule is data; this only ticks.

A thread watches the watch: when the wall clock jumps, every job runs at once; when a job has not finished for longer
than it may, readiness turns red and says so.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from monitor.path.round import check_all
from monitor.service import Service
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.watching.retention import tidy

log = structlog.get_logger()

WATCHDOG_SECONDS = 15.0
JUMP_SECONDS = 60.0


@dataclass(frozen=True)
class Job:
    """One thing the clock does, and how often."""

    name: str
    seconds: int
    patience: float  # seconds without a finish after which something is stuck
    run: Callable[[Service, Callable[[], bool]], object]  # the second says whether to begin anything new


JOBS = (  # patience: three intervals, or the longest a polite round of many sources or slow receivers may take
    Job("check", 20, 1800, lambda service, _: list(check_all(service, workers=4))),
    Job("match", 5, 60, lambda service, _: match(service)),
    Job("deliver", 5, 600, lambda service, stop: list(deliver(service, stop=stop))),
    Job("tidy", 3600, 10800, lambda service, _: tidy(service)),
)


class Clock:
    """Runs the jobs in the background until stopped; knows which are late."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._finished = {job.name: time.monotonic() for job in JOBS}
        self._stop = threading.Event()
        self._watchdog = threading.Thread(target=self._watch, name="watchdog", daemon=True)
        defaults = {"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        self._scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults)
        for job in JOBS:
            self._scheduler.add_job(self._run, "interval", (job,), id=job.name, seconds=job.seconds)

    def start(self) -> None:
        """Start ticking; every job runs at once."""
        self._scheduler.start()
        self._all_at_once()
        self._watchdog.start()

    def stop(self) -> None:
        """Stop ticking and wait for work under way."""
        self._stop.set()
        self._scheduler.shutdown(wait=True)

    def late(self) -> list[str]:
        """The jobs that have not finished for longer than they may, in words."""
        now = time.monotonic()
        ages = {job: now - self._finished[job.name] for job in JOBS}
        slow = {job.name: age for job, age in ages.items() if age > job.patience}
        return [f"the job {name} last finished {round(age)} s ago" for name, age in slow.items()]

    def _run(self, job: Job) -> None:
        try:
            job.run(self._service, self._stop.is_set)
        except Exception:
            log.exception("job failed", job=job.name)
        else:
            self._finished[job.name] = time.monotonic()

    def _all_at_once(self) -> None:
        for job in JOBS:
            self._scheduler.modify_job(job.name, next_run_time=datetime.now(UTC))

    def _watch(self) -> None:
        offset = time.time() - time.monotonic()
        while not self._stop.wait(WATCHDOG_SECONDS):
            moved = time.time() - time.monotonic() - offset
            if abs(moved) > JUMP_SECONDS:
                offset += moved
                log.warning("the wall clock moved", seconds=round(moved))
                self._all_at_once()
