"""Which of the acts of an item stand: each event once, the more exact reading before the less exact."""

import re
from dataclasses import replace

from monitor.reading.prose.acts import Act
from monitor.reading.prose.genres import NEWS
from monitor.reading.prose.priorities import DECISIONS, OPINIONS, PRECEDENCE, READOUTS, STORY
from monitor.reading.prose.tense import clause
from monitor.reading.prose.verdicts import NAMES_AGENCY, PAYS
from monitor.vocabulary.agencies_meant import is_regulator
from monitor.vocabulary.dates import ANY_MONTH

EARLIER_DAY = re.compile(rf"(?:In|On|Last|Earlier) (?:month|week|year|this|that|{ANY_MONTH})\b")
"""How a sentence begins that goes back to an earlier step."""
SECONDARY_MISSED = re.compile(
    r"miss\w* (?:\w+ ){0,2}secondary|secondary \w+ (?:\w+ ){0,2}(?:missed|not met|failed)|nothing won on", re.I
)
PRIMARY_MISSED = re.compile(r"miss\w* (?:its |the |their )?(?:primary|main|joint)|primary and secondary", re.I)

WARNED = re.compile(
    r"\b(?:carr(?:y|ies)|comes? with|bears?|has|have|includes?|contains?|with) (?:\w+ ){0,2}?(?:boxed|black[- ]box) "
    r"(?:warning|label)s?",
    re.I,
)
WARNED_ANEW = re.compile(r"\b(?:now|new|newly|add\w*|updat\w+|requir\w+|strength\w+|order\w*|chang\w+|must)\b", re.I)
"""Words that say what warning a medicine comes with, and those that say that the warning is new."""


def settled(acts: list[Act], units: list[str]) -> list[Act]:
    """Each event once, the more exact reading of the same words before the less exact.

    A decision told in full holds in its clause, whatever lesser act stands elsewhere in the item; an earlier step
    told beside it is its story.
    """
    if any(act.type in DECISIONS and not act.weak for act in acts):
        acts = [act for act in acts if act.type != "safety_label" or not is_own_warning(units[act.unit])]
    if firm := [act for act in acts if not act.weak]:
        acts = [act for act in acts if not act.weak or act.type in DECISIONS or act.type in {a.type for a in firm}]
    acts = _votes(_readouts(_latest(acts, units), units))
    full = [act for act in acts if act.firm and not _outdone(act, acts)]
    acts = [act for act in acts if act in full or not any(_is_story(act, later, units) for later in full)]
    left = _left({act.type for act in acts if act not in full}, acts, units)
    best: list[Act] = []
    for act in sorted(acts, key=lambda a: (a.weak, a.unit == 0, a.unit)):
        if (act in full or act.type in left) and _apart(
            [known for known in best if known.type == act.type], act, units
        ):
            best.append(act)
    return sorted(best, key=lambda a: (a.unit, a.start))


def _apart(told: list[Act], act: Act, units: list[str]) -> bool:
    """Whether an act is none of those told already of its type: the first one, one in another trial where each names
    its own, one about another followed medicine where each names its own and it is told in full or as news."""
    trials, medicines = ([getattr(known, name) for known in told] for name in ("trial", "medicine"))
    plain = act.firm or (not act.weak and NEWS.search(units[act.unit]))
    of_other = bool(plain and act.medicine and all(medicines) and act.medicine not in medicines)
    return not told or of_other or bool(act.trial and all(trials) and act.trial not in trials)


def is_own_warning(sentence: str) -> bool:
    """Whether a sentence says with what warning a medicine comes: beside a yes it is part of that."""
    return bool(WARNED.search(sentence)) and not WARNED_ANEW.search(sentence)


def _outdone(act: Act, acts: list[Act]) -> bool:
    """Whether a more exact reading tells the same clause."""
    return any(
        other.type == winner and act.type in losers and other.type != act.type
        for winner, losers in PRECEDENCE
        for other in acts
        if other.unit == act.unit and other.left < act.right and act.left < other.right
    )


def _is_story(act: Act, decision: Act, units: list[str]) -> bool:
    """Whether an act beside a decision told in full is an earlier step on the way to it, or the same told loosely."""
    if act.unit == decision.unit and act.left == decision.left:
        return act.type in (*DECISIONS, *STORY)
    if act.type in DECISIONS and (act.weak or act.loose):
        return act.weak or not (act.medicine and decision.medicine) or act.medicine == decision.medicine
    if act.type in OPINIONS and decision.type == "complete_response" and decision.unit == 0 < act.unit:
        return False  # a title that says "rejects" where a committee voted
    return act.type in STORY and act.unit > 0 and not NEWS.search(units[act.unit])


def _left(types: set[str], acts: list[Act], units: list[str]) -> set[str]:
    """Of the types told less fully, those that no more exact one outdoes."""
    left = set(types)
    if any(act.type in DECISIONS and not act.weak and NAMES_AGENCY.search(units[act.unit]) for act in acts):
        left -= {"readout_met", "phase_advance"}
    else:  # a decision without its regulator gives way to any other act
        left = left - set(DECISIONS) or left
    paid = "reimbursement" in left
    apart = {act.type for act in acts if paid and act.type in DECISIONS and _licensed_apart(act, units)}
    trials = {act.type: act.trial for act in acts if act.trial and act.type in READOUTS}
    for winner, losers in PRECEDENCE:
        if winner in left:
            spared = {t for t in trials if winner in trials and trials[t] != trials[winner]}
            left -= set(losers) - {winner} - spared - (apart if winner == "reimbursement" else set())
    return left


def _latest(acts: list[Act], units: list[str]) -> list[Act]:
    """An opinion of an earlier day, told beside the regulator's decision, is background to it."""
    decided = {a.unit for a in acts if a.type in DECISIONS and not a.weak and NAMES_AGENCY.search(units[a.unit])}
    return [a for a in acts if a.type not in OPINIONS or not decided - {a.unit} or not EARLIER_DAY.match(units[a.unit])]


def _licensed_apart(act: Act, units: list[str]) -> bool:
    """Whether a clause of its own, with a regulator and no payer, tells a decision; who pays decides beside it."""
    left, right = clause(units[act.unit], act.start, act.end)
    words = units[act.unit][left:right]
    return not act.weak and is_regulator(words) and not PAYS.search(words)


def _readouts(acts: list[Act], units: list[str]) -> list[Act]:
    """Rule 17: what was said of a secondary goal never decides; one of several primaries is mixed."""
    met = [a for a in acts if a.type == "readout_met"]
    missed = [a for a in acts if a.type == "readout_not_met"]
    if not (met and missed) or any(a.type == "readout_mixed" for a in acts):
        return acts
    if {a.trial for a in met if a.unit}.isdisjoint({a.trial for a in missed if a.unit} | {None}) and any(
        a.unit for a in met
    ):
        return [a for a in acts if a.unit or a.type not in ("readout_met", "readout_not_met")]  # two trials
    whole = " ".join(units)
    only_secondary = SECONDARY_MISSED.search(whole) and not PRIMARY_MISSED.search(whole)
    loser = "readout_not_met" if only_secondary else "readout_met"
    return [a for a in acts if a.type != loser]


def _votes(acts: list[Act]) -> list[Act]:
    """Two votes of one committee that go both ways, or a split one, are a mixed outcome."""
    tones: dict[int, set[str]] = {}
    for act in acts:
        if act.type == "adcomm_outcome":
            tones.setdefault(act.unit, set()).add(act.polarity)
    votes = {"negative" if "negative" in own else "positive" for unit, own in tones.items() if unit > 0}
    if len(votes) < 2 and {"mixed"} not in tones.values():
        return acts
    return [replace(act, polarity="mixed") if act.type == "adcomm_outcome" else act for act in acts]
