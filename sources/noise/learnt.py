"""What a watch has learnt of the noise of its page: lines that come and go, words that move, places that churn."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2s
from typing import Any

from sources.noise.lines import Block, Change
from sources.noise.page_talk import DENIES, STATUS, SUBSTANCE, names_facts, skeleton, tokens

RESTLESS_RUNS = 3
FEW = 3  # changes of one run; where more moves at once, a part of the page was away
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
        )

    def written(self) -> dict[str, Any]:
        """As JSON, the oldest entries beyond the cap left out."""
        return {
            "runs": min(self.runs, 1000),
            "slots": dict(list(self.slots.items())[-MOST_LEARNT:]),
            "variants": dict(list(self.variants.items())[-MOST_LEARNT:]),
            "places": dict(list(self.places.items())[-MOST_LEARNT:]),
            "recent": self.recent[-RESTLESS_RUNS:],
            **({"left": dict(list(self.left.items())[-MOST_LEARNT:])} if self.left else {}),
            **({"waiting": self.put_by} if self.put_by else {}),
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

    def learn_place(self, place: str) -> None:
        """Lines come and go at this place."""
        self.places[_digest(place)] = 1

    def churns(self, place: str) -> bool:
        """Whether lines come and go at this place."""
        return _digest(place) in self.places

    def explains(self, line: Block) -> bool:
        """Whether this very line was seen to come and go. One of which only some words move is judged by the rest."""
        return _exact(line) in self.variants and _slot(line) not in self.slots

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
