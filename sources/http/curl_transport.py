"""HTTP by curl, for hosts that refuse our own way to speak it: another TLS hello, and HTTP/2 where it is offered.

It stands where httpcore's pool stands, behind the same client: who may be asked, pace, tries, redirects, limits of the
body and the veil are the client's business. Names are resolved and checked by our guard, and curl is given the checked
addresses for whatever name it may want: it asks no name server, no proxy, and follows no redirect. Nobody is
impersonated: the User-Agent stays ours. Comes with the extra `curl`.
"""

import re
from collections.abc import Mapping, Sequence
from math import ceil

import certifi
import httpcore
from curl_cffi import Curl, CurlError, CurlInfo, CurlOpt
from curl_cffi.const import CurlECode

from sources.base import Unreachable
from sources.http.guard import ADDRESSES_TRIED, CONNECT, READ, Backend

TRUSTED = certifi.where()
STOP = 0xFFFFFFFF  # what a callback returns so that curl goes no further
BROKEN = re.compile(rb"[\r\n\0]")
WRITES = frozenset({b"host", b"content-length"})
"""Headers that curl writes itself, from the address and the body."""
PORTS = {b"http": 80, b"https": 443}
FAULTS: Mapping[int, type[Exception]] = {
    CurlECode.OPERATION_TIMEDOUT: httpcore.ReadTimeout,
    CurlECode.COULDNT_CONNECT: httpcore.ConnectError,
    CurlECode.COULDNT_RESOLVE_HOST: httpcore.ConnectError,
    CurlECode.SSL_CONNECT_ERROR: httpcore.ConnectError,
}
"""Of curl to that of httpcore; every other is one of the protocol."""
NOT_TRUSTED = CurlECode.PEER_FAILED_VERIFICATION


class CurlTransport:
    """One exchange after another, each on a connection of its own. Of a body `most` bytes are taken, and the piece with
    which it becomes longer: by that the client sees it."""

    def __init__(self, guard: Backend, most: int) -> None:
        self._guard = guard
        self._most = most

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """As httpcore's pool answers a request, with its exceptions. Raises Unreachable for an address that is not to
        be asked, or not trusted."""
        port = request.url.port or PORTS[request.url.scheme]
        addresses = self._guard.addresses(request.url.host.decode("ascii"), port)[:ADDRESSES_TRIED]
        head, body = _Head(), _Body(self._most)
        curl = Curl()
        try:
            self._prepare(curl, request, addresses, port)
            curl.setopt(CurlOpt.HEADERFUNCTION, head.take)
            curl.setopt(CurlOpt.WRITEFUNCTION, body.take)
            try:
                curl.perform()
            except CurlError as problem:
                if not body.cut:
                    raise _fault(request, problem) from None
            if (used := curl.getinfo(CurlInfo.PRIMARY_IP)) and _text(used) not in addresses:
                raise Unreachable(f"{request.url.host.decode()}: answered from {_text(used)}; expected {addresses[0]}")
            return httpcore.Response(head.status, headers=head.headers, content=body.pieces)
        finally:
            curl.close()

    def _prepare(self, curl: Curl, request: httpcore.Request, addresses: Sequence[str], port: int) -> None:
        """Say to curl what to ask, whom alone, and for how long."""
        if any(BROKEN.search(part) for header in request.headers for part in header):
            raise httpcore.LocalProtocolError("a header with a line break")
        left = self._guard.deadline.left(1e6, httpcore.ConnectTimeout)
        wishes: dict[CurlOpt, object] = {
            CurlOpt.URL: bytes(request.url),
            CurlOpt.RESOLVE: [f"*:{port}:{','.join(addresses)}"],
            CurlOpt.PROXY: b"",
            CurlOpt.NOPROXY: b"*",
            CurlOpt.PROTOCOLS_STR: b"http,https",
            CurlOpt.FOLLOWLOCATION: 0,
            CurlOpt.PATH_AS_IS: 1,
            CurlOpt.NOSIGNAL: 1,
            CurlOpt.HTTP_CONTENT_DECODING: 0,  # the client inflates, under its limit
            CurlOpt.CAINFO: TRUSTED.encode(),
            CurlOpt.CONNECTTIMEOUT_MS: ceil(1000 * min(CONNECT, left)) + 1,  # neither is over before our own clock
            CurlOpt.TIMEOUT_MS: ceil(1000 * left) + 1,  # says that time is up
            CurlOpt.LOW_SPEED_LIMIT: 1,
            CurlOpt.LOW_SPEED_TIME: int(READ),
            CurlOpt.HTTPHEADER: [
                *(b"%s: %s" % header for header in request.headers if header[0].lower() not in WRITES), b"Expect:",
            ],
        }  # fmt: skip
        if request.method == b"POST":
            content = b"".join(request.stream)  # type: ignore[arg-type]
            wishes |= {CurlOpt.POST: 1, CurlOpt.POSTFIELDSIZE: len(content), CurlOpt.POSTFIELDS: content}
        for name, value in wishes.items():
            curl.setopt(name, value)


class _Head:
    """Status and headers as they come, those of the last answer: interim ones come before."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []

    def take(self, line: bytes) -> int:
        if line.startswith(b"HTTP/"):
            self.status, self.headers = int(line.split()[1]), []
        elif (name := line.partition(b":"))[1]:
            self.headers.append((name[0].strip(), name[2].strip()))
        return len(line)


class _Body:
    """The pieces of a body, until there is more than may be."""

    def __init__(self, most: int) -> None:
        self.pieces: list[bytes] = []
        self.cut = False
        self._left = most

    def take(self, piece: bytes) -> int:
        self.pieces.append(piece)
        self._left -= len(piece)
        self.cut = self._left < 0
        return STOP if self.cut else len(piece)


def _fault(request: httpcore.Request, problem: CurlError) -> Exception:
    """What is raised for a fault of curl, in its words without its advice."""
    said = str(problem).partition("curl: ")[2].partition(". See https")[0] or "no answer"
    if problem.code == NOT_TRUSTED:
        return Unreachable(f"{request.url.host.decode()}: the certificate is not valid ({said})")
    return FAULTS.get(problem.code, httpcore.RemoteProtocolError)(said)


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
