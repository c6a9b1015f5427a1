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

from monitor.reading.prose.acts import Act
from monitor.reading.prose.candidates import KIN, PLACES, Candidate, Views, candidates_of
from monitor.reading.prose.features import features_of
from monitor.reading.prose.foreign import is_foreign
from monitor.reading.prose.objections import ONLY_RETOLD, Objection, objections, told_in_passing
from monitor.reading.prose.priorities import DECISIONS, REFUSAL
from monitor.reading.prose.second_look import GUESSED, Looked, as_further_uses, look_again, share
from monitor.vocabulary.claims import HOLD, RELEASE
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.texts import REGULATOR

FILE = Path(__file__).with_name("model") / "judge.json"
NOTHING = "nothing"
LIKELY = 0.5
"""From here a reading is the reader's answer."""

FEW = frozenset({"futility_stop", "market_withdrawal", "authorization_revoked", "complete_response", "clinical_hold"})
"""Critical types of which there are too few labelled texts for a probability: what a rule tells is never dropped."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a candidate. `news` is the probability that this is news here, `subject` that the medicine is the
    right one if it is; `because` says in words why it is held, or on what a released reading rests; `retold` whether
    nothing else stands against it than that the rules read it as history."""

    candidate: Candidate
    decision: str
    news: float
    subject: float
    because: str
    retold: bool = False

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
        found = self.verdicts_on(as_further_uses(candidates, looked, views), views)
        told = any(verdict.decision == RELEASE for verdict in found)
        kept = [
            verdict
            for verdict in found
            if verdict.decision != NOTHING and not _outshone(verdict, found) and not (told and verdict.retold)
        ]
        return _understood(kept, found, views)

    def verdicts_on(self, pairs: Sequence[tuple[Candidate, Looked]], views: Views) -> list[Verdict]:
        """What becomes of each candidate."""
        asked = {n: one for n, (one, look) in enumerate(pairs) if look.held or stands(one, views)}
        against = dict(
            zip(asked, objections([(one, pairs[n][1].news) for n, one in asked.items()], views), strict=True)
        )
        return [self._verdict(one, views, look, against.get(n)) for n, (one, look) in enumerate(pairs)]

    def _verdict(self, one: Candidate, views: Views, look: Looked, against: Objection | None) -> Verdict:
        news, subject = look.news, look.subject
        why = against.why if against else None
        if against is None or against.drops:
            return Verdict(one, NOTHING, news, subject, why or "")
        if why is None and self._passes(one, views, look.likely * subject):
            return Verdict(one, RELEASE, news, subject, _rests_on(one, views))
        because = _unsure(one, views, look)
        because = f"{because}: {why}" if why else because
        return Verdict(one, HOLD, news, subject, because, retold=why == ONLY_RETOLD)

    def _passes(self, one: Candidate, views: Views, both: float) -> bool:
        asked = self.release["followed" if one.followed else "any"]
        if one.act is None:
            return both >= asked["alone"]
        return is_heard_of_itself(one, views) or (both >= asked["agreed"] and one.seconded >= asked["value"])


NOT_ENGLISH = "not in English: what has happened is for a person to read"


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


HEARD = 0.3
"""How far the network must hear what a regulator tells of itself: "has authorised the supply of an overseas brand" it
does not hear as an approval. Of 36 such readings of real texts one of five was right below this, and all 31 above."""
ROW = re.compile(r"\.register-")
"""Rules for the words of registers, which are no prose: what they say nobody hears."""


def is_heard_of_itself(one: Candidate, views: Views) -> bool:
    """Whether a regulator tells of its own decision, and the network hears it or need not: that is told."""
    if one.act is None or not is_own_act(one, views):
        return False
    return one.seconded >= HEARD or ROW.search(one.act.rule) is not None


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


def _outshone(verdict: Verdict, found: Sequence[Verdict]) -> bool:
    """Whether a reading is only the lesser guess about words that another one tells better. Of several ways of one yes
    the rules' exact one stands: they hear "supplement", "conditional" and "already sold"."""
    others = [other for other in found if other.decision != NOTHING and other is not verdict]
    if verdict.candidate.type in KIN and (kin := [other for other in others if _of_one_yes(verdict, other)]):
        return max([verdict, *kin], key=_standing) is not verdict
    better = verdict.candidate.act is None and any(other.news > verdict.news for other in others)
    return verdict.decision == HOLD and verdict.news < LIKELY and better


def _of_one_yes(verdict: Verdict, other: Verdict) -> bool:
    """Whether two readings are ways of one yes: of one medicine, as far as both name one that is followed."""
    acts = [act.medicine for one in (verdict, other) if (act := one.candidate.act)]
    apart = len(acts) == 2 and all(acts) and acts[0] != acts[1]
    return other.candidate.type in KIN and not apart


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
