"""How long a reader waits for a page: every kind of page and of search, on a log of many years.

    python benchmarks/looking.py [--database FILE] [--events 100000] [--changes 1000000] [--rounds 20]

The log (`big_log.py`) is built in a folder of its own, unless a file is given: one that is there is used, else it is
made and kept. Then each address is asked for in turn, through the application without a network. Printed are
the middle and the slowest twentieth of each address, in milliseconds of the clock and of CPU; the run fails where a
page takes 200 ms or more, or a search 300.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median, quantiles

import structlog
from big_log import CHANGES, EVENTS, build
from fastapi.testclient import TestClient

from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.web.app import create_app

PAGE, SEARCH = 200, 300  # ms
LONGEST = 5  # seconds for one address
PAGES = (
    "/events", "/events?therapy=tofersen", "/events?type=approval&place=CH",
    "/events?level=critical&source=clinicaltrials", "/events?state=corrected", "/events?as_of=2018-01-01",
    "/events?since=2026-12-01", "/events?before=2019-06-15.25000", "/events?after=2019-06-15.25000", "/events.csv",
    "/events.json?limit=100", "/changes", "/changes?source=feed", "/changes?source=ionis-news",
    "/changes?therapy=tofersen", "/changes?type=approval", "/changes?level=critical", "/changes?since=2018-06-01",
    "/changes?routine=date_moved", "/changes?routine=sponsor", "/changes?before=250000", "/changes?after=250000",
    "/changes.csv", "/changes.json", "/events/EV0000050001", "/events/EV0000099971", "/therapies/tofersen",
    "/trials/NCT00000042", "/trials/NCT04856982", "/sources", "/subscribe", "/feeds/events.atom",
    "/feeds/events.json?therapy=tofersen", "/feeds/calendar.ics", "/api/v1/events", "/api/v1/events?before=50000",
    "/api/v1/changes?limit=100", "/api/v1/sources", "/api/docs", "/healthz", "/",
    "/?place=JP&as_of=2024-10-01", "/api/v1/status", "/api/v1/newest",
)  # fmt: skip
SEARCHES = (
    "/events?search=tofersen", "/events?search=compound", "/events?search=compound+17", "/events?search=nothing-of-it",
    "/events?search=antisense+gene+carriers&level=major", "/changes?search=recruiting", "/changes?search=nct00000017",
    "/changes?search=antisense+gene+carriers", "/changes?search=recruiting&source=feed",
    "/changes?search=recruiting&therapy=tofersen", "/changes?search=completion+date&before=250000",
    "/changes?search=a+b+c+d+e+f+g+h", "/feeds/events.atom?search=approval", "/api/v1/changes?search=terminated",
)  # fmt: skip


def measured(ask: Callable[[str], int], address: str, rounds: int) -> tuple[list[float], float]:
    """Milliseconds of each of some askings, after one that does not count, and of CPU of one."""
    ask(address)
    times: list[float] = []
    cpu, began = time.process_time(), time.monotonic()
    while len(times) < rounds and (len(times) < 2 or time.monotonic() - began < LONGEST):
        started = time.perf_counter()
        status = ask(address)
        times.append((time.perf_counter() - started) * 1000)
        assert status == 200, f"expected 200 for {address}, found {status}"
    return times, (time.process_time() - cpu) * 1000 / len(times)


def report(ask: Callable[[str], int], addresses: tuple[str, ...], limit: int, rounds: int) -> bool:
    """Measure addresses and print a line for each; whether all are quick enough."""
    good = True
    for address in addresses:
        times, cpu = measured(ask, address, rounds)
        slow = quantiles(times, n=20)[-1]
        good &= slow < limit
        told = f"p50 {median(times):6.1f} ms  p95 {slow:6.1f} ms  CPU {cpu:6.1f} ms"
        print(f"  {told}  {address}{'' if slow < limit else '  TOO SLOW'}", flush=True)
    print(f"  p95 of each under {limit} ms: {'holds' if good else 'DOES NOT HOLD'}")
    return good


def main() -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", type=Path)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = args.database or Path(folder, "log.db")
        settings = Settings(database_url=f"sqlite:///{file}")
        if not file.exists():
            started = time.monotonic()
            build(file, settings, events=args.events, changes=args.changes)
            print(f"{args.events} events, {args.changes} changes: {file.stat().st_size / 1e6:.0f} MB "
                  f"in {time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
        with assembled(settings) as service, TestClient(create_app(service)) as pages:
            print("pages:")
            good = report(lambda address: pages.get(address).status_code, PAGES, PAGE, args.rounds)
            print("searches:")
            good &= report(lambda address: pages.get(address).status_code, SEARCHES, SEARCH, args.rounds)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
