"""A second look at each candidate of a text, by what the first look found likely beside it.

A text mostly announces one thing: of a first approval and a further use, of a met goal, data without a verdict and a
publication, the likelier one makes the others less likely. Pure.
"""

import math
from collections.abc import Mapping, Sequence

from monitor.reading.prose.candidates import KIN, Candidate

FLOOR = 1e-4
SUCCESSES = frozenset({"readout_met", "readout_not_met", "readout_mixed", "interim_data", "publication"})
"""Types of what a trial has shown, of which words often tell alike."""
GROUPS = (("ways", KIN), ("successes", SUCCESSES))
"""Types that are rivals of one another, by name."""


def looked_again(
    candidates: Sequence[Candidate], found: Sequence[Mapping[str, float]], first: Mapping[str, float]
) -> list[dict[str, float]]:
    """The features of each candidate with those of the second look, after a first one by these weights; what is about
    no medicine counts nothing there."""
    sums = [sum(first.get(name, 0.0) * value for name, value in features.items()) for features in found]
    shares = [one.about / (1 + math.exp(-total)) for total, one in zip(sums, candidates, strict=True)]
    more = beside([one.type for one in candidates], shares)
    return [{**features, **others} for features, others in zip(found, more, strict=True)]


def beside(types: Sequence[str], first: Sequence[float]) -> list[dict[str, float]]:
    """For each candidate what the second look sees: its own probability by the first, and those of other types."""
    known = list(zip(types, first, strict=True))
    return [_beside(type_, own, [one for one in known if one[0] != type_]) for type_, own in known]


def _beside(type_: str, own: float, others: Sequence[tuple[str, float]]) -> dict[str, float]:
    rivals = {name: [share for other, share in others if type_ in some and other in some] for name, some in GROUPS}
    return {
        "beside_own": odds(own),
        "beside_sure": max(0.0, odds(own)),
        "beside_best": odds(max((share for _, share in others), default=0.0)),
        "beside_all": math.log(FLOOR + sum(share for _, share in others)),
        **{f"beside_{name}": odds(max(some, default=0.0)) for name, some in rivals.items()},
    }


def odds(share: float) -> float:
    """A probability as the logarithm of its odds, with ends."""
    held = min(max(share, FLOOR), 1 - FLOOR)
    return math.log(held / (1 - held))
