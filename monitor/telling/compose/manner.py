"""How a reader wants to be told: in plain or in technical words, and how a trial went only behind a link.   (pure)

Technical: kind, drug with its names and numbers, agency, pathway, trial and ISO date in one line, and the fields of the
record that moved. Behind a link: of what tells how a trial went, the mail says that there is news, and no more.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor.telling.compose.ladder import step_label
from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.topics import tells_outcome
from monitor.vocabulary.wording import Telling, capital
from notifiers.digest import Entry
from store.states import Wording
from store.tables import Event

PROSE = 3
"""From this tier on the address of an article may tell what is in it."""


@dataclass(frozen=True)
class Manner:
    """How one reader is told: as her subscription asks for it."""

    wording: str = Wording.PLAIN
    hide_outcomes: bool = False

    def veils(self, *events: Event | None) -> bool:
        """Whether one of these is told behind its link only."""
        return self.hide_outcomes and any(event is not None and tells_outcome(event.type) for event in events)

    def without_outcomes(self, entry: Entry, event: Event, thread: Sequence[Event]) -> Entry:
        """An entry whose steps do not say how a trial went, and whose evidence is without the words that could, and
        the addresses that do."""
        told = {step for other in (*thread, event) if self.veils(other) for step in (other.step, _step(other.type))}
        result = {"label": step_label("result")}
        steps = tuple(rung.model_copy(update=result) if rung.step in told else rung for rung in entry.ladder)
        proofs = tuple(
            one.model_copy(update={"quote": None, "said": None, "url": None if one.tier >= PROSE else one.url})
            for one in entry.evidence
        )
        return entry.model_copy(update={"ladder": steps, "evidence": proofs})


PLAIN = Manner()
"""As pages, feeds and most mails tell it."""


def _step(type_: str) -> str | None:
    return TYPES[type_].step if type_ in TYPES else None


def veiled(entry: Entry, name: str, trial: str | None) -> Entry:
    """An entry that says that there is news on how a trial went, and where."""
    which = f"the trial {trial}" if trial else "a trial"
    return entry.model_copy(
        update={
            "heading": f"{name}: news on how a trial went",
            "sentence": f"There is news on how {which} went. You read it when you open the link.",
            "meaning": None,
            "before": None,
            "after": None,
            "ladder": (),
            "evidence": (),
            "differences": (),
        }
    )


def technical(event: Event, telling: Telling) -> str:
    """`Approved: velorastat (Dystriva), NDA200001; FDA, US; 2020-08-07.`"""
    return "; ".join(part for part in _parts(event, telling) if part) + "."


def _parts(event: Event, telling: Telling) -> Iterator[str]:
    spec = TYPES.get(event.type)
    kind = capital(spec.label if spec else event.type.replace("_", " "))
    way = f" ({event.polarity})" if spec is None or spec.polarity is None else ""
    yield f"{kind}{way}: {_drug(event, telling)}"
    places = [*telling.places] or ([event.place] if event.place else [])
    yield ", ".join(dict.fromkeys([*([event.agency] if event.agency else []), *places]))
    yield f"pathway {event.kind.replace('_', ' ')}" if event.kind else ""
    yield event.trial or ""
    yield f"phase {event.phase}" if event.phase else ""
    yield f"planned start {event.planned_start}" if event.planned_start else ""
    yield event.occurred_on or "date not known"


def _drug(event: Event, telling: Telling) -> str:
    therapy = telling.therapy
    if therapy is None:
        return telling.headline.partition(":")[0]
    others = ", ".join(dict.fromkeys((*therapy.brands, *therapy.codes)))
    numbers = [
        number
        for agency, every in therapy.applications.items()
        for number in every
        if place_of(agency.upper()) in telling.places
    ]
    return ", ".join([f"{therapy.name} ({others})" if others else therapy.name, *numbers])
