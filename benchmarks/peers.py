"""Ours beside urlwatch, webchanges and changedetection.io: CPU a page, and how many alerts were right.

    python benchmarks/peers.py [--pages 100] [--seconds 300] [--minutes 14] [--cache ~/.cache/therawatch-peers]

Each peer is installed from the package index into an environment of its own, once. A server in a process of its own
holds pages of 60 KB drawn from many words, which move by themselves in the ways of `noisy_site.py`. All look at the
same rounds: first, again, unchanged (whole answers), unchanged (304), then some in which 1 % of the pages change a line
and 20 % move by themselves. Printed are milliseconds of CPU (user and system, of the process and its children) a page;
recall and precision are of pages named as changed. Each round of ours in the service has one of the bare loop right
after it, so that the ratio does not follow the machine's moods. A peer that cannot be had, fails or takes too long says
so; what a phase cost stands there as soon as it is over.
"""

import argparse
import gc
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import httpx
import structlog
from peers_installed import ChangeDetection, Command, installed
from peers_site import serve
from transactions import longest_told

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.settings import Settings

ROOT = Path(__file__).resolve().parents[1]
NOISY_ROUNDS = 3
CHANGED, NOISY = 0.01, 0.2


class Looking(Protocol):
    """Who looks at every page once: seconds of CPU, and the numbers of the pages it calls changed."""

    def look(self) -> tuple[float, set[int]]:
        """One round."""
        ...


@dataclass
class Row:
    """What one of them cost, in milliseconds a page, and whom it alerted."""

    name: str
    costs: dict[str, float] = field(default_factory=dict)
    found: int = 0
    missed: int = 0
    false: int = 0
    failed: str = ""
    beside: dict[str, float] = field(default_factory=dict)  # what the bare loop cost right after it

    def judge(self, said: set[int], true: set[int]) -> None:
        """Count one round's alerts."""
        self.found += len(said & true)
        self.missed += len(true - said)
        self.false += len(said - true)

    def tell(self, phase: str, cost: float, beside: float = 0.0) -> None:
        """Note what a phase cost a page, and print it at once: what is ended keeps what it has."""
        self.costs[phase] = cost
        if beside:
            self.beside[phase] = beside
        print(f" {cost:10.2f}", end="", flush=True)

    def rest(self) -> str:
        """What the row says beside its costs."""
        if self.failed:
            return f" ended: {self.failed}"
        if self.name == "bare httpx loop":
            return ""
        recall = self.found / (self.found + self.missed) if self.found + self.missed else 1.0
        precision = self.found / (self.found + self.false) if self.found + self.false else 1.0
        times = ", ".join(f"{self.costs[phase] / self.beside[phase]:.2f}" for phase in self.beside)
        bare = f"; {times} times the bare loop beside it" if times else ""
        return f" {recall:8.2f} {precision:10.2f}  ({self.false} false{bare})"


HEADER = " ".join(f"{phase:>10}" for phase in ("first", "unchanged", "304", "1%+20%"))[5:]


class Bare:
    """What anybody would write first."""

    def __init__(self, base: str, pages: int) -> None:
        self.base, self.pages = base, pages
        self.tags: dict[int, str] = {}
        self.client = httpx.Client()

    def look(self) -> tuple[float, set[int]]:
        """GET every page, with the validator of last time."""
        started = time.process_time()
        for number in range(self.pages):
            tag = self.tags.get(number)
            answer = self.client.get(f"{self.base}/p/{number}", headers={"If-None-Match": tag} if tag else {})
            self.tags[number] = answer.headers.get("etag", "")
        return time.process_time() - started, set()


def pack(base: str, pages: int) -> str:
    """A pack of one watch a page."""
    head = '[pack]\nname = "bench"\ncondition = "amyotrophic lateral sclerosis"\n\n[[therapies]]\nname = "riluzole"\n'
    watch = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "{base}/p/{n}"\n'
    return head + "".join(watch.format(n=n, base=base) for n in range(pages))


class Service:
    """Ours as the clock drives it, in this process."""

    def __init__(self, folder: Path, base: str, pages: int, stack: ExitStack) -> None:
        config = folder / "pack.toml"
        config.write_text(pack(base, pages))
        database = f"sqlite:///{folder / 'watch.db'}"
        settings = Settings(config=config, database_url=database, allow_private=True, quiet=True)
        self.service = stack.enter_context(assembled(settings))
        gc.collect()
        gc.freeze()  # as `serve` does
        gc.set_threshold(10_000)

    def look(self) -> tuple[float, set[int]]:
        """One round over every watch, by one worker."""
        started = time.process_time()
        found = [one for one in check_all(self.service, everything=True, workers=1) if one.outcome == "changed"]
        return time.process_time() - started, {int(one.watch[1:]) for one in found}


class OurCommand:
    """Ours as a command that is started for every round; what it imports is compiled, as an installation has it."""

    def __init__(self, folder: Path, base: str, pages: int, seconds: float) -> None:
        config = folder / "pack.toml"
        config.write_text(pack(base, pages))
        self.seconds = seconds
        self.call = [
            sys.executable, "-m", "monitor", "--quiet", "--config", str(config),
            "--database", f"sqlite:///{folder / 'watch.db'}", "check", "--all", "--workers", "1", "--json",
        ]  # fmt: skip

    def look(self) -> tuple[float, set[int]]:
        """One start of the command."""
        compiled = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment = compiled | {"THERAWATCH_ALLOW_PRIVATE": "true"}
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            self.call, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=self.seconds, check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise OSError(f"ended with {done.returncode}: {done.stderr.strip()[-200:]}")
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        found = {int(line["watch"][1:]) for line in lines if line["outcome"] == "changed"}
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


class TimeIsOver(Exception):
    """The benchmark has had its minutes."""


def measured(
    row: Row, pages: int, make: Callable[[], Looking], site: Callable[[str], set[int]], bare: Looking | None, end: float
) -> None:
    """Play all rounds to one of them, from the beginning of the site on, and beside it to the bare loop, if given."""

    def look() -> tuple[float, set[int]]:
        if time.monotonic() > end:
            raise TimeIsOver("the time for all is over")
        return who.look()

    def least(phase: str, turns: int = 2) -> None:
        both = [(look()[0], bare.look()[0] if bare else 0.0) for _ in range(turns)]
        own, plain = (min(costs) * 1000 / pages for costs in zip(*both, strict=True))
        row.tell(phase, own, plain)

    print(f"{row.name:24}", end="", flush=True)
    try:
        site("/start")
        who = make()
        least("first", turns=1)
        for _ in range(3 if row.name.startswith("ours") else 1):
            look()  # the first looks of ours learn what moves by itself
        least("full")
        site("/vouch")
        for one in (who, bare):
            _ = one and one.look()  # learns the validators
        least("304")
        spent = 0.0
        for _ in range(NOISY_ROUNDS):
            true = site(f"/next?changed={CHANGED}&noise={NOISY}")
            cost, said = look()
            spent += cost
            row.judge(said, true)
        row.tell("noisy", spent * 1000 / pages / NOISY_ROUNDS)
    except (OSError, httpx.HTTPError, subprocess.SubprocessError, ValueError, KeyError, TimeIsOver) as problem:
        row.failed = f"{type(problem).__name__}: {str(problem)[:150]}"
    print(row.rest(), flush=True)


def those(asked: argparse.Namespace, base: str, scratch: Path, stack: ExitStack) -> dict[str, Callable[[], Looking]]:
    """Who looks, the dearest last."""
    folders = {name: scratch / name for name in ("service", "command", "urlwatch", "webchanges", "cdio")}
    for folder in folders.values():
        folder.mkdir()

    def command(name: str) -> Looking:
        return Command(installed(name, asked.cache), name, folders[name], base, asked.pages, asked.seconds)

    def detection() -> Looking:
        programs = installed("changedetection.io", asked.cache)
        return stack.enter_context(ChangeDetection(programs, folders["cdio"], base, asked.pages, asked.seconds))

    return {
        "bare httpx loop": lambda: Bare(base, asked.pages),
        "ours, in the service": lambda: Service(folders["service"], base, asked.pages, stack),
        "ours, by command": lambda: OurCommand(folders["command"], base, asked.pages, asked.seconds),
        "urlwatch": lambda: command("urlwatch"),
        "changedetection.io": detection,
        "webchanges": lambda: command("webchanges"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pages", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=300, help="after which a peer's round is ended")
    parser.add_argument("--minutes", type=float, default=14, help="after which no further round is begun")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "therawatch-peers")
    parser.add_argument("--without", action="append", default=[], help="a peer to leave out")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    port: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=serve, args=(asked.pages, port), daemon=True)
    server.start()
    base = f"http://127.0.0.1:{port.get()}"

    def site(order: str) -> set[int]:
        return set(httpx.get(base + order, timeout=60).json())

    print(f"{asked.pages} pages, ms of CPU each   {HEADER}   recall  precision", flush=True)
    end = time.monotonic() + asked.minutes * 60
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        for name, make in those(asked, base, Path(scratch), stack).items():
            if name not in asked.without:
                bare = Bare(base, asked.pages) if name == "ours, in the service" else None
                with longest_told():
                    measured(Row(name), asked.pages, make, site, bare, end)
    server.terminate()


if __name__ == "__main__":
    main()
