"""`python -m training folds|cross|fit|export|words`: deal the folds, cross-validate, fit what ships, write it.

folds               deal the items of ../shared into parts, once (training/folds.txt)
cross --fold N      fit without part N, keep the probabilities of part N (training/parts)
fit                 fit on all parts
export              the fitted model as ONNX with int8 weights, in monitor/reading/prose/model
words               the weights of words: what they say out of their parts, and what ships
"""

import argparse
import dataclasses
import os
from pathlib import Path

import torch

from training import encoder, onnx_file, words
from training.folds import PARTS, part_of, read_folds, write_folds
from training.items import LABELLED, Labelled, own_items, pool_items, real_items
from training.out_of_part import FOLDER, keep_values
from training.plan import Plan

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
    parts = read_folds()
    return [item for item in texts() if part(item, parts) not in without] + own_items()


def cross(fold: int, plan: Plan, folder: Path, kept: Path) -> None:
    """Out-of-fold probabilities of one part, kept by sentence."""
    parts = read_folds()
    weights = encoder.fit(training_set({fold}), plan, folder / f"fold_{fold}")
    tested = [item for item in texts() if part(item, parts) == fold]
    keep_values(encoder.ask(weights, tested), [item.id for item in tested], LABELLED, kept / f"fold_{fold}.npz")


def count(folder: Path) -> None:
    """Fit the weights of words, without each part and to all."""
    items = training_set(set())
    counts = [words.counted(item) for item in items]
    words.crossed(items, counts, folder)
    words.ship(items, counts)


def main() -> None:
    """One of the commands."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("folds", "cross", "fit", "export", "words"))
    parser.add_argument("--fold", type=int, choices=range(PARTS), default=0)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--kept", type=Path, default=FOLDER, help="where what is said of the parts is kept")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    for field in dataclasses.fields(Plan):
        parser.add_argument("--" + field.name.replace("_", "-"), type=type(field.default), default=field.default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    plan = Plan(**{field.name: getattr(options, field.name) for field in dataclasses.fields(Plan)})
    if options.command == "folds":
        write_folds(texts())
    elif options.command == "cross":
        cross(options.fold, plan, options.cache, options.kept)
    elif options.command == "fit":
        encoder.fit(training_set(set()), plan, options.cache / "final")
    elif options.command == "words":
        count(options.kept)
    else:
        onnx_file.export(options.cache / "final", training_set(set()))


if __name__ == "__main__":
    main()
