"""How well pages are watched: changes found, changes missed, false alarms, on two sites that move by themselves.

Three checks to warm up, then rounds in which 1 % of the pages change a line and 20 % move by themselves, then a round
of faults and the recovery. `--shared` is the folder with tools/site.py; without it only our own noisy site is tried.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import structlog
from noisy_site import NoisySite, serve
from sqlmodel import col, func, select

from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import Settings
from store.database import reading
from store.tables import Change, Snapshot

ROOT = Path(__file__).resolve().parents[1]
CHANGED, NOISE, FAULTS = 0.01, 0.2, 0.05
RECALL, PRECISION = 1.0, 0.98


@dataclass
class Score:
    """Pages that changed, pages reported, and what differed between the two."""

    true: int = 0
    found: int = 0
    missed: int = 0
    false: int = 0

    def add(self, truth: set[int], reported: set[int]) -> None:
        """Count one round."""
        self.true += len(truth)
        self.found += len(truth & reported)
        self.missed += len(truth - reported)
        self.false += len(reported - truth)

    @property
    def recall(self) -> float:
        """Share of the true changes that were reported."""
        return self.found / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        """Share of the reports that were true."""
        return self.found / (self.found + self.false) if self.found + self.false else 1.0

    @property
    def holds(self) -> bool:
        """Whether the figures are those we promise."""
        return self.recall >= RECALL and self.precision >= PRECISION


class Product:
    """The real service on a database of its own, one watch a page."""

    def __init__(self, service: Service, workers: int) -> None:
        self.service = service
        self.workers = workers

    def check(self) -> tuple[dict[int, list[str]], dict[str, int]]:
        """Check every page once: differences by page, and how many checks ended how."""
        with reading(self.service.engine) as session:
            last = session.exec(select(func.max(Change.id))).one() or 0
        outcomes: dict[str, int] = {}
        for checked in check_all(self.service, everything=True, workers=self.workers):
            outcomes[checked.outcome] = outcomes.get(checked.outcome, 0) + 1
        with reading(self.service.engine) as session:
            rows = session.exec(select(Change).where(col(Change.id) > last, Change.kind == "changed"))
            found = {
                int(self.names[row.watch_id]): [f"{d['path']}: {d['before']} -> {d['after']}" for d in row.differences]
                for row in rows
            }
        return found, outcomes

    @property
    def names(self) -> dict[int, str]:
        """Number of the page by watch; pages are watched in order, so ids follow numbers."""
        return {index + 1: str(index) for index in range(len(self.service.pack.watches))}

    def snapshots(self) -> int:
        """How many snapshots are stored."""
        with reading(self.service.engine) as session:
            return session.exec(select(func.count(col(Snapshot.id)))).one()


@contextmanager
def product(urls: list[str], workers: int) -> Iterator[Product]:
    """A fresh service that watches these pages."""
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder, "pack.toml")
        watches = "".join(
            f'[[watches]]\nname = "p{i:05}"\nsource = "page"\nevery = "1h"\nurl = "{url}"\n\n'
            for i, url in enumerate(urls)
        )
        pack.write_text(
            f'[pack]\nname = "bench"\ncondition = "amyotrophic lateral sclerosis"\n\n'
            f'[[therapies]]\nname = "tofersen"\n\n{watches}',
            encoding="utf-8",
        )
        settings = Settings(config=pack, database_url=f"sqlite:///{folder}/bench.db", allow_private=True)
        with assembled(settings) as service:
            yield Product(service, workers)


def campaign(bench: Product, rounds: int, advance: Callable[[float, float], set[int]], *, warm_noise: bool) -> Score:
    """Warm up three times, then score the rounds. `advance` moves the site on and tells the truth."""
    score = Score()
    for number in range(3):
        advance(0, NOISE if warm_noise else 0)
        started = time.monotonic()
        found, outcomes = bench.check()
        print(f"warm-up {number + 1}: {outcomes}, {len(found)} reported, {time.monotonic() - started:.1f} s")
        score.add(set(), set(found))
    for number in range(rounds):
        truth = advance(CHANGED, NOISE)
        started = time.monotonic()
        found, outcomes = bench.check()
        score.add(truth, set(found))
        print(f"round {number + 1}: {len(truth)} true, {len(found)} reported, {time.monotonic() - started:.1f} s")
        for page in truth - set(found):
            print(f"  missed on page {page}")
        for page in set(found) - truth:
            print(f"  false on page {page}: {found[page][:3]}")
    print(
        f"true {score.true}, found {score.found}, missed {score.missed}, false {score.false}, "
        f"recall {score.recall:.3f}, precision {score.precision:.3f}: {'holds' if score.holds else 'DOES NOT HOLD'}"
    )
    return score


def faults(bench: Product, post: Callable[[dict[str, float]], set[int]]) -> bool:
    """Captcha, cut and failing pages, then health again: nothing may change, no snapshot may be added."""
    before = bench.snapshots()
    post(dict.fromkeys(("captcha", "partial", "truncated", "error500"), FAULTS))
    broken, outcomes = bench.check()
    post({})
    healed, after = bench.check()
    kept = bench.snapshots() == before
    print(f"faults: {outcomes}, {len(broken)} reported; recovery: {after}, {len(healed)} reported; kept: {kept}")
    return not broken and not healed and kept


@contextmanager
def registry(tool: Path, n: int, seed: int) -> Iterator[str]:
    """The shared registry site in a process of its own; gives its address. Raises RuntimeError
    where it does not start."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, str(tool), "-n", str(n), "--seed", str(seed), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            if not json.loads(process.stdout.readline() or "{}").get("ready"):
                raise RuntimeError(f"expected {tool} to say that it is ready, found nothing")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def on_registry(tool: Path, args: argparse.Namespace) -> bool:
    """The shared registry site: its noise, its changes of status, its faults."""
    print(f"registry site, {args.pages} pages, seed {args.seed}, noise from {'the start' if args.warm else 'round 1'}")
    with registry(tool, args.pages, args.seed) as address, httpx.Client(timeout=30) as site:

        def post(epoch: dict[str, float]) -> set[int]:
            return set(site.post(f"{address}/__epoch", json=epoch).json()["now"]["changed"])

        with product([f"{address}/p/{i}" for i in range(args.pages)], args.workers) as bench:
            score = campaign(
                bench,
                args.rounds,
                lambda changed, noise: post({"changed": changed, "noise": noise}),
                warm_noise=args.warm,
            )
            return faults(bench, post) and score.holds


def on_noisy_site(args: argparse.Namespace) -> bool:
    """Our own site: some thirty further kinds of noise, ten kinds of change."""
    print(f"noisy site, {args.pages} pages, seed {args.seed}, noise from {'the start' if args.warm else 'round 1'}")
    site = NoisySite(args.pages, args.seed)
    server, urls = serve(site)

    def advance(changed: float, noise: float) -> set[int]:
        site.advance(changed=changed, noise=noise)
        return set(site.changed)

    try:
        with product(list(urls), args.workers) as bench:
            return campaign(bench, args.rounds, advance, warm_noise=args.warm).holds
    finally:
        server.shutdown()


def main() -> int:
    """Run the campaigns; 0 when all figures hold."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=ROOT.parent / "shared", help="folder with tools/site.py")
    parser.add_argument("-n", "--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--warm", action="store_true", help="noise lives during the warm-up too")
    parser.add_argument("--only", choices=("registry", "noisy"), help="one of the two sites")
    args = parser.parse_args()
    os.environ["THERAWATCH_ALLOW_PRIVATE"] = "1"
    good = True
    tool = args.shared / "tools" / "site.py"
    if args.only != "noisy":
        if tool.is_file():
            good &= on_registry(tool, args)
        else:
            print(f"registry site left out: {tool} is missing")
    if args.only != "registry":
        good &= on_noisy_site(args)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
