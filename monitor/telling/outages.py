"""Channels that are down as a whole: what is remembered of them, and when they are tried again.

A mail server that turns everybody away is asked by one mail after a pause that grows with each refusal; meanwhile no
delivery on this channel is claimed and none of its attempts is counted. The memory lies in the store, so that a
restart does not begin anew. It is void once the settings of the channel are other ones.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, or_
from sqlalchemy import select as choose
from sqlmodel import Session, col, select

from monitor.service import Service
from monitor.telling.secrets import Keyring
from store.columns import FLAG
from store.database import reading
from store.tables import Flag

PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 16, 30, 60))
"""How long a channel is left alone after the first, second ... refusal in a row; the last one for ever."""

OUTAGE = "channel/"
SENDING = "sending"
"""The flag that stops all sending while its value is `paused`."""

NOTED = choose(FLAG.c.name, FLAG.c.value).where(or_(FLAG.c.name == SENDING, FLAG.c.name.startswith(OUTAGE)))
FORGET = delete(FLAG).where(FLAG.c.name == bindparam("flag"))


@dataclass(frozen=True)
class Outage:
    """One channel that is down: since when, how often it was tried, why, and when it is tried again."""

    channel: str
    since: datetime
    failures: int
    until: datetime
    because: str


def outages(service: Service, keyring: Keyring) -> list[Outage]:
    """The channels that were down when they were last tried, with the settings they have now."""
    with reading(service.engine) as session:
        return _outages(service, _noted(session), keyring)


def _noted(session: Session) -> dict[str, str]:
    """The flags of all that is stopped or down."""
    return {name: value for name, value in session.connection().execute(NOTED)}


def _outages(service: Service, noted: Mapping[str, str], keyring: Keyring) -> list[Outage]:
    stored = {name.removeprefix(OUTAGE): json.loads(value) for name, value in noted.items() if name != SENDING}
    if not stored:
        return []
    mark = _settings_mark(service, keyring)
    return [_outage(channel, memory) for channel, memory in stored.items() if memory["settings"] == mark]


def stopped(session: Session) -> bool:
    """Whether all sending was stopped by hand."""
    flag = session.get(Flag, SENDING)
    return flag is not None and flag.value == "paused"


def resting(service: Service, session: Session, keyring: Keyring) -> set[str] | None:
    """The channels that are left alone now; None where all sending was stopped by hand. A pause that ends later than
    any can is a clock that was set back."""
    noted, now = _noted(session), service.now()
    if noted.get(SENDING) == "paused":
        return None
    return {outage.channel for outage in _outages(service, noted, keyring) if now < outage.until <= now + PAUSES[-1]}


def went_down(service: Service, session: Session, channel: str, because: str, keyring: Keyring) -> None:
    """Note that a channel turned us away; the pause until it is tried again grows each time."""
    now, mark = service.now(), _settings_mark(service, keyring)
    flag = session.get(Flag, OUTAGE + channel)
    before = json.loads(flag.value) if flag else None
    if before is None or before["settings"] != mark:
        before = {"since": now.isoformat(), "failures": 0}
    failures = before["failures"] + 1
    until = now + PAUSES[min(failures, len(PAUSES)) - 1]
    memory = {
        "since": before["since"], "failures": failures, "until": until.isoformat(), "because": because,
        "settings": mark,
    }  # fmt: skip
    session.merge(Flag(name=OUTAGE + channel, value=json.dumps(memory)))


def came_back(session: Session, channel: str) -> None:
    """Forget the outage of a channel that has taken a message."""
    session.connection().execute(FORGET, {"flag": OUTAGE + channel})


def forget_outages(session: Session) -> None:
    """Try every channel again at once: a person says so."""
    for flag in session.exec(select(Flag).where(col(Flag.name).startswith(OUTAGE))).all():
        session.delete(flag)


def _outage(channel: str, memory: dict[str, str | int]) -> Outage:
    return Outage(
        channel=channel,
        since=datetime.fromisoformat(str(memory["since"])),
        failures=int(memory["failures"]),
        until=datetime.fromisoformat(str(memory["until"])),
        because=str(memory["because"]),
    )


def _settings_mark(service: Service, keyring: Keyring) -> str:
    """What tells one configuration from another, without telling anything of it: it holds a password."""
    return keyring.mark(f"{service.settings.smtp_url}|{service.settings.mail_from}")
