"""What an unchanged check costs among 1,000 watches and among 10,000, beside one another.

    python benchmarks/flat.py [--due 300]

A server in a process of its own answers at once. Of each pack so many watches are due, all others are not. Printed are
milliseconds of CPU of this process for each check, the least of five rounds, and how much dearer the larger pack is.
"""

import argparse
import multiprocessing
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import structlog
from many_hosts import HEAD, serve
from sqlalchemy import text
from transactions import longest_told

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.settings import Settings

SIZES = (1_000, 10_000)
ROUNDS = 5
NOW = datetime(2026, 6, 1, tzinfo=UTC)
WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "http://127.0.0.1:{port}/p/{n}"\n'
LATER = text("UPDATE watch SET next_check_at = datetime(:now, '+30 minutes')")
NOW_DUE = text("UPDATE watch SET next_check_at = datetime(:now, '-1 minute') WHERE id <= :due")


def cost(folder: Path, port: int, size: int, due: int) -> float:
    """Milliseconds of a check among so many watches."""
    pack, database = folder / "pack.toml", folder / f"watch{size}.db"
    pack.write_text(HEAD + "".join(WATCH.format(n=n, port=port) for n in range(size)))
    settings = Settings(
        config=pack, database_url=f"sqlite:///{database}", quiet=True, allow_private=True, pace_seconds=0, now=NOW
    )
    least = float("inf")
    with longest_told(), assembled(settings) as service:
        with service.engine.begin() as connection:
            connection.execute(LATER, {"now": NOW.isoformat()})
        for turn in range(ROUNDS + 1):
            with service.engine.begin() as connection:
                connection.execute(NOW_DUE, {"now": NOW.isoformat(), "due": due})
            begun = time.process_time()
            results = list(check_all(service, workers=1))
            spent = (time.process_time() - begun) * 1000 / due
            assert len(results) == due and not any(one.error for one in results), results[:3]
            least = min(least, spent) if turn else least  # the first look is another matter
    return least


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--due", type=int, default=300)
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    ports: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(0.0, ports), daemon=True)
    server.start()
    port = ports.get()
    with tempfile.TemporaryDirectory() as folder:
        few, many = (cost(Path(folder), port, size, asked.due) for size in SIZES)
    for size, spent in zip(SIZES, (few, many), strict=True):
        print(f"among {size:6,} watches {spent:6.2f} ms of CPU a check, {asked.due} due")
    print(f"the larger pack costs {many / few - 1:+.0%}; bar: 15 %")
    server.terminate()


if __name__ == "__main__":
    main()
