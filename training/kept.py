"""What a fit keeps on its way, and what that was fitted to: a fit that was killed goes on, another one begins anew."""

import dataclasses
import hashlib
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from training.items import LABELLED, Labelled
from training.plan import Plan
from training.taught import taught

MARK, FIRST, MODEL = "fitted_to.txt", "first.safetensors", "model.safetensors"
ROUNDS = ("first", "second")


def mark_of(items: Sequence[Labelled], units: Sequence[Sequence[str]], words: Sequence[int], plan: Plan) -> str:
    """One line for the numbers of a fit and all that it learns from: sentences as they are cut today, the words that
    are known, labels, and what other readers say."""
    found = hashlib.sha256(json.dumps([dataclasses.asdict(plan), LABELLED, list(words)]).encode())
    said = taught()
    for item, some in zip(items, units, strict=True):
        told = [
            sorted(item.types),
            sorted(item.accept),
            item.drugs,
            item.origin,
            item.sample,
            item.sure,
            said.get(item.id),
        ]
        found.update(json.dumps([item.id, list(some), told]).encode())
    return found.hexdigest()


def prepare(folder: Path, marks: Sequence[str]) -> bool:
    """Make the folder ready for a fit of two rounds; whether one of the same marks has begun there. What another has
    left goes; where only the second round learns from other things, that round alone."""
    kept = folder / MARK
    before = kept.read_text(encoding="ascii").split() if kept.exists() else []
    if before == list(marks):
        return True
    same_first = before[:1] == list(marks[:1])
    for name in ROUNDS[same_first:]:
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (FIRST, MODEL)[same_first:]:
        (folder / name).unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    kept.write_text("\n".join(marks) + "\n", encoding="ascii")
    return same_first
