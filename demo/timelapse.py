"""The time-lapse: the product's own steps, day by day of the story, over real HTTP and SMTP on loopback."""

import gc
import tomllib
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select

from demo.apart import Arrived, WorldApart
from demo.outbox import Outbox
from demo.receivers import Mail
from demo.story import Story, read_story
from demo.world import START
from monitor.events.review import Verdict, confirm, dismiss
from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import Settings
from monitor.telling.deliver import deliver
from monitor.telling.secrets import address_seal, open_keyring
from monitor.vocabulary.claims import NETWORK
from monitor.watching.runs import TROUBLE, Checked
from store.columns import word
from store.database import writing
from store.states import Cadence, EventState, Level
from store.tables import Event, Subscription

HERE = Path(__file__).parent
END = datetime(2026, 11, 2, 9, tzinfo=UTC)
MORNING = time(9)
"""On Mondays, in UTC: after the hour at which the digests of the week are due."""
READER = "reader@example.org"
WEEKLY_READER = "weekly@example.org"
WAITING = select(Event).where(col(Event.state) == word(EventState.HELD), col(Event.detected_at) < bindparam("now"))
ANY_WAITING = WAITING.with_only_columns(col(Event.id)).limit(1)
SECRET = "whsec_ZGVtby1zZWNyZXQtb2YtdGhlLXRpbWUtbGFwc2U="


@dataclass
class Step:
    """One stop of the clock: what was checked, and what arrived."""

    moment: datetime
    checked: list[Checked] = field(default_factory=list)
    arrived: Arrived = field(default_factory=Arrived)

    @property
    def calls(self) -> list[dict[str, Any]]:
        """Bodies of the webhooks that came."""
        return self.arrived.calls

    @property
    def mails(self) -> list[Mail]:
        """The mails that came."""
        return self.arrived.mails

    @property
    def trouble(self) -> list[Checked]:
        """Checks that did not succeed."""
        return [checked for checked in self.checked if checked.outcome in TROUBLE]


@dataclass(frozen=True)
class Golden:
    """Something that must be told, once."""

    what: str
    therapy: str
    types: tuple[str, ...]
    day: str
    place: str | None = None
    places: tuple[str, ...] = ()  # of an alert that speaks for several; empty: `place` alone

    def told_by(self, body: dict[str, Any]) -> bool:
        """Whether a webhook's event is this one."""
        return (
            (body["therapy"] or {}).get("id", "").lower() == self.therapy.lower()
            and body["type"] in self.types
            and self.place == body["place"]
            and body["places"] == list(self.places or filter(None, [self.place]))
        )


def read_golden() -> list[Golden]:
    """The list of what the demo must tell."""
    raw = tomllib.loads((HERE / "golden.toml").read_text(encoding="utf-8"))
    return [
        Golden(**{**entry, "types": tuple(entry["types"]), "places": tuple(entry.get("places", ()))})
        for entry in raw["golden"]
    ]


def moments(story: Story, start: datetime = START, end: datetime = END) -> list[datetime]:
    """When what is due is looked at: every day, in the evening where there is news and else in the morning; on Mondays
    always in the morning too, before the weekly digests leave, so that what they say of our looking is true."""
    evenings = [moment for moment in story.moments(start) if moment < end]
    told = {moment.date() for moment in evenings}
    first = start.replace(hour=MORNING.hour, minute=MORNING.minute)
    mornings = [first + timedelta(days=day) for day in range(1, (end - first).days + 1)]
    return sorted([*evenings, *(day for day in mornings if day.date() not in told or day.weekday() == 0)])


def play(database: Path, *, pack: Path, sent: Path | None = None) -> Iterator[Step]:
    """Play the story into a new database; yields after each stop of the clock. The pack is written to `pack`, and
    all that is sent into the folder `sent`. Raises FileExistsError where that folder holds something else."""
    for leftover in database.parent.glob(f"{database.name}*"):
        leftover.unlink()
    if sent:
        Outbox(sent)
    with ExitStack() as stack:
        world = stack.enter_context(WorldApart(SECRET, sent))
        pack.write_text((HERE / "pack.toml").read_text(encoding="utf-8").replace("WORLD", world.url), encoding="utf-8")
        settings = Settings(
            config=pack,
            database_url=f"sqlite:///{database}",
            now=START,
            smtp_url=world.mail,
            allow_private=True,
            pace_seconds=0,
        )
        service = stack.enter_context(assembled(settings))
        service = replace(service, now=lambda: world.moment)
        _subscribe(service, world.hook)
        gc.freeze()  # what stands now stands to the end, as in `serve`
        gc.set_threshold(10_000)
        for moment in (START, *moments(read_story())):
            yield _stop(service, world, moment)


def _stop(service: Service, world: WorldApart, moment: datetime) -> Step:
    world.at(moment)
    _review(service)
    checked = list(check_all(service, workers=1))
    list(deliver(service))
    arrived = world.arrived()
    assert not arrived.refused, f"webhooks with a wrong signature: {arrived.refused}"
    return Step(moment, checked, arrived)


def _review(service: Service) -> None:
    """The maintainer has asked the authorities about what waited since an earlier stop (what only the press told, what
    was read without certainty), and confirms it; what no rule told, and only could not be excluded, is dismissed."""
    now = service.now()
    with service.engine.connect() as connection:
        if not connection.execute(ANY_WAITING, {"now": now}).first():
            return
    with writing(service.engine) as session:
        for event in session.exec(WAITING, params={"now": now}).all():
            if (event.rule or "").endswith(NETWORK):
                dismiss(session, event, Verdict("maintainer", now, "The text announces no such act."), service.pack)
            else:
                confirm(session, event, Verdict("maintainer", now, "The authority's own list shows it."), service.pack)


def _subscribe(service: Service, hook: str) -> None:
    """A reader who wants the big news at once, one who reads on Mondays, and a machine that wants every alert."""
    keyring = open_keyring(service.settings)
    now = service.now()
    with writing(service.engine) as session:
        session.add(Subscription(channel="email", address=READER, level=Level.MAJOR, created_at=now, confirmed_at=now))
        session.add(
            Subscription(
                channel="email", address=WEEKLY_READER, cadence=Cadence.WEEKLY, timezone="Europe/Madrid",
                created_at=now, confirmed_at=now,
            )
        )  # fmt: skip
        session.add(
            Subscription(
                channel="webhook", address=hook, level=Level.MAJOR, secret=keyring.encrypt(SECRET),
                created_at=now, confirmed_at=now,
            )
        )  # fmt: skip
        session.flush()
        for subscription in session.exec(select(Subscription)):
            subscription.seal = address_seal(keyring, subscription)
