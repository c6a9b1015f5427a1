"""What a fit is shown: items as windows of tokens, by chance with other names, in the lessons with other sentences."""

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.encoder import FOLDER, Window, tokenizer_at, windows
from training import lessons
from training.items import LABELLED, Labelled
from training.network import Batch
from training.plan import Plan
from training.taught import taught


@dataclass(frozen=True, slots=True)
class Drawn:
    """A window as it is learnt from: its sentences that say nothing, and what others are known to say, by number; the
    tokens that name the medicine, none where that is not known."""

    window: Window
    neutral: frozenset[int] = frozenset()
    told: Mapping[int, frozenset[str]] = field(default_factory=dict)
    named: frozenset[int] = frozenset()


class Texts:
    """Items as windows of tokens; for the fit with other names, and with sentences and titles that say nothing."""

    def __init__(self, items: Sequence[Labelled], names: Sequence[str] = ()) -> None:
        self.items = items
        self.tokenizer = tokenizer_at(FOLDER / "tokenizer.json")
        self.names = sorted(names)
        self.known = re.compile(
            r"\b(?:" + "|".join(re.escape(n) for n in sorted(names, key=len, reverse=True)) + r")\b", re.I
        )
        self.units = [[unit for unit in cleaned(i.title, i.text).units if unit] or [""] for i in items]

    def windows(self, units: Sequence[str]) -> list[Window]:
        """The windows of an item, most often one."""
        return list(windows(self.tokenizer, units[0], units[1:]))

    def plain(self, n: int, plan: Plan, rng: random.Random) -> Drawn:
        """One window of an item, for of a long text the title, which stands in each, tells its news."""
        units, names = self.units[n], self.items[n].drugs
        if rng.random() < plan.swap:
            units, names = self.renamed(units, names, rng)
        window = rng.choice(self.windows(units))
        return Drawn(window, named=tokens_of(names, units, window))

    def lesson(self, n: int, plan: Plan, rng: random.Random, *, again: bool) -> Drawn:
        """The same with what is to be learnt last; other names for sure where the item comes again."""
        title, *below = self.units[n]
        told = lessons.told_below(self.items[n], below)
        if rng.random() < plan.soft and self.items[n].types and self.items[n].types <= set().union(*told.values()):
            title = lessons.soft_title(title, self.known, self.names, rng)
        places: list[int | None] = list(range(1, len(below) + 1))
        if rng.random() < plan.neutral:
            below, places = lessons.with_neutral(title, below, self.known, self.names, rng)
        units, names = [title, *below], self.items[n].drugs
        if again or rng.random() < plan.swap:
            units, names = self.renamed(units, names, rng)
        window = rng.choice(self.windows(units))
        return Drawn(
            window,
            frozenset(n for n, place in enumerate(places, 1) if place is None),
            {n: told[place] for n, place in enumerate(places, 1) if place in told},
            tokens_of(names, units, window),
        )

    def renamed(
        self, units: Sequence[str], names: Sequence[str], rng: random.Random
    ) -> tuple[list[str], tuple[str, ...]]:
        """The sentences with other names, and what those that are told of are called there."""
        changed = lessons.renamed([*units, *names], self.known, self.names, rng)
        return changed[: len(units)], tuple(changed[len(units) :])


def tokens_of(names: Sequence[str], units: Sequence[str], window: Window) -> frozenset[int]:
    """The tokens of a window that are part of one of the names; none where no name stands there as it is written."""
    if not names:
        return frozenset()
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(names, key=len, reverse=True)))})(?!\w)", re.I)
    return frozenset(
        place
        for row, begin, end in window.spans
        for found in pattern.finditer(units[row])
        for place in range(begin, end)
        if window.letters[place][0] < found.end() and found.start() < window.letters[place][1]
    )


def padded(some: Sequence[Drawn]) -> Batch:
    """Windows side by side."""
    length = -(-max(len(d.window.ids) for d in some) // 8) * 8
    most = max(len(d.window.spans) for d in some)
    ids, mask = torch.zeros(len(some), length, dtype=torch.long), torch.zeros(len(some), length)
    spans, there = torch.zeros(len(some), most, length), torch.zeros(len(some), most, dtype=torch.bool)
    neutral = torch.zeros(len(some), most, dtype=torch.bool)
    told = torch.zeros(len(some), most, len(LABELLED), dtype=torch.bool)
    named = torch.full((len(some), length), -1.0)
    for n, drawn in enumerate(some):
        window = drawn.window
        ids[n, : len(window.ids)] = torch.tensor(window.ids)
        mask[n, : len(window.ids)] = 1
        for place, (row, start, end) in enumerate(window.spans):
            spans[n, place, start:end] = 1 / (end - start)
            there[n, place] = True
            neutral[n, place] = row in drawn.neutral
            if drawn.named:
                named[n, start:end] = torch.tensor([float(token in drawn.named) for token in range(start, end)])
            for name in drawn.told.get(row, ()):
                told[n, place, LABELLED.index(name)] = True
    return Batch(ids, mask, spans, there, neutral, told, named)


def batches(some: Sequence[Drawn], size: int, rng: random.Random | None) -> Iterator[list[int]]:
    """Places of windows of like length, shuffled where a fit asks for it."""
    order = list(range(len(some)))
    if rng is not None:
        rng.shuffle(order)
    width = size * 40 if rng is not None else len(order)
    made = []
    for begin in range(0, len(order), width):
        near = sorted(order[begin : begin + width], key=lambda n: len(some[n].window.ids))
        made += [near[k : k + size] for k in range(0, len(near), size)]
    if rng is not None:
        rng.shuffle(made)
    yield from made


@dataclass(frozen=True, slots=True)
class Aims:
    """By item and type: what is so, what is to be said (labels, and what other readers make of the text), and how much
    it counts."""

    so: torch.Tensor
    said: torch.Tensor
    counts: torch.Tensor

    def of(self, places: Sequence[int]) -> "Aims":
        """Those of the items at these places."""
        some = list(places)
        return Aims(self.so[some], self.said[some], self.counts[some])


def aims_of(items: Sequence[Labelled], share: float) -> Aims:
    """What is learnt from each item; by this share what other readers said of it."""
    place = {name: n for n, name in enumerate(LABELLED)}
    yes, counts = torch.zeros(len(items), len(LABELLED)), torch.ones(len(items), len(LABELLED))
    for n, item in enumerate(items):
        for name in item.types:
            yes[n, place[name]] = 1
        for name in item.accept:
            counts[n, place[name]] = 0
        if not item.sure:
            counts[n] *= 0.5
    return Aims(yes, softened(items, yes, share), counts)


def softened(items: Sequence[Labelled], yes: torch.Tensor, share: float) -> torch.Tensor:
    """What a fit is to say of each item: its labels, and by this share what readers that had not seen it said."""
    soft, said = yes.clone(), taught()
    for n, item in enumerate(items):
        if item.origin != "own" and (odds := said.get(item.id)):
            heard = torch.sigmoid(torch.tensor([odds[name] for name in LABELLED]))
            soft[n] = (1 - share) * yes[n] + share * heard
    return soft


def easy(item: Labelled) -> bool:
    """Whether a text teaches little: seen in every second epoch."""
    return (item.origin == "own" and not item.sample) or item.sample == "thought easy"


def rare(items: Sequence[Labelled], seldom: int) -> set[int]:
    """Places of the items of a type that has fewer real items than `seldom`."""
    real = Counter(name for item in items if item.origin != "own" for name in item.types)
    return {n for n, item in enumerate(items) if any(real[name] < seldom for name in item.types)}


def draw(texts: Texts, plan: Plan, epoch: int, rng: random.Random) -> tuple[list[int], list[Drawn]]:
    """Which items an epoch has, and a window of each.

    Lessons have all with news of which no more is to be had (real ones, our own of rare types), the real ones of rare
    types twice, and a quarter of the others.
    """
    items = texts.items
    if epoch < plan.epochs:
        places = [n for n, item in enumerate(items) if not easy(item) or (n + epoch) % 2]
        return places, [texts.plain(n, plan, rng) for n in places]
    seldom = rare(items, plan.seldom)
    news = {n for n, item in enumerate(items) if item.types and (item.origin != "own" or n in seldom)}
    places = [n for n, item in enumerate(items) if n in news or item.sample == "d" or (n + epoch) % 4 == 0]
    once, again = len(places), sorted(n for n in seldom if items[n].origin != "own")
    places += again
    return places, [texts.lesson(n, plan, rng, again=k >= once) for k, n in enumerate(places)]
