"""Two workers collect the same tests: no name of a test depends on the clock, on chance or on the process."""

import os
import subprocess
import sys
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
def test_two_processes_collect_the_same_tests(request: pytest.FixtureRequest) -> None:
    """Those that this process collected, be it all, and another one seconds later; time stamps in gzip and in headers
    have whole seconds."""
    here = [item.nodeid for item in request.session.items]

    there = collected(seed="1" if os.environ.get("PYTHONHASHSEED") != "1" else "2")

    assert len(there) > 1000
    wanted = set(here)
    assert [name for name in there if name in wanted] == here
    if len(here) > 1000:
        assert there == here
