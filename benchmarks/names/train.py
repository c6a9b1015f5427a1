"""Learn what drug names look like: `python -m benchmarks.names.train` writes monitor/reading/prose/trigrams.json.

A naive Bayes model of letter trigrams: public substance names against ordinary English, which is taken from the
docstrings of the standard library and from the open labelled items (their drugs left out). Deterministic.
"""

import json
import math
import pkgutil
import re
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "monitor" / "reading" / "prose" / "trigrams.json"
FEWEST = 0.35
"""Weights nearer to zero than this are left out."""


def trigrams(word: str) -> list[str]:
    """The letter trigrams of a word, with its edges."""
    framed = f"^{word.lower()}$"
    return [framed[i : i + 3] for i in range(len(framed) - 2)]


def english() -> set[str]:
    """Ordinary words of seven letters or more."""
    text = []
    folder = Path(str(sys.modules["json"].__file__)).parent.parent
    for module in sorted(pkgutil.iter_modules([str(folder)]), key=lambda m: m.name):
        path = folder / f"{module.name}.py"
        if path.is_file():
            text += re.findall(r'"""(.*?)"""', path.read_text(encoding="utf-8", errors="replace"), re.S)
    words = {w.lower() for w in re.findall(r"(?<![\w.])[A-Za-z][a-z]{6,}(?![\w.])", " ".join(text))}
    for line in (ROOT / "benchmarks" / "items" / "open.jsonl").read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        drugs = {w.lower() for e in item["expected"] for w in re.findall(r"\w+", e.get("drug") or "")}
        told = {w.lower() for w in re.findall(r"[a-z]{7,}", f"{item['title']} {item['text']}")}
        words |= {w for w in told if w not in drugs}
    return words


def main() -> None:
    """Train and write."""
    names = set((HERE / "substances.txt").read_text(encoding="utf-8").split())
    plain = english() - names
    good, bad = Counter(t for w in names for t in trigrams(w)), Counter(t for w in plain for t in trigrams(w))
    size = len(good.keys() | bad.keys())
    weights = {
        t: math.log((good[t] + 0.5) / (good.total() + 0.5 * size))
        - math.log((bad[t] + 0.5) / (bad.total() + 0.5 * size))
        for t in good.keys() | bad.keys()
    }
    kept = {t: round(w, 2) for t, w in sorted(weights.items()) if abs(w) >= FEWEST}
    TARGET.write_text(json.dumps(kept, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{len(names)} names, {len(plain)} words, {len(kept)} trigrams kept")


if __name__ == "__main__":
    main()
