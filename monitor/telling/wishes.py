"""What a subscriber may ask for: each wish checked, and refused by its name with what is accepted."""

import base64
import binascii
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.channels import open_channel
from monitor.telling.slots import WEEKDAYS
from monitor.vocabulary.event_types import LEVELS, TIERS, TYPES
from monitor.vocabulary.places import PLACES
from monitor.vocabulary.topics import TOPICS
from notifiers.base import Notifier
from sources.http.guard import is_public
from store.states import Cadence, Level, Wording

PUBLIC_PORTS = (80, 443)
CADENCES = tuple(Cadence)
SECRET = "whsec_"
SECRET_BYTES = (24, 64)
"""How many bytes of secret the Standard Webhooks rules allow."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked for, whoever asks and by whichever way: empty lists mean all of them, `at_hour` is local, 0 to 23.

    `level` is the lowest that is told; with `only_doors` it is what opens a door instead, whatever its level. `tiers`
    are those of which one has to tell of it.
    """

    therapies: Sequence[str] = ()
    types: Sequence[str] = ()
    places: Sequence[str] = ()
    tiers: Sequence[int | str] = ()
    level: str = Level.MINOR
    only_doors: bool = False
    muted: Sequence[str] = ()
    wording: str = Wording.PLAIN
    hide_outcomes: bool = False
    cadence: str = Cadence.WEEKLY
    at_hour: int = 8
    timezone: str = "UTC"
    quiet_days: Sequence[str] = ()


WISHES = tuple(Wish.__dataclass_fields__)
"""What of a subscription can be asked for, besides the options of its channel; columns of the same names hold it."""

FOR_PEOPLE = {"wording": Wording.PLAIN, "hide_outcomes": False, "quiet_days": []}
"""What only a channel of prose grants, with what a program gets: all of every event, at once, in both wordings."""


def granted(service: Service, kind: type[Notifier], wish: Wish) -> dict[str, Any]:
    """The columns of a subscription that hold a wish, each part checked. Raises Misconfigured naming the part."""
    columns = filters(service, wish.therapies, wish.types, wish.places, wish.level) | {
        "tiers": _tiers(wish.tiers),
        "only_doors": wish.only_doors,
        "muted": _some_of("mute", wish.muted, TOPICS),
        "wording": Wording(each_known("wording", [wish.wording], tuple(Wording))[0]),
        "hide_outcomes": wish.hide_outcomes,
        "cadence": Cadence.IMMEDIATE if kind.at_once else Cadence(each_known("cadence", [wish.cadence], CADENCES)[0]),
        "at_hour": hour(wish.at_hour),
        "timezone": timezone_named(wish.timezone),
        "quiet_days": _some_of("quiet_day", [day.lower() for day in wish.quiet_days], WEEKDAYS),
    }
    for name, only in FOR_PEOPLE.items() if kind.payload == "event" else ():
        if columns[name] != only:
            raise wrong(name, f"none for {kind.name}, it is what people ask for", columns[name])
    return columns


def notifier_named(service: Service, channel: str) -> type[Notifier]:
    """The notifier of a channel. Raises Misconfigured."""
    if channel not in service.notifiers:
        raise wrong("channel", f"one of {', '.join(sorted(service.notifiers))}", channel)
    return service.notifiers[channel]


def filters(
    service: Service, therapies: Sequence[str], types: Sequence[str], places: Sequence[str], level: str
) -> dict[str, Any]:
    """The filters as they are stored; a therapy may be given by any of its names. Raises Misconfigured."""
    return {
        "therapies": [_therapy(service, name) for name in therapies],
        "types": each_known("type", types, TYPES),
        "places": each_known("place", [place.upper() for place in places], PLACES),
        "level": each_known("level", [level], LEVELS)[0],
    }


def address_of(service: Service, kind: type[Notifier], address: str) -> str:
    """The address in canonical form. Raises Misconfigured."""
    try:
        checked = kind(open_channel(service)).check_address(address)
        if kind.payload == "event" and not service.settings.allow_private:
            _require_public(checked)
    except ValueError as problem:
        raise Misconfigured(f"to: {problem}") from None
    return checked


def _require_public(address: str) -> None:
    """Raises ValueError for an address that the guard of the network would refuse at every attempt."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    try:
        private = not is_public(str(ip_address(host)))
    except ValueError:
        private = host == "localhost" or host.endswith(".localhost")
    if private:
        raise ValueError(
            f"expected an address of the open Internet, found the host {host} (THERAWATCH_ALLOW_PRIVATE=1 admits it)"
        )
    if parts.port not in (None, *PUBLIC_PORTS):
        raise ValueError(f"expected port 80 or 443, found {parts.port} (THERAWATCH_ALLOW_PRIVATE=1 admits any)")


def options_of(kind: type[Notifier], options: dict[str, Any]) -> dict[str, Any]:
    """The notifier's options, checked. Raises Misconfigured."""
    try:
        return kind.Options.model_validate(options).model_dump()
    except ValidationError as problem:
        faults = "; ".join(
            f"options.{'.'.join(map(str, e['loc']))}: {e['msg'].removeprefix('Value error, ')}"
            for e in problem.errors()
        )
        raise Misconfigured(faults) from None


def secret_of(secret: str | None) -> str:
    """The secret given, or a new one. Raises Misconfigured, never showing what was given."""
    if secret is None:
        return SECRET + base64.b64encode(secrets.token_bytes(SECRET_BYTES[0])).decode()
    expected = f"{SECRET} and the base64 of {SECRET_BYTES[0]} to {SECRET_BYTES[1]} bytes"
    try:
        size = len(base64.b64decode(secret.removeprefix(SECRET), validate=True))
    except (binascii.Error, ValueError):
        size = 0
    if not secret.startswith(SECRET) or not SECRET_BYTES[0] <= size <= SECRET_BYTES[1]:
        raise wrong("secret", expected, "another text")  # never shown: it may be a real one with a slip
    return secret


def _therapy(service: Service, name: str) -> str:
    """The pack's name of a therapy, found by any of its names."""
    if known := service.pack.named(name):
        return known.name
    raise wrong("therapy", f"one of {', '.join(one.name for one in service.pack.therapies)}", name)


def each_known(key: str, values: Sequence[str], known: Iterable[str]) -> list[str]:
    """The values, each of which must be among the known ones. Raises Misconfigured."""
    accepted = list(known)
    for value in values:
        if value not in accepted:
            raise wrong(key, f"one of {', '.join(accepted)}", value)
    return list(values)


def _some_of(key: str, values: Sequence[str], known: Iterable[str]) -> list[str]:
    """The values, each once, in the order in which they are known; not all of them: then nothing would ever come.
    Raises Misconfigured."""
    accepted = list(known)
    asked = each_known(key, values, accepted)
    if set(asked) == set(accepted):
        raise wrong(key, "at least one left out", "all")
    return [value for value in accepted if value in asked]


def _tiers(values: Sequence[int | str]) -> list[int]:
    """The tiers, the nearest first; all of them are as good as none. Raises Misconfigured."""
    asked = each_known("tier", [str(value) for value in values], map(str, TIERS))
    return [] if len(set(asked)) == len(TIERS) else [tier for tier in TIERS if str(tier) in asked]


def hour(hour: int) -> int:
    """An hour of the day. Raises Misconfigured."""
    if not 0 <= hour <= 23:
        raise wrong("hour", "a number from 0 to 23", hour)
    return hour


def timezone_named(name: str) -> str:
    """A time zone that is known. Raises Misconfigured."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise wrong("timezone", "a name such as Europe/Madrid", name) from None
    return name


def wrong(key: str, expected: str, value: object) -> Misconfigured:
    """What a wish that cannot be granted is answered with."""
    return Misconfigured(f"{key}: expected {expected}, found {value!r}")
