"""What no probability passes: why a reading is not released however likely it looks, in words. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.reading.prose import verdicts
from monitor.reading.prose.candidates import PLACES, WAYS_OF, Candidate, Views, names_no_medicine
from monitor.reading.prose.denials import DISOWNED, NEVER_DONE
from monitor.reading.prose.genres import NEWS, QUARTER
from monitor.reading.prose.mentions import PANEL
from monitor.reading.prose.priorities import FINAL, NOES, READOUTS
from monitor.reading.prose.tense import DONE, names_new_day, names_new_month
from monitor.reading.prose.which_way import AGAINST, VERDICTS, says_which_way
from monitor.vocabulary.agencies_meant import NAMED
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE, REGULATOR

TOLD_AGAIN, IN_QUARTER = 0.5, 0.3
"""From here a reading is looked at though a rule reads it as retold, for it is news more likely than not; and where
quarters are told, in which the words of history tell news."""
APPOSED = re.compile(
    r"(?:which (?:is|was|has been) |first |already |previously )?"
    r"(?:approved|cleared|authori[sz]ed|licensed|granted|marketed|sold)\b[^,;.]{0,90}, "
    r"(?:will|is|are|was|were|has|have|can|may|showed|shows|did|does|met|remains?)\b"
)
"""An act between two commas, before what the sentence tells: "X, approved by the FDA in May, will be shown"."""
EITHER_WAY = FINAL | VERDICTS
"""Types of decisions and of advice on them."""

UNSAID = "that a medicine is approved nowhere is no refusal"
ONLY_RETOLD = "the rules read it as retold"
YET_TO_COME = "its words tell that data will be shown, and not what they are"
IN_PASSING = "its title announces something else, and its sentence does not say that it is new"
NEITHER_WAY = "its sentence does not say whether it is a yes or a no"
DENIED_HERE = "its words say that it is not so"
WORDLESS = "no medicine is named, and no word for one"
BOTH_WAYS = "its sentence says yes of one medicine and no of another"
HEADED, FAINT = 0.7, 0.05
"""What the encoder must give a title for an act that is told below it to be what the text announces: an act of a
regulator or market, which every text about a medicine may retell; any other."""


def told_in_passing(one: Candidate, views: Views) -> bool:
    """Whether an act is told below a title that does not announce it, in a sentence that names no day and no month of
    late and says nothing of news. Who tells how he works, or who he is, tells what was done long ago in the words of
    what was done today."""
    title, words = views.units[0], views.units[one.unit]
    digest = views.kind == REGULATOR and verdicts.DIGEST.search(title)
    if one.unit == 0 or views.kind == PAGE or _is_bare(title, views) or digest:
        return False
    least = HEADED if TYPES[one.type].scope == "place" else FAINT
    if max(views.columns[PLACES[name]][0] for name in WAYS_OF[one.type]) >= least:
        return False
    listed = views.kind == REGULATOR or any(drug.unit == 0 for drug in views.drugs)
    if listed and not views.genres and verdicts.NAMES_DECISION.search(title):
        return False  # a row of a list, or a title of which the encoder makes nothing
    return not _is_new(words, views)


def _is_new(words: str, views: Views) -> bool:
    """Whether a sentence names a day or a month of late, or says news."""
    return bool(NEWS.search(words)) or any(new(words, views.published) for new in (names_new_day, names_new_month))


def _is_bare(title: str, views: Views) -> bool:
    """Whether a title is no more than the name of a medicine, and announces neither this nor anything else."""
    for drug in views.drugs:
        title = title.replace(drug.written, "") if drug.unit == 0 else title
    return len(re.findall(r"\w+", title)) < 2


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a reading is not released, if anything stands against it, and whether that leaves nothing to look at."""

    why: str | None
    drops: bool


def objections(some: Iterable[tuple[Candidate, float]], views: Views) -> list[Objection]:
    """What stands against readings of a text that are news with these probabilities."""
    found = ((one, news, guard(one, views)) for one, news in some)
    return [Objection(why, why is not None and is_dropped(why, one, news, views)) for one, news, why in found]


def guard(one: Candidate, views: Views) -> str | None:
    """Why this is not released however likely it looks; None where nothing stands against it."""
    words = views.units[one.unit]
    if one.type == "complete_response" and verdicts.UNLICENSED.search(words) and not (one.act and one.act.firm):
        return UNSAID
    if one.act is None and denied_where_it_stands(one, views):
        return DENIED_HERE
    # what a rule tells needs no such look: it has heard who acts, and that it is done
    why = _against_a_guess(one, views) if one.act is None else None
    if why is None and (DISOWNED.search(views.units[0]) or DISOWNED.search(words)):
        return DENIED_HERE
    if views.kind == REGULATOR and names_no_medicine(one, views):
        why = why or WORDLESS
    if one.type in (*READOUTS, "publication") and verdicts.COMING.search(said := f"{views.units[0]} {words}"):
        why = why or (None if verdicts.OUTCOME.search(said) else YET_TO_COME)
    if (
        one.type in EITHER_WAY
        and verdicts.FAVOURS.search(words)
        and AGAINST.search(words)
        and _several_medicines(one, views)
    ):
        why = why or BOTH_WAYS
    return why or (IN_PASSING if one.unit and told_in_passing(one, views) else None)


def is_dropped(why: str, one: Candidate, news: float, views: Views) -> bool:
    """Whether a guard leaves nothing to look at: also of a guess at what its own sentence denies."""
    if why == DENIED_HERE:
        return one.act is None and denied_where_it_stands(one, views)
    least = IN_QUARTER if QUARTER in views.genres else TOLD_AGAIN
    return why == UNSAID or (why == ONLY_RETOLD and (news < least or _is_apposed(one, views)))


def _is_apposed(one: Candidate, views: Views) -> bool:
    """Whether its sentence tells something else of the medicine, and the act in passing between two commas."""
    words, acts = views.units[one.unit], [act for act in views.acts if act.type == one.type and act.unit == one.unit]
    apart = (words[: act.start].endswith(", ") and APPOSED.match(words, act.start) for act in acts)
    return bool(acts) and all(apart)


def denied_where_it_stands(one: Candidate, views: Views) -> bool:
    """Whether the very sentence of a reading says that it is not so."""
    words = views.units[one.unit]
    said = DISOWNED.search(words) or (TYPES[one.type].polarity == "negative" and NEVER_DONE.search(words))
    return bool(said)


def _names_several(text: str) -> bool:
    """Whether a text names regulators of several places."""
    return len({place for pattern, _, place in NAMED if pattern.search(text)}) > 1


def _several_medicines(one: Candidate, views: Views) -> bool:
    """Whether its sentence tells of more than one medicine."""
    here = {drug.written for drug in views.drugs if drug.unit == one.unit and not drug.aside}
    return sum(not here.isdisjoint(medicine.names) for medicine in one.named) > 1


def _against_a_guess(one: Candidate, views: Views) -> str | None:
    words, acts = views.units[one.unit], [act for act in views.acts if act.type == one.type]
    meant = {act.modality for act in acts if act.unit == one.unit or one.type in FINAL}
    if meant and DONE not in meant:
        return f"the rules read it as {' and '.join(sorted(meant))}"
    if one.type in NOES and (other := next((a for a in views.done if a.unit == one.unit and a.type in NOES), None)):
        return f"the rules read its sentence as {TYPES[other.type].label}"
    if verdicts.PLANS.search(words) or verdicts.UNDECIDED.search(words):
        return "its sentence tells of a plan or a condition"
    if one.type in EITHER_WAY and _names_several(words):
        return "its sentence names several authorities"
    if one.type in VERDICTS and not says_which_way(words):
        return NEITHER_WAY
    if one.type in FINAL and (PANEL.search(words) or verdicts.ADVICE.search(words)):
        return "its sentence gives an opinion, and a decision is only the regulator's"
    if one.type in FINAL and verdicts.OTHER_ACTOR.search(words) and not verdicts.NAMES_AGENCY.search(words):
        return "its sentence names one who cannot decide on a medicine"
    return None
