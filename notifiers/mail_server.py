"""A mail server by its address, read without the means to talk to it."""

from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

PORTS = {"smtp": 25, "smtps": 465}
STARTTLS_PORT = 587


@dataclass(frozen=True)
class ServerAddress:
    """A mail server as one URL names it: `smtp://user:password@host:587?starttls=1`."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str
    password: str


def server_address(url: str) -> ServerAddress:
    """Read the URL of a mail server. Raises ValueError with what was expected and found; the password is not shown."""
    expected = "expected smtp://user:password@host:587?starttls=1"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
        query = parse_qs(parts.query, strict_parsing=True) if parts.query else {}
    except ValueError as problem:
        raise ValueError(f"{expected}, found another text ({_without_secrets(problem)})") from None
    if parts.scheme not in PORTS:
        raise ValueError(f"{expected} or smtps://, found the scheme {parts.scheme!r}")
    host = parts.hostname or ""
    if not host or any(not (letter.isalnum() or letter in "-._:") for letter in host):
        raise ValueError(f"{expected}, found {'no host' if not host else f'the host {host!r}'}")
    if parts.path not in ("", "/") or parts.fragment or set(query) - {"starttls"}:
        raise ValueError(f"{expected}, found more after the host and port")
    if port == 0:
        raise ValueError(f"{expected}, found the port 0")
    starttls = query.get("starttls", ["0"])[-1]
    if starttls not in ("0", "1"):
        raise ValueError(f"{expected} (or starttls=0), found starttls={starttls!r}")
    default = STARTTLS_PORT if starttls == "1" else PORTS[parts.scheme]
    return ServerAddress(
        host=host,
        port=port or default,
        tls=parts.scheme == "smtps",
        starttls=starttls == "1",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )


def _without_secrets(problem: ValueError) -> str:
    """What urlsplit says of a port may quote a piece of the password: only the kind of fault is told."""
    return "the port is no number from 1 to 65535" if "ort" in str(problem) else "it is no address"
