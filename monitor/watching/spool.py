"""Bodies of one run put aside on the disk once they are many, so that a run needs no more memory than a page of it."""

import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sqlalchemy import Engine

AT_HAND = 8 * 2**20
"""Bytes of a run that stay in memory; nearly all runs are smaller."""


class Spool:
    """A file without a name, beside the database where that is a file: it is gone with the run, however that ends."""

    def __init__(self, engine: Engine) -> None:
        beside = Path(engine.url.database).parent if engine.url.database and _is_file(engine) else None
        self._file = tempfile.TemporaryFile(dir=beside)  # noqa: SIM115 - closed when nobody has it any more
        self._end = 0
        self._last = (-1, b"")

    def keep(self, body: bytes) -> Callable[[], bytes]:
        """How to have this body again."""
        at = self._end
        self._end += self._file.write(body)
        self._file.flush()
        return partial(self._read, at, len(body))

    def _read(self, at: int, size: int) -> bytes:
        """A page is asked for its body several times in a row."""
        if self._last[0] != at:
            self._last = (at, os.pread(self._file.fileno(), size, at))
        return self._last[1]


def _is_file(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite" and Path(str(engine.url.database)).is_file()
