"""The table of sources in the README, from what each source says of itself.

python -m benchmarks.source_table [--write]
"""

import argparse
import sys
from pathlib import Path

import sources
from sources import TRIALS
from sources.base import Source

README = Path(__file__).resolve().parents[1] / "README.md"
HEAD = "| name | what it watches | tells first | how fast | where | key | answers seen |\n|---|---|---|---|---|---|---|"


def table() -> str:
    """One row a source, in the order of the alphabet. Raises AssertionError where one says nothing of itself."""
    return "\n".join([HEAD, *(_row(kind) for _, kind in sorted(sources.load().items()))]) + "\n"


def _row(kind: type[Source]) -> str:
    about = kind.about
    assert about is not None, f"expected `about` in the source {kind.name}, found none"
    where = about.where or ", ".join("trials" if place == TRIALS else place for place in kind.places) or "any"
    cells = (f"`{kind.name}`", about.watches, about.first, about.lag, where, about.key, about.seen)
    return f"| {' | '.join(cells)} |"


def table_in(readme: str) -> str:
    """The table as the README holds it."""
    section = readme.split("## Sources\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return "\n".join(lines) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put it into README.md")
    if parser.parse_args().write:
        readme = README.read_text(encoding="utf-8")
        README.write_text(readme.replace(table_in(readme), table()), encoding="utf-8")
    else:
        print(table(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
