"""Where a request may go and how long it may take: checked at connect, counted in the stream.

The name is resolved here, every address of the answer must be public, and the connection is made to the address that
was checked, so that a second answer of the name server changes nothing. What is open is lent to the next request.
"""

import ipaddress
import queue
import select
import socket
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any, ClassVar

import httpcore
import httpx

from sources.base import Unreachable

Resolve = Callable[[str, int], Sequence[str]]
"""Host and port in, numeric addresses out; OSError when there is no answer."""

RESOLVE = 10.0  # seconds for the name server
CONNECT = 5.0  # seconds for one connection
READ = 10.0  # seconds for one read or write
ADDRESSES_TRIED = 4

SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in (
        # `is_global` alone differs between patch releases of Python (python/cpython#113171) and lets these pass
        *("0.0.0.0/8", "192.0.0.0/24", "192.88.99.0/24", "240.0.0.0/4"),
        *("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23", "2002::/16", "3fff::/20", "5f00::/16", "fec0::/10"),
    )
)


def is_public(text: str) -> bool:
    """Whether a numeric address belongs to the open Internet; what is no address does not."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_multicast or address.is_reserved or not address.is_global:
        return False
    return not any(address in network for network in SPECIAL if network.version == address.version)


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def resolve_by_system(host: str, port: int) -> list[str]:
    """The addresses the system's resolver gives, in its order; OSError where the name is none or has no address."""
    try:
        answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as problem:  # an empty or overlong label, before any question is asked
        raise OSError(f"not a host name ({problem})") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in answers))


class Deadline(threading.local):
    """When the exchange that the current thread is in must be over, on the monotonic clock.

    One exchange lives in one thread, but its connection outlives it in the pool; hence not a value of the stream.
    """

    until: float = float("inf")

    def left(self, most: float, late: type[Exception]) -> float:
        """Seconds that one step may still take; raises `late` when there are none."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise late("the whole exchange took too long")
        return min(left, most)


class Backend(httpcore.NetworkBackend):
    """Connects to checked addresses only: those that `admits` accepts, at one of `ports`; None is no restriction."""

    def __init__(self, resolve: Resolve, *, admits: Callable[[str], bool] | None, ports: frozenset[int] | None) -> None:
        self.deadline = Deadline()
        self._resolve = resolve
        self._admits = admits
        self._ports = ports

    def addresses(self, host: str, port: int) -> Sequence[str]:
        """The addresses of a host, all of them fit to be asked. Raises Unreachable when one is not, httpcore's
        ConnectError when there is none."""
        if self._ports is not None and port not in self._ports:
            raise Unreachable(f"{host}: port {port} is refused; expected {', '.join(map(str, sorted(self._ports)))}")
        addresses = self._addresses(host, port)
        if not addresses:
            raise httpcore.ConnectError("the name resolves to no address")
        admits = self._admits
        if admits and (refused := next((address for address in addresses if not admits(address)), None)):
            raise Unreachable(f"{host}: address {refused} is refused; expected public addresses only")
        return addresses

    def _addresses(self, host: str, port: int) -> Sequence[str]:
        if _is_numeric(host):
            return [host]
        answers: queue.SimpleQueue[Sequence[str] | OSError] = queue.SimpleQueue()

        def ask() -> None:
            try:
                answers.put(self._resolve(host, port))
            except OSError as problem:
                answers.put(problem)

        # the system's resolver knows no timeout of ours, hence a thread that may be left behind
        threading.Thread(target=ask, name=f"resolve {host}", daemon=True).start()
        try:
            answer = answers.get(timeout=self.deadline.left(RESOLVE, httpcore.ConnectTimeout))
        except queue.Empty:
            raise httpcore.ConnectTimeout("the name did not resolve in time") from None
        if isinstance(answer, OSError):
            raise httpcore.ConnectError(f"the name does not resolve ({answer.strerror or answer})")
        return answer

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        trouble: OSError | None = None
        for address in self.addresses(host, port)[:ADDRESSES_TRIED]:
            try:
                connection = socket.create_connection(
                    (address, port), self.deadline.left(CONNECT, httpcore.ConnectTimeout)
                )
            except OSError as problem:
                trouble = problem
            else:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return Stream(connection, self.deadline)
        if isinstance(trouble, TimeoutError):
            raise httpcore.ConnectTimeout("no connection in time")
        raise httpcore.ConnectError(str((trouble and trouble.strerror) or trouble))

    def connect_unix_socket(self, path: str, timeout: float | None = None, socket_options: Any = None) -> Any:
        raise Unreachable(f"a socket in the file system is refused: {path}")


class Stream(httpcore.NetworkStream):
    """A connection whose every step is bounded by the deadline of the exchange: a byte a second does not keep it."""

    info: ClassVar[dict[str, Callable[[socket.socket], Any]]] = {
        "socket": lambda sock: sock,
        "ssl_object": lambda sock: sock if isinstance(sock, ssl.SSLSocket) else None,
        "client_addr": lambda sock: sock.getsockname(),
        "server_addr": lambda sock: sock.getpeername(),
    }

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._sock.settimeout(self._deadline.left(READ, httpcore.ReadTimeout))
        try:
            return self._sock.recv(max_bytes)
        except TimeoutError:
            raise httpcore.ReadTimeout("no answer in time") from None
        except OSError as problem:
            raise httpcore.ReadError(problem.strerror or str(problem)) from None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        while rest:
            self._sock.settimeout(self._deadline.left(READ, httpcore.WriteTimeout))
            try:
                rest = rest[self._sock.send(rest) :]
            except TimeoutError:
                raise httpcore.WriteTimeout("the request was not taken in time") from None
            except OSError as problem:
                raise httpcore.WriteError(problem.strerror or str(problem)) from None

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        try:
            self._sock.settimeout(self._deadline.left(READ, httpcore.ConnectTimeout))
            return Stream(ssl_context.wrap_socket(self._sock, server_hostname=server_hostname), self._deadline)
        except ssl.SSLCertVerificationError as problem:
            raise Unreachable(f"{server_hostname}: the certificate is not valid ({problem.verify_message})") from None
        except TimeoutError:
            raise httpcore.ConnectTimeout("no TLS handshake in time") from None
        except (OSError, ValueError) as problem:
            raise httpcore.ConnectError(f"TLS: {problem}") from None
        finally:
            if self._sock.fileno() >= 0:  # wrap_socket detaches it when it succeeds
                self._sock.close()

    def close(self) -> None:
        self._sock.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":  # an idle connection that can be read has been closed by the other side
            return self._sock.fileno() < 0 or bool(self._poll.poll(0))
        about = self.info.get(info)
        return about(self._sock) if about else None


class Connections:
    """Connections that were opened and may serve again, each lent to one request at a time; safe in threads.

    httpcore's own pool walks all it holds, and asks each whether it is alive, twice for every request: among a hundred
    hosts that costs more than the request. A queue it need not be either, `Lane` is one. Here a request takes what is
    idle towards its host, or opens. At most `most` are kept idle, each for `idle` seconds. No `context` is `trusted`.
    """

    def __init__(
        self, context: ssl.SSLContext | None, backend: httpcore.NetworkBackend, *, most: int, idle: float
    ) -> None:
        self._context, self._backend = context, backend
        self._most, self._seconds = most, idle
        self._idle: OrderedDict[_Place, list[_Idle]] = OrderedDict()  # who was last asked stands last
        self._count = 0
        self._lock = threading.Lock()

    def lend(self, url: httpcore.URL) -> httpcore.HTTPConnection:
        """The connection to a host that was used last, if it is still open, else one that will open."""
        place = url.scheme, url.host, url.port
        while True:
            with self._lock:
                if not (some := self._idle.get(place)):
                    break
                connection, _ = some.pop()
                self._count -= 1
            if not connection.has_expired():
                return connection
            connection.close()
        context = self._context or (None if url.scheme == b"http" else trusted())
        return httpcore.HTTPConnection(
            url.origin, context, keepalive_expiry=self._seconds, network_backend=self._backend
        )

    def keep(self, url: httpcore.URL, connection: object) -> None:
        """Take back a connection whose answer is closed, and let go of what nobody has used for long. One whose answer
        was not read to its end, or of which the other side wants no more, is closed by then."""
        if not isinstance(connection, httpcore.HTTPConnection) or not connection.is_idle():
            return
        place, now = (url.scheme, url.host, url.port), time.monotonic()
        with self._lock:
            self._idle.setdefault(place, []).append((connection, now + self._seconds))
            self._idle.move_to_end(place)
            self._count += 1
            over = self._over(now)
        for one in over:
            one.close()

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle = [connection for some in self._idle.values() for connection, _ in some]
            self._idle.clear()
            self._count = 0
        for connection in idle:
            connection.close()

    def _over(self, now: float) -> list[httpcore.HTTPConnection]:
        """What is to be closed: too many, or idle for too long."""
        over: list[httpcore.HTTPConnection] = []
        while self._idle:
            some = next(iter(self._idle.values()))
            if some and self._count <= self._most and some[0][1] > now:
                break
            if some:
                over.append(some.pop(0)[0])
                self._count -= 1
            else:
                self._idle.popitem(last=False)
        return over


_Place = tuple[bytes, bytes, int | None]
_Idle = tuple[httpcore.HTTPConnection, float]
"""A connection, and until when it is kept."""


@cache
def trusted() -> ssl.SSLContext:
    """Whom we believe to be who they say: the certificates are read once a process."""
    return httpx.create_ssl_context(trust_env=False)
