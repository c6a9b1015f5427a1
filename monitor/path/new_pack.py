"""A new pack from a condition and names of drugs: numbers looked up through the sources, history proposed from what
their records say of themselves. Whatever a source cannot be asked is said, and the rest goes on."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.events.history import PRECISIONS
from monitor.path.once import as_watch, look_once
from monitor.reading.typed.application_acts import therapy_of
from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.reading.typed.study_acts import phase_of
from monitor.service import Service
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import thread_of
from monitor.vocabulary.pack import Disease, Pack, Therapy, folded
from monitor.vocabulary.pack_text import PROPOSED
from monitor.vocabulary.therapies import INACTIVE, Therapies
from monitor.watching.doorman import Implausible
from sources.authorisations import Authorisation
from sources.base import Source, SourceError
from sources.openfda import any_of
from sources.records import Application, Official, Record, Study

LATE_PHASES = ("2", "2/3", "3", "4")
MOST_SPONSORS = 6
NAMED_BY_FDA = ("openfda.generic_name", "openfda.brand_name", "products.brand_name", "products.active_ingredients.name")
AUTHORITIES = {"FDA": "fda", "EMA": "ema"}
"""Authority of a record to the key of its numbers in a pack."""


@dataclass
class Draft:
    """What is known of one drug so far."""

    name: str
    brands: dict[str, str | None] = field(default_factory=dict)  # brand to its place
    sponsors: dict[str, None] = field(default_factory=dict)
    trials: dict[str, str | None] = field(default_factory=dict)  # number to acronym
    numbers: dict[str, dict[str, None]] = field(default_factory=lambda: defaultdict(dict))

    def therapy(self) -> Therapy:
        """As a pack holds it."""
        brands = [brand for brand in self.brands if folded(brand) != folded(self.name)]
        places = {place: brand for brand, place in self.brands.items() if place and brand in brands}
        return Therapy(
            name=self.name,
            brands=tuple(brands),
            brand_in=places,
            sponsors=tuple(self.sponsors)[:MOST_SPONSORS],
            trials=tuple(self.trials),
            acronyms={short: number for number, short in self.trials.items() if short},
            applications={key: tuple(numbers) for key, numbers in self.numbers.items() if numbers},
        )


@dataclass(frozen=True)
class NewPack:
    """What was found: the therapies, history as rows of its file, and the sources that could not be asked."""

    therapies: tuple[Therapy, ...]
    history: list[dict[str, Any]]
    troubles: list[str]


def look_up(service: Service, condition: str, drugs: Sequence[str], *, mirror: str | None = None) -> NewPack:
    """Ask the registers for everything that bears the names of the drugs. `mirror` is asked in place of them all."""
    found: list[tuple[Source, Record]] = []
    troubles = []
    for name, options in _questions(condition, drugs).items():
        try:
            shown = look_once(service, as_watch(service, name, options, base_url=mirror))
        except (SourceError, Implausible) as problem:
            troubles.append(f"{name}: {problem}")
            continue
        found += [(shown.source, record) for record in shown.records]
        troubles += [f"{name}: {problem}" for problem in shown.problems]
    therapies = _therapies(condition, drugs, [record for _, record in found])
    known = Therapies(Pack(pack=Disease(name="new", condition=condition), therapies=therapies))
    rows = [row for source, record in found for row in _history(service, source, record, known)]
    told = {tuple(row.get(key) for key in ("therapy", "date", "thread", "step")): row for row in rows}
    return NewPack(therapies, sorted(told.values(), key=lambda row: str(row["date"])), troubles)


def _questions(condition: str, drugs: Sequence[str]) -> Mapping[str, dict[str, Any]]:
    """Source to the options with which it is asked for the drugs."""
    return {
        "clinicaltrials": {"condition": condition, "interventions": list(drugs)},
        "drugsfda": {"search": any_of(NAMED_BY_FDA, drugs)},
        "ema": {"names": list(drugs)},
        "ema_orphans": {"names": list(drugs)},
    }


def _therapies(condition: str, drugs: Sequence[str], records: Sequence[Record]) -> tuple[Therapy, ...]:
    """The drugs with what their records say. What several drugs share is nobody's."""
    drafts = {name: Draft(name) for name in drugs}
    plain = Pack(pack=Disease(name="new", condition=condition), therapies=tuple(Therapy(name=name) for name in drugs))
    known = Therapies(plain)
    for record in records:
        if isinstance(record, Study) and (owner := _tested(record, known)):
            _of_study(drafts[owner], record)
        elif isinstance(record, Official) and (owner := _regulated(record, known)):
            _of_official(drafts[owner], record)
    owners: dict[str, set[str]] = defaultdict(set)
    for draft in drafts.values():
        for word in (*draft.brands, *draft.trials):
            owners[folded(word)].add(draft.name)
    for draft in drafts.values():
        draft.brands = {brand: place for brand, place in draft.brands.items() if len(owners[folded(brand)]) == 1}
    return tuple(draft.therapy() for draft in drafts.values())


def _tested(study: Study, known: Therapies) -> str | None:
    """The drug that a study tests, whoever runs it: the only one among its interventions, or that of its title."""
    active = [text for text in study.interventions if not INACTIVE.search(text)]
    named = {mention.therapy for text in active for mention in known.named(text)}
    if len(active) > 1:
        named &= {mention.therapy for mention in known.named(study.title)}
    return named.pop() if len(named) == 1 else None


def _regulated(record: Official, known: Therapies) -> str | None:
    """The drug that an authority's record is about: by its names, or by what its products hold."""
    if not isinstance(record, Application):
        return therapy_of(record, known)
    holds = (text for product in record.products.values() for text in product.active_ingredients)
    named = {mention.therapy for text in (record.title, *holds) for mention in known.named(text)}
    return named.pop() if len(named) == 1 else None


def _of_study(draft: Draft, study: Study) -> None:
    """Its number, where it is far enough to decide something; who runs it."""
    if phase_of(study.content()) not in LATE_PHASES:
        return
    short = study.acronym if study.acronym and study.acronym.isupper() and len(study.acronym) > 3 else None
    draft.trials[study.key] = None if short in draft.trials.values() else short
    if study.sponsor:
        draft.sponsors[study.sponsor] = None


def _of_official(draft: Draft, record: Official) -> None:
    """Its numbers, brands and holders; a copy of another firm's drug is none of them."""
    if isinstance(record, Application):
        if record.generic:
            return
        for product in record.products.values():
            if product.brand_name:
                draft.brands.setdefault(product.brand_name.title(), record.place)
        draft.sponsors |= {record.sponsor.title(): None} if record.sponsor else {}
    elif isinstance(record, Authorisation):
        draft.brands.setdefault(record.title, record.place)
        draft.sponsors |= {record.holder.strip(): None} if record.holder else {}
    for number in record.numbers:
        key = "ema_orphan" if number.startswith("EU/") else AUTHORITIES.get(record.authority or "")
        if key:
            draft.numbers[key][number] = None


def _history(service: Service, source: Source, record: Record, known: Therapies) -> Iterator[dict[str, Any]]:
    """What a record says of the past, as rows of a history file."""
    now = service.now().date()
    change = RecordChange(record, None, record.content(), (), now, known, stands=True)
    for claim in interpret(change):
        if claim.therapy and claim.occurred_on and len(claim.occurred_on) in PRECISIONS:
            yield _row(claim, source, record)


def _row(claim: Claim, source: Source, record: Record) -> dict[str, Any]:
    thread = thread_of(claim.type, therapy=claim.therapy, place=claim.place, trial=claim.trial, step=claim.step)
    note = f"{PROPOSED} {claim.quote[:200]}" + (f" ({claim.doubt})" if claim.doubt else "")
    told = {
        "therapy": claim.therapy,
        "type": claim.type,
        "place": claim.place,
        "agency": claim.agency,
        "trial": claim.trial,
        "polarity": claim.polarity,
        "date": claim.occurred_on,
        "precision": PRECISIONS[len(claim.occurred_on or "")],
        "kind": claim.kind,
        "subtype": claim.subtype,
        "phase": claim.phase,
        "thread": thread,
        "step": claim.step or claim.type,
        "source_tier": source.tier,
        "source": source.title,
        "url": record.url,
        "mark_event": "C1",
        "mark_date": "C1",
        "note": " ".join(note.split()),
    }
    return {key: value for key, value in told.items() if value is not None}
