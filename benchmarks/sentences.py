"""Whether the encoder's values stand at the right sentence and of the right one of two opposites.

`python -m benchmarks.sentences [--model FOLDER]` asks it about `benchmarks/items/sentences.jsonl`, our own lines that
are never fitted on. `place` is the number of the sentence that tells the news (0: the title alone, the others say
nothing); `opposite` is the type that a title must not be taken for.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from monitor.reading.prose.encoder import FOLDER, Encoder

FILE = Path(__file__).parent / "items" / "sentences.jsonl"
SAID = 0.4
"""A value above this is taken for a reading."""


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", type=Path, default=FOLDER)
    encoder = Encoder(parser.parse_args().model)
    place = {name: n for n, name in enumerate(encoder.types)}
    titles, nothing, right, told, pairs = [], [], [], [], []
    for text in FILE.read_text(encoding="utf-8").splitlines():
        row = json.loads(text)
        found = encoder.read(row["title"], row["sentences"]).values
        values = found[:, place[row["type"]]]
        if "opposite" in row:
            pairs.append((row["title"], float(values[0]), float(found[0, place[row["opposite"]]])))
        elif row["place"] == 0:
            titles.append(values[0])
            nothing += list(found[1:].max(1))
        else:
            right.append(values[1:].argmax() + 1 == row["place"])
            told.append(values[row["place"]])
    quiet = np.array(nothing)
    print(f"titles with news: {len(titles)}, mean value {np.mean(titles):.2f}")
    print(f"sentences under them that say nothing: {len(quiet)}, mean {quiet.mean():.3f}, highest {quiet.max():.2f}")
    print(f"texts with the news in one sentence: {len(right)}, highest there in {sum(right)}, at {np.mean(told):.2f}")
    good = [yes > SAID > no for _, yes, no in pairs]
    print(f"titles with an opposite: {len(pairs)}, right {sum(good)}")
    for (title, yes, no), fine in zip(pairs, good, strict=True):
        if not fine:
            print(f"    {yes:.2f} against {no:.2f}  {title}")


if __name__ == "__main__":
    main()
