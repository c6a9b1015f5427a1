"""Reader two: a small network that has learnt from labelled texts what a sentence under its title announces.

    title, sentences ──► windows of tokens, each with the title ──► states of the tokens ──► mean of each sentence
        ──► a probability for each type

Two fits that differ in chance alone lie in its one file, the lowest layer and the words in common; what is read is the
mean of the odds that they give.

Made by `make train` (`training/`, docs/model-card.md). Pure: the same text gives the same figures on one machine. Only
where prose is read is this module imported, and only where a sentence is asked about is the network loaded.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions
from tokenizers import Tokenizer

from monitor.reading.prose.told_names import PART, WHOSE

FOLDER = Path(__file__).with_name("model")
WINDOW, TITLE = 128, 48
"""Tokens of a window, and of a title at most."""
NOWHERE = (0, 0)
"""The letters of a token that stands for no word."""
QUIET = 3
"""Of the runtime's messages only errors are wanted."""


@dataclass(frozen=True, slots=True)
class Window:
    """Token ids, for each row of the answer (0 is the title) where its tokens begin and end, and which letters of its
    sentence each token is."""

    ids: list[int]
    spans: list[tuple[int, int, int]]
    letters: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the network makes of a text: the probability of each type in the title, row 0, and in each sentence below,
    and of each word, in small letters, the probability that it is part of the name of the medicine that is told of."""

    values: NDArray[np.float32]
    names: dict[str, float]

    @classmethod
    def of_nothing(cls, rows: int, types: int) -> "Heard":
        """Of so many rows, each of which says nothing."""
        return cls(np.zeros((rows, types), np.float32), {})

    def take(
        self, window: Window, units: Sequence[str], values: NDArray[np.float32], tokens: NDArray[np.float32]
    ) -> None:
        """Take what a window of these sentences gives where it is more than what is known: values by row, and the
        probability of each token."""
        for (row, begin, end), value in zip(window.spans, values, strict=False):
            self.values[row] = np.maximum(self.values[row], value)
            shares = np.zeros(len(units[row]) + 1, np.float32)
            for (first, last), share in zip(window.letters[begin:end], tokens[begin:end].tolist(), strict=True):
                shares[first:last] = share
            for word in PART.finditer(units[row]):
                name, share = WHOSE.sub("", word[0].lower()), float(shares[word.start() : word.end()].max())
                self.names[name] = max(self.names.get(name, 0.0), share)


def tokenizer_at(path: Path) -> Tokenizer:
    """A tokenizer that neither pads nor cuts."""
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def windows(tokenizer: Tokenizer, title: str, sentences: Sequence[str]) -> Iterator[Window]:
    """The title with as many sentences as there is room for, then the title with the next ones; empty ones are none."""
    start, stop = (tokenizer.encode(mark, add_special_tokens=False).ids[0] for mark in ("[CLS]", "[SEP]"))
    coded = tokenizer.encode_batch([title, *sentences], add_special_tokens=False)
    head = coded[0].ids[:TITLE] or [stop]
    first, titled = [start, *head, stop], [NOWHERE, *(coded[0].offsets[:TITLE] or [NOWHERE]), NOWHERE]
    ids, spans, letters = list(first), [(0, 1, 1 + len(head))], list(titled)
    for row, sentence in enumerate(coded[1:], 1):
        if not sentence.ids:
            continue
        cut = sentence.ids[: WINDOW - len(first) - 1]
        if len(ids) + len(cut) + 1 > WINDOW:
            yield Window([*ids, stop], spans, [*letters, NOWHERE])
            ids, spans, letters = list(first), [(0, 1, 1 + len(head))], list(titled)
        spans.append((row, len(ids), len(ids) + len(cut)))
        ids += cut
        letters += sentence.offsets[: len(cut)]
    below = len(ids) > len(first)
    yield Window([*ids, stop] if below else ids, spans, [*letters, NOWHERE] if below else letters)


class Encoder:
    """The network of a folder: `reader.onnx`, `tokenizer.json`, and `labels.json` with the types in their order."""

    def __init__(self, folder: Path = FOLDER) -> None:
        options = SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = QUIET
        self._session = InferenceSession(folder / "reader.onnx", options, providers=["CPUExecutionProvider"])
        self._tokenizer = tokenizer_at(folder / "tokenizer.json")
        self.types: tuple[str, ...] = tuple(json.loads((folder / "labels.json").read_text(encoding="utf-8"))["types"])

    def read(self, title: str, sentences: Sequence[str]) -> Heard:
        """What the title, row 0, and each sentence under that title announce, and of which medicine.

        The title is read in every window and takes its highest value. A title or sentence of more tokens than there is
        room for is read up to there; an empty sentence, one that was cut, is nothing (0).
        """
        found = Heard.of_nothing(1 + len(sentences), len(self.types))
        for window in windows(self._tokenizer, title, sentences):
            shares = np.zeros((len(window.spans), len(window.ids)), np.float32)
            for place, (_, begin, end) in enumerate(window.spans):
                shares[place, begin:end] = 1 / (end - begin)
            ids = np.array([window.ids], np.int64)
            values, tokens = self._session.run(None, {"ids": ids, "shares": shares})
            found.take(window, [title, *sentences], values, tokens)
        return found


@cache
def encoder() -> Encoder:
    """The network that ships, loaded once."""
    return Encoder()


def read(title: str, sentences: Sequence[str]) -> Heard:
    """What the network that ships reads (`Encoder.read`)."""
    return encoder().read(title, sentences)
