"""What the fits whose mean ships learn from the start, and what at the end."""

from collections import Counter

import pytest

from training.items import learnt_by, own_items
from training.plan import SEEDS, WHOLE, Plan, first, second

ITEMS, GATHERED = own_items()[:20], own_items()[20:30]


@pytest.mark.parametrize("seed", SEEDS)
def test_each_fit_learns_the_same_in_all(seed: int) -> None:
    start, last = learnt_by(seed, ITEMS, GATHERED)
    other = learnt_by(next(one for one in SEEDS if one != seed), ITEMS, GATHERED)
    assert Counter(item.id for item in [*start, *last]) == Counter(item.id for some in other for item in some)


def test_one_of_them_learns_what_was_gathered_from_the_start() -> None:
    met = {seed: {item.id for item in learnt_by(seed, ITEMS, GATHERED)[0]} for seed in SEEDS}
    assert [seed for seed in SEEDS if {item.id for item in GATHERED} <= met[seed]] == sorted(WHOLE)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_fit_that_has_more_to_learn_from_the_start_has_fewer_epochs(seed: int) -> None:
    begun = first(Plan(seed=seed))
    assert (begun.epochs < Plan().epochs) == (seed in WHOLE)
    assert second(Plan(seed=seed)).epochs == 1
