"""The weights of words (`monitor/reading/prose/word_counts.py`), fitted to labelled texts: logistic regressions.

Each text is asked of a fit that has not seen its part; our own sentences are dealt into parts by their ids here. One
fit takes some seconds, and the best weights are the same whatever the seed.
"""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.two_readers import views_of
from monitor.reading.prose.word_counts import ANY, BUCKETS, FILE, Counts, counts_of, weighed
from training.folds import PARTS, part_of, read_folds
from training.items import Labelled
from training.out_of_part import keep_odds

FEWEST = 15
"""A type with fewer real items has taught words nothing."""
LOOSE = 4.0
"""How loosely weights are held to zero."""
LIGHT = 0.5
"""What our own sentences count beside real texts."""
ROUNDS, MOST, LEAST = 200, 127, 3
"""Steps of a fit; the highest weight in whole numbers, and the least that is kept, for the file must be small."""
Floats = NDArray[np.float32]


def counted(item: Labelled) -> Counts:
    """The words of an item, as the reader would count them."""
    views = views_of(cleaned(item.title, item.text), None, None, values=None)
    return counts_of(views.units, views.drugs)


def columns(items: Sequence[Labelled]) -> tuple[str, ...]:
    """Any news, and the types of which there are enough."""
    met = Counter(name for item in items if item.origin != "own" for name in item.types)
    met = met or Counter(name for item in items for name in item.types)
    return (ANY, *sorted(name for name, count in met.items() if count >= FEWEST))


def aims(items: Sequence[Labelled], types: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """What is so by item and type, and what it counts; tolerated types count nothing."""
    yes, weight = torch.zeros(len(items), len(types)), torch.ones(len(items), len(types))
    for n, item in enumerate(items):
        yes[n] = torch.tensor([float(name in item.types or (name == ANY and bool(item.types))) for name in types])
        weight[n] = torch.tensor([float(name not in item.accept) for name in types])
        if item.origin == "own":
            weight[n] *= LIGHT
    return yes, weight


def rarity_of(counts: Sequence[Counts]) -> Floats:
    """How rare the words of each bucket are; of buckets met once or twice nothing is learnt."""
    met = np.bincount([bucket for buckets, _ in counts for bucket in buckets], minlength=BUCKETS)
    found = np.log((1 + len(counts)) / (1 + met)) + 1
    return np.where(met > 2, found, 0).astype(np.float32)


def matrix(counts: Sequence[Counts], rarity: Floats) -> tuple[torch.Tensor, torch.Tensor]:
    """The texts by bucket, and the same turned."""
    rows = np.repeat(np.arange(len(counts)), [len(buckets) for buckets, _ in counts])
    places = np.array([bucket for buckets, _ in counts for bucket in buckets])
    values = torch.tensor(np.concatenate([weighed(some, rarity) for some in counts]))
    size = (len(counts), BUCKETS)
    there = torch.sparse_coo_tensor(torch.tensor(np.stack([rows, places])), values, size).coalesce()
    return there.to_sparse_csr(), there.t().coalesce().to_sparse_csr()


def fit(items: Sequence[Labelled], counts: Sequence[Counts], types: Sequence[str]) -> tuple[Floats, Floats, Floats]:
    """Rarity by bucket, weights by bucket and type, and each type's own odds."""
    rarity = rarity_of(counts)
    there, turned = matrix(counts, rarity)
    yes, weight = aims(items, types)
    both = torch.zeros(BUCKETS + 1, len(types), requires_grad=True)
    steps: Any = torch.optim.LBFGS(  # whose step has no types
        [both], max_iter=ROUNDS, history_size=10, tolerance_grad=1e-2, line_search_fn="strong_wolfe"
    )

    def loss() -> torch.Tensor:
        with torch.no_grad():
            odds = there @ both[:-1] + both[-1]
            off = weight * (torch.sigmoid(odds) - yes)
            both.grad = torch.cat([turned @ off + both[:-1] / LOOSE, off.sum(0, keepdim=True)])
            miss = (weight * (torch.nn.functional.softplus(odds) - yes * odds)).sum()
            return miss + (both[:-1] ** 2).sum() / (2 * LOOSE)

    steps.step(loss)
    found = both.detach().numpy()
    return rarity, found[:-1], found[-1]


def crossed(items: Sequence[Labelled], counts: Sequence[Counts], folder: Path) -> None:
    """What fits without each part say of it, kept as `folder/words_N.npz`."""
    types, frozen = columns(items), read_folds()
    parts = [frozen.get(item.id, part_of(item.id)) for item in items]
    for part in range(PARTS):
        apart, here = ([n for n, own in enumerate(parts) if (own == part) is wanted] for wanted in (False, True))
        rarity, weights, base = fit([items[n] for n in apart], [counts[n] for n in apart], types)
        odds = np.array([np.dot(weighed(counts[n], rarity), weights[counts[n][0]]) + base for n in here], np.float32)
        keep_odds(odds, [items[n].id for n in here], types, folder / f"words_{part}.npz")
        print(f"words without part {part}: {len(apart)} texts, {len(types)} columns", flush=True)


def ship(items: Sequence[Labelled], counts: Sequence[Counts], path: Path = FILE) -> None:
    """Write what ships, fitted to all."""
    types = columns(items)
    rarity, weights, base = fit(items, counts, types)
    scale = np.maximum(np.abs(weights).max(0), 1e-8) / MOST
    whole = np.round(weights / scale).astype(np.int8)
    whole[np.abs(whole) < LEAST] = 0
    np.savez_compressed(
        path,
        types=np.array(types),
        rarity=rarity.astype(np.float16),
        whole=whole,
        scale=scale.astype(np.float32),
        base=base.astype(np.float32),
    )
    print(f"{path.name}: {path.stat().st_size / 1e6:.2f} MB, {len(types)} columns", flush=True)
