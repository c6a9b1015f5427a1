"""What an installation holds in memory that reads registers alone, with 100 watches and with 10,000, then prose too.

    python benchmarks/memory.py [--watches 100 10000]

Each size is a process of its own, which imports what `serve` does and starts on a store that an earlier process has
filled. Printed are megabytes of this process alone (anonymous pages) and with what it maps of libraries, at the start,
once its pages have been asked for, and once a headline has been read, for which rules, network and judge are loaded.
"""

import argparse
import gc
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

HEAD = '[pack]\nname = "bench"\ncondition = "amyotrophic lateral sclerosis"\n\n[[therapies]]\nname = "riluzole"\n'
WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "clinicaltrials"\nevery = "1d"\noptions = {{ids = ["NCT{n:08}"]}}\n'
ROOT = Path(__file__).resolve().parents[1]
ASKED = ("/", "/sources", "/api/v1/status", "/api/v1/newest", "/events", "/subscribe")
BAR, READING = 130, 250
FLAT = 1.15


def start(folder: Path) -> None:
    """Start as `serve` does, and print what that holds."""
    from fastapi.testclient import TestClient  # noqa: PLC0415 - the parent must hold nothing of it

    from monitor.path import clock  # noqa: F401, PLC0415
    from monitor.path.assemble import assembled  # noqa: PLC0415
    from monitor.settings import Settings  # noqa: PLC0415
    from monitor.web import server  # noqa: F401, PLC0415
    from monitor.web.app import create_app  # noqa: PLC0415

    settings = Settings(
        config=folder / "pack.toml", database_url=f"sqlite:///{folder}/watch.db", now=datetime(2026, 6, 1, tzinfo=UTC)
    )
    with assembled(settings) as service:
        gc.collect()
        gc.freeze()  # as `serve` does, and its threshold
        gc.set_threshold(10_000)
        sys.stdout.write(held())
        pages = TestClient(create_app(service))
        for address in ASKED * 2:
            assert pages.get(address).status_code == 200, address
        sys.stdout.write(held())
        from monitor.reading.prose.items import Item, judged  # noqa: PLC0415 - nothing of it before

        told = judged(Item("x", "news", "FDA rejects riluzole film", "", "2026-05-28"), service.therapies)
        assert [claim.type for claim in told] == ["complete_response"], told
        sys.stdout.write(held())


def held() -> str:
    """Megabytes of this process: of its own, and in all."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    found = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines) if "kB" in rest}
    return f"{found['RssAnon'] / 1024:.1f} {found['VmRSS'] / 1024:.1f} "


def measured(watches: int) -> list[float]:
    """Megabytes with so many watches: of the process alone and in all, after the start, and after its pages."""
    with tempfile.TemporaryDirectory() as name:
        Path(name, "pack.toml").write_text(HEAD + "".join(WATCH.format(n=n) for n in range(watches)))
        command = [sys.executable, __file__, "--start", name]
        for _ in range(2):  # the first fills the store
            said = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return list(map(float, said.split()))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--watches", type=int, nargs="+", default=[100, 10_000])
    parser.add_argument("--start", type=Path)
    asked = parser.parse_args()
    if asked.start:
        start(asked.start)
        return 0
    found = {watches: measured(watches) for watches in asked.watches}
    good = True
    for place, when, bar in ((0, "started", BAR), (2, "pages asked for", BAR), (4, "prose read", READING)):
        for watches, numbers in found.items():
            own, whole = numbers[place : place + 2]
            print(
                f"{watches:6} watches, {when:15}   {own:6.1f} MB of its own   {whole:6.1f} MB with libraries"
                f"   (bar: {bar})"
            )
        first, last = (found[one][place + 1] for one in (asked.watches[0], asked.watches[-1]))
        print(f"{asked.watches[-1]} beside {asked.watches[0]}: {last / first:.2f} times   (bar: {FLAT})", flush=True)
        good &= last <= bar and last <= first * FLAT
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
