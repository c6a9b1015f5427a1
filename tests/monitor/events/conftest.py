"""A fresh store to record events in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from store.engine import open_engine
from tests.fresh import fresh


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    fresh(tmp_path / "store.db")
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    yield engine
    engine.dispose()
