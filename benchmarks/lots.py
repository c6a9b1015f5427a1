"""Pages with a block of which lines are drawn by lot: what is told of the lot, and of what is new in the block.

    python benchmarks/lots.py [--pages 1000] [LOT ...]

Each page is looked at through the code that settles the noise of pages, without a network: nine checks at which the
block stands still, then eight at which every look shows other lines, or eight from the start. Then on fewer pages a
line with a status comes to the block and stays: as the block begins to move, three checks later and thirty later.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from sources.noise.lines import Block, Change, block_differences
from sources.noise.settle import settled_blocks

LINKS = ["Guidance for sponsors", "How a study is registered", "Frequently asked questions", "Annual report",
         "Public consultations", "Contact the helpdesk", "Glossary of terms", "Training material", "Open data",
         "Approved medicines A to Z", "Recalls and warnings"]  # fmt: skip
READ = ["EMA recommends refusal of drug A", "FDA approves drug B", "Trial of drug C halted", "How to read a label",
        "Shortage of drug D", "What is a trial", "Drug E withdrawn in Japan", "Living with the disease",
        "Contact and press", "Opinion on drug F adopted"]  # fmt: skip
QUOTES = [f"“{words} since the medicine was approved”" for words in (
    "I walk", "We have more time", "My father speaks", "She is at school", "It gave us hope", "We travel")]  # fmt: skip
RECALLS = [f"Recall: lots of drug {name} taken back" for name in "ABCDE"]
LOTS: dict[str, tuple[Sequence[str], int]] = {
    "links": (LINKS, 4),
    "nearly all of what is read": (READ, 9),
    "most of what is read": (READ, 8),
    "half of what is read": (READ, 5),
    "a quote of a patient": (QUOTES, 1),
    "two quotes": (QUOTES, 2),
    "one of two recalls": (RECALLS[:2], 1),
    "one of three recalls": (RECALLS[:3], 1),
    "two of five recalls": (RECALLS, 2),
}
"""Lines, and how many of them one look shows, in any order."""
QUIET = 9  # checks before a block begins to move
CHECKS = 8
NEWS = "FDA approves tofersen for a further use"
LASTING = [("main > p", f"Line {number} of the page") for number in range(20)]


class Box:
    """A page with such a block, over many checks."""

    def __init__(self, lot: str, seed: int, quiet: int = QUIET) -> None:
        self.lines, self.width = LOTS[lot]
        self.dice = random.Random(seed)
        self.stored: list[Block] | None = None
        self.learnt: dict[str, Any] = {}
        self.looks: list[int] = []
        first = self.draw()
        for _ in range(quiet):
            self.check(lambda: first)

    def draw(self) -> list[str]:
        """What one look at the block shows."""
        return self.dice.sample(self.lines, self.width)

    def check(self, show: Callable[[], list[str]] | None = None) -> list[Change]:
        """What one check tells."""

        def look() -> list[Block]:
            self.looks[-1] += 1
            return [*LASTING, *(("Box > li", line) for line in (show or self.draw)())]

        before = self.stored
        self.looks.append(0)
        self.stored, learnt = settled_blocks(before, look(), again=look, learnt=self.learnt)
        self.learnt = json.loads(json.dumps(learnt))
        return [] if before is None else block_differences(before, self.stored)

    def checks_until(self, line: str, show: Callable[[], list[str]], most: int) -> tuple[int | None, list[Change]]:
        """After how many checks a line is told, and what else is told by then and in the three after it."""
        late, beside = None, list[Change]()
        for number in range(most):
            changes = self.check(show)
            if late is None and any(after == line for _, _, after in changes):
                late = number
            beside += [change for change in changes if change[2] != line]
            if late is not None and number >= late + 3:
                break
        return late, beside


def by_lot(lot: str, pages: int, quiet: int) -> None:
    """Print on how many pages something of the lot is told."""
    false = looks = 0
    for seed in range(pages):
        box = Box(lot, seed, quiet)
        false += any([box.check() for _ in range(CHECKS)])
        looks += sum(box.looks[quiet:])
    print(f"{lot:28} {quiet} quiet checks: {false:5} of {pages} pages told, {looks / pages / CHECKS:.2f} looks a check")


def with_news(lot: str, pages: int, at: int) -> None:
    """Print how late a line is told that comes to the block so many checks after it began to move."""
    late, beside = Counter[int | None](), 0
    for seed in range(pages):
        box = Box(lot, seed)
        for _ in range(at):
            box.check()
        after, others = box.checks_until(NEWS, lambda: [NEWS, *box.draw()], 8)  # noqa: B023 - called at once
        late[after] += 1
        beside += bool(others)
    said = ", ".join(f"{n} {'never' if after is None else f'{after} checks late'}" for after, n in late.items())
    print(f"{lot:28} news after {at:2} checks: {said}; other lines told on {beside} pages")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("lots", nargs="*", metavar="LOT", default=list(LOTS), help=f"one of {', '.join(LOTS)}")
    asked = parser.parse_args()
    for lot in asked.lots:
        for quiet in (QUIET, 0):
            by_lot(lot, asked.pages, quiet)
        for at in (0, 3, 30):
            with_news(lot, max(1, asked.pages // 20), at)


if __name__ == "__main__":
    main()
