"""Figures of readings that have a probability: F1, calibration, a reliability plot."""

from pathlib import Path

import numpy as np

from training.judge import Flags, Floats

ANSWER = 0.5
"""From here a reading is the reader's answer."""
BINS = 10


def f1(p: Floats, right: Flags, counts: Flags, wanted: int, least: float = ANSWER) -> str:
    """Micro-F1 of the readings above a probability, with precision and recall."""
    got = (p >= least) & counts
    hits = int((got & right).sum())
    return f"{2 * hits / (got.sum() + wanted):.3f} (P {hits / max(got.sum(), 1):.3f} R {hits / wanted:.3f})"


def calibration(p: Floats, right: Flags) -> tuple[float, float]:
    """Expected calibration error over ten bins, and the area under the curve."""
    error = 0.0
    for n in range(BINS):
        some = (p >= n / BINS) & ((p < (n + 1) / BINS) | (n == BINS - 1))
        if some.any():
            error += abs(p[some].sum() - right[some].sum()) / len(p)
    yes, no = p[right], p[~right]
    above = np.searchsorted(np.sort(no), yes, "left") + np.searchsorted(np.sort(no), yes, "right")
    return error, float(above.sum() / 2 / len(yes) / len(no))


def plot(p: Floats, right: Flags, path: Path) -> None:
    """A reliability plot: of readings at each probability, how many are right."""
    dots = []
    for n in range(BINS):
        some = (p >= n / BINS) & ((p < (n + 1) / BINS) | (n == BINS - 1))
        if some.any():
            x, y, size = 40 + 300 * p[some].mean(), 340 - 300 * right[some].mean(), 3 + np.sqrt(some.sum()) / 4
            note = f"stated {p[some].mean():.2f}, right {right[some].mean():.2f}, {some.sum()} readings"
            dots.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}"><title>{note}</title></circle>')
    frame = '<rect x="40" y="40" width="300" height="300" fill="none" stroke="#888"/>'
    line = '<line x1="40" y1="340" x2="340" y2="40" stroke="#888" stroke-dasharray="4"/>'
    words = '<text x="120" y="370">stated probability</text><text x="40" y="30">share that is right</text>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" width="380" height="390" font-family="sans-serif" font-size="13">'
    path.write_text("\n".join([head, frame, line, *dots, words, "</svg>", ""]), encoding="utf-8")
