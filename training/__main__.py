"""`python -m training COMMAND`: deal the folds, cross-validate, fit what ships, write it.

folds               deal the items of ../shared into parts, once (training/folds.txt)
vocabulary          the words that the encoders know (monitor/reading/prose/model/tokenizer.json)
cross --fold N      fit without part N, keep the probabilities of part N (training/parts)
fit                 fit on all parts
export              the fitted model as ONNX with int8 weights, in monitor/reading/prose/model
teach --from FOLDER what fits without a part made of it (`cross --kept`), for later fits to learn from
words               the weights of words: what they say out of their parts, and what ships
"""

import argparse
import dataclasses
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import torch

from monitor.reading.prose.clean import cleaned
from training import encoder, onnx_file, taught, vocabulary, words
from training.folds import PARTS, part_of, read_folds, write_folds
from training.items import (
    LABELLED,
    Labelled,
    elsewhere_items,
    learnt_by,
    own_items,
    phrasing_items,
    pool_items,
    real_items,
)
from training.network import Weights
from training.out_of_part import FOLDER, Kept, keep_values
from training.plan import SEEDS, Plan

CACHE = Path(os.environ.get("THERAWATCH_TRAINING", Path.home() / ".cache" / "therawatch" / "training"))
"""Where fits are kept, and go on where they were killed: some hundred megabytes each."""


def texts() -> list[Labelled]:
    """Real texts and those of the pool; says aloud where there are none."""
    found = [*real_items(), *pool_items()]
    if not found:
        print(
            "the texts of ../shared/events are not here: own items alone, which reads the world about as the rules do"
        )
    return found


def part(item: Labelled, parts: dict[str, int]) -> int:
    """The frozen part of an item; of one labelled since, by its hash."""
    return parts.get(item.id, part_of(item.id))


def training_set(without: set[int]) -> list[Labelled]:
    """The items of all parts but these, and our own."""
    return apart(texts(), without) + own_items()


def gathered(without: set[int]) -> list[Labelled]:
    """The texts from elsewhere of all parts but these; says aloud where there are none."""
    found = elsewhere_items()
    if not found:
        print("the texts from elsewhere are not here: what ships has learnt from them too (docs/model-card.md)")
    return apart(found, without)


def apart(items: Iterable[Labelled], without: set[int]) -> list[Labelled]:
    """Those of all parts but these."""
    parts = read_folds()
    return [item for item in items if part(item, parts) not in without]


def fits(without: set[int], plan: Plan, seeds: Sequence[int], folder: Path) -> list[Weights]:
    """Weights fitted to the items of all parts but these, for each seed."""
    items, more = training_set(without), gathered(without)
    return [
        encoder.fit(*learnt_by(seed, items, more), dataclasses.replace(plan, seed=seed), folder / f"seed_{seed}")
        for seed in seeds
    ]


def cross(fold: int, made: Sequence[Weights], kept: Path) -> None:
    """Out-of-fold probabilities of one part, by the mean of the odds that fits give, kept by sentence."""
    tested = apart([*texts(), *elsewhere_items()], set(range(PARTS)) - {fold})
    said = [encoder.ask(weights, tested) for weights in made]
    rows = [Kept.of(encoder.together(some)) for some in zip(*said, strict=True)]
    keep_values(rows, [item.id for item in tested], LABELLED, kept / f"fold_{fold}.npz")


def count(folder: Path) -> None:
    """Fit the weights of words, without each part and to all."""
    items = training_set(set()) + phrasing_items() + gathered(set())
    counts = [words.counted(item) for item in items]
    words.crossed(items, counts, folder)
    words.ship(items, counts)


def main() -> None:
    """One of the commands."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("folds", "vocabulary", "cross", "fit", "export", "teach", "words"))
    parser.add_argument("--fold", type=int, choices=range(PARTS), default=0)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--kept", type=Path, default=FOLDER, help="where what is said of the parts is kept")
    parser.add_argument("--from", type=Path, nargs="+", default=[FOLDER], dest="of", help="what was kept of the parts")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="of the fits, one beside another")
    numbers = [field for field in dataclasses.fields(Plan) if field.name != "seed"]
    for field in numbers:
        parser.add_argument("--" + field.name.replace("_", "-"), type=type(field.default), default=field.default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    plan = Plan(**{field.name: getattr(options, field.name) for field in numbers})
    if options.command == "folds":
        write_folds([*texts(), *elsewhere_items()])
    elif options.command == "vocabulary":
        vocabulary.write(unit for item in training_set(set()) for unit in cleaned(item.title, item.text).units)
    elif options.command == "cross":
        made = fits({options.fold}, plan, options.seeds, options.cache / f"fold_{options.fold}")
        cross(options.fold, made, options.kept)
    elif options.command == "fit":
        fits(set(), plan, options.seeds, options.cache / "final")
    elif options.command == "teach":
        taught.write(options.of)
    elif options.command == "words":
        count(options.kept)
    else:
        onnx_file.export([options.cache / "final" / f"seed_{seed}" for seed in options.seeds], training_set(set()))


if __name__ == "__main__":
    main()
