"""Blocks of which lines are drawn by lot: what belongs to the lot is never told, what is new in the block is."""

import pytest

from benchmarks.lots import LOTS, QUIET, RECALLS, Box
from sources.noise.lots import LONGEST_SHOWN, Stranger, Verdict
from sources.noise.settle import MOST_LOOKS

NEWS = {
    "another in kind": "FDA approves tofersen for a further use",
    "one of the kind": "Recall: lots of drug Q taken back",
}


@pytest.mark.parametrize("lot", LOTS)
@pytest.mark.parametrize("quiet", [QUIET, 0])
def test_what_is_drawn_by_lot_is_never_told(lot: str, quiet: int) -> None:
    """It was told on 27 pages of 100 that began to show eight of ten lines, on one or two of those that showed one of
    two recalls, and on one in a thousand that showed four of eleven links."""
    for seed in range(60):
        box = Box(lot, seed, quiet)
        for number in range(6):
            assert box.check() == [], f"seed {seed}, run {number}"


@pytest.mark.parametrize("seed", [482, 1403, 4211, 5279])
def test_a_link_that_was_away_and_is_there_at_seven_looks_is_one_of_the_lot(seed: int) -> None:
    box = Box("links", seed)
    for number in range(3):
        assert box.check() == [], f"run {number}"


@pytest.mark.parametrize("lot", LOTS)
@pytest.mark.parametrize("news", NEWS)
@pytest.mark.parametrize("room", ["in place of another", "on top"])
def test_a_status_that_comes_to_such_a_block_and_stays_is_told_at_the_check_that_finds_it(
    lot: str, news: str, room: str
) -> None:
    for seed in range(12):
        box, line = Box(lot, seed), NEWS[news]
        for _ in range(12):
            box.check()
        show = lambda: [line, *box.draw()[room == "in place of another" :]]  # noqa: B023, E731
        assert box.checks_until(line, show, 6) == (0, []), f"seed {seed}"


@pytest.mark.parametrize("lot", ["most of what is read", "nearly all of what is read"])
def test_of_a_block_that_shows_most_of_its_lines_any_line_that_comes_and_stays_is_told(lot: str) -> None:
    for seed in range(12):
        box, line = Box(lot, seed), "The helpdesk has moved to the first floor"
        for _ in range(12):
            box.check()
        assert box.checks_until(line, lambda: [line, *box.draw()], 6) == (0, []), f"seed {seed}"  # noqa: B023


@pytest.mark.parametrize("lot", LOTS)
def test_a_status_that_comes_in_the_run_in_which_a_block_begins_to_move_waits_for_two_more_at_most(lot: str) -> None:
    for seed in range(12):
        box, line = Box(lot, seed), NEWS["another in kind"]
        late, beside = box.checks_until(line, lambda: [line, *box.draw()], 6)  # noqa: B023
        assert late is not None and late <= 2 and not beside, f"seed {seed}"


def test_a_status_that_joins_a_lot_well_known_is_told_though_it_comes_and_goes() -> None:
    """It was learnt as one more of the lot and told never."""
    told = 0
    for seed in range(20):
        box, line = Box("two of five recalls", seed), NEWS["one of the kind"]
        for _ in range(80):
            assert box.check() == [], f"seed {seed}"
        six = [*RECALLS, line]
        late, beside = box.checks_until(line, lambda: box.dice.sample(six, 2), 40)  # noqa: B023
        told += late is not None
        assert not beside, f"seed {seed}"
    assert told >= 14


def test_a_list_of_news_that_does_not_move_by_itself_tells_its_new_entry() -> None:
    box = Box("links", 1)
    news = [f"FDA approves drug {letter}" for letter in "ABCDEF"]
    shown = news[:4]
    box.check(lambda: shown)
    for at in (4, 5):
        shown = [news[at], *shown[:3]]
        assert news[at] in [after for _, _, after in box.check(lambda: shown)]  # noqa: B023


def test_a_lot_of_hundreds_costs_no_more_looks_than_it_did() -> None:
    """Always another one that nobody has seen: of such a lot nothing is known, and one does not look on for it."""
    box = Box("links", 3)
    box.lines, box.width = [f"Trial {n} of drug {n % 7} halted" for n in range(300)], 5
    for _ in range(20):
        box.check()
    assert sum(box.looks[QUIET + 1 :]) <= 3 * 19


@pytest.mark.parametrize(
    ("stranger", "verdict"),
    [
        (Stranger(away=7, closed=7, often=0.5, shown=7, looks=7), Verdict.UNSURE),
        (Stranger(away=15, closed=0, often=0.9, shown=7, looks=7), Verdict.NEWS),
        (Stranger(away=0, closed=0, often=0.5, shown=MOST_LOOKS, looks=MOST_LOOKS), Verdict.NEWS),
        (Stranger(away=0, closed=0, often=0.9, shown=MOST_LOOKS, looks=MOST_LOOKS), Verdict.UNSURE),
        (Stranger(away=0, closed=0, often=0.9, shown=LONGEST_SHOWN, looks=LONGEST_SHOWN), Verdict.NEWS),
        (Stranger(away=9, closed=9, often=0.5, shown=3, looks=9), Verdict.MEMBER),
        (Stranger(away=100, closed=100, often=0.5, shown=1, looks=3), Verdict.UNSURE),
        (Stranger(away=100, closed=100, often=0.5, shown=1, looks=16), Verdict.MEMBER),
        (Stranger(away=100, closed=100, often=0.5, shown=9, looks=20), Verdict.NEWS),
        (Stranger(away=100, closed=3, often=0.5, shown=9, looks=20), Verdict.MEMBER),
    ],
)
def test_how_long_a_line_was_away_and_how_often_it_is_there_decide(stranger: Stranger, verdict: Verdict) -> None:
    assert stranger.verdict() is verdict
