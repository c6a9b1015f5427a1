"""Addresses of the web: read strictly, shown without their secrets."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from sources.base import Unreachable

LONGEST = 8192  # characters
HOST = re.compile(rb"[A-Za-z0-9._-]{1,253}|[0-9A-Fa-f:.]+")
SECRETS = frozenset(
    {
        *("api_key", "apikey", "api-key", "key", "x-api-key", "subscription-key", "access_key", "appid", "app_key"),
        *("token", "access_token", "auth", "authkey", "auth_token", "secret", "client_secret", "jwt", "session"),
        *("password", "passwd", "pwd", "pass", "sig", "signature", "credential", "credentials"),
    }
)
"""Query parameters that are never stored or shown."""
CREDENTIALS = re.compile(r"//[^/?#\s]*@")


def address_of(url: str, params: Mapping[str, Any] | None = None) -> httpx.URL:
    """The address, checked as far as it can be without asking anybody: http or https, a host, no credentials.

    Raises Unreachable saying what was expected.
    """
    if len(url) > LONGEST:
        raise Unreachable(f"{url[:80]}...: address of {len(url)} characters; expected at most {LONGEST}")
    try:
        address = httpx.URL(url)
        if params:
            address = address.copy_merge_params(params)
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
    return address.copy_with(fragment=None) if address.fragment else address


def shown(address: httpx.URL) -> str:
    """The address without keys in its query: what may be stored, logged and shown."""
    if not address.query:
        return str(address)
    secret = [name for name in address.params if name.lower() in SECRETS]
    for name in secret:
        address = address.copy_remove_param(name)
    return str(address)


def without_secrets(url: str, *, keys: bool = True) -> str:
    """An address as text without user and password, and (`keys`) without keys in its query; what is no address stays.

    One without either comes back as it was written.
    """
    try:
        address = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return CREDENTIALS.sub("//", url)
    bare = address.copy_with(userinfo=b"") if address.userinfo else address
    text = shown(bare) if keys else str(bare)
    return url if text == str(address) else text


def where(address: httpx.URL) -> str:
    """The address without its query, for the text of an error."""
    return f"{address.scheme}://{address.netloc.decode('ascii')}{address.path}"


def origin(address: httpx.URL) -> tuple[str, str, int | None]:
    """Scheme, host and port; port None is the scheme's own."""
    return address.scheme, address.host, address.port


def onward(address: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads. Raises Unreachable when it leaves TLS or is no address we would ask."""
    try:
        target = address.join(location)
    except (httpx.InvalidURL, UnicodeError, ValueError) as problem:
        raise Unreachable(f"{where(address)}: redirects to no address ({problem})") from None
    if address.scheme == "https" and target.scheme == "http":
        raise Unreachable(f"{where(address)}: redirects from https to http, refused")
    return address_of(str(target))
