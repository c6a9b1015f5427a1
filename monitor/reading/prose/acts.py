"""Which acts one sentence of an item announces: by the rules, and by the yes or no of a regulator."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial

from monitor.reading.prose.patterns import Rule
from monitor.reading.prose.priorities import tone
from monitor.reading.prose.tense import is_background, is_planned, tells_of_past
from monitor.reading.prose.verdicts import (
    DENIED,
    DEVICE,
    HUMAN_REASON,
    LABORATORY,
    NAMES_AGENCY,
    NO,
    NO_MEDICINE,
    NO_NEW_APPROVAL,
    NOT_YET,
    ORIGINAL,
    OTHER_ACTOR,
    QUALITY,
    REGULATOR_WORDS,
    ROUTES,
    TRIAL_OBJECT,
    YES,
    Turn,
)
from monitor.vocabulary.agencies import agency_of


@dataclass(frozen=True, slots=True)
class Act:
    """One act in one sentence (unit 0 is the title), before it is given a drug and an agency.

    `weak`: heard only where nothing firm of its kind is; `loose`: told by a turn of phrase, a little less sure.
    """

    type: str
    polarity: str
    unit: int
    start: int
    end: int
    rule: str
    weak: bool = False
    loose: bool = False


@dataclass(frozen=True)
class Scene:
    """An item in sentences, and what is known of it as a whole. `named`: the units that name a drug for sure."""

    units: Sequence[str]
    whole: str  # all of them in one line
    published: date | None
    named: frozenset[int]

    @cached_property
    def _backward(self) -> list[bool]:
        """Of each sentence whether it looks back."""
        return [tells_of_past(unit, self.published) for unit in self.units]

    def news(self, number: int) -> str:
        """The sentence itself and those that do not look back."""
        return " | ".join(u for i, u in enumerate(self.units) if i == number or not self._backward[i])


def acts_of(scene: Scene, number: int, rules: Sequence[Rule]) -> list[Act]:
    """The acts that the sentence `number` announces as new and done."""
    unit, title = scene.units[number], scene.units[0]
    if unit.rstrip().endswith("?"):
        return []  # a question announces nothing
    if (LABORATORY.search(unit) or LABORATORY.search(title)) and not HUMAN_REASON.search(f"{title} {unit}"):
        return []  # rule 22
    acts = [*_by_rules(scene, number, rules)]
    if _may_decide(scene, number):
        decision = _refusal(scene, number) or _approval(scene, number)
        acts += [decision] if decision else []
    return acts


def _by_rules(scene: Scene, number: int, rules: Sequence[Rule]) -> Iterator[Act]:
    unit = scene.units[number]
    for rule in rules:
        match = rule.pattern.search(unit)
        if match is None or (rule.unless and rule.unless.search(unit)) or "?" in unit[match.end() :]:
            continue
        future, negative = "f" in rule.flags, "n" in rule.flags
        if is_planned(unit, match.start(), match.end(), future_counts=future, negative=negative):
            continue
        if is_background(unit, match.start(), match.end(), scene.published):
            continue
        polarity = rule.polarity if rule.polarity != "-" else tone(scene.whole)
        yield Act(rule.type, polarity, number, match.start(), match.end(), rule.id, "w" in rule.flags)


def _may_decide(scene: Scene, number: int) -> bool:
    """Whether the sentence can tell of a decision on a medicine by one who decides (rules 3 and 11)."""
    unit, title = scene.units[number], scene.units[0]
    if OTHER_ACTOR.search(unit) or NO_MEDICINE.search(unit) or (number not in scene.named and DEVICE.search(unit)):
        return False
    return bool({0, number} & scene.named) or not (NO_MEDICINE.search(title) or DEVICE.search(title))


def _refusal(scene: Scene, number: int) -> Act | None:
    unit = scene.units[number]
    if not (NAMES_AGENCY.search(scene.whole) or REGULATOR_WORDS.search(scene.whole)):
        return None
    for turn in NO:
        match = turn.pattern.search(unit)
        if match is None or "?" in unit[match.end() :] or DENIED.search(unit[: match.start()]):
            continue
        if is_planned(unit, match.start(), match.end(), negative=True):
            continue
        if not is_background(unit, match.start(), match.end(), scene.published):
            return Act("complete_response", "negative", number, *match.span(), f"complete_response.{turn.name}")
    return None


def _approval(scene: Scene, number: int) -> Act | None:
    unit = scene.units[number]
    background = partial(is_background, unit, published=scene.published)
    for turn in YES:
        match = turn.pattern.search(unit)
        if match is None or is_planned(unit, *match.span()) or background(*match.span()):
            continue
        if "?" in unit[match.end() :] or NOT_YET.search(match[0]):
            continue
        if TRIAL_OBJECT.search(unit) or QUALITY.search(unit):
            return None
        if not _stands_for_nothing_new(turn, unit, scene):
            type_ = _route(scene, number)
            return Act(type_, "positive", number, *match.span(), f"{type_}.{turn.name}", turn.weak, turn.loose)
    return None


def _stands_for_nothing_new(turn: Turn, unit: str, scene: Scene) -> bool:
    """Whether a mere noun speaks of another approval than one just given, or of nobody's."""
    return turn.weak and bool(NO_NEW_APPROVAL.search(unit) or agency_of(unit, scene.whole)[0] is None)


def _route(scene: Scene, number: int) -> str:
    """To which type a yes goes (rules 6, 7 and 10)."""
    scopes = {"item": scene.whole, "news": scene.news(number)}
    fitting = (route.type for route in ROUTES if route.pattern.search(scopes[route.scope]))
    original = ORIGINAL.search(scene.whole)
    return next((type_ for type_ in fitting if type_ != "label_expansion" or not original), "approval")
