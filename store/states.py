"""The words that the columns of the store may hold, as contract.md gives them.

Each is its own word: `EventState.HELD == "held"`, and a member goes into JSON, a template or a message as that word.
"""

from enum import StrEnum


class EventState(StrEnum):
    """How far an event has come."""

    HELD = "held"  # waits for a maintainer
    RELEASED = "released"
    DISMISSED = "dismissed"
    CORRECTED = "corrected"
    IMPORTED = "imported"  # history; never sent


BELIEVED = (EventState.RELEASED, EventState.CORRECTED, EventState.IMPORTED)
"""What anybody may see, and what status, pipeline and overdue are derived from; the rest is a maintainer's."""

STANDING = (*BELIEVED, EventState.HELD)
"""Not dismissed: a further telling of the act is attributed to such an event."""

UNCORRECTED = (EventState.RELEASED, EventState.IMPORTED)
"""Believed as it was first read."""

PUBLISHED = (EventState.RELEASED, EventState.CORRECTED)
"""Told as news here: history is left out."""

REVIEWABLE = (EventState.HELD, *UNCORRECTED)
"""What a maintainer may still give a verdict on."""


class Level(StrEnum):
    """How much an event matters."""

    INFO = "info"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


class Polarity(StrEnum):
    """Which way an event points for a reader."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    MIXED = "mixed"
    NEUTRAL = "neutral"


class Certainty(StrEnum):
    """Who says so: a regulator or registry, a company or the press, or sources that disagree."""

    STATED = "stated"
    REPORTED = "reported"
    DISPUTED = "disputed"


class Verdict(StrEnum):
    """What a maintainer decided about an event."""

    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"
    MERGED = "merged"


class RunOutcome(StrEnum):
    """How one check of one watch ended."""

    BASELINE = "baseline"  # the first complete look
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    FAILED = "failed"  # the source could not be read: try later
    REFUSED = "refused"  # it was read and not believed: a person must look


class ChangeKind(StrEnum):
    """What became of an item between two snapshots."""

    APPEARED = "appeared"
    CHANGED = "changed"
    DISAPPEARED = "disappeared"
    IMPORTED = "imported"
    REREAD = "reread"  # by a newer adapter; the world did not move


class Health(StrEnum):
    """How a watch fares."""

    NEW = "new"
    OK = "ok"
    LATE = "late"
    BLOCKED = "blocked"
    SHAPE_CHANGED = "shape_changed"
    FAILING = "failing"
    FROZEN = "frozen"  # it answers, and its own date stands still
    SHRANK = "shrank"  # it shows much less than it did
    RECORD_MISSING = "record_missing"  # what was asked for by number is not there


class DeliveryState(StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    VOID = "void"  # nothing is owed any more


class DeliveryKind(StrEnum):
    """What a message is, which decides how it is written, by which way it goes and when it is still wanted."""

    ALERT = "alert"  # one event, at once
    SUMMARY = "summary"  # several alerts in one message, at once
    CONFIRMATION = "confirmation"  # that a regulator has confirmed what was told before
    DIGEST = "digest"  # at the reader's hour
    OPT_IN = "opt_in"  # asks whether the mails are wanted
    PAUSED = "paused_notice"  # to the owner of a webhook: it is paused
    FAILING = "failing_notice"  # to the owner of a webhook: nothing arrives there
    TEST = "test"
    TROUBLE = "trouble"  # to maintainers: sources in trouble and messages that do not arrive


class Notice(StrEnum):
    """Why a delivery encloses an event."""

    NEWS = "news"
    CONFIRMATION = "confirmation"
    CORRECTION = "correction"


class About(StrEnum):
    """What a subscription is told of."""

    NEWS = "news"
    TROUBLE = "trouble"  # of this installation: for those who look after it


class Wording(StrEnum):
    """For whom a mail is worded."""

    PLAIN = "plain"
    TECHNICAL = "technical"


class Cadence(StrEnum):
    """How often a subscription is told."""

    IMMEDIATE = "immediate"
    DAILY = "daily"
    WEEKLY = "weekly"


class Role(StrEnum):
    """What somebody who signs in may do."""

    MAINTAINER = "maintainer"
    VIEWER = "viewer"  # sees everything and acts on nothing


class Door(StrEnum):
    """By which door a person acted."""

    DESK = "desk"
    COMMAND = "command"
    API = "api"
    RULE = "rule"  # by one that a person lets pass


class Way(StrEnum):
    """What becomes of what a rule reads, as a maintainer wants it."""

    PASS = "pass"  # what is small is approved without her
    HOLD = "hold"  # all of it waits for her
    DEFAULT = "default"  # what is unsure waits for her


class DecisionState(StrEnum):
    """How far a verdict that a person gave has come."""

    WAITING = "waiting"  # its time to be undone runs, or a second person is asked for
    DONE = "done"
    UNDONE = "undone"
    LAPSED = "lapsed"  # the event had changed meanwhile, so that the verdict fits no more


class Filled(StrEnum):
    """Flags that say with what the store was filled last."""

    PACK = "pack"  # the digest of the pack
    WRITTEN = "written"  # the same as its file says, before what its watches do by default was filled in
    SOURCES = "sources"  # what each source said of itself: its places, and how long its own date may stand still
    ADDRESSES_SEALED = "addresses_sealed"  # that the addresses from before the seals have theirs: what bears none since
    # was made by another hand


FILLED = tuple(Filled)
"""All there, a store may be asked; one missing, it must be filled first."""
