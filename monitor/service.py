"""The Service: what every step is handed, built once, by hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine

from monitor.settings import Settings
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from notifiers.base import Notifier
from sources.base import Source
from sources.http.client import Client


@dataclass(frozen=True)
class Service:
    """Settings, pack, database, catalogs, the one HTTP client, and `now`: the moment at which facts are seen."""

    settings: Settings
    pack: Pack
    therapies: Therapies
    engine: Engine
    sources: Mapping[str, type[Source]]
    notifiers: Mapping[str, type[Notifier]]
    client: Client
    now: Callable[[], datetime]
