"""Two workers collect the same tests: no name of a test depends on the clock, on chance or on the process."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def collected(*, seed: str) -> list[str]:
    """The names of all tests, collected in a process of its own."""
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    done = subprocess.run(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": seed}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return [line for line in done.stdout.splitlines() if "::" in line]


@pytest.mark.timeout(300)
def test_two_processes_collect_the_same_tests_seconds_apart() -> None:
    first = collected(seed="1")
    time.sleep(1.1)  # time stamps in gzip and in headers have whole seconds
    assert len(first) > 1000
    assert collected(seed="2") == first
