"""How far one piece of news walks through the house: a bar that it reached once and must not creep above again."""

import pytest

from benchmarks.rooms import WALKS

MOST = 250
"""Moves between files from a look to its webhook or digest (benchmarks/rooms.py)."""


@pytest.mark.parametrize("name", WALKS)
def test_one_piece_of_news_walks_no_further_than_that(name: str) -> None:
    walk = WALKS[name]()

    assert walk.moves <= MOST, f"{name}: `python benchmarks/rooms.py {name} --pairs --functions` shows where"
