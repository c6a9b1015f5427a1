"""Which deliveries may be under way at the same time, so that one hanging receiver holds up nobody else.

One at a time to each receiver, a few to each host and on each channel. A send that drags on no longer counts against
those who wait behind it; a receiver that was slow to fail is left alone for the rest of the round.
"""

import time
from dataclasses import dataclass, field

DRAGGING = 2.0
"""Seconds after which a send is passed by."""

MOST_AT_ONCE = 64
"""Threads of one round."""

PER_HOST = 8
DRAGGING_PER_CHANNEL = {"email": 3}
"""How many sends that drag on a channel bears; by default half the threads."""

SLOW_FAILURE = 1.0
RECEIVER_TIME = 30.0
"""Seconds: a failure that took longer ends a receiver's turn in this round, and so does having taken so long in all."""


@dataclass(frozen=True)
class Due:
    """A delivery that is due: by which channel, to whom, on which host."""

    id: str
    channel: str
    receiver: str
    host: str


@dataclass
class Lanes:
    """The sends under way, each with the moment of its start on the monotonic clock."""

    limits: dict[str, int]  # channel -> how many at a time
    under_way: dict[str, tuple[Due, float]] = field(default_factory=dict)
    time_of: dict[str, float] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)
    """Receivers, channels and deliveries that have had their turn in this round."""

    def take(self, due: Due) -> bool:
        """Whether this delivery may go now; then it is under way."""
        if free := self._is_free(due):
            self.under_way[due.id] = (due, time.monotonic())
        return free

    def has_room(self, channel: str) -> bool:
        """Whether anything may go now by this channel; with thousands waiting that is asked once, not of each."""
        if len(self.under_way) >= MOST_AT_ONCE or channel in self.aside:
            return False
        drags = [
            time.monotonic() - start > DRAGGING for due, start in self.under_way.values() if due.channel == channel
        ]
        dragging = sum(drags)
        most = DRAGGING_PER_CHANNEL.get(channel, MOST_AT_ONCE // 2)
        return dragging < most and len(drags) - dragging < self.limits.get(channel, 1)

    def _is_free(self, due: Due) -> bool:
        if due.id in self.under_way or not self.has_room(due.channel) or self.aside & {due.id, due.receiver}:
            return False
        if any(other.receiver == due.receiver for other, _ in self.under_way.values()):
            return False
        at_host = [start for other, start in self.under_way.values() if other.host == due.host]
        return sum(time.monotonic() - start <= DRAGGING for start in at_host) < PER_HOST

    def leave(self, due: Due, *, failed: bool) -> None:
        """It is done."""
        took = time.monotonic() - self.under_way.pop(due.id)[1]
        self.time_of[due.receiver] = self.time_of.get(due.receiver, 0.0) + took
        if (failed and took > SLOW_FAILURE) or self.time_of[due.receiver] > RECEIVER_TIME:
            self.aside.add(due.receiver)
