"""Both readers asked about one text: the rules always, the encoder where the text may concern a medicine.

The encoder is imported where it is first asked: what never reads prose never loads a network.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from monitor.reading.prose.acts import Act, Scene, acts_of
from monitor.reading.prose.candidates import PLACES, WAYS_OF, Views, overlooked
from monitor.reading.prose.clean import ItemText
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import SURE, Drug
from monitor.reading.prose.genres import genres_of
from monitor.reading.prose.plain_words import plain_words
from monitor.reading.prose.priorities import DECISIONS
from monitor.reading.prose.settling import settled
from monitor.reading.prose.tense import DONE
from monitor.reading.prose.trial_names import named_trial
from monitor.reading.prose.verdicts import DESCRIBED, NAMES_AGENCY
from monitor.reading.prose.word_counts import words
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE
from monitor.vocabulary.therapies import Therapies

ASKED = re.compile(r"^.*\?\s+(?=\S+ \S+ \S)")
"""A question that the rest of a title answers; the answer is read."""
EUROPEAN, AMERICAN = re.compile(r"\bCHMP\b|\bEMA\b|European Medicines"), re.compile(r"\bFDA\b|\badvisory\b", re.I)
"""Whose committee a title names."""
ABOUT_TRIAL = ("advance", "programme", "publication", "clearance")
WITH_TRIAL = frozenset(kind.name for kind in TYPES.values() if kind.scope == "trial" or kind.family in ABOUT_TRIAL)
"""Types of acts that are in a trial, or may be about one."""
WHOLE = 12
"""A text of at most so many sentences is read whole by the encoder; of a longer one what may say something."""
LEAD = 4
"""The first sentences below a title are always read."""
ABOUT_MEDICINE = re.compile(
    r"\b(?:drug|medic|treat|therap|vaccin|trial|stud(?:y|ies)|phase|patient|disease|cancer|pharma|FDA|EMA|NICE|approv|recall)\w*",
    re.I,
)
"""Words without which a text has nothing to say here."""
Values = Sequence[Sequence[float]]


def views_of(
    text: ItemText,
    published: date | None,
    therapies: Therapies | None = None,
    *,
    kind: str = "news",
    values: Values | None,
    names: Mapping[str, float] | None = None,
) -> Views:
    """What the rules read in a text, beside what the encoder hears (`heard`, or None)."""
    asked_of = text.sentences[0].text
    title = ASKED.sub("", asked_of)
    units = [title, *text.units[1:]]
    genres = genres_of(title)
    acts = acts_of(Scene(units, published, genres))
    drugs = find_drugs(units, therapies) or (_questioned(asked_of, therapies) if asked_of != title else [])
    done = [_placed(act, units, drugs, therapies) for act in acts if act.modality == DONE]
    if kind == PAGE:  # of a page only what it says itself, not its title
        done = [act for act in done if act.unit > 0 and not _describes(act, units)]
    return Views(
        units=units,
        acts=acts,
        done=settled(done, units),
        drugs=drugs,
        values=values,
        names=names or {},
        published=published,
        genres=genres,
        kind=kind,
    )


def readings(units: Sequence[str], published: date | None) -> list[Act]:
    """Every act that the rules read in the sentences, also what is planned, denied or retold."""
    return acts_of(Scene(units, published, genres_of(units[0])))


def both_readers(
    text: ItemText, published: date | None, therapies: Therapies | None = None, *, kind: str = "news"
) -> Views | None:
    """What both readers make of a text; None where no medicine and no act is named, so that nobody need be asked."""
    views = views_of(text, published, therapies, kind=kind, values=None)
    if not views.acts and not views.drugs and not ABOUT_MEDICINE.search(" ".join(views.units)):
        return None
    (title, *below), names = heard(text.units, _worth_asking(views))
    units = views.units
    if kind == PAGE:  # of a page only what it says itself
        title, units = [0.0] * len(title), ["", *units[1:]]
    read = replace(views, values=[title, *below], names=names)
    if unheard := overlooked(read):
        read = replace(read, values=_in_their_clauses(unheard, read))
    return replace(read, counted=words().odds(units, views.drugs))


def _in_their_clauses(unheard: Sequence[Act], views: Views) -> Values:
    """The values, and of these acts what the encoder makes of their clauses alone.

    It has learnt from texts of which nearly each announces one thing: of "licensed in the UK, but refused by NICE" it
    hears the last alone. What an authority or the market does holds in its clause, whatever stands beside it.
    """
    values = [list(row) for row in views.values or ()]
    for act in unheard:
        (alone,) = asked([views.units[act.unit][act.left : act.right].strip(" ,;:-–—")], [0])
        for place in (PLACES[name] for name in WAYS_OF[act.type]):
            values[act.unit][place] = max(values[act.unit][place], alone[place])
    return values


def _worth_asking(views: Views) -> list[int]:
    """Of a short text every sentence, of a long one those that name a medicine or an act, and the first ones."""
    if len(views.units) <= WHOLE:
        return list(range(len(views.units)))
    told = {act.unit for act in views.acts} | {drug.unit for drug in views.drugs}
    return [row for row, unit in enumerate(views.units) if row <= LEAD or row in told or NAMES_AGENCY.search(unit)]


def asked(units: Sequence[str], rows: Sequence[int]) -> Values:
    """The encoder's values by sentence, 0 in those that are not among `rows`; the title is always read."""
    return heard(units, rows)[0]


def heard(units: Sequence[str], rows: Sequence[int]) -> tuple[Values, Mapping[str, float]]:
    """The same, and of each word how probable it is that it names the medicine."""
    below = [row for row in rows if row and units[row]]
    values: list[list[float]] = [[0.0] * len(PLACES) for _ in units]
    title, *sentences = plain_words([units[0], *(units[row] for row in below)])
    from monitor.reading.prose.encoder import read  # noqa: PLC0415 - a network is loaded only where a text is read

    found = read(title, sentences)
    for row, value in zip([0, *below], found.values.tolist(), strict=True):
        values[row] = value
    return values, found.names


def spread(units: Sequence[str], found: Values) -> Values:
    """Kept values, one row for each sentence that is read, as one row for each sentence."""
    rows = [0, *(number for number, unit in enumerate(units) if number and unit)]
    values: list[list[float]] = [[0.0] * len(PLACES) for _ in units]
    for row, value in zip(rows, found, strict=True):
        values[row] = list(value)
    return values


def _questioned(title: str, therapies: Therapies | None) -> list[Drug]:
    """The medicines of a title with its question."""
    return [drug for drug in find_drugs([title], therapies) if drug.kind in SURE]


def _placed(act: Act, units: Sequence[str], drugs: Sequence[Drug], therapies: Therapies | None) -> Act:
    """The act with its medicine and its trial, and with the committee that the title names where the sentence says "the
    committee"."""
    act = replace(act, medicine=_medicine_of(act, drugs))
    if act.type == "adcomm_outcome" and EUROPEAN.search(units[0]) and not AMERICAN.search(units[0] + units[act.unit]):
        act = replace(act, type="chmp_opinion", rule="chmp_opinion.committee-of-the-title")
    return replace(act, trial=named_trial(units[act.unit], therapies)) if act.type in WITH_TRIAL else act


def _medicine_of(act: Act, drugs: Sequence[Drug]) -> str | None:
    """The one followed medicine that the clause of an act names, else its sentence."""
    here = [drug for drug in drugs if drug.unit == act.unit and drug.therapy and not drug.aside]
    for some in ([drug for drug in here if act.left <= drug.start < act.right], here):
        if some:
            return some[0].therapy if len({drug.therapy for drug in some}) == 1 else None
    return None


def _describes(act: Act, units: Sequence[str]) -> bool:
    """Whether a page tells of the decision where it describes the medicine."""
    return act.type in DECISIONS and bool(DESCRIBED.search(units[act.unit]))
