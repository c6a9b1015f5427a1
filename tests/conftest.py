"""What every test stands on: a property-test profile that a busy machine cannot upset, and where ../shared is."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).resolve().parents[1] / ".." / "shared"

settings.register_profile("calm", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("calm")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The reference material beside the checkout; tests that need it are skipped, by name, where it is missing."""
    if not SHARED.is_dir():
        pytest.skip("the reference material ../shared is not beside this checkout")
    return SHARED.resolve()
