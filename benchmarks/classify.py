"""Measure the reading of prose on labelled items: `python -m benchmarks.classify [FILE …] [--errors]`.

Prints micro-F1 by type and by type with drug, a table by type, false alerts on items without events by level,
items a second, and how often readings of high, middle and low confidence are right.
"""

import argparse
import json
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.reading.prose.classified import classify_line
from monitor.vocabulary.claims import HIGH, MIDDLE
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from training.items import same_drug

ROOT = Path(__file__).resolve().parent.parent
DEFAULT = ROOT.parent / "shared" / "events" / "dev.jsonl"
Event = Mapping[str, Any]


@dataclass
class Score:
    """Counts over a set of items."""

    hits: Counter[str] = field(default_factory=Counter)
    full: Counter[str] = field(default_factory=Counter)
    expected: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    polarity: int = 0
    negatives: int = 0
    alerts: Counter[str] = field(default_factory=Counter)
    bands: dict[str, list[int]] = field(default_factory=lambda: {"high": [0, 0], "middle": [0, 0], "low": [0, 0]})
    errors: list[str] = field(default_factory=list)

    def f1(self, hits: Counter[str]) -> float:
        """Micro-F1 of these hits."""
        total = self.expected.total() + self.found.total()
        return 2 * hits.total() / total if total else 1.0


def band(confidence: float) -> str:
    """The band of a confidence, by the thresholds at which readings are released or looked at."""
    return "high" if confidence >= HIGH else "middle" if confidence >= MIDDLE else "low"


def judge(item: Mapping[str, Any], events: Iterable[Event], score: Score) -> None:
    """Add one item to the score."""
    left = list(item["expected"])
    accept = set(item.get("accept") or ())
    if not left:
        score.negatives += 1
    wrong = []
    for one in left:
        score.expected[one["type"]] += 1
    for event in events:
        same = [e for e in left if e["type"] == event["type"]]
        match = next((e for e in same if same_drug(e.get("drug"), event["drug"])), same[0] if same else None)
        if match is None and event["type"] in accept:
            continue
        score.found[event["type"]] += 1
        right = match is not None and same_drug(match.get("drug"), event["drug"])
        score.bands[band(event["confidence"])][0] += right
        score.bands[band(event["confidence"])][1] += 1
        if match is None:
            wrong.append(event)
            continue
        left.remove(match)
        score.hits[event["type"]] += 1
        score.full[event["type"]] += right
        score.polarity += match.get("polarity") == event["polarity"]
        if not right:
            wrong.append(event)
    if not item["expected"] and wrong:
        score.alerts[
            max((TYPES[e["type"]].level for e in wrong), key=["info", "minor", "major", "critical"].index)
        ] += 1
    if left or wrong:
        told = ", ".join(f"{e['type']}/{e['drug']} ({e['rule']}, {e['confidence']})" for e in wrong) or "-"
        missed = ", ".join(f"{e['type']}/{e.get('drug', '')}" for e in left) or "-"
        score.errors.append(f"{item['id']}  {item['title']} || {item['text']}\n    missed: {missed}   wrong: {told}")


def pack_of(path: Path) -> Pack:
    """The pack in a file, without its sources."""
    return Pack.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def report(score: Score, seconds: float, items: int) -> None:
    """Print the figures."""
    print(f"items {items}, {items / seconds:.0f} a second")
    print(f"type       micro-F1 {score.f1(score.hits):.3f}")
    print(f"type+drug  micro-F1 {score.f1(score.full):.3f}")
    if hits := score.hits.total():
        print(f"polarity right in {score.polarity / hits:.3f} of the hits")
    alerts = ", ".join(f"{level} {score.alerts[level]}" for level in ("critical", "major", "minor", "info"))
    print(f"false alerts on {score.negatives} items without events: {score.alerts.total()} ({alerts})")
    for name, (right, all_) in score.bands.items():
        print(f"confidence {name:6}: {right}/{all_} right" + (f" = {right / all_:.3f}" if all_ else ""))
    print(f"{'type':28} {'expected':>8} {'found':>6} {'hits':>5} {'+drug':>6}")
    for type_ in sorted({*score.expected, *score.found}):
        row = (score.expected[type_], score.found[type_], score.hits[type_], score.full[type_])
        print(f"{type_:28} {row[0]:8} {row[1]:6} {row[2]:5} {row[3]:6}")


def main() -> None:
    """Read the items, classify them, print the report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, default=[DEFAULT])
    parser.add_argument("--pack", type=Path, default=ROOT / "monitor" / "packs" / "als.toml")
    parser.add_argument("--errors", action="store_true", help="list the items that went wrong")
    options = parser.parse_args()
    therapies = Therapies(pack_of(options.pack))
    lines = [line for path in options.files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    items = [json.loads(line) for line in lines]
    begun = time.perf_counter()
    answers = [[e for e in classify_line(item, therapies)["events"] if e["confidence"] >= MIDDLE] for item in items]
    seconds = time.perf_counter() - begun
    score = Score()
    for item, events in zip(items, answers, strict=True):
        judge(item, events, score)
    report(score, seconds, len(items))
    if options.errors:
        print("\n" + "\n".join(score.errors))


if __name__ == "__main__":
    main()
