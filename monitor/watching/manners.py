"""Manners owed to hosts: their robots.txt, and the time for which they asked to be left alone. In real time."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from protego import Protego
from sqlalchemy import Connection, Engine, bindparam, select

from sources.base import Astray, Unreachable
from sources.http.address import Address
from sources.http.client import Client
from sources.http.response import Response
from store.database import AT_ONCE, noting
from store.look_columns import HOST

ROBOT = "Therawatch"  # the name robots.txt may call us by
FRESH = timedelta(hours=24)
LONGEST_DELAY = 60.0  # seconds of a Crawl-delay that we obey
LONGEST_TEXT = 500 * 1024  # bytes of robots.txt that count, as RFC 9309 allows
ABSENT = frozenset(range(400, 500)) - {429} | {204}
"""Answers that mean "there are no rules"."""
NO_RULES = "# a page stands in place of robots.txt: it holds no rules (RFC 9309)\n"
NOWHERE = "# robots.txt redirects and leads nowhere: there are no rules (RFC 9309)\n"
"""Kept as the rules of such a host, so that /sources can say so."""
THIS = HOST.c.name == bindparam("host")
KEPT = select(HOST.c.robots, HOST.c.robots_at).where(THIS, HOST.c.robots.is_not(None))
WAITING = select(HOST.c.name, HOST.c.wait_until).where(HOST.c.wait_until > bindparam("now"))


def waiting_hosts(connection: Connection) -> dict[str, datetime]:
    """Hosts that asked for time, and until when."""
    return {name: until for name, until in connection.execute(WAITING, {"now": datetime.now(UTC)})}


def hosts_without_rules(connection: Connection) -> frozenset[str]:
    """The hosts that show a page in place of their robots.txt, or send on from it for ever."""
    return frozenset(connection.scalars(select(HOST.c.name).where(HOST.c.robots.in_((NO_RULES, NOWHERE)))))


@dataclass
class Manners:
    """What one run knows of the hosts it asks."""

    client: Client
    engine: Engine
    waiting: dict[str, datetime]
    robots: dict[str, tuple[str, datetime]]
    obeys_robots: bool
    _texts: dict[str, str] = field(default_factory=dict)  # as this run reads them, to its end
    _rules: dict[str, Protego] = field(default_factory=dict)

    def ask(self, address: Address, **wishes: Any) -> Response:
        """GET an address when it may be asked. Raises Unreachable; a wait that its host asks for is remembered."""
        self.admit(address)
        try:
            return self.client.get(address, **wishes)
        except Unreachable as problem:
            if problem.retry_after is not None:
                self.rest(address, problem.retry_after)
            raise

    def admit(self, address: Address) -> None:
        """Return when the address may be asked now. Raises Unreachable when its host wants rest, when its robots.txt
        forbids it (saying which rule), or when that file cannot be had."""
        name = address.place
        if (until := self.waiting.get(name)) and (left := (until - datetime.now(UTC)).total_seconds()) > 0:
            raise Unreachable(f"{name}: asked to be left alone until {until:%Y-%m-%d %H:%M} UTC", retry_after=left)
        if not self.obeys_robots:
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
        known = self.waiting.get(name)
        if known and known >= until - timedelta(seconds=2):
            return
        self.waiting[name] = until
        _note(self.engine, name, wait_until=until)

    def _learn(self, name: str) -> None:
        now = datetime.now(UTC)
        text, at = self.robots.get(name) or self._kept(name) or ("", now - FRESH)
        if at <= now - FRESH:
            text, at = self._ask(name), now
            _note(self.engine, name, robots=text, robots_at=at)
        self.robots[name] = text, at
        rules = _parsed(text)
        self._texts[name], self._rules[name] = text, rules
        if delay := rules.crawl_delay(ROBOT):
            self.client.crawl_delay(name, min(float(delay), LONGEST_DELAY))

    def _kept(self, name: str) -> tuple[str, datetime] | None:
        with self.engine.connect() as connection:
            row = connection.execute(KEPT, {"host": name}).first()
        return row and (row.robots, row.robots_at)

    def _ask(self, name: str) -> str:
        try:
            answer = self.client.get(f"{name}/robots.txt", missing=ABSENT)
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


def _note(engine: Engine, name: str, **learnt: Any) -> None:
    """Note what was learnt of a host, whether it is known already or not."""
    with noting(engine, AT_ONCE) as connection:
        if not connection.execute(HOST.update().where(THIS).values(**learnt), {"host": name}).rowcount:
            connection.execute(HOST.insert().values(name=name, **learnt))


def _rule_against(text: str, url: str) -> str:
    """The longest Disallow line that covers the address, whoever it speaks to."""
    lines = [line.split("#")[0].strip() for line in text.splitlines()]
    fitting = [
        line
        for line in lines
        if line.lower().startswith("disallow") and not Protego.parse(f"User-agent: *\n{line}").can_fetch(url, ROBOT)
    ]
    return max(fitting, key=len, default="Disallow")
