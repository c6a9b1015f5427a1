"""Which acts one sentence of an item tells: by the rules, and by the yes or no of a regulator; each in its clause."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from monitor.reading.prose.denials import DISOWNED
from monitor.reading.prose.genres import NEWS, QUARTER
from monitor.reading.prose.patterns import Rule
from monitor.reading.prose.priorities import tone
from monitor.reading.prose.rules import RULES, TRIGGERS
from monitor.reading.prose.tense import (
    BOUNDARY,
    DENIED,
    DONE,
    OPINION,
    RETOLD,
    clause,
    modality,
    tells_of_past,
    told_of_late,
)
from monitor.reading.prose.verdicts import (
    DENIES,
    DEVICE,
    HUMAN_REASON,
    LABORATORY,
    LICENSED_OUT,
    NAMES_AGENCY,
    NO_MEDICINE,
    NO_NEW_APPROVAL,
    NOT_REFUSED,
    NOT_YET,
    ORIGINAL,
    OTHER_ACTOR,
    OTHER_OBJECT,
    OTHER_THING,
    QUALITY,
    REFUSED_OTHER,
    REGULATOR_WORDS,
    ROUTES,
    TURNS,
    Turn,
)
from monitor.vocabulary.agencies_meant import agency_of

TRIES = 4
"""How many places of one sentence a rule is tried at: the first that tells of something done counts."""


EXACT = frozenset({"emergency_authorization", "tentative_generic_approval", "full_approval_conversion"})
"""Ways of a yes that the words of its own clause say for sure."""
CALLED = frozenset({"adcomm_scheduled"})
"""Types that a calendar announces."""


@dataclass(frozen=True, slots=True)
class Act:
    """One act in one clause (unit 0 is the title), before it is given a drug and an agency.

    `weak`: heard only where nothing firm of its kind is; `loose`: told by a turn of phrase, a little less sure; `left`
    and `right`: where the clause begins and ends; `firm`: a decision told in full, with who decides.
    """

    type: str
    polarity: str
    unit: int
    start: int
    end: int
    rule: str
    weak: bool = False
    loose: bool = False
    modality: str = DONE
    left: int = 0
    right: int = 0
    firm: bool = False
    trial: str | None = None
    """The trial that its sentence names for sure, with a number or an acronym that the pack knows."""
    medicine: str | None = None
    """The one followed medicine that its clause names, else its sentence."""


@dataclass(frozen=True)
class Scene:
    """An item in sentences, and what is known of it as a whole."""

    units: Sequence[str]
    published: date | None
    genres: tuple[str, ...] = ()

    @cached_property
    def whole(self) -> str:
        """All sentences in one line."""
        return " | ".join(self.units)

    def near(self, number: int) -> str:
        """The sentence, the title, the one behind it, and of these what does not look back."""
        numbers = [i for i in dict.fromkeys((number, 0, number + 1)) if i < len(self.units)]
        return " | ".join(self.units[i] for i in numbers if i == number or not self._backward[i])

    @cached_property
    def _backward(self) -> list[bool]:
        """Of each sentence whether it looks back."""
        return [tells_of_past(unit, self.published) for unit in self.units]


def acts_of(scene: Scene) -> list[Act]:
    """The acts that the sentences tell, each with how it is meant: done, planned, denied, retold ..."""
    candidates = [TRIGGERS.candidates(unit) for unit in scene.units]
    numbers = [number for number, unit in enumerate(scene.units) if unit]
    return [act for number in numbers for act in _acts_of(scene, number, candidates[number])]


def _acts_of(scene: Scene, number: int, candidates: Sequence[int]) -> Iterator[Act]:
    """Those of one sentence; `candidates` are the patterns that it may match."""
    unit, title = scene.units[number], scene.units[0]
    if unit.rstrip().endswith("?"):
        return  # a question announces nothing
    if (LABORATORY.search(unit) or LABORATORY.search(title)) and not HUMAN_REASON.search(f"{title} {unit}"):
        return  # rule 22
    for place in candidates:
        if place < len(RULES) and (act := _by_rule(scene, number, RULES[place])):
            yield act
    turns = [TURNS[place - len(RULES)] for place in candidates if place >= len(RULES)]
    if turns and not NO_MEDICINE.search(unit):
        for act in _decisions(scene, number, turns):
            yield replace(act, modality=OPINION) if OTHER_ACTOR.search(unit[act.left : act.right]) else act  # rule 3


def _by_rule(scene: Scene, number: int, rule: Rule) -> Act | None:
    unit, first = scene.units[number], None
    if rule.needs and not rule.needs.search(scene.whole):
        return None
    for match in _places(rule.pattern, unit):
        if (rule.unless and rule.unless.search(unit)) or "?" in unit[match.end() :]:
            continue
        how = _modality(scene, number, *match.span(), future="f" in rule.flags, negative="n" in rule.flags)
        how = DENIED if DISOWNED.search(unit[: match.end()]) else how
        left, right = clause(unit, *match.span())
        if how == RETOLD and rule.type in CALLED and scene.genres:
            how = DONE
        polarity = rule.polarity if rule.polarity != "-" else tone(scene.whole)
        act = Act(rule.type, polarity, number, *match.span(), rule.id, "w" in rule.flags, False, how, left, right)
        if how == DONE:
            return act
        first = first or act
    return first


def _places(pattern: re.Pattern[str], unit: str) -> Iterator[re.Match[str]]:
    for _, match in zip(range(TRIES), pattern.finditer(unit), strict=False):
        if inner := _in_one_clause(pattern, unit, match):
            yield inner


def _in_one_clause(pattern: re.Pattern[str], unit: str, match: re.Match[str]) -> re.Match[str] | None:
    """The same words without what stands in clauses before theirs; None where the last clause has another subject, and
    does not say it alone: of "Canada approves it as Brussels rejects it" who rejects is Brussels."""
    for boundary in reversed(list(BOUNDARY.finditer(unit, match.start(), match.end()))):
        inner = pattern.search(unit, boundary.end(), match.end())
        if inner and inner.end() == match.end():
            return inner
        if boundary[0] == " as ":
            return None
    return match


def _modality(scene: Scene, number: int, start: int, end: int, *, future: bool = False, negative: bool = False) -> str:
    """How an act is meant; in a kind of text that announces nothing it is retold, unless its sentence says news, or was
    done of late where quarters are told."""
    unit = scene.units[number]
    how = modality(unit, start, end, scene.published, future_counts=future, negative=negative)
    if how != DONE or not scene.genres or (number and NEWS.search(unit)):
        return how
    late = number and QUARTER in scene.genres and told_of_late(unit, start, end, scene.published)
    return how if late else RETOLD


def _decisions(scene: Scene, number: int, turns: Sequence[Turn]) -> Iterator[Act]:
    """The yes or no that a sentence tells; both where each has a clause of its own."""
    refusing, agreeing = ([turn for turn in turns if turn.says == says] for says in ("no", "yes"))
    no, yes = _told(_refusals(scene, number, refusing)), _told(_approvals(scene, number, agreeing))
    if no and yes and no.modality == yes.modality == DONE:
        yield from _apart(_refusals(scene, number, refusing), list(_approvals(scene, number, agreeing))) or (no,)
    elif no and no.modality == DONE:
        yield no
    elif act := yes or no:
        yield act


def _told(acts: Iterator[Act]) -> Act | None:
    """The first act that is done, else the first."""
    first = None
    for act in acts:
        if act.modality == DONE:
            return act
        first = first or act
    return first


def _apart(noes: Iterator[Act], yeses: Sequence[Act]) -> tuple[Act, ...]:
    """A no and a yes that are done, each in a clause of its own."""
    done = ((no, yes) for no in noes for yes in yeses if no.modality == yes.modality == DONE)
    return next(((no, yes) for no, yes in done if yes.right <= no.left or no.right <= yes.left), ())


OF_A_TRIAL = re.compile(
    r"(?:the|this) (?:(?!confirmatory|ongoing|post|extension)[\w-]+ ){0,3}(?:trial|study) (?:will|is to|aims to) "
    r"(?:assess|be conducted|begin|compare|enrol|evaluate|examine|investigate|recruit|start|test)",
    re.I,
)
"""How a sentence goes on where what was allowed is a trial."""


def _refusals(scene: Scene, number: int, turns: Sequence[Turn]) -> Iterator[Act]:
    unit = scene.units[number]
    if not (NAMES_AGENCY.search(scene.whole) or REGULATOR_WORDS.search(scene.whole)):
        return
    for turn in turns:
        for match in _places(turn.pattern, unit):
            left, right = clause(unit, *match.span())
            if "?" in unit[match.end() :] or REFUSED_OTHER.search(unit, left, right):
                continue
            how = _modality(scene, number, *match.span(), negative=True)
            unsaid = any(said.end() > match.start() for said in NOT_REFUSED.finditer(unit, left, match.end()))
            unsaid = unsaid or DISOWNED.search(unit[: match.end()]) is not None
            how = DENIED if unsaid or DENIES.search(unit[: match.start()]) else how
            firm = _full(turn, unit[left:right])
            yield _decided("complete_response", "negative", number, turn, match, how, (left, right), firm)


def _approvals(scene: Scene, number: int, turns: Sequence[Turn]) -> Iterator[Act]:
    unit = scene.units[number]
    for turn in turns:
        for match in _places(turn.pattern, unit):
            how = DENIED if NOT_YET.search(match[0]) else _modality(scene, number, *match.span())
            left, right = clause(unit, *match.span())
            words = unit[left:right]
            if (
                "?" in unit[match.end() :]
                or OTHER_OBJECT.search(words)
                or OTHER_THING.search(words)
                or QUALITY.search(words)
                or DEVICE.search(words)
            ):
                continue
            if LICENSED_OUT.search(words) or OF_A_TRIAL.match(" ".join(scene.units[number + 1 : number + 2])):
                continue
            if turn.weak and _stands_for_nothing_new(unit, scene):
                continue
            if turn.loose and not NAMES_AGENCY.search(scene.whole):
                continue
            type_ = _route(scene, number, words)
            yield _decided(type_, "positive", number, turn, match, how, (left, right), _full(turn, words))


def _decided(
    type_: str,
    polarity: str,
    number: int,
    turn: Turn,
    match: re.Match[str],
    how: str,
    within: tuple[int, int],
    firm: bool,
) -> Act:
    """The yes or no that a turn tells, in its clause."""
    rule = f"{type_}.{turn.name}"
    return Act(type_, polarity, number, *match.span(), rule, turn.weak, turn.loose, how, *within, firm)


def _full(turn: Turn, words: str) -> bool:
    """Whether a clause tells a decision in full: no mere noun or turn of phrase, and with its regulator."""
    return not (turn.weak or turn.loose) and bool(NAMES_AGENCY.search(words))


def _stands_for_nothing_new(unit: str, scene: Scene) -> bool:
    """Whether a mere noun speaks of another approval than one just given, or of nobody's."""
    return bool(NO_NEW_APPROVAL.search(unit) or agency_of(unit, scene.whole)[0] is None)


def _route(scene: Scene, number: int, words: str) -> str:
    """To which type a yes goes (rules 6, 7 and 10): what its clause says of it goes before what stands around."""
    near = scene.near(number)
    own = next((route.type for route in ROUTES if route.type in EXACT and route.pattern.search(words)), None)
    fitting = (route.type for route in ROUTES if route.pattern.search(scene.whole if route.scope == "item" else near))
    original = ORIGINAL.search(scene.whole)
    return own or next((type_ for type_ in fitting if type_ != "label_expansion" or not original), "approval")
