"""All benchmarks of `make bench`, one after the other, with what each measures.

    python benchmarks/run.py [--quick]

`--quick` makes the page campaigns small. Those that need the reference material beside the checkout say so and are
left out where it is missing.
"""

import argparse
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHARED = HERE.parent.parent / "shared"

BENCHMARKS: tuple[tuple[str, list[str], bool, list[str]], ...] = (
    ("CPU of an unchanged check, beside a bare loop", ["checks.py"], False, []),
    ("Beside urlwatch, webchanges and changedetection.io", ["peers.py", "--pages", "200"], False, ["--pages", "50"]),
    ("Many hosts that answer late, at their pace", ["many_hosts.py"], False, ["--pages", "300", "--hosts", "60"]),
    ("Cost of a check among 1,000 and 10,000 watches", ["flat.py"], False, ["--due", "100"]),
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
)
"""Title, script, whether it needs ../shared, and what makes it quick."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true")
    quick = parser.parse_args().quick
    failed = 0
    for title, script, needs_shared, small in BENCHMARKS:
        print(f"\n== {title} ({script[0]})", flush=True)
        if needs_shared and not SHARED.is_dir():
            print("left out: the reference material ../shared is not beside this checkout")
            continue
        command = [sys.executable, str(HERE / script[0]), *script[1:], *(small if quick else [])]
        failed += subprocess.run(command, check=False).returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
