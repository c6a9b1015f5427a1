"""How an event is told: its type's words with the blanks filled.   (pure)

One headline, one sentence and one meaning for each event, the same on page, mail, feed, webhook and command line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from monitor.vocabulary.agencies import PAYS_IN
from monitor.vocabulary.dates import MADE_KNOWN, in_words, short
from monitor.vocabulary.event_types import STEPS, TYPES, EventType, Part, Step, Words
from monitor.vocabulary.pack import Pack, Therapy
from monitor.vocabulary.places import BY_CODE
from monitor.vocabulary.sureness import ANNOUNCED, CONDITIONS, IF_CONFIRMED, MUST_SHOW_MORE, SAYS, SURE, TELLERS, UNTOLD

if TYPE_CHECKING:
    from store.tables import Event

LONGEST_NAME = 80
"""Characters of a drug's name as a teller wrote it."""


@dataclass(frozen=True)
class Name:
    """What a drug is called: the brand of a place, where there is one, and the substance or code."""

    brand: str | None
    substance: str

    @property
    def full(self) -> str:
        """`Dystriva (velorastat)`: for headlines."""
        return f"{self.brand} ({self.substance})" if self.brand else self.substance

    @property
    def short(self) -> str:
        """`Dystriva`: for sentences that stand below a headline."""
        return self.brand or self.substance


UNNAMED = Name(None, "an unnamed drug")


@dataclass(frozen=True)
class Facts:
    """What the words about one event are chosen by and filled with. `places` are codes, in the order of naming."""

    type: str
    polarity: str
    name: Name = UNNAMED
    step: str | None = None
    places: tuple[str, ...] = ()
    agency: str | None = None
    trial: str | None = None
    occurred_on: str | None = None
    certainty: str = "stated"
    tier: int = 1
    state: str = "released"
    planned_start: str | None = None
    kind: str | None = None
    verdicts: str | None = None  # of payers: `CDA yes, INESSS no`
    made_known: bool = False  # the date is the day on which the act was made known, not its own

    @cached_property
    def blanks(self) -> dict[str, str]:
        """The blanks of `event_types.toml`, filled."""
        on, day, planned = in_words(self.occurred_on), short(self.occurred_on), in_words(self.planned_start)
        places = [BY_CODE[code] for code in self.places if code in BY_CODE]
        payers = self._payers
        where, adjective = listed([place.brief for place in places]), listed([place.adjective for place in places])
        if self.agency and not places:
            from monitor.vocabulary.countries import elsewhere  # noqa: PLC0415 - of all countries hardly one is named

            where = country.name if (country := elsewhere(self.agency)) else ""
        return {
            "name": self.name.short,
            "trial": self.trial or "named in the source",
            "where": f" in {where}" if where else "",
            "adj": f"{adjective} " if adjective else "",
            "on": f" (made known {on})" if on and self.made_known else f" {on}" if on else "",
            "on_or_now": f" {on}" if on else " now",
            "from": f", made known {day}" if on and self.made_known else f", from {day}" if on else "",
            "planned": f" {planned}" if planned else "",
            "payer": listed(payers) or "a payer",
            "says": "say" if len(payers) > 1 else "says",
            "condition": CONDITIONS.get(self.kind or "", MUST_SHOW_MORE),
            "terms": f" {terms}" if (terms := condition_of(self.kind)) else "",
            "by": f" ({by})" if (by := self._split or listed(payers)) else "",
        }

    @property
    def _payers(self) -> list[str]:
        """Who decides on payment, as far as known: by name, or as the only payer of the place."""
        if self.verdicts:
            return [verdict.rpartition(" ")[0] for verdict in self.verdicts.split(", ")]
        known = self.agency or (PAYS_IN.get(self.places[0]) if len(self.places) == 1 else None)
        return [known] if known else []

    @property
    def _split(self) -> str | None:
        """Which payers said yes and which no, where they do not agree."""
        return self.verdicts if self.polarity == "mixed" else None


def headline(facts: Facts) -> str:
    """`Dystriva (velorastat): US approval formally ended`. A type of an older version is told by its name."""
    what = _text(facts, "headline") or facts.type.replace("_", " ")
    return f"{capital(facts.name.full)}: {what}"


def sentence(facts: Facts) -> str | None:
    """The one plain sentence; None for a type of an older version. It says whose word it is where that is in doubt:
    `The company says: ...` of an act that no authority has told of, `Not checked yet: ...` of one that is held."""
    text = _text(facts, "sentence")
    return f"{_doubt(facts)}{capital(text)}" if text else None


def meaning(facts: Facts) -> str | None:
    """What it means for a reader: of an announced act, once it is confirmed; nothing of what is held or dismissed."""
    text = _text(facts, "meaning")
    if text is None or facts.state in UNTOLD:
        return None
    return f"{IF_CONFIRMED}{text[:1].lower()}{text[1:]}" if announced(facts) else capital(text)


def announced(facts: Facts) -> bool:
    """Whether it is the act of an authority that no authority has told of."""
    return facts.certainty == "reported" and facts.type in TYPES and TYPES[facts.type].official


def condition_of(kind: str | None) -> str | None:
    """What an approval of this kind hangs on; None where it hangs on nothing, or the kind is not known."""
    return CONDITIONS.get(kind or "")


def _doubt(facts: Facts) -> str:
    if facts.state in UNTOLD:
        return UNTOLD[facts.state]
    return SAYS.get(facts.tier, "") if announced(facts) else ""


def sides(facts: Facts) -> tuple[str | None, str | None]:
    """Before and after, where the type alone says it."""
    spec = TYPES.get(facts.type)
    if spec is None or facts.step not in (None, spec.step):
        return None, None
    after = spec.after.format_map(facts.blanks) if spec.after else None
    return spec.before, f"{after} (announced)" if after and announced(facts) else after


def listed(names: Sequence[str]) -> str:
    """`the US`, `the US and Canada`, `the US, Canada and Japan`."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def capital(text: str) -> str:
    """The text with a capital at its start, the rest as it is; a name such as `velorastat` keeps its small letter
    only inside a sentence."""
    return text[:1].upper() + text[1:]


def _text(facts: Facts, part: Part) -> str | None:
    """The words of this part: of the step before those of the type, of the polarity before the general ones."""
    spec, step = TYPES.get(facts.type), STEPS.get(facts.step or "")
    records: list[Words | object] = []
    if step is not None and (spec is None or step.name != spec.step):
        records += [_variant(step, facts.polarity), step]
    if spec is not None:
        records += [_variant(spec, facts.polarity), spec]
    text: str | None = next((words for record in records if (words := getattr(record, part))), None)
    return text.format_map(facts.blanks) if text else None


def _variant(record: EventType | Step, polarity: str) -> Words:
    """The words that a polarity has beside the record's own."""
    return getattr(record, polarity, record.neutral)


# Events ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Telling:
    """All that is said of one event, and of whose drug: what stands together in a mail or a webhook's body."""

    headline: str
    sentence: str | None
    meaning: str | None
    before: str | None
    after: str | None
    how_sure: str
    places: tuple[str, ...]
    therapy: Therapy | None
    for_whom: str | None


def telling_of(event: "Event", pack: Pack) -> Telling:
    """An event in words, its sentence a maintainer's where she wrote one; the pack says what its drug is called."""
    therapy = pack.by_name.get((event.therapy or "").lower())
    facts = _facts(event, therapy)
    before, after = sides(facts)
    return Telling(
        headline=headline(facts),
        sentence=event.sentence or sentence(facts),
        meaning=meaning(facts),
        before=before,
        after=after,
        how_sure=how_sure(facts),
        places=facts.places,
        therapy=therapy,
        for_whom=for_whom_of(therapy),
    )


def title_of(event: "Event", pack: Pack) -> str:
    """The headline of a row of the log: what mails, pages, feeds, webhooks and commands call it."""
    return headline(facts_of(event, pack))


def facts_of(event: "Event", pack: Pack) -> Facts:
    """What the words about an event are chosen by and filled with."""
    return _facts(event, pack.by_name.get((event.therapy or "").lower()))


def _facts(event: "Event", therapy: Therapy | None) -> Facts:
    return Facts(
        type=event.type,
        polarity=event.polarity,
        name=name_of(event, therapy),
        step=event.step,
        places=places_of(event),
        agency=event.agency,
        trial=event.trial,
        occurred_on=event.occurred_on,
        certainty=event.certainty,
        tier=event.tier,
        state=event.state,
        planned_start=event.planned_start,
        kind=event.kind,
        verdicts=event.subtype if event.type == "reimbursement" else None,
        made_known=event.mark_date == MADE_KNOWN,
    )


def places_of(event: "Event") -> tuple[str, ...]:
    """All places that an event speaks for."""
    return tuple(event.places) or ((event.place,) if event.place else ())


def name_of(event: "Event", therapy: Therapy | None) -> Name:
    """What to call the drug of an event; a generic has no brand."""
    if therapy is None:
        written = " ".join((event.therapy or event.drug or "").split())
        cut = written if len(written) <= LONGEST_NAME else written[:LONGEST_NAME].rstrip() + "…"
        return Name(None, cut) if cut else UNNAMED
    generic = event.type in TYPES and TYPES[event.type].generic
    return Name(None, therapy.name) if generic else called(therapy, places_of(event), written=event.drug)


def called(therapy: Therapy, places: Sequence[str] = (), *, written: str | None = None) -> Name:
    """A therapy's name in these places (none: wherever it is): with the brand that it has there, as far as known.

    Where the pack does not say which brand is whose, the one that the teller wrote stands, or the only one.
    """
    if places and therapy.brand_in:
        brands = dict.fromkeys(therapy.brand_in[place] for place in places if place in therapy.brand_in)
        return Name("/".join(brands) or None, therapy.name)
    brand = next((name for name in therapy.brands if written and name.lower() == written.lower()), None)
    if brand is None and (len(therapy.brands) == 1 or not places):
        brand = next(iter(therapy.brands), None)
    return Name(brand, therapy.name)


def how_sure(facts: Facts) -> str:
    """`certain (regulator notice)`; of an act that no authority has told of, who says so."""
    return (
        who_says(facts) or f"{SURE.get(facts.certainty, facts.certainty)} ({TELLERS.get(facts.tier, 'other source')})"
    )


def who_says(facts: Facts) -> str | None:
    """Whose word it is alone that an authority has acted; None where an authority says so, or need not."""
    return ANNOUNCED.get(facts.tier) if announced(facts) else None


def for_whom(event: "Event", pack: Pack) -> str | None:
    """Who the drug of an event is for, where the pack says that it is not for all."""
    return for_whom_of(pack.therapy(event.therapy)) if event.therapy else None


def for_whom_of(therapy: Therapy | None) -> str | None:
    """Who a therapy is for, where the pack says that it is not for all; with its doubt, where it has one."""
    if therapy is None or therapy.for_whom is None:
        return None
    doubt = " (not confirmed)" if therapy.for_whom.mark in ("M", "X") else ""
    return therapy.for_whom.text + doubt
