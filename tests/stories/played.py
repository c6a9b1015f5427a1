"""The demo, played once in a run of the tests, however many workers it has; who looks at it gets a copy."""

import fcntl
import pickle
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from demo.timelapse import Step, play


@dataclass(frozen=True)
class Played:
    """What a play has left: its steps, the processor time that it took, the database, and what was sent."""

    steps: list[Step]
    seconds: float
    database: Path
    sent: Path


def copy_of_the_play(shared: Path, into: Path) -> Played:
    """A copy in the folder `into` of the play that is kept in the folder `shared`; the first who asks plays it."""
    kept = shared / "played"
    with (shared / "played.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept / "steps.pickle").exists():
            _play(kept)
    shutil.copytree(kept, into, dirs_exist_ok=True)
    steps, seconds = pickle.loads((into / "steps.pickle").read_bytes())
    return Played(steps, seconds, into / "demo.db", into / "sent")


def _play(kept: Path) -> None:
    shutil.rmtree(kept, ignore_errors=True)  # what a play that failed has left
    kept.mkdir()
    started = time.process_time()
    steps = list(play(kept / "demo.db", pack=kept / "demo.toml", sent=kept / "sent"))
    told = pickle.dumps((steps, time.process_time() - started))
    (kept / "steps.pickle").write_bytes(told)
