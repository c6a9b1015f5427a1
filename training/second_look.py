"""The judge's second look in training: what a first look that has not seen a text found likely in it."""

from collections import defaultdict
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from monitor.reading.prose.second_look import beside
from training.cases import NO_PART

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Look = Callable[[Flags, Flags], Floats]
"""Fitted to the first cases, the probabilities of the second."""
NAMES = tuple(beside(["none"], [0.5])[0])
"""The features of the second look, in their order."""


def columns(item: NDArray[np.int64], types: NDArray[np.str_], first: Floats) -> Floats:
    """What a second look sees of each case besides its features."""
    of_item: dict[int, list[int]] = defaultdict(list)
    for number, one in enumerate(item.tolist()):
        of_item[one].append(number)
    found = np.zeros((len(first), len(NAMES)))
    for rows in of_item.values():
        for row, features in zip(rows, beside(types[rows].tolist(), first[rows].tolist()), strict=True):
            found[row] = [features[name] for name in NAMES]
    return found


def parts_of(part: NDArray[np.int64]) -> list[int]:
    """The parts of real texts."""
    return [int(one) for one in np.unique(part[part != NO_PART])]


def apart(part: NDArray[np.int64], counts: Flags, look: Look, without: int | None = None) -> Floats:
    """The first look at each case by fits that have not seen its part, nor `without`; at our own sentences and at that
    part by a fit that has not seen that part."""
    found = np.zeros(len(part))
    rest = part != (NO_PART - 1 if without is None else without)
    for one in parts_of(part):
        if one != without:
            here = part == one
            found[here] = look(rest & ~here & counts, here)
    last = (part == NO_PART) | ~rest
    found[last] = look(rest & counts, last)
    return found
