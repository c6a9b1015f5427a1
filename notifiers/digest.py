"""The public payload: what a notifier is given. It cannot change because a column was renamed."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Difference(_Frozen):
    """One field, before and after."""

    field: str
    before: Any = None
    after: Any = None


class Proof(_Frozen):
    """One piece of evidence as readers see it; what is not known is None."""

    source: str
    tier: int
    url: str | None = None
    quote: str | None = None
    said: str | None = None  # the quote of a register's field in words, for who did not ask for technical ones
    retrieved_at: str | None = None
    capture_sha256: str | None = None


class Rung(_Frozen):
    """One step of a thread's ladder."""

    step: str
    label: str
    on: str | None
    tier: int


class Entry(_Frozen):
    """One event in a digest, ready to be worded: all text is plain and final."""

    event: str
    notice: str  # news confirmation correction
    level: str
    heading: str  # "Dystriva: US approval formally ended"
    sentence: str  # one plain sentence
    meaning: str | None = None
    before: str | None = None
    after: str | None = None
    how_sure: str
    for_whom: str | None = None  # "infants with two copies of the SMN2 gene", where it is not for all
    occurred_on: str | None
    occurred_note: str | None = None  # "date not confirmed"
    therapy: str | None = None
    place: str | None = None
    url: str  # permanent link
    thread: str
    ladder: tuple[Rung, ...] = ()
    evidence: tuple[Proof, ...] = ()
    differences: tuple[Difference, ...] = ()


class Looked(_Frozen):
    """Proof of looking: how many watches answered with data of these days, when last, which showed old data, which
    did not answer."""

    watches: int
    succeeded: int
    last_at: str | None
    silent: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()  # "ClinicalTrials.gov (data of 1 Mar 2026)"
    routine_changes: int = 0
    routine_url: str | None = None  # where these are listed


class Ahead(_Frozen):
    """A date that is planned, and by whom."""

    on: str  # as precise as the source tells it
    sentence: str
    how_sure: str
    source: str
    url: str | None = None


class Matter(_Frozen):
    """What a maintainer is told of trouble: a heading and a line for each thing."""

    heading: str
    lines: tuple[str, ...]


class Digest(_Frozen):
    """A delivery as a notifier of prose sees it; an immediate alert is a digest of one."""

    id: str
    message_id: str
    subscription: int
    address: str
    options: dict[str, Any]
    cadence: str
    subject: str
    period: str | None = None
    one_line: str
    opens_a_door: tuple[Entry, ...] = ()
    important: tuple[Entry, ...] = ()
    waiting: tuple[Entry, ...] = ()
    corrections: tuple[Entry, ...] = ()
    ahead: tuple[Ahead, ...] = ()
    matters: tuple[Matter, ...] = ()  # trouble, told to maintainers alone
    more: int = 0
    more_url: str | None = None
    looked: Looked | None = None
    thread: str | None = None  # for References
    manage_url: str
    stop_url: str
    pause_url: str
    pause_until: str | None = None  # "28 Sep 2025": the last day of a pause that begins when this leaves
    confirm_url: str | None = None  # only in the message that asks for the double opt-in
    test: bool = False
    paused: bool = False  # it says that sending to another address of this reader was paused

    @property
    def quiet(self) -> bool:
        """A week or day in which nothing happened: told in three lines."""
        return self.looked is not None and not self.entries and not self.more

    @property
    def entries(self) -> tuple[Entry, ...]:
        """All entries in reading order."""
        return self.opens_a_door + self.important + self.waiting + self.corrections

    def shortened(self, more_url: str) -> "Digest":
        """The same with one entry less, which is counted and left to a link: the last of what matters least."""
        for part in ("waiting", "important", "opens_a_door", "corrections"):
            if entries := getattr(self, part):
                rest = {part: entries[:-1], "more": self.more + 1, "more_url": self.more_url or more_url}
                return self.model_copy(update=rest)
        return self


class EventBody(_Frozen):
    """A delivery as a webhook sees it: the bytes of one `event/1` body, stored once and resent as they are."""

    id: str  # webhook-id
    subscription: int
    address: str
    secrets: tuple[str, ...]
    body: bytes
    test: bool = False
