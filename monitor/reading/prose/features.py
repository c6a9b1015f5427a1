"""What the judge looks at: the features of a candidate by name, each a number. Pure.

Groups of names, as `training/ablation.py` takes them away: `encoder_` and `agree` (reader two), `rule_`
and `meant_` (reader one), `counted_` (which words a text has), `drug_`, `words_` (time, negation, speaker, phase),
`text_` (kind, place), `history_` (what was authorised before), `level_`.
"""

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from monitor.reading.prose.candidates import KIN, MEDICINE, PLACES, READ, UNNAMED, Candidate, Views
from monitor.reading.prose.drugs import CODE, GUESS, SUBSTANCE
from monitor.reading.prose.genres import NEWS
from monitor.reading.prose.mentions import PANEL
from monitor.reading.prose.tense import DONE, FUTURE, HEDGE, NEGATED, PAST, names_old_day
from monitor.reading.prose.verdicts import (
    COMING,
    DEVICE,
    EARLY,
    GOAL,
    JOURNAL,
    LABORATORY,
    LATE,
    NAMES_AGENCY,
    NO_MEDICINE,
    OBSERVED,
    OTHER_ACTOR,
    OUTCOME,
    PLANS,
    SHARES,
    SPOKEN,
)
from monitor.reading.prose.word_counts import ANY
from monitor.vocabulary.agencies_meant import agency_of
from monitor.vocabulary.authorised import NEVER, YEARS, Years
from monitor.vocabulary.event_types import TYPES

FLOOR = 1e-4
UNKNOWN = -5.0
"""The odds of a type of which words know nothing."""
SIDES = {
    "approval": "first",
    "accelerated_approval": "first",
    "label_expansion": "further",
    "full_approval_conversion": "further",
    "tentative_generic_approval": "copy",
}
"""Types of a yes by what history says of them."""
TABLED = ("US", "EU", "UK")
"""Where the table knows the years: of Britain it says what it says of the EU, to which it belonged until 2020."""
LONG = 2
"""After so many years a medicine was certainly authorised before; the years of the table are right to one."""
JOINT = re.compile(r"\s*[(),/+]\s*|\s+and\s+")
SUFFIX = re.compile(r"-[a-z]{4}$|[®™]+$")
"""What American names of biologics end with, and marks."""
MANY = 2
"""More names of medicines than this in one text say that it tells of several things."""


def features_of(candidates: Sequence[Candidate], views: Views) -> list[dict[str, float]]:
    """For each candidate of a text its features that are not 0."""
    old = {one.unit: names_old_day(views.units[one.unit], views.published) for one in candidates}
    of_unit = {unit: {"words_old": told_old, **_of_sentence(unit, views)} for unit, told_old in old.items()}
    whole = _whole(views) if candidates else {}
    history = before_each(candidates, views)
    return [
        _features(one, views, {**of_unit[one.unit], **whole, **past})
        for one, past in zip(candidates, history, strict=True)
    ]


def _features(one: Candidate, views: Views, shared: dict[str, float]) -> dict[str, float]:
    """The features of a candidate; those of its sentence and its text are `shared` by several."""
    found = {
        "constant": 1.0,
        **_encoder(one, views),
        **_rules(one, views),
        **_counted(one, views),
        **_drug(one, views),
        **shared,
        **_phase(one, views),
        "text_other_thing": one.beside_thing,
        "text_unnamed": not one.subjects and not MEDICINE.search(f"{views.units[0]} {views.units[one.unit]}"),
        f"level_{TYPES[one.type].level}": 1.0,
    }
    return {name: float(value) for name, value in found.items() if value}


def logit(share: float) -> float:
    """A probability on the scale of odds, with ends."""
    held = min(max(share, FLOOR), 1 - FLOOR)
    return math.log(held / (1 - held))


def _encoder(one: Candidate, views: Views) -> dict[str, float]:
    if not views.values:
        return {"encoder_silent": 1.0}
    place, highest = PLACES[one.type], views.highest
    column, family = views.columns[place], TYPES[one.type].family
    others = [value for name in READ if name != one.type and (value := highest[PLACES[name]])]
    rivals = [highest[PLACES[name]] for name in READ if name != one.type and TYPES[name].family == family]
    best, second = highest[place], max(others, default=0.0)
    return {
        "encoder_best": logit(best),
        "encoder_title": logit(column[0]),
        "encoder_here": logit(column[one.unit]),
        "encoder_second": logit(second),
        "encoder_rival": logit(max(rivals, default=0.0)),
        "encoder_first": best >= second,
        "encoder_sum": sum(highest),
        "encoder_sure": max(0.0, logit(best)),
        "encoder_kin": logit(max(highest[PLACES[name]] for name in KIN)) if one.type in KIN else 0.0,
        "agree": logit(best) if one.act else 0.0,
    }


def _rules(one: Candidate, views: Views) -> dict[str, float]:
    act, told = one.act, {act.type for act in views.done}
    modalities = {a.modality for a in views.acts if a.type == one.type} - {DONE}
    return {
        "rule_done": act is not None,
        "rule_firm": bool(act and act.firm),
        "rule_weak": bool(act and act.weak),
        "rule_loose": bool(act and act.loose),
        "rule_title": bool(act and act.unit == 0),
        "rule_other": bool(told - {one.type}),
        "rule_none": not told,
        **_kin(one, told),
        "rule_unsettled": act is None and any(a.type == one.type and a.modality == DONE for a in views.acts),
        **{f"meant_{modality}": 1.0 for modality in modalities},
    }


def _counted(one: Candidate, views: Views) -> dict[str, float]:
    found = views.counted
    return {
        "counted_any": found.get(ANY, 0.0),
        "counted_type": found.get(one.type, UNKNOWN) if found else 0.0,
        "counted_unknown": one.type not in found,
    }


def _kin(one: Candidate, told: set[str]) -> dict[str, float]:
    """Where the rules read a yes: which way they read it."""
    if one.type not in KIN or not told & KIN:
        return {}
    exact = bool((told & KIN) - {"approval"})
    if one.act is not None:
        return {"rule_kin_exact": exact, "rule_kin_plain": not exact}
    return {"rule_kin_other_exact": exact, "rule_kin_other_plain": not exact}


def _drug(one: Candidate, views: Views) -> dict[str, float]:
    if not one.named or not one.subjects:
        return {"drug_none": 1.0, "drug_unnamed": one.type in UNNAMED}
    written = one.subjects[0][0]
    mine = [number for number, candidate in enumerate(one.named) if any(name in written for name in candidate.names)]
    chosen = one.named[mine[0] if mine else 0]
    rival = max((candidate.score for candidate in one.named if candidate is not chosen), default=0.0)
    kinds = {drug.kind for drug in views.drugs if drug.written in written}
    return {
        **{f"drug_{name}": value for name, value in chosen.features.items()},
        "drug_score": logit(chosen.score),
        "drug_margin": chosen.score - rival,
        "drug_first_choice": bool(mine) and mine[0] == 0,
        "drug_two_meant": len(mine) > 1,
        "drug_many": len(one.named) > MANY,
        "drug_several": len(one.subjects) > 1,
        "drug_code": CODE in kinds,
        "drug_substance": SUBSTANCE in kinds,
        "drug_guess_part": GUESS in kinds,
        **one.heard,
        "drug_words": written.count(" ") - 2.0 * ("(" in written),
        f"drug_scope_{TYPES[one.type].scope}": 1.0,
    }


def _words(words: str) -> dict[str, float]:
    return {
        "words_hedged": bool(HEDGE.search(words)),
        "words_future": bool(FUTURE.search(words)),
        "words_past": bool(PAST.search(words)),
        "words_denied": bool(NEGATED.search(words)),
        "words_news": bool(NEWS.search(words)),
        "words_agency": bool(NAMES_AGENCY.search(words)),
        "words_panel": bool(PANEL.search(words)),
        "words_other_actor": bool(OTHER_ACTOR.search(words)),
        "words_spoken": bool(SPOKEN.search(words)),
        "words_planned": bool(PLANS.search(words)),
        "words_coming": bool(COMING.search(words)),
        "words_outcome": bool(OUTCOME.search(words)),
        "words_observed": bool(OBSERVED.search(words)),
        "words_laboratory": bool(LABORATORY.search(words)),
        "words_market": bool(SHARES.search(words)),
    }


def _phase(one: Candidate, views: Views) -> dict[str, float]:
    """How far the trial is, for readouts and what is published of them."""
    if one.type not in (
        "readout_met",
        "interim_data",
        "publication",
        "readout_not_met",
        "trial_started",
        "phase_advance",
    ):
        return {}
    whole = " ".join(views.units)
    return {
        f"words_late_{one.type}": bool(LATE.search(whole)),
        f"words_early_{one.type}": bool(EARLY.search(whole)),
        f"words_goal_{one.type}": bool(GOAL.search(whole)),
        f"words_journal_{one.type}": bool(JOURNAL.search(whole)),
    }


def _of_sentence(unit: int, views: Views) -> dict[str, float]:
    """What the sentence of a candidate says."""
    title, words = views.units[0], views.units[unit]
    return {
        **_words(words),
        "text_title": unit == 0,
        "text_late": unit > 3,
        "text_device": bool(DEVICE.search(f"{title} {words}")),
        "text_no_medicine": bool(NO_MEDICINE.search(f"{title} {words}")),
    }


def _whole(views: Views) -> dict[str, float]:
    """What the text says as a whole, and its title."""
    title, lead = views.units[0], " ".join(views.units[:3])
    below = sum(bool(unit) for unit in views.units[1:])
    return {
        "text_planned": bool(PLANS.search(title)),
        "text_observed": bool(OBSERVED.search(lead)),
        "text_laboratory": bool(LABORATORY.search(lead)),
        "text_coming": bool(COMING.search(title)),
        "text_outcome": bool(OUTCOME.search(title)),
        "text_market": bool(SHARES.search(title)),
        "text_medicine": bool(MEDICINE.search(title)),
        "text_none": below == 0,
        "text_long": below > 8,
        "text_question": "?" in title,
        "text_semicolons": ";" in title,
        f"text_kind_{views.kind}": 1.0,
        **{f"text_genre_{genre.replace(' ', '_')}": 1.0 for genre in views.genres},
    }


def years_of(names: Iterable[str]) -> Years | None:
    """The first years of a medicine of these names; None where the table knows none of them."""
    known = [years for name in names for part in JOINT.split(name) if (years := _looked_up(part))]
    return (min(year for year, _ in known), min(year for _, year in known)) if known else None


def _looked_up(name: str) -> Years | None:
    plain = SUFFIX.sub("", name.strip().lower())
    return YEARS.get(plain) or YEARS.get(plain.split(" ")[0])


def before_each(candidates: Sequence[Candidate], views: Views) -> list[dict[str, float]]:
    """Of each candidate that is a yes the feature that says what was authorised before; of others none."""
    return [{f"history_{SIDES[one.type]}_{before(one, views)}": 1.0} if one.type in SIDES else {} for one in candidates]


def before(one: Candidate, views: Views) -> str:
    """What the table says of the medicine of an act, at its place and before the year of the text, in one word."""
    names = list(_names_of(one))
    if not names:
        return "unnamed"
    years = years_of(names)
    if years is None:
        return "unknown"
    place = _place_of(views.units[one.unit], " ".join(views.units))
    abroad = "abroad_" if place and place not in TABLED else ""
    first = min(years) if abroad or place is None else years[place != "US"]
    if first == NEVER:
        return "elsewhere"
    if views.published is None:
        return f"{abroad}undated"
    passed = views.published.year - first - bool(abroad)
    word = "long" if passed >= LONG else "lately" if passed == 1 else "now" if passed == 0 else "later"
    return f"{abroad}{word}"


@lru_cache(maxsize=16)
def _place_of(near: str, whole: str) -> str | None:
    """Asked of the same words for each way of a yes."""
    return agency_of(near, whole)[1]


def _names_of(one: Candidate) -> Iterator[str]:
    for written, _ in one.subjects:
        yield written
        same = (other for other in one.named if any(name in written for name in other.names))
        yield from (name for other in same for name in other.names)
