"""Kinds of events by what they mean to a reader: the topics she may be spared, what opens a door, what tells how a
trial went. Which type is which stands with the type, in `event_types.toml`."""

from monitor.vocabulary.event_types import TYPES

TOPICS = {
    "approvals": "Approvals and refusals",
    "reviews": "Steps on the way to a decision: applications, experts' votes, special status",
    "trials": "Trials that are new, open, fill up or move on",
    "results": "Results of trials",
    "stops": "Trials and programmes that stop",
    "safety": "Safety warnings",
    "supply": "Sales, shortages, recalls and early access",
    "payment": "Who pays",
    "delays": "What is late or waited for",
    "papers": "Articles in journals, deals between companies",
    "other": "Everything else",
}
"""Each topic with its name for readers; a type that names none is of the last."""


def topic_of(type_: str) -> str:
    """The topic of a type; of one of an older version, the last."""
    return TYPES[type_].topic if type_ in TYPES else "other"


def opens_door(type_: str, polarity: str) -> bool:
    """Whether an event lets somebody at a drug or into a trial: an approval, early access, a new or
    open trial."""
    return type_ in TYPES and polarity in TYPES[type_].door


def tells_outcome(type_: str) -> bool:
    """Whether an event says how a trial went."""
    return type_ in TYPES and TYPES[type_].outcome
