"""What the pages of lists share: the form that narrows them, what they are narrowed to, their length, their ways on."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.reading.routine.kinds import KINDS
from monitor.service import Service
from monitor.standing import pages
from monitor.vocabulary.event_types import LEVELS, TIERS, TYPES
from monitor.vocabulary.places import PLACES
from monitor.web import labels as words
from monitor.web.queries import ListQuery
from monitor.web.rendering import address, display_name, frame_of
from store.states import BELIEVED

Options = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Choice:
    """One field of the form: a list to choose from or, without options, a day."""

    name: str
    label: str
    options: Options = ()
    anything: str = "All"


HIDDEN: Mapping[str, tuple[str, Callable[[Any], str]]] = {
    "state": ("State", lambda value: words.word(value, "event_state")),
    "place": ("Place", lambda value: words.word(value, "place")),
    "as_of": ("Begun by", words.day),
    "known_at": ("Known by", words.instant),
}
"""What an address may ask that the form of the list has no field for: its label, and its value in words."""


def of_events(service: Service) -> list[Choice]:
    """The form of the list of events."""
    return [
        _therapies(service),
        Choice("type", "What", type_choices()),
        Choice("level", "At least", _levels(), "Any level"),
        Choice("place", "Place", [(name, words.word(name, "place")) for name in PLACES]),
        Choice("tier", "Told by", _tiers(), "Anybody"),
        Choice("source", "Source", _sources(service)),
        Choice("state", "State", [(name, words.word(name, "event_state")) for name in BELIEVED], "Any state"),
        Choice("since", "Found since"),
    ]


def of_changes(service: Service) -> list[Choice]:
    """The form of the change log."""
    return [
        _therapies(service),
        Choice("source", "Source", _sources(service)),
        Choice("type", "Told as", type_choices(), "Any, or routine"),
        Choice("routine", "Routine change", list(KINDS.items()), "Any kind"),
        Choice("level", "At least", _levels(), "Any level"),
        Choice("tier", "Told by", _tiers(), "Anybody, or routine"),
        Choice("since", "Found since"),
    ]


def type_choices() -> list[tuple[str, str]]:
    """Every kind of event with its label, by label."""
    return sorted(((spec.name, spec.label.capitalize()) for spec in TYPES.values()), key=lambda pair: pair[1])


def _therapies(service: Service) -> Choice:
    return Choice(
        "therapy", "Drug", [(t.name, display_name(service.pack, t.name) or "") for t in service.pack.therapies]
    )


def _levels() -> list[tuple[str, str]]:
    return [(name, words.word(name, "level")) for name in reversed(LEVELS)]


def _tiers() -> list[tuple[str, str]]:
    return [(str(tier), words.word(tier, "tier").capitalize()) for tier in TIERS]


def _sources(service: Service) -> list[tuple[str, str]]:
    titles = frame_of(service).titles
    return [(name, titles.get(name) or name) for name in dict.fromkeys(plan.source for plan in service.pack.watches)]


def around(path: str, asked: ListQuery, found: pages.Page[Any], choices: Sequence[Choice]) -> dict[str, Any]:
    """What a page shows around its rows, while the session is open."""
    query, marked = asked.address(), bool(asked.before or asked.after)
    given = {name: str(value) for name, value in query.items() if value not in (None, "")}
    shown = {one.name for one in choices}
    return {
        "asked": dict.fromkeys(query) | given | {"since": asked.since.date().isoformat() if asked.since else None},
        "choices": choices,
        "hidden": [(name, given[name]) for name in HIDDEN if name in given and name not in shown],
        "narrowed": [(*_in_words(name, given, choices), address(path, query, **{name: None})) for name in given],
        "total": _length(found.total()),
        "newest": address(path, query) if marked else None,
        "newer": address(path, query, after=found.newer) if found.newer else None,
        "older": address(path, query, before=found.older) if found.older else None,
        "twins": [(form, address(f"{path}.{form}", query, **asked.marks())) for form in ("csv", "json")],
    }


def _in_words(name: str, given: Mapping[str, Any], choices: Sequence[Choice]) -> tuple[str, str]:
    """What a list is narrowed to, in the words of its form."""
    value = given[name]
    if name == "search":
        return "Words", value
    for choice in choices:
        if choice.name == name:
            return choice.label, dict(choice.options).get(value) or words.day(
                str(value)[:10] if name == "since" else value
            )
    label, worded = HIDDEN[name]
    return label, worded(value)


def _length(total: pages.Total | None) -> str | None:
    if total is None:
        return None
    return f"more than {total.number:,}" if total.capped else f"{total.number:,}"
