"""Addresses of the web: read strictly, shown without their secrets."""

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import parse_qsl, quote

import httpcore
import httpx

from sources.base import Astray, Unreachable

LONGEST = 8192  # characters
PORTS = {"http": 80, "https": 443}
HOST = re.compile(rb"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]+")
ALONE = frozenset({"key", "appid", "auth", "bearer", "pass", "pw", "pwd", "session", "sid", "sig"})
ENDINGS = (
    *("accesskey", "apikey", "appkey", "authkey", "licensekey", "privatekey", "secretkey", "userkey"),
    *("subscriptionkey", "signingkey", "token", "secret", "password", "passwd", "passphrase", "signature"),
    *("credential", "credentials", "jwt", "passcode", "sessionid", "sessid"),
)
TURNS_PAGES = ("page", "next", "continuation", "continue", "resumption", "cursor", "skip", "sync")
"""What a token may be of without being a secret: `pageToken`."""
IN_PATH = re.compile(rb";([^;=/]+)=[^;/]*")
"""A parameter of a part of a path: `/news;jsessionid=...`."""
KEEPING = frozenset({307, 308})
"""Redirects after which method and body are what they were."""
CREDENTIALS = re.compile(r"//[^/?#\s]*@")


class Address(httpx.URL):
    """An address that is asked again and again: what names it is put together once. With a `body` it is a question, put
    by POST."""

    def __init__(self, url: httpx.URL, body: bytes | None = None) -> None:
        super().__init__(url)
        self.text = str(url)
        self.body = body
        self.method = "GET" if body is None else "POST"
        self.host_header = self.netloc
        self.wire = httpcore.URL(scheme=self.raw_scheme, host=self.raw_host, port=self.port, target=self.raw_path)
        host = f"[{self.host}]" if ":" in self.host else self.host
        self.place = f"{self.scheme}://{host}:{self.port or PORTS[self.scheme]}"
        """What rules and rests are kept under: scheme://host:port, the port always written."""

    @cached_property
    def shown(self) -> str:
        """Without keys: see `shown`. What is asked by a body stands behind `#`: another question is another page."""
        return shown(self) if self.body is None else f"{shown(self)}#{quote(self.body)}"


def address_of(url: str, params: Mapping[str, Any] | None = None, body: bytes | None = None) -> Address:
    """The address, checked as far as it can be without asking anybody: http or https, a host, no credentials.

    Raises Unreachable saying what was expected.
    """
    if (length := len(url) + len(body or b"")) > LONGEST:
        raise Unreachable(f"{url[:80]}...: address of {length} characters; expected at most {LONGEST}")
    address = _read(url, tuple(_pairs(params)) if params else ())
    return address if body is None else Address(address, body)


_parsed = lru_cache(maxsize=1024)(httpx.URL)
"""An address of a pack is read where the pack is checked, and where it is asked."""


@lru_cache(maxsize=1024)  # a watch asks the same addresses at every look, and httpx reads an address slowly
def _read(url: str, params: tuple[tuple[str, str], ...]) -> Address:
    try:
        address = _parsed(url)
        if params:
            address = address.copy_merge_params(httpx.QueryParams(params))
    except (httpx.InvalidURL, UnicodeError, ValueError) as problem:
        raise Unreachable(f"{url!r}: not an address ({problem})") from None
    if address.scheme not in ("http", "https"):
        raise Unreachable(f"{url!r}: expected http or https, found {address.scheme or 'no scheme'}")
    if not address.host:
        raise Unreachable(f"{url!r}: expected a host, found none")
    if not HOST.fullmatch(address.raw_host):
        raise Unreachable(f"{url!r}: expected a host name or address, found {address.host!r}")
    if address.userinfo:
        raise Unreachable(f"{address.host}: credentials in an address are refused")
    return Address(address.copy_with(fragment=None) if address.fragment else address)


def is_secret(name: str) -> bool:
    """Whether a parameter of this name holds a key or the like, which is never stored or shown: `api_key`, `X-API-Key`,
    `access_token`."""
    word = re.sub(r"[\W_]+", "", name).lower()
    return word in ALONE or (word.endswith(ENDINGS) and word.removesuffix("token") not in TURNS_PAGES)


def _pairs(params: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Names and values as a query has them: true and false in small letters, nothing for None."""
    for name, value in params.items():
        for one in value if isinstance(value, list | tuple) else (value,):
            yield name, "" if one is None else str(one).lower() if isinstance(one, bool) else str(one)


@lru_cache(maxsize=1024)
def shown(address: httpx.URL) -> str:
    """The address without keys in its query, and in its path: what may be stored, logged and shown."""
    path, mark, query = address.raw_path.partition(b"?")
    if (bare := IN_PATH.sub(_unless_secret, path)) != path:
        address = address.copy_with(raw_path=bare + mark + query)
    if address.fragment and any(is_secret(name) for name, _ in parse_qsl(address.fragment, keep_blank_values=True)):
        address = address.copy_with(fragment=None)
    for name in [name for name in address.params if is_secret(name)] if address.query else ():
        address = address.copy_remove_param(name)
    return str(address)


def _unless_secret(parameter: re.Match[bytes]) -> bytes:
    return b"" if is_secret(parameter[1].decode("latin-1")) else parameter[0]


def with_key(address: Address, key: str) -> Address:
    """The address with a key in its query, `name=value`: for the wire alone."""
    name, _, value = key.partition("=")
    return Address(address.copy_merge_params({name: value}), address.body)


def without_params(address: Address, unwanted: Callable[[str, str], bool]) -> Address:
    """The address without the parameters whose name and value are unwanted; left as it was written where none is."""
    left: httpx.URL = address
    for name in {name for name, value in address.params.multi_items() if unwanted(name, value)}:
        left = left.copy_remove_param(name)
    return address if left is address else Address(left, address.body)


def without_secrets(url: str) -> str:
    """An address as text without user and password and without keys in its query; what is no address stays.

    One without either comes back as it was written.
    """
    try:
        address = _parsed(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return CREDENTIALS.sub("//", url)
    bare = address.copy_with(userinfo=b"") if address.userinfo else address
    text = shown(bare)
    return url if text == str(address) else text


def where(address: httpx.URL) -> str:
    """The address without its query, for the text of an error."""
    return f"{address.scheme}://{address.netloc.decode('ascii')}{address.path}"


def origin(address: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port; port None is the scheme's own."""
    return address.scheme, address.host, address.port


def onward(address: Address, location: str, status: int) -> Address:
    """Where a redirect leads. Raises Astray when it leaves TLS, leads to no address, or lets a question with a body
    become one without; Unreachable for one that we would not ask."""
    if address.body is not None and status not in KEEPING:
        raise Astray(f"{where(address)}: redirects a question (HTTP {status}); expected an answer, or 307 or 308")
    try:
        target = address.join(location)
    except (httpx.InvalidURL, UnicodeError, ValueError) as problem:
        raise Astray(f"{where(address)}: redirects to no address ({problem})") from None
    if address.scheme == "https" and target.scheme == "http":
        raise Astray(f"{where(address)}: redirects from https to http, refused")
    return address_of(str(target), body=address.body)
