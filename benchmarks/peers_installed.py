"""The peers of `peers.py`: installed once into environments of their own, and driven as their manuals say."""

import json
import os
import re
import resource
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

VERSIONS = {"urlwatch": "2.29", "webchanges": "3.37.0", "changedetection.io": "0.60.10"}
INSTALLING = 600  # seconds
NUMBER = re.compile(r"/p/(\d+)")
PORT = 5077


def installed(name: str, cache: Path) -> Path:
    """The folder of a peer's programs. Raises OSError where the package index is out of reach."""
    environment = cache / f"{name}-{VERSIONS[name]}"
    programs, done = environment / "bin", environment / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        wanted = [str(programs / "pip"), "install", "--quiet", f"{name}=={VERSIONS[name]}"]
        ran = subprocess.run(wanted, capture_output=True, text=True, timeout=INSTALLING, check=False)
        if ran.returncode:
            raise OSError(f"cannot be installed: {(ran.stderr.strip().splitlines() or ['?'])[-1]}")
        done.touch()
    return programs


class Command:
    """urlwatch, or webchanges, which grew out of it: a command started for every round, its report read from stdout.
    The text of the page is compared, by the filter that both recommend for pages."""

    def __init__(self, programs: Path, name: str, folder: Path, base: str, pages: int, seconds: float) -> None:
        jobs, config = folder / "jobs.yaml", folder / "config.yaml"
        jobs.write_text(
            "---\n".join(f"name: p{n}\nurl: {base}/p/{n}\nfilter:\n  - html2text: re\n" for n in range(pages))
            if name == "urlwatch"
            else "---\n".join(f"name: p{n}\nurl: {base}/p/{n}\nfilters:\n  - html2text\n" for n in range(pages))
        )
        config.write_text(
            "display: {new: false, error: false, unchanged: false, empty-diff: false}\n"
            "report:\n  text: {details: false, footer: false, line_length: 75, minimal: true}\n"
            "  stdout: {color: false, enabled: true}\n"
        )
        database = "--cache" if name == "urlwatch" else "--database"
        self.call = [
            str(programs / name), "--urls" if name == "urlwatch" else "--jobs", str(jobs),
            "--config", str(config), database, str(folder / "cache.db"),
        ]  # fmt: skip
        self.folder, self.seconds = folder, seconds

    def look(self) -> tuple[float, set[int]]:
        """One start of the command."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        ran = subprocess.run(
            self.call, cwd=self.folder, env=os.environ | {"HOME": str(self.folder), "NO_PROXY": "*"},
            capture_output=True, text=True, timeout=self.seconds, check=False,
        )  # fmt: skip
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if ran.returncode:
            raise OSError(f"ended with {ran.returncode}: {ran.stderr.strip()[-200:]}")
        found = {int(number) for number in NUMBER.findall(ran.stdout)}
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, found


class ChangeDetection:
    """changedetection.io: a server of its own, asked through its interface to look at everything."""

    def __init__(self, programs: Path, folder: Path, base: str, pages: int, seconds: float) -> None:
        self.folder, self.base, self.pages, self.seconds = folder, base, pages, seconds
        self.address = f"http://127.0.0.1:{PORT}"
        self.call = [str(programs / "changedetection.io"), "-d", str(folder), "-p", str(PORT), "-h", "127.0.0.1", "-C"]
        self.numbers: dict[str, int] = {}
        self.changed: dict[str, int] = {}

    def __enter__(self) -> Self:
        environment = os.environ | {
            "FETCH_WORKERS": "1", "ALLOW_IANA_RESTRICTED_ADDRESSES": "true", "DISABLE_VERSION_CHECK": "true",
            "LOGGER_LEVEL": "ERROR", "MINIMUM_SECONDS_RECHECK_TIME": "0", "HOME": str(self.folder),
        }  # fmt: skip
        self.process = subprocess.Popen(
            self.call, cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        with ExitStack() as undo:
            undo.callback(self.process.kill)
            self._begin()
            undo.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.kill()
        self.process.wait()

    def _begin(self) -> None:
        until = time.monotonic() + self.seconds
        settings: dict[str, str] = {}
        while not settings:
            if time.monotonic() > until or self.process.poll() is not None:
                raise OSError("does not start")
            time.sleep(1)
            for file in self.folder.glob("*.json"):
                token = re.search(r'"api_access_token"\s*:\s*"(\w+)"', file.read_text())
                settings = {"x-api-key": token[1]} if token else settings
        self.client = httpx.Client(base_url=self.address, headers=settings, timeout=60)
        while True:
            try:
                self.client.get("/api/v1/systeminfo").raise_for_status()
                break
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(1)
        for example in self.client.get("/api/v1/watch").raise_for_status().json():
            self.client.delete(f"/api/v1/watch/{example}").raise_for_status()
        self.fresh = True

    def _cpu(self) -> float:
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")

    def look(self) -> tuple[float, set[int]]:
        """Have every page looked at once, and wait until it is."""
        before, asked = self._cpu(), int(time.time())
        if self.fresh:
            self.fresh = False
            for number in range(self.pages):
                wish = {"url": f"{self.base}/p/{number}", "time_between_check": {"weeks": 9}}
                made = self.client.post(
                    "/api/v1/watch", content=json.dumps(wish), headers={"content-type": "application/json"}
                )
                self.numbers[made.raise_for_status().json()["uuid"]] = number
        else:
            time.sleep(1.1)  # it counts in whole seconds
            asked = int(time.time())
            self.client.get("/api/v1/watch", params={"recheck_all": "1"}).raise_for_status()
        until = time.monotonic() + self.seconds
        while True:
            time.sleep(1)
            watches = self.client.get("/api/v1/watch").raise_for_status().json()
            if all(watches[one].get("last_checked", 0) >= asked for one in self.numbers):
                break
            if time.monotonic() > until:
                raise OSError(f"{sum(w.get('last_checked', 0) >= asked for w in watches.values())} pages in time")
        failed = [watch["last_error"] for watch in watches.values() if watch.get("last_error")]
        if failed:
            raise OSError(f"fails: {str(failed[0])[:150]}")
        said = {
            number for one, number in self.numbers.items() if watches[one]["last_changed"] != self.changed.get(one, 0)
        }
        self.changed = {one: watches[one]["last_changed"] for one in self.numbers}
        return self._cpu() - before, said
