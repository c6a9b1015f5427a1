"""One watch, from fetch to recorded change: the one path, used by the clock, the command and the button.

    due -> fetch -> parse -> doorman -> settle -> [ observe -> compare -> interpret -> attribute -> record ]

Nothing is held open across the network. What stands in brackets is one transaction: after any crash the next check
finds the same difference again, or finds it recorded. Most looks end after the fetch, with pages that are as they were:
what comes then is in `monitor.path.take_in`, and imported once it is needed.
"""

import json
import time
from datetime import datetime, timedelta
from functools import lru_cache
from operator import attrgetter
from urllib.parse import urlsplit

from pydantic import BaseModel

from monitor.kill_points import kill_point
from monitor.logs import log
from monitor.service import Service
from monitor.settings import PREFIX, UNNAMED, Settings
from monitor.watching.fetching import Fetching
from monitor.watching.guards import Guard
from monitor.watching.runs import Checked, Looks
from sources.base import NeedsKey, Source, SourceError
from store.look_columns import Watched
from store.states import Health

SWEEP_EVERY = timedelta(days=7)


def check(service: Service, watch: Watched, looks: Looks, guard: Guard) -> Checked:
    """Check one watch: fetch, read, compare, record.

    Each watch is an island. Whatever goes wrong here that nobody foresaw is a failed run of this watch, with its
    traceback in the log, and the others go on.
    """
    started, now = time.monotonic(), service.now()
    try:
        return _look(service, watch, looks, guard, now, started)
    except KeyboardInterrupt:
        raise
    except BaseException as problem:  # an adapter may call sys.exit, a library panic beside Exception
        from monitor.watching.bad_runs import Unforeseen, failed  # noqa: PLC0415 - with all that notes a failed run

        log.exception("run failed", watch=watch.name)
        return failed(service, watch, None, Unforeseen(problem), now, started)


def _look(service: Service, watch: Watched, looks: Looks, guard: Guard, now: datetime, started: float) -> Checked:
    sweep = _sweeps(watch, service.sources[watch.source].revision, now)
    source = source_of(service, watch)
    client = service.client.through(way) if (way := service.pack.transports.get(watch.name)) else service.client
    fetch = Fetching(client, service.engine, watch, source, now=service.now, sweep=sweep, memories=looks.memories)
    kill_point("K1")
    try:
        if source.needs and (lacking := asked_for(service.settings, source)):
            raise NeedsKey(lacking)
        pages = list(source.pages(fetch))
        kill_point("K3")
    except SourceError as problem:
        from monitor.watching.bad_runs import failed  # noqa: PLC0415 - with all that notes a failed run

        return failed(service, watch, fetch, problem, now, started)
    mended = watch.problem is None or watch.health == Health.RECORD_MISSING  # the same pages miss the same record
    well = watch.baseline_at is not None and watch.revision == source.revision and mended
    well = well and not (source.complete and fetch.awaits)
    if well and all(map(attrgetter("unchanged"), pages)):
        stamp = next(filter(None, (source.stamp(page) for page in fetch.pages if not page.unchanged)), None)
        return looks.note(watch, fetch, now, started, stamp=stamp)
    from monitor.path.take_in import Look  # noqa: PLC0415 - with the mapper and all rooms that news goes through

    return Look(service, source, fetch, guard, now, started).take_up(watch, pages, looks, well=well)


def _sweeps(watch: Watched, revision: int, now: datetime) -> bool:
    """Whether everything is read anew, not only what the source says has moved."""
    swept = watch.swept_at
    if swept is None or watch.baseline_at is None or watch.revision != revision:
        return True
    if watch.problem is not None:
        return True  # what was amiss is looked at again until it is mended
    return now - swept >= SWEEP_EVERY or swept > now  # a clock that ran ahead swept in the future


def asked_for(settings: Settings, source: Source) -> str | None:
    """What the source's own host asks for and these settings lack, with the name of the setting; None where it is all
    there, or where a mirror is asked."""
    if source.base_url != source.home.rstrip("/"):
        return None
    if source.needs == "contact" and settings.contact == UNNAMED:
        return f"needs a key: set {PREFIX}CONTACT to a mail address, {source.title} asks who reads it"
    host = urlsplit(source.base_url).hostname or ""
    if source.needs == "key" and host not in settings.site_keys:
        return f"needs a key: set {PREFIX}SITE_KEYS={host}=..., {source.title} gives nothing without one"
    return None


def source_of(service: Service, watch: Watched) -> Source:
    """The source of a watch, set up with its options."""
    kind = service.sources[watch.source]
    return kind(_options(kind, json.dumps(watch.options)), url=watch.url, base_url=watch.base_url)


@lru_cache(maxsize=1024)  # a watch is looked at again and again, and options never change once they are read
def _options(kind: type[Source], written: str) -> BaseModel:
    return kind.Options.model_validate(json.loads(written))
