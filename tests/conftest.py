"""What every test stands on: a property-test profile that a busy machine cannot upset, and where ../shared is."""

import gc
import logging
from pathlib import Path

import pytest
import structlog
from hypothesis import HealthCheck, settings

from monitor.logs import log

FIRST = ("tests/stories/test_demo.py", "tests/stories/", "tests/test_")
"""What takes longest: begun first, it leaves no worker alone at the end of a run."""
SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"

settings.register_profile("calm", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The demo, the other stories, the tests of the whole house, and the rest, each in the order of their names."""
    items.sort(key=lambda item: [not item.nodeid.startswith(one) for one in FIRST])


def pytest_collection_finish() -> None:
    """Collect garbage more rarely, and not among what stays to the end: a tenth of the whole run went into it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(autouse=True)
def plain_log() -> None:
    """The log as it comes, but tracebacks without the value of every variable: drawing those takes seconds."""
    structlog.reset_defaults()
    log.goes(logging.NOTSET, None)
    *others, _ = structlog.get_config()["processors"]
    drawn = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*others, drawn])


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the checkout; tests that need it are skipped, by name, where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("the reference material ../shared is not beside this checkout")
    return SHARED.resolve()
