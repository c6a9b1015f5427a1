"""What came back: the response, or why it is none."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpcore

from sources.base import Unreachable
from sources.http.inflate import Overlong

RETRY_AFTER = (1.0, 86_400.0)  # seconds; less is no wait, more is a mistake of theirs
PASSING = frozenset({500, 502, 503, 504, 520, 521, 522, 523, 524})
"""Statuses that may be gone a moment later, unless they come with a Retry-After."""


@dataclass(frozen=True)
class Response:
    """An answer: the address it came from in the end, lower-case headers, inflated body."""

    url: str
    status: int
    headers: Mapping[str, str]
    content_type: str
    body: bytes = field(repr=False)


class Passing(Unreachable):
    """A fault that may be gone at the next try."""


def headers_of(answer: httpcore.Response) -> dict[str, str]:
    """Lower-case names; what is repeated is joined by a comma."""
    found: dict[str, str] = {}
    for raw, value in answer.headers:
        name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


def capped(chunks: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """The chunks, or Overlong once there are more than `limit` bytes."""
    have = 0
    for chunk in chunks:
        have += len(chunk)
        if have > limit:
            raise Overlong(f"more than {limit} bytes on the wire")
        yield chunk


def first(chunks: Iterable[bytes], most: int) -> bytes:
    """At most so many bytes; the rest is not read."""
    start = b""
    for chunk in chunks:
        start += chunk
        if len(start) >= most:
            break
    return start[:most]


def unwelcome(place: str, status: int, headers: Mapping[str, str]) -> Unreachable:
    """The fault that a status is; a passing one may be tried again at once."""
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
