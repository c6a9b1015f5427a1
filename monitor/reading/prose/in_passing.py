"""What a text tells in passing: an act below a title of another thing, which may be done long ago. Pure."""

import re

from monitor.reading.prose.candidates import PLACES, WAYS_OF, Candidate, Views
from monitor.reading.prose.genres import NEWS
from monitor.reading.prose.tense import names_new_day, names_new_month
from monitor.reading.prose.verdicts import DIGEST, NAMES_DECISION
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE, REGULATOR

HEADED, FAINT = 0.5, 0.05
"""What the encoder must give a title for an act that is told below it to be what the text announces: an act of a
regulator or market, which every text about a medicine may retell; any other."""


def told_in_passing(one: Candidate, views: Views) -> bool:
    """Whether an act is told below a title that does not announce it, in a sentence that names no day and no month of
    late and says nothing of news. Who tells how he works, or who he is, tells what was done long ago in the words of
    what was done today."""
    title, words = views.units[0], views.units[one.unit]
    digest = views.kind == REGULATOR and DIGEST.search(title)
    if one.unit == 0 or views.kind == PAGE or _is_bare(title, views) or digest:
        return False
    least = HEADED if TYPES[one.type].scope == "place" else FAINT
    if max(views.columns[PLACES[name]][0] for name in WAYS_OF[one.type]) >= least:
        return False
    listed = views.kind == REGULATOR or any(drug.unit == 0 for drug in views.drugs)
    if listed and not views.genres and NAMES_DECISION.search(title):
        return False  # a row of a list, or a title of which the encoder makes nothing
    return not (NEWS.search(words) or any(new(words, views.published) for new in (names_new_day, names_new_month)))


def _is_bare(title: str, views: Views) -> bool:
    """Whether a title is no more than the name of a medicine, and announces neither this nor anything else."""
    for drug in views.drugs:
        title = title.replace(drug.written, "") if drug.unit == 0 else title
    return len(re.findall(r"\w+", title)) < 2
