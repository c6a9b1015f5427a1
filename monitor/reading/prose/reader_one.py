"""Reader one: what the rules read in each clause of a text, also what is planned, denied, retold or opinion.

Nothing is dropped and nothing settled here; `candidates.py` takes it with what the encoder says.
"""

from dataclasses import dataclass
from datetime import date

from monitor.reading.prose.act_day import stated_date
from monitor.reading.prose.acts import Act
from monitor.reading.prose.clean import ItemText
from monitor.reading.prose.genres import genres_of
from monitor.reading.prose.items import where_of
from monitor.reading.prose.mentions import Mention, mentions_of, subject_of
from monitor.reading.prose.trial_names import named_trial
from monitor.reading.prose.two_readers import readings
from monitor.vocabulary.therapies import Therapies


@dataclass(frozen=True, slots=True)
class Reading:
    """One act in one clause. `sentence` 0 is the title; `left` and `right` are the ends of the clause in it."""

    type: str
    polarity: str
    modality: str
    sentence: int
    left: int
    right: int
    rule: str
    weak: bool
    firm: bool
    genres: tuple[str, ...]
    drug: Mention | None
    agency: str | None
    place: str | None
    trial: str | None
    day: str | None
    quote: str


def read_clauses(text: ItemText, published: date | None = None, therapies: Therapies | None = None) -> list[Reading]:
    """Every act told in a text, clause by clause, in reading order."""
    units, genres = text.units, genres_of(text.units[0])
    acts = readings(units, published)
    mentions = mentions_of(units, therapies) if acts else []

    def reading(act: Act) -> Reading:
        where = where_of(act.type, act.polarity, act.unit, units, act)
        return Reading(
            type=act.type,
            polarity=act.polarity,
            modality=act.modality,
            sentence=act.unit,
            left=act.left,
            right=act.right,
            rule=act.rule,
            weak=act.weak,
            firm=act.firm,
            genres=genres,
            drug=subject_of(mentions, units, act.unit, act.start, act.end),
            agency=where.agency,
            place=where.place,
            trial=named_trial(units[act.unit], therapies),
            day=stated_date(units[act.unit], published),
            quote=text.quote(act.unit),
        )

    return [reading(act) for act in acts]
