"""What reading prose costs: `python -m benchmarks.reading_speed`. One core, the seconds it worked, not those it waited.

Prints, beside what is asked: headlines and leads a second (our own later items), a release of 6,000 characters, loading
rules and network, and the memory that this takes; the last two in a process of their own.
"""

import json
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from monitor.reading.prose.items import Item, judged
from monitor.settings import BUNDLED_PACK
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ITEMS = Path(__file__).parent / "items"
MANY, LONG = 300, 6_000
ROUNDS = 5
"""Each release is read so often; the median counts."""
LOAD = """
import json, time, resource
def memory():
    for line in open("/proc/self/status"):
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
from pathlib import Path
from monitor.vocabulary.pack import Pack  # what every command loads
before, begun = memory(), time.process_time()
from monitor.reading.prose.items import Item, judged
judged(Item("x", "news", "FDA approves varexin", "The FDA approved varexin today for asthma."))
print(json.dumps([time.process_time() - begun, memory() - before]))
"""


def rows(name: str) -> Iterator[dict[str, Any]]:
    """The items of a file that are no differences of records or pages."""
    for line in (ITEMS / name).read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["source_kind"] not in ("registry_diff", "page_diff"):
            yield row


def item_of(row: dict[str, Any], text: str) -> Item:
    """The item of a row with this text."""
    return Item(row["id"], row["source_kind"], row["title"], text, row.get("published"))


def seconds(item: Item, therapies: Therapies) -> float:
    """How long one reading worked."""
    begun = time.process_time()
    judged(item, therapies)
    return time.process_time() - begun


def main() -> None:
    """Print the figures."""
    raw = tomllib.loads(BUNDLED_PACK.read_text(encoding="utf-8")) | {"watches": []}
    therapies = Therapies(Pack.model_validate(raw))
    short = [item_of(row, row.get("text") or "") for row in list(rows("later.jsonl"))[:MANY]]
    for item in short:  # the rules that they meet are compiled then: the last figure says what a first reading costs
        seconds(item, therapies)
    spent = sum(seconds(item, therapies) for item in short)
    print(f"headlines and leads: {len(short) / spent:.0f} items/s (asked: 80)")
    releases = [row for row in rows("hand_c.jsonl") if len(row["text"]) > LONG / 2]
    long = [item_of(row, (row["text"] + "\n\n" + row["text"])[:LONG]) for row in releases]
    found = [statistics.median(seconds(item, therapies) for _ in range(ROUNDS)) for item in long[:: len(long) // 12]]
    print(f"releases of {LONG} characters: median {1000 * statistics.median(found):.0f} ms, "
          f"slowest {1000 * max(found):.0f} ms (asked: 150)")  # fmt: skip
    child = subprocess.run([sys.executable, "-c", LOAD], capture_output=True, text=True, check=True)
    load, memory = json.loads(child.stdout)
    print(f"loading with the first reading: {load:.2f} s (asked: 1), {memory:.0f} MB more memory (asked: 150)")


if __name__ == "__main__":
    main()
