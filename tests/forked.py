"""The command in a process of its own, forked from one that has imported it already: a second of CPU less for each.

How a command starts is not tried this way (`tests/test_starting.py` and all that serves starts in earnest); all that
it does from its first argument to its exit status is.
"""

import atexit
import gc
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from monitor import kill_points
from monitor.cli import command_names, main

FORKING = get_context("forkserver")
FORKING.set_forkserver_preload(
    [
        "monitor.path.assemble",
        "monitor.path.take_in",
        "store.schema",
        *(f"monitor.commands.{name}" for name in command_names()),
    ]
)


class Forked:
    """`therawatch` at work in a folder and an environment."""

    def __init__(self, arguments: tuple[str, ...], *, folder: Path, environ: Mapping[str, str]) -> None:
        self._said = TemporaryDirectory()
        self._out, self._err = (Path(self._said.name) / name for name in ("out", "err"))
        self._process = FORKING.Process(target=_run, args=(arguments, folder, dict(environ), self._out, self._err))
        self._process.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._process.join()
        self._process.close()
        self._said.cleanup()

    def runs(self) -> bool:
        """Whether it is still at work."""
        return self._process.is_alive()

    def kill(self) -> None:
        """End it as a power cut would."""
        self._process.kill()

    def ended(self, patience: float) -> subprocess.CompletedProcess[str]:
        """How it ended, and what it said until then. Raises TimeoutExpired."""
        self._process.join(patience)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("therawatch", patience)
        out, err = (file.read_text() if file.exists() else "" for file in (self._out, self._err))
        return subprocess.CompletedProcess("therawatch", self._process.exitcode, out, err)


def _run(arguments: tuple[str, ...], folder: Path, environ: dict[str, str], out: Path, err: Path) -> None:
    gc.freeze()  # what was imported before the fork is refuse to nobody, and stays shared
    for number, file in enumerate((out, err), start=1):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT), number)
    os.environ.clear()
    os.environ.update(environ)
    time.tzset()
    os.chdir(folder)
    if point := environ.get("THERAWATCH_KILL_AT"):
        _end_at(point)
    sys.argv = ["therawatch", *arguments]
    try:
        main()
    finally:
        atexit._run_exitfuncs()  # a forked process would end without


def _end_at(point: str) -> None:
    """What the kill points are in a process that is started with this one to end at."""
    kill_points.POINT = point
    for module in [one for one in sys.modules.values() if _given(one) is kill_points.kill_point]:
        module.kill_point = kill_points._end  # type: ignore[attr-defined]


def _given(module: object) -> object:
    """What a module calls its kill points, without waking one that is loaded late."""
    return getattr(module, "__dict__", {}).get("kill_point")
