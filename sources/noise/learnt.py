"""What a watch has learnt of the noise of its page: lines that come and go, words that move, places that churn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import Any

from sources.noise.lines import Block, Change
from sources.noise.lots import Lot, Stranger, Verdict
from sources.noise.page_talk import DENIES, STATUS, SUBSTANCE, names_facts, skeleton, tokens

RESTLESS_RUNS = 3
FEW = 3  # changes of one run; where more moves at once, a part of the page was away
WIDE, NARROW = 1, 2  # a place where many lines come and go at a time, and one where few do
MOST_LEARNT = 150  # slots and variants kept per watch; the oldest go first


@dataclass
class Memory:
    """What earlier runs of a watch learnt of its noise. Small, and JSON when written."""

    runs: int = 0
    slots: dict[str, list[int]] = field(default_factory=dict)  # line by place and skeleton -> tokens that move
    variants: dict[str, int] = field(default_factory=dict)  # exact lines seen to come and go
    places: dict[str, int] = field(default_factory=dict)  # where lines come and go
    recent: list[list[str]] = field(default_factory=list)  # lines accepted in the last runs with any
    left: dict[str, int] = field(default_factory=dict)  # exact lines that name no fact -> how often they went for good
    waiting: dict[str, int] = field(default_factory=dict)  # changes put off -> at how many looks they have stood
    put_by: dict[str, int] = field(default_factory=dict)  # the same as this run leaves it
    lots: dict[str, Lot] = field(default_factory=dict)  # places where whole lines move
    strangers: dict[str, Stranger] = field(default_factory=dict)  # exact lines of which it is not clear what they are
    gained: set[str] = field(default_factory=set)  # lots that showed a line in this run that they had not shown before
    known: frozenset[str] = frozenset()  # variants that former runs learnt

    @classmethod
    def read(cls, learnt: Mapping[str, Any]) -> "Memory":
        """From what a former run wrote; an empty mapping is a new watch."""
        return cls(
            runs=int(learnt.get("runs", 0)),
            slots={key: list(moving) for key, moving in learnt.get("slots", {}).items()},
            variants=dict(learnt.get("variants", {})),
            places=dict(learnt.get("places", {})),
            recent=[list(keys) for keys in learnt.get("recent", [])],
            left=dict(learnt.get("left", {})),
            waiting=dict(learnt.get("waiting", {})),
            lots={
                **{key: Lot() for key in learnt.get("places", {})},  # of which former versions did not count the looks
                **{key: Lot(*lot) for key, lot in learnt.get("lots", {}).items()},
            },
            strangers={key: Stranger.read(one) for key, one in learnt.get("strangers", {}).items()},
            known=frozenset(learnt.get("variants", {})),
        )

    def written(self) -> dict[str, Any]:
        """As JSON, the oldest entries beyond the cap left out. Where a line is forgotten, no lot is known any more."""
        lots = {} if len(self.variants) > MOST_LEARNT else dict(list(self.lots.items())[-MOST_LEARNT:])
        strangers = dict(list(self.strangers.items())[-MOST_LEARNT:])
        return {
            "runs": min(self.runs, 1000),
            "slots": dict(list(self.slots.items())[-MOST_LEARNT:]),
            "variants": dict(list(self.variants.items())[-MOST_LEARNT:]),
            "places": dict(list(self.places.items())[-MOST_LEARNT:]),
            "recent": self.recent[-RESTLESS_RUNS:],
            **({"left": dict(list(self.left.items())[-MOST_LEARNT:])} if self.left else {}),
            **({"waiting": self.put_by} if self.put_by else {}),
            **({"lots": {key: lot.written() for key, lot in lots.items()}} if lots else {}),
            **({"strangers": {key: one.written() for key, one in strangers.items()}} if strangers else {}),
        }

    def put_off(self, changes: Sequence[Change], lacks: Callable[[Change], bool], looks: int) -> list[Change]:
        """The changes but for those that have not stood at enough looks: they wait for the next run, which counts
        these looks with its own. What does not stand there is counted anew."""
        waits = [change for change in changes if lacks(change)][:MOST_LEARNT]
        self.put_by = {change_key(change): looks + self.waiting.get(change_key(change), 0) for change in waits}
        return [change for change in changes if not lacks(change)]

    def learn_slot(self, line: Block, moving: Iterable[int]) -> None:
        """These tokens of this line move by themselves."""
        key = _slot(line)
        known = self.slots.pop(key, [])
        self.slots[key] = sorted(set(known) | set(moving))

    def learn_variant(self, line: Block) -> None:
        """This line comes and goes by itself."""
        key = _exact(line)
        self.variants.pop(key, None)
        self.variants[key] = 1

    def learn_member(self, line: Block) -> None:
        """This line comes and goes by itself, and is not stored: it belongs to what is drawn by lot at its place."""
        if _exact(line) not in self.variants:
            self.gained.add(_digest(line[0]))
        self.learn_lot(line[0])
        self.learn_variant(line)

    def learn_lot(self, place: str) -> None:
        """Whole lines move at this place."""
        self.lots.setdefault(_digest(place), Lot())

    def has_met(self, line: Block) -> bool:
        """Whether former runs saw this very line come or go."""
        return _exact(line) in self.known

    def stranger(self, line: Block, pattern: Sequence[bool], often: float) -> Stranger:
        """What is known of a line that moves or has come to a place of moving lines, with the looks of this run."""
        if known := self.strangers.get(_exact(line)):
            return known.after(sum(pattern), len(pattern), often)
        lot, late = self.lots.get(_digest(line[0]), Lot()), pattern.index(True)
        return Stranger(lot.looks + late, lot.closed + late, often, sum(pattern), len(pattern) - late)

    def count(self, looks: int, unsure: Mapping[Block, Stranger], accepted: Sequence[Change]) -> None:
        """Note that a run has looked so often, which lines it leaves unsure and which it accepted. A line that it did
        not show is a little likelier to belong to its lot."""
        left = {_exact(line): one for line, one in unsure.items()}
        told = {_exact((place, after)) for place, _, after in accepted if after is not None}
        for key in (left.keys() | told) - self.known:
            self.variants.pop(key, None)  # taken for one of the lot at a look in between
        for key, one in self.strangers.items():
            if key not in left and key not in told and key not in self.variants:
                left[key] = one.after(0, looks)
                if left[key].verdict() is Verdict.MEMBER:
                    del left[key]
                    self.variants[key] = 1
        self.strangers = left
        for place, lot in self.lots.items():
            lot.seen(looks, gained=place in self.gained)

    def learn_place(self, place: str, *, narrow: bool = False) -> None:
        """Lines come and go at this place. `narrow`: few of them at a time."""
        self.places[_digest(place)] = min(self.places.get(_digest(place), NARROW), NARROW if narrow else WIDE)

    def churns(self, place: str, *, narrow: bool = True) -> bool:
        """Whether lines come and go at this place; unless `narrow`, many at a time."""
        return self.places.get(_digest(place)) in ((WIDE, NARROW) if narrow else (WIDE,))

    def explains(self, line: Block) -> bool:
        """Whether this very line was seen to come and go. One of which only some words move is judged by the rest."""
        return _exact(line) in self.known and _slot(line) not in self.slots

    def frame(self, line: Block) -> tuple[str, ...] | None:
        """The line without its moving tokens; None when none are known to move."""
        moving = self.slots.get(_slot(line))
        if not moving:
            return None
        hidden = set(moving)
        return (line[0], *("" if i in hidden else token for i, token in enumerate(tokens(line[1]))))

    def note(self, accepted: Sequence[Change]) -> None:
        """Keep which lines changed, for `restless`."""
        alone = [_digest(accepted[0][0])] if len(accepted) == 1 else []
        self.recent = [*self.recent, alone][-RESTLESS_RUNS:]

    def without_alternating(self, accepted: Sequence[Change]) -> list[Change]:
        """The changes but for lines that take turns (A, B, A and now B again) or that come once more after they went
        three times: those are learnt. A line that names a status or a number, denies something or has a label is never
        among them."""
        if len(accepted) > FEW:
            return list(accepted)
        kept: list[Change] = []
        for place, before, after in accepted:
            lines = [(place, text) for text in (before, after) if text is not None]
            counts = place.endswith(":") or any(names_facts(text) or DENIES.search(text) for _, text in lines)
            went = [self.left.get(_exact(line), 0) for line in lines]
            if not counts and after is not None and min(went) >= (1 if before is not None else 3):
                for line in lines:
                    self.learn_variant(line)
                continue
            kept.append((place, before, after))
            if not counts and before is not None:
                self.left[_exact((place, before))] = self.left.pop(_exact((place, before)), 0) + 1
        return kept

    def restless(self, accepted: Sequence[Change]) -> bool:
        """Whether this is one lone change at a place that changed alone in each of the last runs, and it says nothing
        of the matter."""
        if len(accepted) != 1 or len(self.recent) < RESTLESS_RUNS or accepted[0][0].endswith(":"):
            return False
        place, before, after = accepted[0]
        words = f"{before or ''} {after or ''}"
        if before is None or after is None or STATUS.search(words) or SUBSTANCE.search(words):
            return False
        return all(_digest(place) in keys for keys in self.recent)


def _digest(text: str) -> str:
    return blake2s(text.encode(), digest_size=6).hexdigest()


def change_key(change: Change) -> str:
    """A change, told from every other."""
    return _digest("\0".join(part if part is not None else "\0" for part in change))


def _slot(line: Block) -> str:
    return _digest(f"{skeleton(line[0])}\0{skeleton(line[1])}")


def _exact(line: Block) -> str:
    return _digest(f"{line[0]}\0{line[1]}")
