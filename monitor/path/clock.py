"""The clock: five jobs that ask the store what is due. The schedule is data; this only ticks.

A thread watches the watch: when the wall clock jumps, every job runs at once; when a job has not finished for longer
than it may, or failed, readiness turns red and says so. Of several clocks on one database one ticks.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler
from prometheus_client import Counter, Histogram

from monitor.logs import log
from monitor.path.explained import explain_readings
from monitor.path.heartbeat import Heartbeat
from monitor.path.leader import Leader
from monitor.path.round import check_all
from monitor.service import Service
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.telling.troubles import tell_of_trouble
from monitor.watching.retention import tidy
from monitor.watching.runs import Troubled

WATCHDOG_SECONDS = 15.0
JUMP_SECONDS = 60.0
STOP_SECONDS = 20.0
"""How long work under way may take to end once the service is asked to stop."""

TOOK = (0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800)
"""Seconds by which the rounds of a job are sorted."""

Stop = Callable[[], bool]
"""Says whether to begin nothing more."""


@dataclass(frozen=True)
class Job:
    """One thing the clock does, and how often."""

    name: str
    seconds: int
    patience: float  # seconds without a finish after which something is stuck
    run: Callable[[Service, Stop], object]


def _check(service: Service, stop: Stop) -> None:
    """A round of looking. Raises Lost when runs failed by trouble of our own."""
    lost = [checked for checked in check_all(service, workers=4, stop=stop) if isinstance(checked, Troubled)]
    tell_of_trouble(service)
    if lost:
        raise Lost(f"{len(lost)} runs of the round, first: {lost[0].watch}: {lost[0].error}")


class Lost(Exception):
    """Runs of a round were lost by trouble of our own: the database takes nothing, memory ran out."""


ROUNDS = "check"
JOBS = (  # patience: three intervals, or the longest a polite round of many sources or slow receivers may take
    Job(ROUNDS, 20, 1800, _check),
    Job("match", 5, 60, lambda service, _: match(service)),
    Job("deliver", 5, 600, lambda service, stop: list(deliver(service, stop=stop))),
    Job("explain", 60, 1800, lambda service, stop: explain_readings(service, stop=stop)),
    Job("tidy", 3600, 10800, lambda service, _: tidy(service)),
)


class Clock:
    """Runs the jobs in the background until stopped; knows which are late, and which failed the last time."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._leader = Leader(service.engine)
        self._heartbeat = Heartbeat(service)
        self._took = Histogram(
            "therawatch_job_seconds", "How long each round of a job took.", ["job"], buckets=TOOK, registry=None
        )
        self._failed = Counter("therawatch_job_failures", "Rounds of a job that failed.", ["job"], registry=None)
        for job in JOBS:
            self._took.labels(job.name), self._failed.labels(job.name)
        self.measured = (self._took, self._failed)
        self._finished = {job.name: time.monotonic() for job in JOBS}
        self._failing: dict[str, str] = {}
        self._running: set[str] = set()
        self._rest = threading.Condition()
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

    def stop(self, patience: float = STOP_SECONDS) -> bool:
        """Stop ticking and begin nothing more; wait for work under way, but not for ever. Whether it has ended: what
        has not is done again by the next start, as after a crash."""
        self._stop.set()
        self._scheduler.shutdown(wait=False)
        with self._rest:
            ended = self._rest.wait_for(lambda: not self._running, timeout=patience)
        if ended:
            self._leader.resign()
        else:
            log.warning("stopped with work under way", jobs=sorted(self._running))
        return ended

    def late(self) -> list[str]:
        """The jobs that failed the last time, or have not finished for longer than they may, in words."""
        now = time.monotonic()
        ages = {job: now - self._finished[job.name] for job in JOBS}
        slow = [
            f"the job {job.name} last finished {round(age)} s ago" for job, age in ages.items() if age > job.patience
        ]
        return slow + [f"the job {name} failed: {why}" for name, why in sorted(self._failing.items())]

    def _run(self, job: Job) -> None:
        with self._rest:
            if self._stop.is_set():
                return
            self._running.add(job.name)
        try:
            if self._leader.leads():
                self._time(job)
        except Exception as problem:
            log.exception("job failed", job=job.name)
            self._failed.labels(job.name).inc()
            self._failing[job.name] = f"{type(problem).__name__}: {problem}".splitlines()[0]
        else:
            self._failing.pop(job.name, None)
            self._finished[job.name] = time.monotonic()
        finally:
            with self._rest:
                self._running.discard(job.name)
                self._rest.notify_all()

    def _time(self, job: Job) -> None:
        begun = time.monotonic()
        job.run(self._service, self._stop.is_set)
        took = time.monotonic() - begun
        self._took.labels(job.name).observe(took)
        if job.name == ROUNDS and not self._stop.is_set():  # a round that was broken off says nothing
            self._heartbeat.beat(took)

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
