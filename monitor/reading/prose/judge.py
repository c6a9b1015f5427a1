"""The judge: of what may have happened, what is told at once, what a person looks at first, and what is nothing.

    candidates ──► features ──► is it news here? ──► what else is? ──► guards ──► release, hold or nothing
                       └──► is the medicine right? ─────────────────────┘

Three calibrated models over the same named features, fitted by `python -m training.judge` with the thresholds
(`model/judge.json`). No probability passes a guard.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from monitor.reading.prose import verdicts
from monitor.reading.prose.acts import Act
from monitor.reading.prose.candidates import KIN, PLACES, WAYS_OF, Candidate, Views, candidates_of
from monitor.reading.prose.features import features_of
from monitor.reading.prose.foreign import is_foreign
from monitor.reading.prose.genres import NEWS
from monitor.reading.prose.mentions import PANEL
from monitor.reading.prose.priorities import DECISIONS, FINAL, NOES, READOUTS, REFUSAL
from monitor.reading.prose.second_look import GUESSED, Looked, as_further_uses, look_again, share
from monitor.reading.prose.tense import DONE, names_new_day, names_new_month
from monitor.reading.prose.which_way import AGAINST, VERDICTS, says_which_way
from monitor.vocabulary.agencies_meant import names_several
from monitor.vocabulary.claims import HOLD, RELEASE
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import PAGE, REGULATOR

FILE = Path(__file__).with_name("model") / "judge.json"
NOTHING = "nothing"
LIKELY = 0.5
"""From here a reading is the reader's answer."""
TOLD_AGAIN, QUARTERLY = 0.7, ("quarterly report", 0.3)
"""From here a reading is looked at though a rule reads it as retold; and where quarters are told, in which the words of
history tell news."""

_EITHER_WAY = FINAL | VERDICTS
"""Types of decisions and of advice on them."""
FEW = frozenset({"futility_stop", "market_withdrawal", "authorization_revoked", "complete_response", "clinical_hold"})
"""Critical types of which there are too few labelled texts for a probability: what a rule tells is never dropped."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a candidate. `news` is the probability that this is news here, `subject` that the medicine is the
    right one if it is; `because` says in words why it is held, or on what a released reading rests."""

    candidate: Candidate
    decision: str
    news: float
    subject: float
    because: str

    @property
    def both(self) -> float:
        """The probability that this event, with this medicine, is news here."""
        return self.news * self.subject


@dataclass(frozen=True, slots=True)
class Judge:
    """Weights by the name of a feature (is it news; is it, `again`, beside what else may be; is the medicine right;
    does the `text` announce anything); thresholds of release and of holding: of readings and texts about a medicine
    that is followed, and of others.

    Where a rule stands, the encoder must not speak against it (`value`) and the probability be no less than `agreed`;
    what the encoder alone has read must reach `alone`.
    """

    news: Mapping[str, float]
    subject: Mapping[str, float]
    release: Mapping[str, Mapping[str, float]]
    hold: Mapping[str, float]
    again: Mapping[str, float] = field(default_factory=dict)
    text: Mapping[str, float] = field(default_factory=dict)

    def likely(self, features: Mapping[str, float]) -> float:
        """How probable it is that something is news here."""
        return share(self.again or self.news, features)

    def verdicts(self, views: Views) -> list[Verdict]:
        """What becomes of every candidate of a text, each event once."""
        candidates = candidates_of(views)
        looked = look_again(candidates, features_of(candidates, views), views, self)
        found = [self.verdict(one, views, look) for one, look in as_further_uses(candidates, looked, views)]
        told = any(verdict.decision == RELEASE for verdict in found)
        kept = [
            verdict
            for verdict in found
            if verdict.decision != NOTHING
            and not _outshone(verdict, found)
            and not (told and verdict.because.endswith(ONLY_RETOLD))
        ]
        return _understood(kept, found, views)

    def verdict(self, one: Candidate, views: Views, look: Looked) -> Verdict:
        """What becomes of one candidate."""
        news, subject = look.news, look.subject
        if not (look.held or stands(one, views)):
            return Verdict(one, NOTHING, news, subject, "")
        why = guard(one, views)
        if why and is_dropped(why, news, views):
            return Verdict(one, NOTHING, news, subject, why)
        if why is None and self._passes(one, views, look.likely * subject):
            return Verdict(one, RELEASE, news, subject, _rests_on(one, views))
        because = _unsure(one, views, look)
        return Verdict(one, HOLD, news, subject, f"{because}: {why}" if why else because)

    def _passes(self, one: Candidate, views: Views, both: float) -> bool:
        asked = self.release["followed" if one.followed else "any"]
        if one.act is None:
            return both >= asked["alone"]
        return is_own_act(one, views) or (both >= asked["agreed"] and one.seconded >= asked["value"])


UNSAID = "that a medicine is approved nowhere is no refusal"
ONLY_RETOLD = "the rules read it as retold"
YET_TO_COME = "its words tell that data will be shown, and not what they are"
IN_PASSING = "its title announces something else, and its sentence does not say that it is new"
NEITHER_WAY = "its sentence does not say whether it is a yes or a no"
DENIED_HERE = "its words say that it is not so"
BOTH_WAYS = "its sentence says yes of one medicine and no of another"
HEADED, FAINT = 0.5, 0.05
"""What the encoder must give a title for an act that is told below it to be what the text announces: an act of a
regulator or market, which every text about a medicine may retell; any other."""
NOT_ENGLISH = "not in English: what has happened is for a person to read"


def is_dropped(why: str, news: float, views: Views) -> bool:
    """Whether a guard leaves nothing to look at."""
    least = QUARTERLY[1] if QUARTERLY[0] in views.genres else TOLD_AGAIN
    return why == UNSAID or (why == ONLY_RETOLD and news < least)


def _understood(kept: list[Verdict], found: list[Verdict], views: Views) -> list[Verdict]:
    """The same, but of what the encoder alone reads in another language one reading, held without a guess: it brings
    the text to a person, and which reading it is says nothing, nor does how likely it is."""
    if kept and all(verdict.candidate.act for verdict in kept):
        return kept
    whole = is_foreign(" ".join(views.units))
    guessed = [one for one in (found if whole and views.drugs else kept) if one.candidate.act is None]
    foreign = [one for one in guessed if whole or is_foreign(views.units[one.candidate.unit])]
    if not foreign:
        return kept
    best = max(foreign, key=lambda verdict: verdict.news)
    held = replace(best, decision=HOLD, because=NOT_ENGLISH)
    return [held, *(verdict for verdict in kept if verdict not in foreign)]


def is_own_act(one: Candidate, views: Views) -> bool:
    """Whether a regulator tells of its own decision, in full and in one clause: nobody knows it better."""
    return views.kind == REGULATOR and one.act is not None and one.act.firm


LEAD = 1
"""The title, and the sentence below it."""


def _heads_own_act(one: Candidate, views: Views) -> bool:
    """Whether a regulator's item begins with its own decision, as the rows of its lists do, which are no prose to a
    reader of prose. Further below such a sentence may be history, and below a title of another thing it is."""
    return is_own_act(one, views) and one.unit <= LEAD and not told_in_passing(one, views)


def stands(one: Candidate, views: Views) -> bool:
    """Whether a reading is not dropped however unlikely it looks: a regulator's item begins with it, a rule tells, not
    by a mere noun, of what is critical and seldom, or its sentence says yes of one use and no of another: the encoder
    hears one of the two."""
    act = one.act
    rare = one.type in FEW and act is not None and not act.weak and not act.loose
    return rare or _heads_own_act(one, views) or (act is not None and _has_opposite(act, views))


def _has_opposite(act: Act, views: Views) -> bool:
    """Whether the sentence of a decision tells the opposite one as well."""
    opposite = DECISIONS if act.type == REFUSAL else (REFUSAL,) if act.type in DECISIONS else ()
    return any(other.unit == act.unit and other.type in opposite for other in views.done)


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
    return not (NEWS.search(words) or any(new(words, views.published) for new in (names_new_day, names_new_month)))


def _is_bare(title: str, views: Views) -> bool:
    """Whether a title is no more than the name of a medicine, and announces neither this nor anything else."""
    for drug in views.drugs:
        title = title.replace(drug.written, "") if drug.unit == 0 else title
    return len(re.findall(r"\w+", title)) < 2


def guard(one: Candidate, views: Views) -> str | None:
    """Why this is not released however likely it looks; None where nothing stands against it."""
    words = views.units[one.unit]
    if one.type == "complete_response" and verdicts.UNLICENSED.search(words) and not (one.act and one.act.firm):
        return UNSAID
    # what a rule tells needs no such look: it has heard who acts, and that it is done
    why = _against_a_guess(one, views) if one.act is None else None
    if why is None and verdicts.DISOWNED.search(f"{views.units[0]} {words}"):
        return DENIED_HERE
    if one.type in (*READOUTS, "publication") and verdicts.COMING.search(said := f"{views.units[0]} {words}"):
        why = why or (None if verdicts.OUTCOME.search(said) else YET_TO_COME)
    if (
        one.type in _EITHER_WAY
        and verdicts.FAVOURS.search(words)
        and AGAINST.search(words)
        and _several_medicines(one, views)
    ):
        why = why or BOTH_WAYS
    return why or (IN_PASSING if one.unit and told_in_passing(one, views) else None)


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
    if verdicts.PLANS.search(words):
        return "its sentence tells of a plan or a condition"
    if one.type in _EITHER_WAY and names_several(words):
        return "its sentence names several authorities"
    if one.type in VERDICTS and not says_which_way(words):
        return NEITHER_WAY
    if one.type in FINAL and (PANEL.search(words) or verdicts.ADVICE.search(words)):
        return "its sentence gives an opinion, and a decision is only the regulator's"
    if one.type in FINAL and verdicts.OTHER_ACTOR.search(words) and not verdicts.NAMES_AGENCY.search(words):
        return "its sentence names one who cannot decide on a medicine"
    return None


def _outshone(verdict: Verdict, found: Sequence[Verdict]) -> bool:
    """Whether a reading is only the lesser guess about words that another one tells better. Of several ways of one yes
    the rules' exact one stands: they hear "supplement", "conditional" and "already sold"."""
    others = [other for other in found if other.decision != NOTHING and other is not verdict]
    if verdict.candidate.type in KIN and (kin := [other for other in others if other.candidate.type in KIN]):
        return max([verdict, *kin], key=_standing) is not verdict
    better = verdict.candidate.act is None and any(other.news > verdict.news for other in others)
    return verdict.decision == HOLD and verdict.news < LIKELY and better


def _standing(verdict: Verdict) -> tuple[bool, bool, float]:
    by_rule = verdict.candidate.act is not None
    return by_rule and verdict.decision == RELEASE, by_rule and verdict.candidate.type != "approval", verdict.news


def _rests_on(one: Candidate, views: Views) -> str:
    value = views.highest[PLACES[one.type]]
    if one.act is None:
        return f"the network alone ({value:.2f})"
    return f"rule {one.act.rule} and the network ({value:.2f})"


def _unsure(one: Candidate, views: Views, look: Looked) -> str:
    """What is not sure, with the best guess; where that is unlikely, how likely it is that the text tells anything."""
    value, label = views.highest[PLACES[one.type]], TYPES[one.type].label
    rules = f"rule {one.act.rule}" if one.act else "no rule"
    doubted = one.subjects and look.subject < look.news
    whose = f"; whether of {one.subjects[0][0]}: {look.subject:.2f}" if doubted else ""
    anything = f"; whether anything is told: {look.anything:.2f}" if look.news < GUESSED else ""
    return f"unsure: perhaps {label} ({look.news:.2f}; {rules}, the network {value:.2f}{whose}{anything})"


@cache
def judge() -> Judge:
    """The judge that ships, read once."""
    return judge_of(json.loads(FILE.read_text(encoding="utf-8")))


def judge_of(kept: Mapping[str, Any]) -> Judge:
    """The judge of a file. Raises KeyError where a part is missing."""
    more = {name: kept.get(name, {}) for name in ("again", "text")}
    return Judge(kept["news"], kept["subject"], kept["release"], kept["hold"], **more)
