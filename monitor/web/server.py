"""The service as one process: load, start the clock, serve pages, wait, stop."""

import fcntl
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from sqlmodel import col, func, select

from monitor.path.clock import Clock
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.web.app import create_app
from store.database import reading
from store.tables import Watch

Announce = Callable[[str], None]
"""Where the address, the watches and the time of the next check are said."""


CLOSE_SECONDS = 5
"""How long answers under way may take once the process is asked to stop."""


def run(service: Service, *, host: str, port: int, web: bool, clock: bool, announce: Announce) -> None:
    """Serve until interrupted. Raises Misconfigured when another instance runs the clock on the same SQLite file."""
    if not (web or clock):
        raise Misconfigured("--no-web and --no-clock together leave nothing to run")
    with only_clock(service) if clock else nullcontext():
        ticking = Clock(service) if clock else None
        stopped = None if web else _stopping()
        _say_what_runs(service, host if web else None, port, clock, announce)
        if stopped is None:
            _serve_pages(service, ticking, host, port)
        elif ticking:
            ticking.start()
            stopped.wait()
            _end(ticking)


@contextmanager
def only_clock(service: Service) -> Iterator[None]:
    """Hold the lock file beside an SQLite database: two clocks on one file would ask every source twice."""
    url = make_url(service.settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        yield
        return
    path = Path(url.database + ".clock.lock-file")
    with path.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Misconfigured(
                f"another instance runs the clock on {url.database}; stop it, or start this one with --no-clock"
            ) from None
        yield


def _say_what_runs(service: Service, host: str | None, port: int, clock: bool, announce: Announce) -> None:
    with reading(service.engine) as session:
        query = select(func.count(), func.min(Watch.next_check_at)).where(col(Watch.active).is_(True))
        count, first = session.exec(query).one()
    if host:
        announce(f"Therawatch: http://{host}:{port}")
    then = max(first, service.now()).strftime("%Y-%m-%d %H:%M UTC") if first else "none"
    announce(f"{count} watches, next check {then}" if clock else f"{count} watches, clock off")


def _serve_pages(service: Service, clock: Clock | None, host: str, port: int) -> None:
    app = create_app(service, lifespan=_lifespan(clock))
    app.state.clock = clock.late if clock else None
    uvicorn.run(
        app, host=host, port=port, log_level="warning", server_header=False, date_header=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )  # fmt: skip


def _lifespan(clock: Clock | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if clock:
            clock.start()
        try:
            yield
        finally:
            if clock:
                _end(clock)

    return lifespan


def _end(clock: Clock) -> None:
    """Stop the clock. A thread that hangs in a source would hold the process: it is left at once, as a crash would,
    and the next start goes on from there."""
    if not clock.stop():
        os._exit(0)


def _stopping() -> threading.Event:
    """Set when the process is asked to stop; uvicorn sees to that itself, the clock alone must be told."""
    stopped = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stopped.set())
    return stopped
