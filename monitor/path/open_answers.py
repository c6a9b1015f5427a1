"""The log opened for answers alone: no sources, channels, keys or client are made, unless the store must be filled."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from monitor.settings import Settings
from monitor.vocabulary.pack import Pack
from store.columns import FLAG
from store.engine import open_engine
from store.revision import current, head
from store.states import FILLED, Filled


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a source said of itself when the store was filled: its places, and how long its own date may stand still."""

    places: tuple[str, ...]
    moves_within: timedelta | None


@dataclass(frozen=True, slots=True)
class Answering:
    """A pack, the log in one transaction, what the sources said of themselves, and the moment."""

    pack: Pack
    connection: Connection
    sources: Mapping[str, Spoken]
    now: datetime


@contextmanager
def answering(settings: Settings, pack: Pack) -> Iterator[Answering]:
    """The log as this pack filled it. A store that is new, older or filled by another pack is first brought in line by
    a whole Service. Raises Misconfigured."""
    engine = open_engine(settings.database_url)
    try:
        spoken = _spoken(engine, pack)
        if spoken is None:
            from monitor.path.assemble import assembled  # noqa: PLC0415 - with everything that a store is filled with

            with assembled(settings):
                spoken = _spoken(engine, pack)
            assert spoken is not None, settings.config
        with engine.connect() as connection:
            yield Answering(pack, connection, spoken, settings.moment())
    finally:
        engine.dispose()


def _spoken(engine: Engine, pack: Pack) -> Mapping[str, Spoken] | None:
    """What the sources said of themselves; None where the store must be filled first."""
    file = engine.url.database if engine.dialect.name == "sqlite" else None
    if (file and not Path(file).is_file()) or current(engine) != head():
        return None
    with engine.connect() as connection:
        rows = connection.execute(select(FLAG.c.name, FLAG.c.value).where(FLAG.c.name.in_(FILLED)))
        flags = {name: value for name, value in rows}
    if flags.keys() < set(FILLED) or flags[Filled.WRITTEN] != pack.digest():
        return None
    return {
        name: Spoken(tuple(places), timedelta(seconds=within) if within else None)
        for name, (places, within) in json.loads(flags[Filled.SOURCES]).items()
    }
