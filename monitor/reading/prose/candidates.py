"""What may have happened by one text: each type that a reader holds possible, with the sentence that says so.

    rules: acts in their clauses ──┐
                                   ├──► candidates ──► features (`features.py`) ──► the judge (`judge.py`)
    encoder: a value by sentence ──┘

Nothing is decided here.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, lru_cache

from monitor.reading.prose.acts import Act
from monitor.reading.prose.drugs import SURE, Drug
from monitor.reading.prose.foreign import is_foreign
from monitor.reading.prose.priorities import tone
from monitor.reading.prose.settling import is_own_warning
from monitor.reading.prose.subjects import Candidate as Named
from monitor.reading.prose.subjects import Place, Subject, subjects_of
from monitor.reading.prose.subjects import candidates_of as medicines_of
from monitor.reading.prose.told_names import told_of_each
from monitor.reading.prose.verdicts import DEVICE, NO_MEDICINE
from monitor.reading.prose.which_way import AGAINST, SPLIT, UNWARNED, WAYS
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE, REGULATOR

POSSIBLE, SELDOM, ON_PAGE = 0.01, 0.06, 0.25
"""From this value of the encoder a type is looked at; in a text of a kind that seldom announces anything, and of a
page, whose lines are no sentences of news and of which the judge knows none, from the others."""
OWN = 0.15
"""So much more than the title must a sentence say before it is the one that was read: values leak from the title."""
UNNAMED = frozenset({"adcomm_scheduled"})
"""Types whose product may be unnamed."""
KIN = frozenset({"approval", "accelerated_approval", "label_expansion", "full_approval_conversion"})
"""Types of one yes: which of them it is shows in what was authorised before, which the events know."""
WAYS_OF: Mapping[str, Collection[str]] = {name: KIN if name in KIN else (name,) for name in TYPES}
"""A type, or all ways of one yes: which of them it is, is another question than whether it is news."""
PLAIN, LIKELY_YES = ("approval", "label_expansion"), 0.3
"""Two of them that words tell alike, and from which value either is looked at with the other."""
CLEARLY = 1.0
"""By how much in odds the encoder must prefer a further use before a plain "approved" means one."""
DOUBTED, OVERLOOKED = 0.7, 4
"""An act to which the encoder gives less is one that it may have overlooked; so many of a text."""
PLACES = {name: number for number, name in enumerate(TYPES)}
MEDICINE = re.compile(
    r"\b(?:drugs?|treatments?|therap(?:y|ies|eutics?)|pills?|shots?|jabs?|vaccines?|medicines?|medications?|"
    r"antibod(?:y|ies)|injections?|tablets?|inhalers?|combo|combination|cocktail|regimen|candidate|generics?|"
    r"biosimilars?|painkillers?|antibiotics?|inhibitors?|agonists?|blockers?|immunotherap\w+|chemotherap\w+|"
    r"cell therap\w+|insulins?|statins?|opioids?|antidepressants?|antivirals?|contraceptives?|trials?|stud(?:y|ies)|"
    r"phase|antipsychotics?|ADCs?|conjugates?|antidotes?|sleep aids?|thinners?|peptides?|GLP-1\w*|bispecifics?|"
    r"degraders?|boosters?|eye ?drops?|syrups?|steroids?|CAR-T|NDAs?|BLAs?|MAAs?|biologics?|prospects?|assets?|"
    r"gene edit\w+|nanobod\w+|lotions?|creams?|ointments?|nasal sprays?|auto-?injectors?|capsules?|infusions?|"
    r"pharmac(?:y|ies)|label expansions?|stimulants?|shampoos?|"
    r"(?:clotting |coagulation |antihemophilic |Willebrand )factors?|(?-i:[A-Z]{2,6}-\d+|[A-Z]{6,}))\b",
    re.I,
)
"""Words for a medicine, or its trial, that is not named, and what looks like its code or brand."""
OF_MEDICINES = frozenset(
    {
        "designation", "submission", "filing_accepted", "refuse_to_file", "chmp_opinion", "complete_response",
        "ind_cleared", "clinical_hold", "clinical_hold_lifted", "trial_registered", "readout_met", "readout_not_met",
        "futility_stop",
    }
)  # fmt: skip
"""Types whose own words say that it is about a medicine."""
MEDICAL = re.compile(r"\b(?:drugs?|vaccines?)\b", re.I)
HEARD, HEARD_OF_REGULATOR = 0.3, 0.8
"""From this value of the encoder a word for a device or the like is for the judge to weigh, and shuts nothing out; and
so does the want of any word for a medicine. Regulators also tell of food, of animals and of devices, and of those the
encoder hears much."""
READ = tuple(name for name, spec in TYPES.items() if not spec.waiting and spec.family != "answer")
"""The types that a text can announce."""
UPHELD = re.compile(
    r"\b(?:maintain|retain|keep|confirm|upheld|uphold)\w* (?:\w+ ){0,4}orphan|"
    r"\borphan (?:\w+ ){0,4}(?:maintained|retained|kept|confirmed|upheld)\b",
    re.I,
)
"""Words that say that an orphan status stays."""


@dataclass(frozen=True)
class Views:
    """What both readers make of a text. `acts` in whatever way they are meant, `done` those that stand as done;
    `values` of the encoder by sentence and type, or None where it was not asked; `counted` the odds of types by the
    words of the text (`word_counts.py`); `names` how probable each word names the medicine (`told_names.py`)."""

    units: Sequence[str]
    acts: Sequence[Act]
    done: Sequence[Act]
    drugs: list[Drug]
    values: Sequence[Sequence[float]] | None
    published: date | None = None
    genres: tuple[str, ...] = ()
    kind: str = "news"
    counted: Mapping[str, float] = field(default_factory=dict)
    names: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[tuple[float, ...]]:
        """The values by type and sentence."""
        return list(zip(*self.values or [[0.0] * len(PLACES)] * len(self.units), strict=True))

    @cached_property
    def highest(self) -> list[float]:
        """The highest value of each type."""
        return [max(column) for column in self.columns]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing that may have happened. `act` where the rules read it as done; `subjects` the medicines that a claim
    would name, `named` all that it may be about, the most probable first."""

    type: str
    polarity: str
    unit: int
    act: Act | None
    seconded: float
    """How far the encoder agrees, whichever of several ways of one yes it hears: `seconded`."""
    subjects: tuple[Subject, ...] = ()
    named: tuple[Named, ...] = ()
    about: bool = True
    """Whether it is about a medicine (`is_about_medicine`)."""
    beside_thing: bool = False
    """Whether a device, an animal or food is named where no medicine is for sure."""

    followed: bool = False
    """Whether it is about a medicine that is followed."""
    heard: Mapping[str, float] = field(default_factory=dict)
    """How far the encoder hears its name, and others."""


def candidates_of(views: Views) -> list[Candidate]:
    """Every type that the encoder holds possible or the rules read as done, in the order of the sentences."""
    told = {_way_of(act, views) for act in views.done}
    least = ON_PAGE if views.kind == PAGE else SELDOM if views.genres else POSSIBLE
    possible = {type_ for type_ in READ if views.highest[PLACES[type_]] >= least} | _other_way(told, views)
    if not (possible or told) and views.values and views.kind != PAGE and _may_announce(views):
        possible = {max(READ, key=lambda type_: views.highest[PLACES[type_]])}
    others = [type_ for type_ in READ if type_ in possible - told]
    found = [*(_told(act, views) for act in views.done), *(_guessed(type_, views) for type_ in others)]
    apart = [one for one in found if not _of_a_yes(one, told, views)]
    return _with_medicines(sorted(apart, key=lambda one: (one.unit, one.type)), views)


def _may_announce(views: Views) -> bool:
    """Whether a text of which the encoder makes nothing is looked at by its likeliest type: one that is of no kind that
    seldom announces anything, or in another language."""
    return not views.genres or is_foreign(" ".join(views.units))


def _of_a_yes(one: Candidate, told: set[str], views: Views) -> bool:
    """Whether it is part of a yes of the same text: the orphan status that it keeps (decision rule 16), or the warning
    with which the medicine comes."""
    if one.type == "safety_label" and not told.isdisjoint(KIN):
        return is_own_warning(views.units[one.unit])
    if one.type != "designation" or told.isdisjoint(KIN):
        return False
    return any(UPHELD.search(words) for words in ([views.units[one.unit]] if one.act else views.units))


def _other_way(told: set[str], views: Views) -> set[str]:
    """Both ways of a plain yes where one of them is told or likely: what was authorised before may show the other."""
    if views.kind == PAGE or not views.values:
        return set()
    heard = max(views.highest[PLACES[name]] for name in PLAIN) >= LIKELY_YES
    return set(PLAIN) if heard or told & set(PLAIN) else set()


def done_of(views: Views) -> list[Candidate]:
    """What the rules read as done."""
    return _with_medicines([_told(act, views) for act in views.done], views)


def _told(act: Act, views: Views) -> Candidate:
    type_ = _way_of(act, views)
    return Candidate(type_, act.polarity, act.unit, act, seconded(type_, views))


def _way_of(act: Act, views: Views) -> str:
    """Which way of one yes it is. A plain "approved" is one of a further use where the encoder holds that clearly
    likelier, but where a regulator tells of its own decision. What was authorised before decides it again
    (`events/attribute.py`)."""
    if act.type != "approval" or not views.values or views.kind == REGULATOR:
        return act.type
    first, further = (odds_of(views.highest[PLACES[name]]) for name in ("approval", "label_expansion"))
    told = any(other.type == "label_expansion" for other in views.done)
    return "label_expansion" if further - first > CLEARLY and not told else act.type


def seconded(type_: str, views: Views) -> float:
    """How far the encoder agrees: of several ways of one yes any will do, as which of them it is shows in what was
    authorised before, and in words that the rules hear exactly."""
    return max(views.highest[PLACES[name]] for name in WAYS_OF[type_])


def overlooked(views: Views) -> list[Act]:
    """Acts of an authority, the market or a company that the rules read as done and the encoder makes little of, the
    first ones. What a trial showed, the whole text says, and no clause."""
    kinds = ((act, TYPES[act.type]) for act in views.done if not act.weak)
    told = (act for act, kind in kinds if kind.scope == "place" or (kind.scope == "therapy" and kind.level == "major"))
    return [act for act in told if seconded(act.type, views) < DOUBTED][:OVERLOOKED]


def odds_of(share: float) -> float:
    """A probability as the logarithm of its odds, with ends."""
    held = min(max(share, 1e-3), 1 - 1e-3)
    return math.log(held / (1 - held))


def _guessed(type_: str, views: Views) -> Candidate:
    unit = sentence_of(type_, views)
    return Candidate(type_, polarity_of(type_, views.units[unit]), unit, None, seconded(type_, views))


def _with_medicines(found: Sequence[Candidate], views: Views) -> list[Candidate]:
    """The same with the medicines that each may be about."""
    units, drugs = list(views.units), views.drugs
    places = [_place(one.act, one.unit, units) for one in found]
    written = [subjects_of(one.unit, units, drugs, several=one.type not in UNNAMED) for one in found]
    named = medicines_of(units, drugs, places)
    of_each = zip(found, told_of_each(written, named, units, views.names), named, strict=True)
    with_names = [
        replace(one, subjects=told, heard=heard, named=tuple(may_be), followed=any(therapy for _, therapy in told))
        for one, (told, heard), may_be in of_each
    ]
    return [
        replace(one, about=is_about_medicine(one, views), beside_thing=is_beside_other_thing(one, views))
        for one in with_names
    ]


def _place(act: Act | None, unit: int, units: Sequence[str]) -> Place:
    """Where an act stands; without one the whole sentence is its clause."""
    if act is None:
        return Place(unit, 0, 0, len(units[unit]), len(units[unit]))
    return Place(unit, act.left, act.start, act.end, act.right)


def sentence_of(type_: str, views: Views) -> int:
    """The sentence that the encoder read: the title, unless one below says clearly more."""
    column = views.columns[PLACES[type_]]
    below = max(range(1, len(column)), key=column.__getitem__, default=0)
    own = column[below] > column[0] + OWN or (views.kind == PAGE and views.units[below])
    return below if own else 0


def polarity_of(type_: str, sentence: str) -> str:
    """Which way an act points that the rules did not read: by its type, else by the tone of its sentence."""
    if type_ == "adcomm_outcome" and SPLIT.search(sentence):
        return "mixed"
    if AGAINST.search(sentence) and type_ in WAYS:
        return "negative"
    if type_ == "safety_label" and UNWARNED.search(sentence):
        return "positive"
    return TYPES[type_].polarity or tone(sentence)


def is_about_medicine(one: Candidate, views: Views) -> bool:
    """Whether a reading is about a medicine, named or not: an alert needs one. What the press tells may be about one
    beside another thing (an implant with a drug), or without any word for one, where the encoder hears something; what
    a regulator tells, only without."""
    value = views.highest[PLACES[one.type]] if views.values and views.kind != PAGE else 0.0
    if names_no_medicine(one, views):
        least = HEARD_OF_REGULATOR if views.kind == REGULATOR else HEARD
        return value >= least and not is_beside_other_thing(one, views)
    return (value >= HEARD and views.kind != REGULATOR) or not is_beside_other_thing(one, views)


def names_no_medicine(one: Candidate, views: Views) -> bool:
    """Whether neither its words nor its type say that a reading is about a medicine."""
    if one.subjects or one.type in UNNAMED | OF_MEDICINES:
        return False
    return not MEDICINE.search(f"{views.units[0]} {views.units[one.unit]}")


def is_beside_other_thing(one: Candidate, views: Views) -> bool:
    """Whether a device, an animal or food is named where no medicine is for sure."""
    units = views.units
    if any(drug.kind in SURE for drug in views.drugs if drug.unit in (0, one.unit)):
        return False
    if one.subjects and MEDICAL.search(units[0]):
        return False
    around = " ".join(units[n] for n in dict.fromkeys((0, one.unit, one.unit + 1)) if n < len(units))
    where = around if TYPES[one.type].scope == "place" else units[0]
    return _names_other_thing(units[0], where)


@lru_cache(maxsize=64)
def _names_other_thing(title: str, where: str) -> bool:
    """Asked of the same words for each candidate of a text."""
    return bool(NO_MEDICINE.search(title) or DEVICE.search(where))
