"""What a decision would send and to how many: found by making what it would let out, and putting it to the readers and
slots of the match. Nothing is written and nobody who writes waits.

So the figure is the one that comes about: the same functions, the same readers, the same slots.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from monitor.events.outcome import Outcome, outcome
from monitor.events.review_decisions import Wish
from monitor.service import Service
from monitor.standing.afterwards import Afterwards, afterwards
from monitor.telling.match import CADENCE_ORDER, is_prose, readers_now, unmatched, wanted
from monitor.telling.slots import INTERRUPTING, OF_SLOTS, Owing, Slot, cadence_of
from store.columns import Reader
from store.database import reading
from store.states import Cadence, Notice
from store.tables import Event


@dataclass(frozen=True, slots=True)
class Sent:
    """Messages that go the same way at the same pace: so many mails at once, in daily digests, ..."""

    channel: str
    cadence: Cadence
    count: int


@dataclass(frozen=True, slots=True)
class Foretold:
    """What would be sent: the events that are told, the deliveries in which they would be, and how things would
    stand."""

    stands: Afterwards
    told: tuple[tuple[str, Notice], ...] = ()  # title and notice, each once
    sent: tuple[Sent, ...] = ()

    @property
    def deliveries(self) -> int:
        """How many messages hold any of it."""
        return sum(way.count for way in self.sent)


def foretell(service: Service, event_id: str, wish: Wish) -> Foretold:
    """What a wish would send if it took effect now. Raises Overruled where it cannot be."""
    now = service.now()
    with reading(service.engine) as session:
        comes = outcome(session, session.get_one(Event, event_id), wish, now, service.pack)
        stands = afterwards(session, comes, now.date())
        held = _held(service, session, comes, now)
    told = dict.fromkeys((event.title, notice) for event, notice, _, _ in held)
    ways = {delivery: way for _, _, delivery, way in held}
    sent = tuple(Sent(*way, count) for way, count in sorted(Counter(ways.values()).items(), key=_first_the_quick))
    return Foretold(stands, tuple(told), sent)


Way = tuple[str, Cadence]
Held = tuple[Event, Notice, str, Way]
"""An event, as what it is told, in which delivery, and how that goes."""


def _held(service: Service, session: Session, comes: Outcome, now: datetime) -> list[Held]:
    """What comes of it, put where the news of each reader waits."""
    readers, before = readers_now(session), unmatched(session)
    owing = Foreseen(session, [*before, *comes.told], now)
    for events in (before, comes.told):  # what others wait for is theirs
        owed = wanted(session, events, readers, service.notifiers)
        for reader in readers:
            owing.owe(reader, owed.get(reader.id or 0, []), prose=is_prose(reader, service.notifiers))
    ids = {event.id for event in comes.told}
    return [held for held in owing.held if held[0].id in ids]


class Foreseen(Owing):
    """What a match would owe: looked up, neither locked nor written."""

    of_slots = OF_SLOTS  # nobody waits for a look

    def __init__(self, session: Session, events: Sequence[Event], now: datetime) -> None:
        super().__init__(session, events, now)
        self.held: list[Held] = []
        self._interrupted: Counter[int] = Counter()
        self._seen: set[str] = set()

    def alerts_lately(self, reader: Reader) -> int:
        """How many alerts a reader was owed within a day, and would be by now."""
        return super().alerts_lately(reader) + self._interrupted[reader.id or 0]

    def ready(self, slot: Slot) -> str:
        """The id of the delivery of a slot, or of the next one that still takes something in."""
        while self.is_done_with(slot):
            slot.advance()
        return super().ready(slot)

    def enclose(self, slot: Slot, event: Event, notice: Notice) -> None:
        """Note where an event would be put, once."""
        if (slot.reader_id, event.id, notice) in self.told:
            return
        super().enclose(slot, event, notice)
        delivery = self.ready(slot)
        if delivery not in self._seen and slot.kind in INTERRUPTING:
            self._interrupted[slot.reader_id] += 1
        self._seen.add(delivery)
        self.held.append((event, notice, delivery, (slot.reader.channel, Cadence(cadence_of(slot.reader, slot.kind)))))


def _first_the_quick(pair: tuple[Way, int]) -> tuple[int, str]:
    (channel, cadence), _ = pair
    return CADENCE_ORDER.index(cadence), channel
