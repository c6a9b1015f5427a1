"""Fetch with memory: conditional requests.

What a watch remembers of an address is written only by a good run, so that a failed one forgets nothing.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from datetime import datetime
from functools import cache, partial
from importlib import import_module
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import httpx
from sqlalchemy import Connection, Engine, TableClause, bindparam

from monitor.watching.chain import canonical
from monitor.watching.manners import Manners
from monitor.watching.memory import Known, Memories
from monitor.watching.spool import AT_HAND, Spool
from sources.base import LongPage, Page, Source, Unreachable
from sources.http.address import Address, address_of, shown
from sources.http.client import Client
from sources.http.response import Response
from store.look_columns import MEMORY, Watched

if TYPE_CHECKING:
    from sqlmodel import Session

    from store.tables import Capture

RECENT, RECENT_SIZE = 512, 32 * 1024  # bodies kept in memory, and the bytes of the largest of them
UNCONDITIONAL_EVERY = 7  # checks at the latest; some caches say "not modified" for ever
DIALECTS = "sqlalchemy.dialects"
"""Of them that of the database at hand is imported, whose INSERT may say ON CONFLICT."""
REMEMBERED = ("etag", "last_modified", "sha256", "content_type", "checks", "fetched_at")
SAID = attrgetter("etag", "last_modified", "sha256", "content_type")
"""What is known of an address beside how often and when it was asked."""
OF_ROW = MEMORY.update().where(MEMORY.c.id == bindparam("row"))
RENEW = OF_ROW.values({name: bindparam(f"new_{name}") for name in REMEMBERED})
FORGET = MEMORY.delete().where(MEMORY.c.id == bindparam("row"))
COUNT = OF_ROW.values(checks=bindparam("new_checks"), fetched_at=bindparam("new_fetched_at"))


class _Recent:
    """Small bodies met lately, by their hash. A page that only opens a door (a registry's version, an empty list) is no
    evidence and is not stored: without this it would be asked for again whenever it said that it had not changed."""

    def __init__(self) -> None:
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, sha256: str) -> bytes | None:
        with self._lock:
            if sha256 in self._bodies:
                self._bodies.move_to_end(sha256)
            return self._bodies.get(sha256)

    def put(self, sha256: str, body: bytes) -> None:
        if len(body) > RECENT_SIZE:
            return
        with self._lock:
            self._bodies[sha256] = body
            self._bodies.move_to_end(sha256)
            if len(self._bodies) > RECENT:
                self._bodies.popitem(last=False)


_RECENT = _Recent()
"""Shared by all that fetch in this process: a body is what its hash says, whoever asked for it."""


class Fetching:
    """How the source of one watch asks during one run; implements `sources.base.Fetch`.

    `memories` are those of the round, where it is one of many. `now` dates the pages; pace and Retry-After are in real
    time. A sweep sends no validators.
    """

    def __init__(
        self,
        client: Client,
        engine: Engine,
        watch: Watched,
        source: Source,
        *,
        now: Callable[[], datetime],
        sweep: bool,
        memories: Memories | None = None,
    ) -> None:
        self.sweep = sweep
        self.pages: list[Page] = []
        self._unconditional = sweep
        self._engine = engine
        self._watch = watch
        self._now = now
        memories = memories or Memories(engine, [watch])
        self._known, self.awaits = memories.of(watch)
        hosts = memories.hosts
        self._manners = Manners(client, engine, hosts.waiting, hosts.robots, source.obeys_robots)
        self._spool: Spool | None = None
        self._held = 0
        self._seen: dict[str, Known] = {}
        self._kept: dict[tuple[str, str], Capture] = {}
        self._kept_in: Session | None = None

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        missing: Iterable[int] = (),
        body: Mapping[str, Any] | None = None,
    ) -> Page:
        """GET an address, with the validators of last time, or put a question to it, for which there are none (RFC
        9110, 13.1.2). Raises Unreachable."""
        address = address_of(url, params, None if body is None else canonical(body))
        key = address.shown
        known = self._known.get(key)
        ask = partial(self._manners.ask, address, headers=headers, missing=tuple(missing))
        if known is None or body or self._unconditional or known.checks + 1 >= UNCONDITIONAL_EVERY:
            answer = ask()
        else:
            answer = ask(etag=known.etag, last_modified=known.last_modified)
        page = self._page(address, key, known, answer, partial(self._again, key, known, ask))
        self.pages.append(page)
        return page

    def again(self) -> "Fetching":
        """The same way to ask, without validators and without trace: for a second look within the run."""
        other = copy(self)
        other.pages, other._seen, other._unconditional = [], {}, True
        return other

    def forget(self) -> None:
        """Remember nothing of what was sent by which the next run could take it for unchanged."""
        for url, known in self._seen.items():
            self._seen[url] = known._replace(etag=None, last_modified=None, sha256="")

    def remember(self, connection: Connection) -> None:
        """Note what was fetched, in the caller's transaction: for the end of a good run. A sweep asks for everything:
        what it did not ask for (pages of a search as it was before) is over, and forgotten."""
        over = [{"row": known.row} for url, known in self._known.items() if self.sweep and url not in self._seen]
        remember(connection, self.learnt())
        if over:
            connection.execute(FORGET, over)

    def learnt(self) -> Iterator[tuple[int | None, str, Known, bool]]:
        """What the pages of this run said of themselves, where that is to be noted: watch, address, what is known, and
        whether only the uses of validators are to be counted."""
        for url, known in self._seen.items():
            before = self._known.get(url)
            same = before is not None and SAID(known) == SAID(before)
            if not same or (known.etag, known.last_modified) != (None, None):
                yield self._watch.id, url, known, same

    def keep(self, session: "Session", page: Page, *, refused: str | None = None) -> "Capture":
        """Keep the page as evidence, once per transaction however often it is asked for. See `keep_capture`."""
        from monitor.watching.captures import keep_capture  # noqa: PLC0415 - a look without news keeps nothing

        if session is not self._kept_in:
            self._kept, self._kept_in = {}, session
        key = (page.url, page.sha256)
        if key not in self._kept:
            self._kept[key] = keep_capture(session, self._watch, page, refused=refused)
        return self._kept[key]

    def _page(
        self, asked: Address, key: str, known: Known | None, answer: Response, again: Callable[[], bytes]
    ) -> Page:
        now = self._now()
        row, checks = (known.row, known.checks) if known else (None, 0)
        url = key if answer.url == asked.text else shown(httpx.URL(answer.url))
        etag, last_modified = answer.headers.get("etag"), answer.headers.get("last-modified")
        if answer.status == 304 and known is not None:
            etag, last_modified = etag or known.etag, last_modified or known.last_modified
            self._seen[key] = Known(row, etag, last_modified, known.sha256, known.content_type, checks + 1, now)
            return Page(url, now, 304, known.content_type, known.sha256, cache(again), unchanged=True)
        if answer.status != 200:
            etag = last_modified = None  # a 304 could not say which status it stands for
        digest, kind = hashlib.sha256(answer.body).hexdigest(), answer.content_type[:200]
        _RECENT.put(digest, answer.body)
        self._seen[key] = Known(row, etag, last_modified, digest, kind, 0 if known else 1, now)
        same = known is not None and known.sha256 == digest
        self._held += len(answer.body)
        if self._held <= AT_HAND:
            return Page(url, now, answer.status, kind, digest, partial(bytes, answer.body), unchanged=same)
        self._spool = self._spool or Spool(self._engine)
        return LongPage(url, now, answer.status, kind, digest, self._spool.keep(answer.body), unchanged=same)

    def _again(self, key: str, known: Known | None, ask: Callable[[], Response]) -> bytes:
        """The body of a page that was not sent because it had not changed."""
        assert known is not None, key
        if (recent := _RECENT.get(known.sha256)) is not None:
            return recent
        from monitor.watching.captures import body_of  # noqa: PLC0415 - the same
        from store.database import reading  # noqa: PLC0415 - with the mapper

        with reading(self._engine) as session:
            stored = body_of(session, known.sha256)
        if stored is not None:
            _RECENT.put(known.sha256, stored)
            return stored
        body = ask().body
        if hashlib.sha256(body).hexdigest() != known.sha256:
            raise Unreachable(f"{key}: said it had not changed, then sent something else; expected the body of before")
        return body


def remember(connection: Connection, learnt: Iterable[tuple[int | None, str, Known, bool]]) -> None:
    """Note, in the caller's transaction, what pages said of themselves."""
    counted, renewed, new = [], [], []
    for watch_id, url, known, same in learnt:
        if known.row is None:
            new.append({name: getattr(known, name) for name in REMEMBERED} | {"watch_id": watch_id, "url": url})
        elif same:
            counted.append({"row": known.row, "new_checks": known.checks, "new_fetched_at": known.fetched_at})
        else:
            renewed.append({f"new_{name}": getattr(known, name) for name in REMEMBERED} | {"row": known.row})
    if counted:
        connection.execute(COUNT, counted)
    if renewed:
        connection.execute(RENEW, renewed)
    if new:
        # another process may look for the first time as well
        connection.execute(_unless_there(MEMORY, connection.dialect.name), new)


@cache
def _unless_there(table: TableClause, dialect: str) -> Any:
    """The statement that adds rows which are not there yet."""
    return import_module(f"{DIALECTS}.{dialect}").insert(table).on_conflict_do_nothing()
