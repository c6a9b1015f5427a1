"""What came back: the response, or why it is none."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore
import httpx

from sources.base import TooLong, Unreachable
from sources.http.address import Address, where
from sources.http.inflate import Damaged, Overlong, inflate

RETRY_AFTER = (1.0, 86_400.0)  # seconds; less is no wait, more is a mistake of theirs
PASSING = frozenset({500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that may be gone a moment later, unless they come with a Retry-After."""

REDIRECTING = frozenset({301, 302, 303, 307, 308})

CODINGS = {
    **dict.fromkeys(("identity", ""), ""),
    **dict.fromkeys(("gzip", "x-gzip"), "gzip"),
    **{name: name for name in ("br", "compress", "dcb", "dcz", "deflate", "x-compress", "zstd", "aes128gcm", "exi")},
}
"""The content codings that exist; of them only gzip is asked for."""


@dataclass(frozen=True)
class Response:
    """An answer: the address it came from in the end, lower-case headers, inflated body, and the cookies it sets."""

    url: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    body: bytes = field(repr=False)
    cookies: tuple[str, ...] = ()


class Passing(Unreachable):
    """A fault that may be gone at the next try."""


def whole(
    address: Address, welcome: Collection[int], raw_limit: int, inflated_limit: int, answer: httpcore.Response
) -> Response:
    """An answer read in full: of a `welcome` status, or one that leads elsewhere. Raises Unreachable for any other."""
    status, headers = answer.status, headers_of(answer)
    if status in REDIRECTING and status not in welcome and "location" in headers:
        return Response(address.text, status, headers, "", b"", cookies_of(answer))
    if status not in welcome:
        raise unwelcome(where(address), status, headers)
    if status == 304:
        body = b"".join(answer.iter_stream())  # none; but only an answer read to its end keeps the connection
    else:
        body = body_of(answer, headers, address, raw_limit, inflated_limit)
    return Response(address.text, status, headers, headers.get("content-type", ""), body)


def beginning(address: Address, most: int, answer: httpcore.Response) -> Response:
    """An answer of any status, with at most so many bytes of its body; the rest is not read."""
    headers, body = headers_of(answer), b""
    for chunk in answer.iter_stream():
        body += chunk
        if len(body) >= most:
            break
    return Response(address.text, answer.status, headers, headers.get("content-type", ""), body[:most])


def headers_of(answer: httpcore.Response) -> dict[str, str]:
    """Lower-case names; what is repeated is joined by a comma. Values are UTF-8 where they can be (an address in a
    Location), else Latin-1."""
    headers: dict[str, str] = {}
    for raw, value in answer.headers:
        name, text = raw.decode("latin-1").lower(), _text(value)
        headers[name] = f"{headers[name]}, {text}" if name in headers else text
    return headers


def cookies_of(answer: httpcore.Response) -> tuple[str, ...]:
    """The values of Set-Cookie, each by itself: they hold commas."""
    return tuple(value.decode("latin-1") for name, value in answer.headers if name.lower() == b"set-cookie")


def coding_of(value: str) -> str:
    """The coding of a body by its Content-Encoding: `gzip`, empty for none, else what cannot be read.

    Names that are no coding ("UTF-8", "none") count as none, as browsers have it.
    """
    names = [name.strip().lower() for name in value.split(",")]
    codings = [CODINGS[name] for name in names if name in CODINGS]
    return ", ".join(coding for coding in codings if coding)


def body_of(
    answer: httpcore.Response, headers: Mapping[str, str], address: httpx.URL, raw_limit: int, inflated_limit: int
) -> bytes:
    """The body, inflated. Raises TooLong above either limit (in bytes), Passing when it is damaged, Unreachable when
    its coding was not asked for."""
    coding = coding_of(headers.get("content-encoding", ""))
    chunks = capped(answer.iter_stream(), raw_limit)
    try:
        if coding == "gzip":
            return inflate(chunks, limit=inflated_limit)
        if not coding:
            return b"".join(chunks)
    except Overlong as problem:
        raise TooLong(f"{where(address)}: too long, {problem}") from None
    except Damaged as problem:
        raise Passing(f"{where(address)}: {problem}") from None
    raise Unreachable(f"{where(address)}: expected gzip or no encoding, found {coding[:40]!r}")


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def capped(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The chunks, or Overlong once there are more than `limit` bytes."""
    have = 0
    for chunk in chunks:
        have += len(chunk)
        if have > limit:
            raise Overlong(f"more than {limit} bytes on the wire")
        yield chunk


APOLOGY = re.compile(r"/apology_objects/|abuse-detection", re.I)
"""Where some agencies send programs they do not want; that address itself is then "not found"."""
HOURS_AWAY = 4 * 3600.0
"""Seconds for which a host that apologises is left alone: asking again makes its wall last longer."""


def unwelcome(place: str, status: int, headers: Mapping[str, str]) -> Unreachable:
    """The fault that a status is; a passing one may be tried again at once."""
    if APOLOGY.search(place):
        return Unreachable(
            f"{place}: the site turns programs away (its apology, HTTP {status})", retry_after=HOURS_AWAY
        )
    try:
        phrase = f"HTTP {status} {HTTPStatus(status).phrase}"
    except ValueError:
        phrase = f"HTTP {status}"
    wait = _seconds(headers.get("retry-after", "")) if status in (429, 503) else None
    if wait is not None:
        return Unreachable(f"{place}: {phrase}, asks to wait {wait:.0f} s", retry_after=wait)
    return (Passing if status in PASSING else Unreachable)(f"{place}: {phrase}")


def _seconds(text: str) -> float | None:
    """Retry-After, given as seconds or as a date, within bounds; None when it is neither."""
    text = text.strip()
    if text.isdecimal() and len(text) < 16:
        wait = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            return None
        wait = (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    shortest, longest = RETRY_AFTER
    return min(max(wait, shortest), longest)
