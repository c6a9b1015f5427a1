"""The world in a process of its own, as the real one is: what is known of it is its address. The moment at which it
stands is set from here."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path
from types import TracebackType

from demo.story import read_story
from demo.world import START, World

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 10.0  # seconds for the process to end
THERE = "there"


class WorldApart:
    """Served over HTTP while the context lasts, and spares our own process the work of answering."""

    def __init__(self) -> None:
        self.moment = START
        self.url = ""
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "WorldApart":
        command = [sys.executable, "-m", "demo.apart"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.url = self._said()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        assert self._process and self._process.stdin and self._process.stdout, "the world was never entered"
        self._process.stdin.close()  # it ends with its input
        self._process.wait(PATIENCE)
        self._process.stdout.close()

    def at(self, moment: datetime) -> "WorldApart":
        """Move the world to a moment."""
        assert self._process and self._process.stdin, "the world moves only inside its context"
        self._process.stdin.write(f"{moment.isoformat()}\n")
        assert (said := self._said()) == THERE, f"the world: expected {THERE!r}, found {said!r}"
        self.moment = moment
        return self

    def _said(self) -> str:
        assert self._process and self._process.stdout, "the world speaks only inside its context"
        said = self._process.stdout.readline().strip()
        assert said, "the process of the world has ended; its fault stands above"
        return said


def main() -> None:
    """Serve the world: its address on stdout, then a moment for each line on stdin, until that ends."""
    with World(read_story()) as world:
        print(world.url, flush=True)
        for line in sys.stdin:
            world.at(datetime.fromisoformat(line.strip()))
            print(THERE, flush=True)


if __name__ == "__main__":
    main()
