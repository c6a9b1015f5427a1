"""All benchmarks of `make bench`, one after the other, the longest last, with what each measures.

    python benchmarks/run.py [--quick] [--minutes 15] [--hours 2]

`--quick` makes the page campaigns small. None takes longer than the minutes, and all together no longer than the hours:
what would is ended, says so below the figures that it had by then, and counts as failed. Those that need the reference
material beside the checkout say so and are left out where it is missing. The last lines say how each ended.
"""

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"

BENCHMARKS: tuple[tuple[str, list[str], bool, list[str]], ...] = (
    ("CPU of an unchanged check, beside a bare loop", ["checks.py"], False, ["--pages", "200"]),
    ("Many hosts that answer late, at their pace", ["many_hosts.py"], False, ["--pages", "300", "--hosts", "60"]),
    ("Cost of a check among 1,000 and 10,000 watches", ["flat.py"], False, ["--due", "100"]),
    ("Cost of a check of a page of 500 versions", ["versions.py", "--pages", "1"], False, ["--versions", "60"]),
    ("Memory with 100 and 10,000 registers", ["memory.py"], False, []),
    (
        "Forgetting and deriving again, over a long log",
        ["upkeep.py"],
        False,
        ["--bodies", "5000", "--attempts", "20000", "--versions", "15"],
    ),
    ("Starting, answering and telling", ["answers.py"], False, ["--events", "2000", "--readers", "500"]),
    ("Replay of recordings: true, found, missed, false", ["replay.py"], True, []),
    ("Pages that move by themselves", ["pages.py"], False, ["-n", "200", "--rounds", "6"]),
    ("Reading prose", ["classify.py"], True, []),
    ("The interface against its description", ["interface.py"], False, ["--examples", "20"]),
    (
        "Pages and searches on a log of many years",
        ["looking.py"],
        False,
        ["--events", "10000", "--changes", "100000", "--rounds", "10"],
    ),
    ("Beside urlwatch, webchanges and changedetection.io", ["peers.py", "--pages", "1000"], False, ["--pages", "50"]),
)
"""Title, script, whether it needs ../shared, and what makes it quick."""


def ran(command: list[str], seconds: float) -> str:
    """How a benchmark ended, nothing where it ended well; with it end the servers that it started. What it prints is
    there at once, so that nothing is lost of one that is ended."""
    if seconds <= 0:
        return "not begun: the time for all is over"
    process = subprocess.Popen(command, start_new_session=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        status = process.wait(timeout=seconds)
        return f"failed with status {status}" if status else ""
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"ended after {seconds / 60:.1f} minutes: its last figures are missing"
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--minutes", type=float, default=15, help="the most that one may take")
    parser.add_argument("--hours", type=float, default=2, help="the most that all may take")
    asked = parser.parse_args()
    begun, ends = time.monotonic(), {}
    for title, script, needs_shared, small in BENCHMARKS:
        print(f"\n== {title} ({script[0]})", flush=True)
        if needs_shared and not SHARED.is_dir():
            ends[title] = "left out: the reference material ../shared is not beside this checkout"
        else:
            command = [sys.executable, str(HERE / script[0]), *script[1:], *(small if asked.quick else [])]
            left = asked.hours * 3600 - (time.monotonic() - begun)
            ends[title] = ran(command, min(asked.minutes * 60, left))
        if ends[title]:
            print(ends[title], flush=True)
    print(f"\n== {(time.monotonic() - begun) / 60:.0f} minutes in all")
    for title, how in ends.items():
        print(f"{title}: {how or 'done'}")
    return 1 if any(how and not how.startswith("left out") for how in ends.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
