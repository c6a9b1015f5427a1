"""The service as one process: load, start the clock, serve pages, wait, stop."""

import fcntl
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext, suppress
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from sqlalchemy.engine import make_url
from sqlmodel import col, func, select

from monitor.path.clock import Clock
from monitor.service import Service
from monitor.settings import PREFIX, Misconfigured
from monitor.telling.secrets import open_keyring, unreadable
from monitor.web.app import create_app
from store.database import reading
from store.tables import Watch

Announce = Callable[[str], None]
"""Where the address, the watches and the time of the next check are said."""


STOPS = frozenset({signal.SIGINT, signal.SIGTERM})
"""What asks the clock alone to stop. Waited for, not handled: a handler that sets an Event can meet its lock held."""

CLOSE_SECONDS = 5
"""How long answers under way may take once the process is asked to stop."""


def run(service: Service, *, web: bool, clock: bool, announce: Announce) -> None:
    """Serve until interrupted.

    Raises Misconfigured when the address is not free, when another instance runs the clock on the same SQLite file, or
    when the key is gone with which the database was written.
    """
    if not (web or clock):
        raise Misconfigured("--no-web and --no-clock together leave nothing to run")
    open_keyring(service.settings)
    with reading(service.engine) as session:
        if problem := unreadable(session, service.settings):
            announce(f"{problem}: these webhooks need new secrets, and links in mails already sent are dead")
    host, port = service.settings.host, service.settings.port
    with only_clock(service) if clock else nullcontext(), _listening(host, port) if web else nullcontext() as door:
        ticking = Clock(service) if clock else None
        if not web:
            signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # kept for sigwait, also while the clock starts
        _say_what_runs(service, host if web else None, port, clock, announce)
        if door is not None:
            _serve_pages(service, ticking, door)
        elif ticking:
            ticking.start()
            signal.sigwait(STOPS)
            _end(ticking)


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """The socket on which the pages are served. Raises Misconfigured naming the setting at fault."""
    try:
        (family, kind, protocol, _, address), *_ = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Misconfigured(f"--host ({PREFIX}HOST): expected an address of this machine, found {host!r}") from None
    with socket.socket(family, kind, protocol) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind(address)
        except OSError as problem:
            names, fault = f"--host and --port ({PREFIX}HOST, {PREFIX}PORT)", problem.strerror or str(problem)
            raise Misconfigured(f"{names}: expected a free address, found {host}:{port} ({fault})") from None
        yield door


@contextmanager
def only_clock(service: Service) -> Iterator[None]:
    """Hold the lock file beside an SQLite database: two clocks on one file would ask every source twice.

    Raises Misconfigured where another instance holds it.
    """
    url = make_url(service.settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        yield
        return
    path = Path(url.database + ".clock.lock-file")
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
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


def _serve_pages(service: Service, clock: Clock | None, door: socket.socket) -> None:
    app = create_app(service, lifespan=_lifespan(clock), measured=clock.measured if clock else ())
    app.state.clock = clock.late if clock else None
    config = uvicorn.Config(
        app, log_config=None, log_level="warning", server_header=False, date_header=False,
        timeout_graceful_shutdown=CLOSE_SECONDS,
    )  # fmt: skip  # without a log of its own, its lines go where the command line sends all
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[door])


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
