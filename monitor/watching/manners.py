"""Manners owed to hosts: their robots.txt, and the time for which they asked to be left alone. In real time."""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from protego import Protego
from sqlalchemy import Connection, Engine, bindparam, select
from sqlmodel import Session

from sources.base import Astray, Unreachable
from sources.http.address import Address
from sources.http.client import Client
from sources.http.response import Response
from store.database import writing
from store.tables import Host, metadata

ROBOT = "Therawatch"  # the name robots.txt may call us by
FRESH = timedelta(hours=24)
LONGEST_DELAY = 60.0  # seconds of a Crawl-delay that we obey
LONGEST_TEXT = 500 * 1024  # bytes of robots.txt that count, as RFC 9309 allows
ABSENT = frozenset(range(400, 500)) - {429} | {204}
"""Answers that mean "there are no rules"."""
NO_RULES = "# a page stands in place of robots.txt: it holds no rules (RFC 9309)\n"
NOWHERE = "# robots.txt redirects and leads nowhere: there are no rules (RFC 9309)\n"
"""Kept as the rules of such a host, so that /sources can say so."""
HOST = metadata.tables["host"]
KEPT = select(HOST.c.robots, HOST.c.robots_at).where(HOST.c.name == bindparam("host"), HOST.c.robots.is_not(None))
WAITING = select(HOST.c.name, HOST.c.wait_until).where(HOST.c.wait_until > bindparam("now"))


def waiting_hosts(connection: Connection) -> dict[str, datetime]:
    """Hosts that asked for time, and until when."""
    return {name: until for name, until in connection.execute(WAITING, {"now": datetime.now(UTC)})}


def hosts_without_rules(session: Session) -> frozenset[str]:
    """The hosts that show a page in place of their robots.txt, or send on from it for ever."""
    return frozenset(session.connection().scalars(select(HOST.c.name).where(HOST.c.robots.in_((NO_RULES, NOWHERE)))))


class Manners:
    """What one run knows of the hosts it asks."""

    def __init__(
        self,
        client: Client,
        engine: Engine,
        waiting: dict[str, datetime],
        robots: dict[str, tuple[str, datetime]],
        *,
        obeys_robots: bool,
    ) -> None:
        self._client = client
        self._engine = engine
        self._waiting = waiting
        self._robots = robots
        self._obeys_robots = obeys_robots
        self._texts: dict[str, str] = {}  # as this run reads them, to its end
        self._rules: dict[str, Protego] = {}

    def ask(self, address: Address, **wishes: Any) -> Response:
        """GET an address when it may be asked. Raises Unreachable; a wait that its host asks for is remembered."""
        self.admit(address)
        try:
            return self._client.get(address, **wishes)
        except Unreachable as problem:
            if problem.retry_after is not None:
                self.rest(address, problem.retry_after)
            raise

    def admit(self, address: Address) -> None:
        """Return when the address may be asked now. Raises Unreachable when its host wants rest, when its robots.txt
        forbids it (saying which rule), or when that file cannot be had."""
        name = address.place
        if (until := self._waiting.get(name)) and (left := (until - datetime.now(UTC)).total_seconds()) > 0:
            raise Unreachable(f"{name}: asked to be left alone until {until:%Y-%m-%d %H:%M} UTC", retry_after=left)
        if not self._obeys_robots:
            return
        if name not in self._rules:
            self._learn(name)
        url = address.text
        if not self._rules[name].can_fetch(url, ROBOT):
            rule = _rule_against(self._texts[name], url)
            raise Unreachable(f"{name}: robots.txt asks not to read {address.path} ({rule})")

    def rest(self, address: Address, seconds: float) -> None:
        """Note that the whole host wants to be left alone."""
        name = address.place
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        known = self._waiting.get(name)
        if known and known >= until - timedelta(seconds=2):
            return
        self._waiting[name] = until
        with writing(self._engine) as session:
            host = _host(session, name)
            host.wait_until = until
            session.add(host)

    def _learn(self, name: str) -> None:
        now = datetime.now(UTC)
        text, at = self._robots.get(name) or self._kept(name) or ("", now - FRESH)
        if at <= now - FRESH:
            text, at = self._ask(name), now
            with writing(self._engine) as session:
                host = _host(session, name)
                host.robots, host.robots_at = text, at
                session.add(host)
        self._robots[name] = text, at
        rules = _parsed(text)
        self._texts[name], self._rules[name] = text, rules
        if delay := rules.crawl_delay(ROBOT):
            self._client.crawl_delay(name, min(float(delay), LONGEST_DELAY))

    def _kept(self, name: str) -> tuple[str, datetime] | None:
        with self._engine.connect() as connection:
            row = connection.execute(KEPT, {"host": name}).first()
        return row and (row.robots, row.robots_at)

    def _ask(self, name: str) -> str:
        try:
            answer = self._client.get(f"{name}/robots.txt", missing=ABSENT)
        except Astray:
            return NOWHERE
        except Unreachable as problem:
            raise Unreachable(f"robots.txt cannot be had: {problem}", retry_after=problem.retry_after) from None
        if answer.status in ABSENT:
            return ""
        if "html" in answer.content_type.lower() or answer.body.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return NO_RULES
        return answer.body[:LONGEST_TEXT].decode("utf-8-sig", errors="replace").replace("\0", "")


@lru_cache(maxsize=256)
def _parsed(text: str) -> Protego:
    return Protego.parse(text)


def _host(session: Session, name: str) -> Host:
    return session.get(Host, name) or Host(name=name)


def _rule_against(text: str, url: str) -> str:
    """The longest Disallow line that covers the address, whoever it speaks to."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    fitting = [
        line
        for line in lines
        if line.lower().startswith("disallow") and not Protego.parse(f"User-agent: *\n{line}").can_fetch(url, ROBOT)
    ]
    return max(fitting, key=len, default="Disallow")
