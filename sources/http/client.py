"""The one HTTP client: identity, limits, pace, retries, redirects by hand, safe addresses.

It speaks through httpcore, the layer below httpx, because the guard lives in the network backend, which httpx offers
no public way to set. Addresses are read by httpx.
"""

import ssl
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import copy
from functools import partial
from typing import Any

import httpcore

from sources.base import Astray, Unreachable
from sources.http.address import Address, address_of, onward, origin, where, with_key, without_params
from sources.http.caller import basic, user_agent
from sources.http.cookies import Jar
from sources.http.guard import Backend, Connections, Resolve, is_public, resolve_by_system
from sources.http.insist import insist
from sources.http.pace import AT_ONCE, Budget, Lane
from sources.http.response import Passing, Response, beginning, whole
from sources.http.transports import Transport, ways
from sources.http.veil import Veil, parts_of

REDIRECTS = 5
PAUSE = 0.5  # seconds before another try
PAUSE_PRIVATE = 0.1
CONNECTIONS = 100  # kept open while nobody uses them
IDLE = 30.0  # seconds for each
QUOTED = ": bytearray("
"""Where the fault of an answer that is no HTTP begins to quote the answer, which may hold what it was shown."""
OF_BODY = ("content-type", "content-length")
KEPT_ACROSS_ORIGINS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since", *OF_BODY})
"""Headers that go along when a redirect leads to another origin. Any other may be a key."""


class Client:
    """Shared by all workers; safe in threads. `close` when done.

    `contact` is named in the User-Agent. `deadline` bounds the network time of one `get` in seconds, redirects and
    repeated tries included; `raw_limit` and `inflated_limit` its body in bytes. `allow_private` admits every address
    and port, and spares hosts of private addresses the pace. `resolve`, `verify` and `is_public` replace the system's
    resolver, the trusted certificates, and the judgement which addresses belong to the open Internet. `keys` are API
    keys by host, sent over TLS alone as the user of Basic authentication (openFDA takes them so); `user:password` is
    sent as that, and `?name=key` in the query. No answer, header or error shows them, whatever the source sends back.
    `transports` names by host what speaks HTTP in place of httpcore. Raises ImportError where it is not installed.
    """

    _only: Transport | None = None

    def __init__(
        self,
        *,
        contact: str,
        allow_private: bool = False,
        pace_seconds: float = 2.0,
        ports: Collection[int] = (80, 443),
        deadline: float = 60.0,
        raw_limit: int = 16 * 2**20,
        inflated_limit: int = 32 * 2**20,
        resolve: Resolve | None = None,
        verify: ssl.SSLContext | None = None,
        is_public: Callable[[str], bool] = is_public,
        keys: Mapping[str, str] | None = None,
        transports: Mapping[str, str] | None = None,
    ) -> None:
        self.user_agent = user_agent(contact)
        self._allow_private = allow_private
        self._pace = pace_seconds
        self._deadline = deadline
        self._raw_limit = raw_limit
        self._inflated_limit = inflated_limit
        self._is_public = is_public
        self._keys = {host: basic(key) for host, key in (keys or {}).items() if not key.startswith("?")}
        self._params = {host: key[1:] for host, key in (keys or {}).items() if key.startswith("?")}
        self._veil = Veil(part for key in (keys or {}).values() for part in parts_of(key))
        self._backend = Backend(
            resolve or resolve_by_system,
            admits=None if allow_private else is_public,
            ports=None if allow_private else frozenset(ports),
        )
        self._connections = Connections(verify, self._backend, most=CONNECTIONS, idle=IDLE)
        self._ways = ways(transports or {}, self._backend, raw_limit)
        self._lanes: dict[str, Lane] = {}
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close all connections."""
        self._connections.close()

    def through(self, transport: str | None) -> "Client":
        """The same, with its pace, guards and keys, by this transport alone where one is named. Raises ImportError."""
        other = copy(self) if transport else self
        if transport:
            other._only = ways({"": transport}, self._backend, self._raw_limit)[""]
        return other

    def get(
        self,
        url: str | Address,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        etag: str | None = None,
        last_modified: str | None = None,
        missing: Iterable[int] = (),
    ) -> Response:
        """Ask for an address, following up to five redirects. One that `address_of` has read is taken as it is: a body
        makes it a question in JSON.

        Returns an answer of status 200, of a status in `missing`, or, when validators were given, 304. Everything
        else raises Unreachable: nobody there, address refused, too long, too late, damaged, any other status.
        """
        address = address_of(url, params) if isinstance(url, str) else url
        asked = self._wishes(address, headers, etag, last_modified)
        welcome = {200, *missing} | ({304} if etag or last_modified else set())
        budget = Budget(self._deadline)
        try:
            response = self._insist(address, asked, welcome, budget)
            return response if response.status in welcome else self._onward(address, asked, welcome, budget, response)
        except Unreachable as problem:
            problem.args = (self._veil.text(str(problem)),)
            raise

    def _onward(
        self, start: Address, asked: dict[str, str], welcome: set[int], budget: Budget, response: Response
    ) -> Response:
        """Follow redirects from the first answer to one that is welcome."""
        jar, address = Jar(), start
        visited = {(str(start), "")}
        for _ in range(REDIRECTS):
            jar.take(address, response.cookies)
            target = self._without_key(onward(address, response.headers["location"], response.status))
            cookies = jar.for_origin(target)
            if (state := (str(target), cookies)) in visited:
                raise Astray(f"{where(address)}: redirects in a circle, back to {where(target)}")
            visited.add(state)
            if origin(target) != origin(address):
                asked = {name: value for name, value in asked.items() if name in KEPT_ACROSS_ORIGINS}
                asked["accept-encoding"] = "gzip"
            address = target
            sent = asked | ({"cookie": cookies} if cookies else {})
            response = self._insist(address, sent, welcome, budget)
            if response.status in welcome:
                return response
        raise Astray(f"{where(start)}: more than {REDIRECTS} redirects")

    def _wishes(
        self, address: Address, headers: Mapping[str, str] | None, etag: str | None, last_modified: str | None
    ) -> dict[str, str]:
        """The headers of a request: what the caller wants, the key of the host, and the validators."""
        asked = {"accept": "*/*", "accept-encoding": "gzip"} | _lowered(headers)
        if address.scheme == "https" and (key := self._keys.get(address.host)):
            asked["authorization"] = f"Basic {key}"
        if address.body is not None:
            asked |= {"content-type": "application/json", "content-length": str(len(address.body))}
        if etag:
            asked["if-none-match"] = etag
        if last_modified:
            asked["if-modified-since"] = last_modified
        return asked

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], deadline: float = 15.0, read: int = 4096
    ) -> Response:
        """Send a body once: no redirects, no second try, any status is an answer; its body is cut at `read` bytes.

        How many at once is the caller's business. `deadline` in seconds covers everything. Raises Unreachable when
        there is no answer; the text names the host only, since the path of a hook is often its secret.
        """
        until = time.monotonic() + deadline
        address = address_of(url)
        asked = _lowered(headers) | {"content-length": str(len(body))}
        start = partial(beginning, address, read)
        return self._ask("POST", address, asked, until, lambda hook: hook.host, start, content=body)

    def crawl_delay(self, url: str, seconds: float) -> None:
        """Leave at least so many seconds between two requests to this host. Private hosts are spared."""
        lane = self._lane(address_of(url))
        if lane.width == 1:
            lane.gap = max(self._pace, seconds)

    def _insist(self, address: Address, asked: Mapping[str, str], welcome: set[int], budget: Budget) -> Response:
        """One hop, up to three tries while the fault passes and there is time. What succeeds at once, as nearly all
        does, is spared the counting of tries: that costs a tenth of a request."""
        lane = self._lane(address)
        try:
            return self._in_turn(lane, address, asked, welcome, budget)
        except Passing as fault:
            pause = PAUSE if lane.width == 1 else PAUSE_PRIVATE
            once = partial(self._in_turn, lane, address, asked, welcome, budget)
            return insist(once, lambda: pause if budget.left > 0 else None, fault)

    def _in_turn(
        self, lane: Lane, address: Address, asked: Mapping[str, str], welcome: set[int], budget: Budget
    ) -> Response:
        """One try, when it is our turn. A host that asks for time is left alone by all."""
        with lane.turn(address.host):
            started = time.monotonic()
            try:
                return self._once(address, asked, welcome, started + budget.left)
            except Unreachable as refused:
                if refused.retry_after is not None:
                    lane.close_for(refused.retry_after)
                raise
            finally:
                budget.left -= time.monotonic() - started

    def _once(self, address: Address, asked: Mapping[str, str], welcome: set[int], until: float) -> Response:
        """One request, one answer read in full."""
        read = partial(whole, address, welcome, self._raw_limit, self._inflated_limit)
        answer = self._ask(address.method, self._with_key(address), asked, until, where, read, content=address.body)
        if not self._veil.hides or answer.status not in welcome:
            return answer
        url, headers, body = self._veil.answer(address.text, answer.headers, answer.body)
        return Response(url, answer.status, headers, headers.get("content-type", ""), body)

    def _with_key(self, address: Address) -> Address:
        """The address as it is asked for: with the key of its host, where that belongs into the query."""
        key = self._params.get(address.host) if address.scheme == "https" else None
        return with_key(address, key) if key else address

    def _without_key(self, target: Address) -> Address:
        """Where a redirect leads, without a key that the source wrote into it: it goes along by its host alone."""
        name = self._params.get(target.host, "").partition("=")[0]
        return without_params(target, lambda key, value: key == name or self._veil.text(value) != value)

    def _ask(
        self,
        method: str,
        address: Address,
        asked: Mapping[str, str],
        until: float,
        named: Callable[[Address], str],
        read: Callable[[httpcore.Response], Response],
        *,
        content: bytes | None = None,
    ) -> Response:
        """One exchange, over at `until` on the monotonic clock, and what is `read` of its answer. Raises Unreachable,
        the address as `named` says it."""
        head = {"user-agent": self.user_agent, **asked}
        headers = [(name.encode("ascii"), value.encode("latin-1")) for name, value in head.items()]
        headers.insert(0, (b"host", address.host_header))
        request = httpcore.Request(method, address.wire, headers=headers, content=content)
        self._backend.deadline.until = until
        try:
            way = self._only or self._ways.get(address.host) or self._connections.lend(address.wire)
            answer = way.handle_request(request)
            try:
                return read(answer)
            finally:
                answer.close()
                self._connections.keep(address.wire, way)
        except httpcore.LocalProtocolError as problem:
            raise Unreachable(f"{named(address)}: the request cannot be put in HTTP ({problem})") from None
        except httpcore.TimeoutException as problem:
            if time.monotonic() >= until:
                raise Unreachable(f"{named(address)}: no complete answer in time") from None
            raise Passing(f"{named(address)}: {problem}") from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as problem:
            raise Passing(f"{named(address)}: {str(problem).partition(QUOTED)[0]}") from None

    def _lane(self, address: Address) -> Lane:
        """The queue in front of a host: wide and without a gap for private ones, if they may be asked at all."""
        lane = self._lanes.get(address.host)
        if lane is None:
            private = self._allow_private and self._is_private(address)
            lane = Lane(width=AT_ONCE, gap=0) if private else Lane(width=1, gap=self._pace)
            with self._lock:
                lane = self._lanes.setdefault(address.host, lane)
        return lane

    def _is_private(self, address: Address) -> bool:
        try:
            addresses = self._backend.addresses(address.raw_host.decode("ascii"), address.port or 80)
        except (httpcore.ConnectError, httpcore.ConnectTimeout):
            return False
        return not all(map(self._is_public, addresses))


def _lowered(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}
