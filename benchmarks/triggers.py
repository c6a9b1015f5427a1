"""The words that the rules of prose cannot do without, which the reader need not find at each start.

python -m benchmarks.triggers --write
"""

import argparse
import json
import sys
from pathlib import Path

from monitor.reading.prose.rules import PATTERNS
from monitor.reading.prose.triggers import KEPT, digest_of, needed


def written() -> str:
    """The file as it should be: a line for each pattern."""
    lines = (json.dumps([sorted(words) for words in needed(pattern)], ensure_ascii=False) for pattern in PATTERNS)
    return f'{{"of": "{digest_of(PATTERNS)}", "needed": [\n' + ",\n".join(lines) + "\n]}\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="put them into monitor/reading/prose/triggers.json")
    if parser.parse_args().write:
        Path(str(KEPT)).write_text(written(), encoding="utf-8")
    else:
        print(written(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
