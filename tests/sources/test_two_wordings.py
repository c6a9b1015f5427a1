"""A page that shows one of two wordings by chance or by turns, told from a page that was edited."""

import json
import random
from collections.abc import Callable
from typing import Any

import pytest

from sources.noise.lines import Change, block_differences
from sources.noise.settle import MOST_LOOKS, settled_blocks

Blocks = list[tuple[str, str]]
FIRST, OTHER, LIKE = "Find a study near you", "Studies close to where you live", "Find studies near you"
QUIET = 4  # runs before the page begins to move by itself


def page(*lines: str, status: str = "Recruiting", said: str = "The sponsor is Example Labs.") -> Blocks:
    stays = [("p", f"Line {number} of the page") for number in range(15)]
    return [("Overview > Overall status:", status), ("p", said), *stays, *(("aside > p", line) for line in lines)]


class Watched:
    """A page over many runs; `show` gives what one look sees."""

    def __init__(self) -> None:
        self.stored: Blocks | None = None
        self.learnt: dict[str, Any] = {}
        self.looks = 0

    def run(self, show: Callable[[], Blocks]) -> list[Change]:
        def look() -> Blocks:
            self.looks += 1
            return show()

        before, self.looks = self.stored, 0
        self.stored, learnt = settled_blocks(before, look(), again=look, learnt=self.learnt)
        self.learnt = json.loads(json.dumps(learnt))
        assert self.looks <= MOST_LOOKS
        return [] if before is None else block_differences(before, self.stored)


def drawn(dice: random.Random, shown: list[tuple[str, ...]], **facts: str) -> Callable[[], Blocks]:
    return lambda: page(*dice.choice(shown), **facts)


KINDS: dict[str, list[tuple[str, ...]]] = {
    "A or B": [(FIRST,), (OTHER,)],
    "now and then": [(), (FIRST,)],
    "one of three": [(FIRST,), ("New: approved therapies at a glance",), ("Take part in our survey",)],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seeds", [range(start, start + 60) for start in (0, 60)])
def test_a_wording_drawn_anew_at_every_look_is_never_told_and_a_change_beside_it_is_told_at_once(
    kind: str, seeds: range
) -> None:
    """Seven looks that must agree let one of two wordings pass once in 64 pages: seeds 13 and 51 did."""
    shown = KINDS[kind]
    for seed in seeds:
        dice, watched = random.Random(seed), Watched()
        for _ in range(QUIET):
            assert watched.run(lambda: page(*shown[0])) == []
        edited = dice.randrange(6)
        for number in range(6):
            status = "Suspended" if number >= edited else "Recruiting"
            said = "The sponsor is Another Company." if number >= edited else "The sponsor is Example Labs."
            told = watched.run(drawn(dice, shown, status=status, said=said))
            expected = [("Recruiting", "Suspended"), ("The sponsor is Example Labs.", said)] if number == edited else []
            assert [(before, after) for _, before, after in told] == expected, f"seed {seed}, round {number}"


@pytest.mark.parametrize("other", [OTHER, LIKE])
def test_wordings_that_take_turns_by_the_hour_are_told_twice_and_then_known(other: str) -> None:
    watched = Watched()
    told = [bool(watched.run(lambda n=n: page([FIRST, other][n >= QUIET and n % 2]))) for n in range(24)]  # type: ignore[misc]
    assert sum(told) == 2
    [(_, before, after)] = watched.run(lambda: page("Recruitment into this study has ended"))
    assert (before, after) in ((FIRST, "Recruitment into this study has ended"), (None, after))


@pytest.mark.parametrize(
    ("first", "other"),
    [
        ("The study is recruiting", "The study is suspended"),
        ("Doses of 10 mg", "Doses of 20 mg"),
        ("The study is open", "The study is not open"),
    ],
)
def test_what_names_a_status_or_a_number_or_denies_is_told_however_often_it_turns(first: str, other: str) -> None:
    watched = Watched()
    told = [len(watched.run(lambda n=n: page([first, other][n % 2]))) for n in range(12)]  # type: ignore[misc]
    assert told == [0, *[1] * 11]


def test_a_part_of_the_page_that_was_away_comes_back_as_often_as_it_was_away() -> None:
    lines = [f"Words about matter {letter}" for letter in "abcdefgh"]
    watched = Watched()
    for number in range(12):
        told = watched.run(lambda n=number: page(*(lines if n % 2 == 0 else ())))  # type: ignore[misc]
        assert len(told) == (0 if number == 0 else len(lines))


def test_where_looks_are_dear_a_slogan_is_told_some_runs_later_and_a_status_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A host that asks for a minute between two looks: seven in one run, not fifteen, and the next runs go on."""
    clock = iter(range(0, 10**9, 61))
    monkeypatch.setattr("sources.noise.settle.time.monotonic", lambda: next(clock))
    watched = Watched()
    for _ in range(QUIET):
        assert watched.run(lambda: page(FIRST)) == []
    told, looks = [], []
    for _ in range(4):
        told.append([(before, after) for _, before, after in watched.run(lambda: page(OTHER, status="Suspended"))])
        looks.append(watched.looks)
    assert told == [[("Recruiting", "Suspended")], [], [(FIRST, OTHER)], []]
    assert max(looks) == 7 and looks[-1] == 1 and "waiting" not in watched.learnt


@pytest.mark.parametrize("kind", KINDS)
def test_where_looks_are_dear_a_wording_drawn_by_lot_is_not_told_either(
    monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    clock = iter(range(0, 10**9, 61))
    monkeypatch.setattr("sources.noise.settle.time.monotonic", lambda: next(clock))
    for seed in range(120):
        dice, watched = random.Random(seed), Watched()
        for _ in range(QUIET):
            assert watched.run(lambda: page(*KINDS[kind][0])) == []
        for number in range(8):
            assert watched.run(drawn(dice, KINDS[kind])) == [], f"seed {seed}, round {number}"
