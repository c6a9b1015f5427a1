"""How a fit goes: its numbers, in one place."""

from dataclasses import dataclass, replace

SEEDS = (8, 21)
"""Of the fits whose mean ships. Two that differ in chance err on different texts, and on more where they were not shown
the same from the start."""
WHOLE = frozenset({8})
"""Of which the first round has the texts from elsewhere too."""
NAMING = 21
"""The fit that learns in its second round which words name the medicine that is told of."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How a round of a fit goes; one seed gives one model on one machine."""

    seed: int = SEEDS[0]
    epochs: int = 5
    lessons: int = 2  # epochs more, in which sentences learn to count for themselves
    batch: int = 16
    rate: float = 2e-4
    lesson_pace: float = 0.5  # share of the rates in the lessons
    head_rate: float = 2e-3
    frozen_layers: int = 1
    swap: float = 0.4  # how often the drug names of a text change places
    sharpness: float = 3.0  # of the soft maximum over sentences
    mean_of: float = 0.99  # the running mean of weights forgets this slowly
    rare: float = 2.0  # how much more a yes counts than a no
    plain_dropout: float = 0.0  # of states, before the lessons
    dropout: float = 0.1  # of states, in the lessons
    neutral: float = 0.35  # how often sentences that say nothing are put below a title
    soft: float = 0.3  # how often a title that the text can do without is changed
    apart: float = 2.0  # how much more a no counts, in the lessons, for the opposites of a yes
    seldom: int = 40  # a type with fewer real items: the lessons have them twice
    rounded: bool = False  # whether the lessons are learnt in whole numbers, as the model ships
    taught: float = 0.5  # how much what other readers say of a text counts beside its labels (`taught.py`)
    naming_rate: float = 2e-3  # of the head for names, which is new in the second round
    naming: float = 0.0  # how much it counts to know the words that name the medicine
    one_slope: bool = False  # whether the rates come down once over all, instead of once before the lessons


def first(plan: Plan) -> Plan:
    """The round before: of a fit that has twice as many texts in it, fewer epochs."""
    return replace(plan, epochs=4, lessons=1) if plan.seed in WHOLE else plan


def second(plan: Plan) -> Plan:
    """The round after the first: shorter, slower, and at its end in whole numbers."""
    return replace(
        plan,
        seed=plan.seed + 1,
        epochs=1,
        lessons=1,
        rate=plan.rate / 2,
        head_rate=plan.head_rate / 5,
        plain_dropout=0.05,
        dropout=0.05,
        rounded=True,
        naming=1.0 if plan.seed == NAMING else 0.0,
        one_slope=True,
    )
