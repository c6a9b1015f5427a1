"""Matrices in whole numbers that answer nearly as the full ones do.

States that go into a matrix are rounded with one scale a window, so that a few columns of large numbers leave the
others little: each column is first brought to the height of the others, and the matrix takes it back. The matrix is
then rounded column by column, and what one column loses the next ones make good, by how columns go together in real
windows (GPTQ, Frantar and others 2022). What is left on average goes into the bias.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from training.drawing import Drawn, Texts, padded
from training.items import Labelled
from training.network import MOST, states

Floats = NDArray[np.float32]
EVEN = 0.9
"""How far columns of states are brought to one height, at the cost of the matrix; 1 is wholly."""
DAMPED = 0.01
BLOCK = 128
FLOOR = 1e-4


@dataclass
class Seen:
    """What went into a matrix: the highest of each column, products of columns, the mean, of how many tokens."""

    highest: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    products: Floats = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    total: Floats = field(default_factory=lambda: np.zeros(0, np.float32))
    tokens: int = 0

    def add(self, x: Floats) -> None:
        """More tokens, a row each."""
        if not self.tokens:
            width = x.shape[1]
            self.highest, self.total = np.zeros(width, np.float32), np.zeros(width, np.float32)
            self.products = np.zeros((width, width), np.float32)
        self.highest = np.maximum(self.highest, np.abs(x).max(0))
        self.products += x.T @ x
        self.total += x.sum(0)
        self.tokens += len(x)


def seen_by(weights: Mapping[str, torch.Tensor], items: Sequence[Labelled]) -> dict[str, Seen]:
    """What goes into each matrix where these items are read, by the matrix's name."""
    found: dict[str, Seen] = {}
    texts = Texts(items)

    def watch(name: str, x: torch.Tensor) -> None:
        found.setdefault(name, Seen()).add(x.reshape(-1, x.shape[-1]).numpy())

    with torch.no_grad():
        for units in texts.units:
            for window in texts.windows(units):
                batch, length = padded([Drawn(window)]), len(window.ids)
                states(weights, batch.ids[:, :length], batch.mask[:, :length], watch=watch)
    return found


def evened(weight: Floats, seen: Seen) -> Floats:
    """What each column of states is divided by, and that of the matrix multiplied by."""
    height = np.maximum(seen.highest, FLOOR) ** EVEN / np.maximum(np.abs(weight).max(0), FLOOR) ** (1 - EVEN)
    found: Floats = np.clip(height / np.exp(np.log(height).mean()), 0.02, 50).astype(np.float32)
    return found


def rounded(weight: Floats, bias: Floats, seen: Seen, even: Floats) -> tuple[NDArray[np.int8], Floats, Floats]:
    """The matrix over evened columns as whole numbers, the scale of each row, and the bias."""
    full = (weight * even).astype(np.float64)
    scale = np.maximum(np.abs(full).max(1), 1e-8) / MOST
    products = seen.products / seen.tokens / even[:, None] / even[None]
    products = products.astype(np.float64) + np.eye(len(even)) * np.diag(products).mean() * DAMPED
    order = np.argsort(-np.diag(products))
    upper = np.linalg.cholesky(np.linalg.inv(products[np.ix_(order, order)])).T
    left, whole = full[:, order].copy(), np.zeros(full.shape, np.int8)
    for begin in range(0, len(order), BLOCK):
        end = min(begin + BLOCK, len(order))
        lost = np.zeros((len(full), end - begin))
        for n in range(begin, end):
            whole[:, n] = np.clip(np.round(left[:, n] / scale), -MOST, MOST)
            lost[:, n - begin] = (left[:, n] - whole[:, n] * scale) / upper[n, n]
            left[:, n + 1 : end] -= np.outer(lost[:, n - begin], upper[n, n + 1 : end])
        left[:, end:] -= lost @ upper[begin:end, end:]
    whole = whole[:, np.argsort(order)]
    off = full - whole * scale[:, None]
    return whole, scale.astype(np.float32), (bias + off @ (seen.total / seen.tokens / even)).astype(np.float32)
