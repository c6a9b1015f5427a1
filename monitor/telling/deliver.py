"""Send what is owed and due: one round, several deliveries at a time. A kill at any point leads to the same message
with the same id.

    match -> due -> [ claim -> contents -> send -> settle ] for each, side by side

Whether a delivery is due is judged at the service's moment; leases and signatures go by the real clock. Nothing is
sent inside a transaction.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import UTC, datetime
from logging import INFO
from uuid import uuid4

from sqlalchemy import or_, select

from monitor.events.passing import UNBLEMISHED
from monitor.kill_points import kill_point
from monitor.logs import log
from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.attempts import DeliveryLine, OurFault, settle, stored
from monitor.telling.attempts import line as line_of
from monitor.telling.channels import linked, open_channel
from monitor.telling.claimed import WAITING_DUE, Ahead, Taken, any_due, contents_of, due_line, due_now
from monitor.telling.lanes import MOST_AT_ONCE, Due, Lanes
from monitor.telling.match import WAITS, match
from monitor.telling.outages import resting
from monitor.telling.pause import PAST, end_past_pauses
from monitor.telling.secrets import Keyring, open_keyring
from monitor.telling.slots import new_delivery
from monitor.telling.wrong_clock import LIMITS, WRONG, pull_back
from notifiers.base import Channel, Notifier, Undeliverable
from notifiers.digest import EventBody
from store.database import reading, writing
from store.seals import insert_once
from store.states import DeliveryKind
from store.tables import Delivery, Subscription

TO_DO = select(or_(WRONG.exists(), PAST.exists()), WAITS.exists(), WAITING_DUE.exists())
"""Whether anything is put off by a wrong clock or was paused until now, whether anything waits for the match, and
whether anything is due."""
SPANS = LIMITS | {"since": -UNBLEMISHED}
"""What TO_DO is asked with, from the moment of asking."""

LOOK_AGAIN = 1.0
"""Seconds after which a round that is still busy looks for what has fallen due meanwhile."""

A_FORTIETH = 40
"""Where thousands wait a look takes longer: no more than a fortieth of the time is spent on looks."""


def deliver(service: Service, *, stop: Callable[[], bool] = bool) -> Iterator[DeliveryLine]:
    """Send every delivery that is due and yield a line for each as it is settled.

    What was released or corrected until now is matched first, so that it goes along; what a wrong clock has put off
    is pulled back. What falls due while slow ones are under way goes too. Nothing new is begun once `stop` says so;
    what is under way is settled.
    """
    first, unmatched, owed = _to_do(service)
    if first:
        pull_back(service)
        end_past_pauses(service)
    if first or unmatched:
        match(service)
    elif not owed:
        return
    with _Round.opened(service) as round_:
        yield from round_.run(stop)


def _to_do(service: Service) -> tuple[bool, bool, bool]:
    """What TO_DO says now. Most rounds, one every few seconds, find nothing."""
    now = service.now()
    with service.engine.connect() as connection:
        first, unmatched, owed = connection.execute(TO_DO, {name: now + span for name, span in SPANS.items()}).one()
    return first, unmatched, owed


def send_test(service: Service, subscription_id: int, *, by: Who | None = None) -> DeliveryLine:
    """Send a message marked as a test, now, and return its line.

    Raises Misconfigured when there is no such subscription.
    """
    with writing(service.engine) as session:
        subscription = session.get(Subscription, subscription_id)
        if subscription is None:
            raise Misconfigured(f"expected the number of a subscription, found {subscription_id}")
        values = new_delivery(subscription_id, DeliveryKind.TEST, f"test/{uuid4().hex}", service.now())
        insert_once(session, Delivery, values)
        if by is not None:
            note_act(session, by, "send a test", f"subscription {subscription_id}", at=service.now())
    with _Round.opened(service) as round_:
        due = due_line(values["id"], DeliveryKind.TEST, subscription)
        round_.lanes.take(due)
        round_.begin(due)
        settled = list(round_.settled(timeout=None)) if round_.running else []
    return settled[0] if settled else _as_it_stands(service, values["id"])


def _as_it_stands(service: Service, delivery_id: str) -> DeliveryLine:
    """The line of a delivery that another round has taken up."""
    with reading(service.engine) as session:
        return line_of(*stored(session, delivery_id))


@dataclass
class _Round:
    """The sends of one round and what they share. The round itself is the only one that claims and settles."""

    service: Service
    channel: Channel
    keyring: Keyring
    notifiers: Mapping[str, Notifier]
    pool: ThreadPoolExecutor
    lanes: Lanes
    ahead: Ahead
    queue: dict[str, Due] = field(default_factory=dict)
    running: dict["Future[_Sent]", Taken] = field(default_factory=dict)

    @classmethod
    def opened(cls, service: Service) -> "_Round":
        lanes = Lanes({name: kind.at_a_time for name, kind in service.notifiers.items()})
        channel, pool = open_channel(service), ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="deliver")
        return cls(
            service=service,
            channel=channel,
            keyring=open_keyring(service.settings),
            notifiers={name: kind(channel) for name, kind in service.notifiers.items()},
            pool=pool,
            lanes=lanes,
            ahead=Ahead(service, pool, lanes.limits),
        )

    def __enter__(self) -> "_Round":
        return self

    def __exit__(self, *_: object) -> None:
        """Whatever ends the round, what is under way is waited for and its outcome noted."""
        while self.running:
            list(self.settled(timeout=None))
        if self.ahead.ready:
            self.ahead.give_back()
        self.pool.shutdown()
        for notifier in self.notifiers.values():
            notifier.close()

    def run(self, stop: Callable[[], bool]) -> Iterator[DeliveryLine]:
        look_at = 0.0
        while not stop():
            if self.ahead.ready:
                self.ahead.give_back_late()
            if not (self.queue or self.ahead.ready) or time.monotonic() > look_at:
                began = time.monotonic()
                self.queue, ended = {due.id: due for due in self._due()}, time.monotonic()
                look_at = ended + max(LOOK_AGAIN, A_FORTIETH * (ended - began))
            self._begin_some()
            if not self.running:
                return
            yield from self.settled(timeout=LOOK_AGAIN)

    def _begin_some(self) -> None:
        """Begin what may go now, what is claimed already first."""
        waiting = [*(one.due for one in self.ahead.ready.values()), *self.queue.values()]
        full: set[str] = set()
        for due in waiting:
            if due.channel in full:
                continue
            if self.lanes.take(due):
                self.begin(due)
            elif not self.lanes.has_room(due.channel):
                full.add(due.channel)

    def begin(self, due: Due) -> None:
        """Send a delivery that is in its lane, in a thread of its own; one that somebody else has is left alone."""
        taken = self.ahead.take(due, self.queue)
        if taken is None:
            self.lanes.leave(due, failed=False)
            self.lanes.aside.add(due.id)
            return
        kill_point("K9")
        self.running[self.pool.submit(self._send, taken)] = taken

    def settled(self, timeout: float | None) -> Iterator[DeliveryLine]:
        """Note what has come to an end, once something has or the time is up (seconds)."""
        done, _ = wait(self.running, timeout=timeout, return_when=FIRST_COMPLETED)
        for future in done:
            taken = self.running.pop(future)
            due, went = taken.due, future.exception() is None
            empty, problem = future.result() if went else (False, _fault(due, future))
            self.ahead.in_a_row[due.channel] = 0 if problem else self.ahead.in_a_row[due.channel] + 1
            self.lanes.leave(due, failed=problem is not None)
            if problem is not None and problem.channel:
                self.lanes.aside.add(due.channel)
                self.ahead.give_back(due.channel)
            line = settle(self.service, due, taken.attempt, problem, self.keyring, empty=empty)
            kill_point("K12")
            if log.level <= INFO:
                log.info("delivery", **{name: value for name, value in line.items() if value is not None})
            yield line

    def _due(self) -> list[Due]:
        with self.service.engine.connect() as connection:
            if not any_due(connection, self.service.now()):
                return []
        with reading(self.service.engine) as session:
            due, aside = due_now(self.service, session), resting(self.service, session, self.keyring)
        self.lanes.aside |= aside or set()
        return due if aside is not None else []

    def _send(self, taken: Taken) -> "_Sent":
        """Send what a delivery holds; in a thread of its own. What cannot be worded with others is alone, so that a
        fault is its own."""
        id, channel = taken.due.id, taken.due.channel
        worded = taken.held.exception() is None
        contents = (taken.held.result() if worded else contents_of(self.service, [id]))[id]
        message = contents.message
        if message is None:
            return True, None
        notifier = self.notifiers.get(channel)
        if notifier is None:
            return False, Undeliverable(f"expected a notifier named {channel}, found none", channel=True)
        problem: Undeliverable | None = None
        try:  # secrets and links are opened only for the moment of sending
            if isinstance(message, EventBody):
                secrets = tuple(map(self.keyring.decrypt, message.secrets))
                message = message.model_copy(update={"secrets": secrets})
            else:
                asks, now = contents.delivery.kind == DeliveryKind.OPT_IN, self.service.now()
                message = linked(message, self.keyring, self.channel.base_url, now, confirm=asks)
            notifier.send(message, datetime.now(UTC))
        except Undeliverable as refused:
            problem = refused
        except Misconfigured as fault:  # the secret was written with another key: no webhook can be signed
            problem = Undeliverable(str(fault), channel=True)
        kill_point("K11")
        return False, problem


_Sent = tuple[bool, Undeliverable | None]
"""Whether nothing was left to say, and why it was not accepted."""


def _fault(due: Due, future: "Future[_Sent]") -> Undeliverable:
    """A fault of ours in one delivery holds up no other; it is logged in full and counted as an attempt."""
    fault = future.exception()
    log.error("delivery failed by a fault", delivery=due.id, exc_info=fault)
    return OurFault(f"a fault of this service: {type(fault).__name__}: {str(fault)[:200]}")
