"""Webhooks after the Standard Webhooks rules: one event a delivery, signed, the same bytes on every attempt."""

import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from pydantic import field_validator
from standardwebhooks import Webhook as Signer

from notifiers.base import Answer, Notifier, Options, Undeliverable
from notifiers.digest import Digest, EventBody
from notifiers.mail_address import check_address

GONE = 410
ASKS_TO_WAIT = (429, 503)
SHOWN = 200
"""How many characters of a refusal's text go into the error."""

GUESSABLE = 12
"""From how many characters on a piece of an address counts as what opens the hook."""


class Hook(Options):
    """What a subscriber may choose: a mail address that hears when the webhook is paused for failing."""

    owner: str | None = None

    @field_validator("owner")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        return check_address(value) if value is not None else None


class Webhook(Notifier):
    """POST an `event/1` body to an address of the subscriber's."""

    name: ClassVar[str] = "webhook"
    payload: ClassVar[Literal["digest", "event"]] = "event"
    at_once: ClassVar[bool] = True
    Options: ClassVar[type[Options]] = Hook
    retries: ClassVar[tuple[float, ...]] = (5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400)

    def check_address(self, address: str) -> str:
        """An http or https address, without credentials or fragment, host in lower case;
        ValueError says what it is instead."""
        expected = "expected a web address such as https://example.org/hook"
        try:
            parts = urlsplit(address.strip())
            port = parts.port
            host = (parts.hostname or "").encode("idna").decode("ascii")
        except ValueError as problem:
            raise ValueError(f"{expected}, found {address!r} ({problem})") from None
        if parts.scheme not in ("http", "https") or not host or re.search(r"[\s\x00-\x1f\x7f]", address.strip()):
            raise ValueError(f"{expected}, found {address!r}")
        if port == 0 or not _names_a_host(host):
            raise ValueError(f"{expected}, found {address!r}")
        if parts.username is not None or parts.password is not None:
            raise ValueError(f"{expected}; a name or password in the address is not accepted: use the signature")
        place = f"[{host}]" if ":" in host else host
        return urlunsplit(
            (parts.scheme, f"{place}:{port}" if port is not None else place, parts.path or "/", parts.query, "")
        )

    def send(self, message: Digest | EventBody, now: datetime) -> None:
        """One POST. 2xx is acceptance; 410 is permanent; everything else may get better."""
        assert isinstance(message, EventBody), type(message)
        headers = {
            "content-type": "application/json",
            "webhook-id": message.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": _signatures(message, now),
        }
        answer = self.channel.post(message.address, body=message.body, headers=headers)
        if not 200 <= answer.status < 300:
            raise _refusal(answer, now, (*message.secrets, *_ways_in(message.address)))


def _names_a_host(host: str) -> bool:
    """Whether a host can be one: an IP address, or a name of labels whose last is no number."""
    try:
        ip_address(host)
    except ValueError:
        labels = host.removesuffix(".").split(".")
        return (
            len(host) <= 253
            and not labels[-1].isdigit()
            and all(re.fullmatch(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", label) for label in labels)
        )
    return True


def _signatures(message: EventBody, now: datetime) -> str:
    """One signature a secret: two are valid while the subscriber changes from one to the other."""
    if not message.secrets:
        raise Undeliverable("expected a secret to sign with, found none: give the subscription one")
    try:
        return " ".join(Signer(secret).sign(message.id, now, message.body.decode()) for secret in message.secrets)
    except binascii.Error:
        raise Undeliverable("expected a secret of the form whsec_ and base64, found another text") from None


def _refusal(answer: Answer, now: datetime, secrets: Iterable[str]) -> Undeliverable:
    text = answer.text
    for secret in secrets:
        text = text.replace(secret, "***")
    shown = " ".join("".join(c if c.isprintable() else " " for c in text).split())[:SHOWN]
    if 300 <= answer.status < 400:
        reason = f"status {answer.status}: redirects are not followed; subscribe the address it leads to"
    else:
        reason = f"status {answer.status}" + (f": {shown}" if shown else "")
    wait = _retry_after(answer.headers, now) if answer.status in ASKS_TO_WAIT else None
    return Undeliverable(reason, permanent=answer.status == GONE, retry_after=wait, status=answer.status)


def _ways_in(address: str) -> Iterator[str]:
    """What of an address opens its hook, the longest first: path and query, or a part of them that no one guesses."""
    parts = urlsplit(address)
    values = [value for _, value in parse_qsl(parts.query)]
    pieces = {f"{parts.path}?{parts.query}", parts.path, parts.query, *parts.path.split("/"), *values}
    yield from sorted((piece for piece in pieces if len(piece) >= GUESSABLE), key=len, reverse=True)


def _retry_after(headers: dict[str, str], now: datetime) -> float | None:
    """Seconds, from a number or a date, negative for a day gone by; None when there is neither."""
    text = next((value.strip() for name, value in headers.items() if name.lower() == "retry-after"), "")
    if re.fullmatch(r"[0-9]+", text):
        return float(text[:12])  # longer ones mean no more
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - now).total_seconds()
