"""How long a reader waits for a page: every kind of page and of search, on a log of many years.

    python benchmarks/looking.py [--database FILE] [--events 100000] [--changes 1000000] [--rounds 20]

The log (`big_log.py`) is built in a folder of its own, unless a file is given: one that is there is used, else it is
made and kept. Then each address is asked for in turn, through the application without a network. Printed are
the middle and the slowest twentieth of each address, in milliseconds of the clock and of CPU. Then a process that has
just started answers for the first time, and a pack of two thousand drugs is looked at. The run fails where a bar is
passed: by the clock where the machine is idle when it begins, else by CPU, which other work on it moves less.
"""

import argparse
import gc
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles

import structlog
from big_beside import beside
from big_log import CHANGES, COMPOUNDS, EVENTS, RULES, build, european
from fastapi.testclient import TestClient
from transactions import longest_told

from monitor.events.review_queue import View
from monitor.path.assemble import assembled
from monitor.people.audit import Who
from monitor.people.maintainers import add
from monitor.service import Service
from monitor.settings import Misconfigured, Settings
from monitor.telling.secrets import open_keyring
from monitor.vocabulary.pack import Therapy
from monitor.web.app import create_app
from monitor.web.desk.evidence import TABS
from store.states import Door

PAGE, SEARCH, FIRST = 200, 300, 1000  # ms
IDLE = 0.7  # load of the last minute
TOKEN = "benchmark-token-of-more-than-20-signs"
PASSWORD = "correct horse battery"
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
    "/api/v1/events/EV0000099971", "/api/v1/changes?limit=100", "/api/v1/sources", "/api/v1/therapies",
    "/api/v1/trials", "/api/docs", "/api/openapi.json", "/schemas/event-1.json", "/healthz", "/", "/events?tier=1",
    "/changes?tier=1", "/feeds/events.atom?tier=1", "/feeds/calendar.ics?tier=1&tier=2", f"/trials/{european(42)}",
    "/subscribe?how=feed&act=follow", "/subscriptions/{token}", "/subscriptions/{token}/data",
    "/subscriptions/{token}/stop", "/subscriptions/{token}/pause", "/subscriptions/{token}/resume",
    "/subscriptions/{token}/confirm", "/review/sign-in",
    "/?place=JP&as_of=2024-10-01", "/api/v1/status", "/api/v1/newest",
)  # fmt: skip
SEARCHES = (
    "/events?search=tofersen", "/events?search=compound", "/events?search=compound+17", "/events?search=nothing-of-it",
    "/events?search=antisense+gene+carriers&level=major", "/changes?search=recruiting", "/changes?search=nct00000017",
    "/changes?search=antisense+gene+carriers", "/changes?search=recruiting&source=feed",
    "/changes?search=recruiting&therapy=tofersen", "/changes?search=completion+date&before=250000",
    "/changes?search=a+b+c+d+e+f+g+h", "/feeds/events.atom?search=approval", "/api/v1/changes?search=terminated",
)  # fmt: skip

DESK = (
    "/review", "/review?level=critical", "/review?watch=als-trials&q=compound", "/review/events/EV0000050001",
    *(f"/review?view={view}" for view in View), "/review/stale",
    *(f"/review/events/EV0000099971?tab={tab}" for tab in TABS),
    "/review/captures/17", "/review/watches", "/review/watches/als-trials", "/review/subscriptions",
    "/review/subscriptions?view=all", "/review/subscriptions/7", "/review/deliveries", "/review/deliveries?view=failed",
    "/review/deliveries?view=sent", "/review/deliveries?view=all", "/review/deliveries/{delivery}", "/review/log",
    "/review/log?below=5000", "/review/log?matter=event+EV0000099971", "/review/rules", f"/review/rules/{RULES[4]}",
)  # fmt: skip
"""Pages of who is signed in."""
MACHINES = (
    "/metrics", "/api/v1/deliveries", "/api/v1/deliveries/{delivery}", "/api/v1/subscriptions",
    "/api/v1/subscriptions/7", "/api/v1/rules", "/api/v1/stale", "/readyz",
)  # fmt: skip
"""What is read with the token of the installation."""
ALL_OF_IT = ("/review/log.jsonl",)
"""What gives everything there is, to take along: as long as that is, a part at a time."""
FIRSTS = ("/", "/api/v1/status", "/api/v1/newest", "/feeds/calendar.ics", "/feeds/events.atom")
OF_MANY = ("/", "/?drugs_from=1001", "/?drug=17", "/api/v1/newest", "/events", "/changes")


def measured(ask: Callable[[str], int], address: str, rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of each of some askings, after one that does not count, by the clock and of CPU."""
    ask(address)
    times: list[float] = []
    costs: list[float] = []
    began = time.monotonic()
    while len(times) < rounds and (len(times) < 2 or time.monotonic() - began < LONGEST):
        started, cpu = time.perf_counter(), time.process_time()
        status = ask(address)
        times.append((time.perf_counter() - started) * 1000)
        costs.append((time.process_time() - cpu) * 1000)
        assert status == 200, f"expected 200 for {address}, found {status}"
    return times, costs


def report(ask: Callable[[str], int], addresses: Sequence[str], limit: int, rounds: int, *, by_clock: bool) -> bool:
    """Measure addresses and print a line for each; whether all are quick enough."""
    good = True
    for address in addresses:
        times, costs = measured(ask, address, rounds)
        slow, dear = quantiles(times, n=20)[-1], quantiles(costs, n=20)[-1]
        holds = (slow if by_clock else dear) < limit
        good &= holds
        told = f"p50 {median(times):6.1f} ms  p95 {slow:6.1f} ms  CPU p50 {median(costs):6.1f} p95 {dear:6.1f} ms"
        print(f"  {told}  {address}{'' if holds else '  TOO SLOW'}", flush=True)
    how = "by the clock" if by_clock else "of CPU"
    print(f"  bar: p95 of each under {limit} ms {how}: {'holds' if good else 'DOES NOT HOLD'}")
    return good


def firsts(service: Service, limit: int) -> bool:
    """What the first answer of a process costs that nothing else has asked, templates and all."""
    good = True
    for address in FIRSTS:
        pages = TestClient(create_app(service))
        pages.get("/healthz")
        cpu = time.process_time()
        assert pages.get(address).status_code == 200, address
        cost = (time.process_time() - cpu) * 1000
        good &= cost < limit
        print(f"  CPU {cost:6.1f} ms  {address}{'' if cost < limit else '  TOO SLOW'}", flush=True)
    print(f"  bar: each under {limit} ms of CPU: {'holds' if good else 'DOES NOT HOLD'}")
    return good


def at_the_desk(service: Service) -> tuple[TestClient, list[str]]:
    """A browser that is signed in, and what it looks at."""
    pages = TestClient(
        create_app(service), base_url="https://desk.example", headers={"authorization": f"Bearer {TOKEN}"}
    )
    with suppress(Misconfigured):  # a kept log has her already
        add(service, "looker", PASSWORD, "maintainer", Who("bench", door=Door.COMMAND))
    token = re.search(r'name="token" value="([0-9a-f]+)"', pages.get("/review/sign-in").text)
    assert token, "expected a form to sign in by"
    pages.post("/review/sign-in", data={"token": token[1], "name": "looker", "password": PASSWORD})
    some = f"{7:032x}"
    watch = service.pack.watches[0].name
    return pages, [one.format(delivery=some).replace("als-trials", watch) for one in (*DESK, *MACHINES)]


def main() -> int:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--database", type=Path)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--changes", type=int, default=CHANGES)
    parser.add_argument("--rounds", type=int, default=20)
    args = parser.parse_args()
    by_clock = os.getloadavg()[0] < IDLE
    with tempfile.TemporaryDirectory() as folder:
        file = args.database or Path(folder, "log.db")
        settings = Settings(database_url=f"sqlite:///{file}", api_token=TOKEN, metrics_token=TOKEN)
        if not file.exists():
            started = time.monotonic()
            build(file, settings, events=args.events, changes=args.changes)
            print(f"{args.events} events, {args.changes} changes: {file.stat().st_size / 1e6:.0f} MB "
                  f"in {time.monotonic() - started:.0f} s", flush=True)  # fmt: skip
        with longest_told(), assembled(settings) as service:
            beside(service.engine)
            gc.collect()
            gc.freeze()  # as `serve` does, and its threshold
            gc.set_threshold(10_000)
            print("first answers of a process:")
            good = firsts(service, FIRST)
            with TestClient(create_app(service)) as pages:
                own = [one.replace("{token}", open_keyring(settings).token("manage", 7)) for one in PAGES]
                for name, addresses, limit in (("pages", own, PAGE), ("searches", SEARCHES, SEARCH)):
                    print(f"{name}:")
                    good &= report(asking(pages), addresses, limit, args.rounds, by_clock=by_clock)
            desk, looked_at = at_the_desk(service)
            print("the desk, and what machines of the operator's read:")
            good &= report(asking(desk), looked_at, PAGE, args.rounds, by_clock=by_clock)
            print(f"a pack of {COMPOUNDS} drugs:")
            many = tuple(Therapy(name=f"compound {number}") for number in range(COMPOUNDS))
            pack = service.pack.model_copy(update={"therapies": (*service.pack.therapies, *many)})
            of_many = TestClient(create_app(replace(service, pack=pack)))
            gc.collect()
            gc.freeze()
            good &= report(asking(of_many), OF_MANY, PAGE, args.rounds, by_clock=by_clock)
    return 0 if good else 1


def asking(pages: TestClient) -> Callable[[str], int]:
    """How an address is asked for."""
    return lambda address: pages.get(address, follow_redirects=False).status_code


if __name__ == "__main__":
    sys.exit(main())
