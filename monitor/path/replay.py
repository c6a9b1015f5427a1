"""Play recorded payloads through the one path, each at its capture time, in date order.

Profile (recorded/vocabulary.md): each folder is a watch of its own, its first file the baseline; guards that need a
live source are off; a vanished record counts at once. Nothing is matched or delivered.
"""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlmodel import Session, select

from monitor.path.assemble import assembled
from monitor.path.read import read_pages
from monitor.path.take_in import take_in
from monitor.service import Service
from monitor.settings import Misconfigured, Settings
from monitor.watching.bad_runs import failed
from monitor.watching.captures import keep_capture
from monitor.watching.doorman import Implausible
from monitor.watching.guards import REPLAY
from monitor.watching.odd import AtWork
from monitor.watching.runs import Checked
from sources.base import Page, Source, SourceError
from store.database import reading, writing
from store.tables import Capture, Watch

ADAPTERS = {
    "clinicaltrials-v2": "clinicaltrials",
    "openfda-drugsfda": "drugsfda",
    "openfda-shortages": "fda_shortages",
    "ema-medicines-xlsx": "ema_workbook",
    "ctis": "ctis",
    "sec-submissions": "edgar",
    "healthcanada-shortages": "ca_shortages",
}
"""Which source a folder of recordings belongs to, by its name."""

CONTENT_TYPES = {
    ".json": "application/json",
    ".xml": "application/xml",
    ".html": "text/html",
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Recording:
    """One payload: which record or set it belongs to, and when it was captured."""

    series: str
    at: datetime
    path: Path


@dataclass
class Recorded:
    """Stands where the fetcher of a live check stands: keeps captures, has nothing to remember."""

    watch: Watch
    pages: list[Page]
    sweep: bool = False

    def keep(self, session: Session, page: Page, *, refused: str | None = None) -> Capture:
        """Keep the payload as evidence."""
        return keep_capture(session, self.watch, page, refused=refused)

    def remember(self, connection: Connection) -> None:
        """A recording has no validators."""


def replay(settings: Settings, folder: Path, source: str | None = None) -> Iterator[Checked]:
    """Play one source folder; yields one outcome per payload. Raises Misconfigured before anything is written."""
    recordings = read_folder(folder)
    if "database_url" not in settings.model_fields_set:
        settings = settings.model_copy(update={"database_url": f"sqlite:///./replay-{folder.resolve().name}.db"})
        _start_afresh(settings.database_url)
    with assembled(settings, fill=False) as service:
        name = source or ADAPTERS.get(folder.resolve().name, "")
        if name not in service.sources:
            known = ", ".join(sorted(service.sources))
            raise Misconfigured(f"{folder}: expected a folder named in {sorted(ADAPTERS)} or --source one of {known}")
        kind = service.sources[name]
        for recording in recordings:
            yield _play(replace(service, now=partial(_then, recording.at)), kind(kind.Options()), recording)


def read_folder(folder: Path) -> list[Recording]:
    """The recordings of a source folder in order of time. Raises Misconfigured when it holds none."""
    if not folder.is_dir():
        raise Misconfigured(f"expected a folder DIR/<record or set>/<version>.<ext>, found {folder}")
    files = [path for path in folder.glob("*/*") if path.is_file()]
    files += [path for path in folder.glob("*") if path.is_file() and path.name != "events.jsonl"]
    recordings = [
        Recording(path.parent.name, captured_at(path.stem), path)
        for path in files
        if path.suffix in CONTENT_TYPES and not path.name.startswith(".")
    ]
    if not recordings:
        raise Misconfigured(f"{folder}: expected recorded payloads <record or set>/<version>.<ext>, found none")
    return sorted(recordings, key=lambda r: (r.at, r.series))


def captured_at(stem: str) -> datetime:
    """The capture time in a file's name: `2026-02-10T0705Z` or a day. Raises Misconfigured."""
    for form in ("%Y-%m-%dT%H%MZ", "%Y-%m-%d", "%Y-%m-%dT%H-%M-%SZ", "%Y-%m"):
        try:
            return datetime.strptime(stem, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise Misconfigured(f"expected a capture time such as 2026-02-10T0705Z as the file's name, found {stem!r}")


def _then(at: datetime) -> datetime:
    return at


def _start_afresh(url: str) -> None:
    for left in ("", "-wal", "-shm"):
        Path(url.removeprefix("sqlite:///") + left).unlink(missing_ok=True)


def _play(service: Service, source: Source, recording: Recording) -> Checked:
    started = time.monotonic()
    watch = _watch(service, source, recording)
    body = recording.path.read_bytes()
    page = Page(
        url=f"{recording.series}/{recording.path.name}",
        fetched_at=recording.at,
        status=200,
        content_type=CONTENT_TYPES[recording.path.suffix],
        sha256=hashlib.sha256(body).hexdigest(),
        load=lambda: body,
    )
    fetch = Recorded(watch, [page])
    try:
        read = read_pages(service, watch, source, [page], again=None)
        return take_in(service, watch, source, read, fetch, AtWork(), now=recording.at, guard=REPLAY, started=started)
    except (SourceError, Implausible) as problem:
        return failed(service, watch, fetch, problem, recording.at, started)


def _watch(service: Service, source: Source, recording: Recording) -> Watch:
    name = f"replay/{recording.series}"
    with reading(service.engine) as session:
        watch = session.exec(select(Watch).where(Watch.name == name)).first()
    if watch is None:
        watch = Watch(
            name=name, source=source.name, options={}, every_seconds=86400, active=False, next_check_at=recording.at
        )
        with writing(service.engine) as session:
            session.add(watch)
    return watch
