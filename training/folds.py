"""Which texts are tested together: one piece of news never stands on both sides.

Texts belong together that name the same drug, else that tell the same in nearly the same words, else that are of the
same month. The groups are dealt once into five parts; `folds.txt` keeps that, so that mended labels or names move
nothing. All five are trained on and cross-validated; the hold-out is a file of its own
(`benchmarks/labels/holdout.jsonl`) and has no part.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from training.items import Labelled

PARTS = 5
FILE = Path(__file__).with_name("folds.txt")

WORD = re.compile(r"[a-z0-9][a-z0-9'-]+")
COMMON = 0.02
"""A word in more of the titles than this says nothing about which news it is."""
ALIKE = 0.5
"""Two titles with this share of their words in common tell the same."""


def known_drugs(items: Iterable[Labelled]) -> set[str]:
    """The names that labels give drugs, without the plain words among them ("vaccine", "gene therapy")."""
    names = Counter(name.lower().strip() for item in items for name in item.drugs)
    text = Counter(word for item in items for word in set(WORD.findall(item.title.lower())))
    return {name for name in names if len(name) > 3 and " " not in name and text[name] <= 3 * names[name] + 5}


def drug_of(item: Labelled, known: set[str]) -> str | None:
    """The drug a text is filed under: the first labelled one, else the first known name in it."""
    for name in item.drugs:
        found = [word for word in WORD.findall(name.lower()) if word in known]
        if found or len(name) > 3:
            return found[0] if found else name.lower()
    return next((word for word in WORD.findall(f"{item.title} {item.text}".lower()) if word in known), None)


def groups(items: Sequence[Labelled]) -> list[str]:
    """The name of each item's group."""
    known = known_drugs(items)
    keys = []
    for item in items:
        drug = drug_of(item, known)
        keys.append(f"drug {drug}" if drug else f"month {item.published[:7]}" if item.published else f"item {item.id}")
    parent = {key: key for key in keys}

    def root(key: str) -> str:
        while parent[key] != key:
            key = parent[key]
        return key

    for one, other in alike([item.title for item in items]):
        # A drug is a firmer sign than a likeness: two drugs under like titles are two pieces of news.
        a, b = root(keys[one]), root(keys[other])
        if a != b and not (a.startswith("drug") and b.startswith("drug")):
            low, high = sorted((one, other), key=lambda n: not keys[n].startswith("drug"))
            keys[high] = keys[low]
    return [root(key) for key in keys]


def alike(titles: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of titles that tell the same, found by their rarer words."""
    words = [set(WORD.findall(title.lower())) for title in titles]
    counts = Counter(word for some in words for word in some)
    limit = max(COMMON * len(titles), 5)
    places: dict[str, list[int]] = {}
    pairs = set()
    for number, some in enumerate(words):
        near = Counter(n for word in some if counts[word] <= limit for n in places.get(word, ()))
        for other, shared in near.items():
            if shared > 1 and len(some & words[other]) >= ALIKE * len(some | words[other]):
                pairs.add((other, number))
        for word in some:
            if counts[word] <= limit:
                places.setdefault(word, []).append(number)
    return sorted(pairs)


def dealt(items: Sequence[Labelled], given: Mapping[str, int] | None = None) -> dict[str, int]:
    """Each item's part: the groups one by one, the largest first, where parts stay most alike in size and types.

    Items with a `given` part keep it; what belongs to them goes where most of them are.
    """
    found, given = groups(items), given or {}
    members: dict[str, list[Labelled]] = {}
    for item, group in zip(items, found, strict=True):
        members.setdefault(group, []).append(item)
    contents = {group: Counter(sign for item in some for sign in signs(item)) for group, some in members.items()}
    total = Counter(sign for content in contents.values() for sign in content.elements())
    filled: list[Counter[str]] = [Counter() for _ in range(PARTS)]
    parts: dict[str, int] = {}
    for group in sorted(members, key=lambda group: (-len(members[group]), hashlib.sha256(group.encode()).hexdigest())):
        known = Counter(given[item.id] for item in members[group] if item.id in given)
        least = min(range(PARTS), key=lambda n: sum(filled[n][s] * k / total[s] for s, k in contents[group].items()))
        part = max(known, key=known.__getitem__) if known else least
        filled[part] += contents[group]
        parts |= {item.id: given.get(item.id, part) for item in members[group]}
    return parts


def signs(item: Labelled) -> list[str]:
    """What shall be spread evenly: items, items with news, each type."""
    return [item.origin, *(["news"] if item.types else []), *item.types]


def read_folds(path: Path = FILE) -> dict[str, int]:
    """The frozen parts by id."""
    return {
        id_: int(part)
        for part, line in (row.split(" ", 1) for row in path.read_text(encoding="ascii").splitlines())
        for id_ in line.split()
    }


def write_folds(items: Sequence[Labelled], path: Path = FILE) -> None:
    """Deal the items once; items that already have a part keep it."""
    parts = dealt(items, read_folds(path) if path.exists() else None)
    lines = []
    for part in range(PARTS):
        ids = sorted(id_ for id_, own in parts.items() if own == part)
        lines += [f"{part} {' '.join(ids[n : n + 9])}" for n in range(0, len(ids), 9)]
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def part_of(id_: str) -> int:
    """The part of a text that was labelled after the parts were dealt: by its hash."""
    return int(hashlib.sha256(f"therawatch {id_}".encode()).hexdigest()[:8], 16) % PARTS
