"""The sources asked once, and nothing kept: whether each is there, lets us in, and still says what is known to stand in
it. A source of which the pack knows a record is asked for that; of the others every watch is tried."""

import json
from collections.abc import Iterator, Sequence

from sqlmodel import col, select

from monitor.path.health import Verdict
from monitor.path.once import as_watch, look_once
from monitor.service import Service
from monitor.vocabulary.pack import KnownRecord
from monitor.watching.doorman import Implausible
from sources.base import NeedsKey, Source, Unexpected, Unreachable
from sources.records import Record
from store.database import reading
from store.tables import Watch


def probe(service: Service) -> Iterator[Verdict]:
    """A verdict for each known record, then for each watch of a source without one."""
    for known in service.pack.known:
        watch = as_watch(service, known.source, known.options, url=known.url, base_url=known.base_url)
        yield _tried(service, watch, known.source, known)
    sources = {known.source for known in service.pack.known}
    with reading(service.engine) as session:
        watches = session.exec(select(Watch).where(col(Watch.active).is_(True)).order_by(col(Watch.name))).all()
    for watch in watches:
        if watch.source not in sources:
            yield _tried(service, watch, watch.name, None)


def _tried(service: Service, watch: Watch, name: str, known: KnownRecord | None) -> Verdict:
    adapter = f"the adapter {watch.source} needs a look: `therawatch sample {name}` shows what came"
    try:
        spoken = known.transport if known else service.pack.transports.get(watch.name)
        shown = look_once(service, watch, spoken)
    except NeedsKey as problem:
        return Verdict(name, "warn", str(problem), "see the table of sources in the README")
    except Implausible as problem:
        return Verdict(name, "blocked", str(problem), "look with your own eyes; some hosts refuse networks")
    except Unreachable as problem:
        return Verdict(name, "fail", str(problem), "is the network there? then try later")
    except Unexpected as problem:
        return Verdict(name, "shape-changed", str(problem), adapter)
    if shown.problems:
        return Verdict(name, "shape-changed", str(shown.problems[0]), adapter)
    if known and (wrong := _unlike(known, shown.source, shown.records)):
        return Verdict(name, "shape-changed", wrong, adapter)
    if known is None and not shown.records and shown.source.complete and not shown.source.empties:
        spelling = "does the source write the disease, drug or number so? Its own search page knows"
        return Verdict(name, "warn", f"nothing found, {len(shown.pages)} pages", spelling)
    what = f"{known.key} as known" if known and known.key else f"{len(shown.records)} records"
    return Verdict(name, "pass", f"{what}, {len(shown.pages)} pages")


def _unlike(known: KnownRecord, source: Source, records: Sequence[Record]) -> str | None:
    """What was expected and what was found, where a known record is not as it is known."""
    if len(records) < known.at_least:
        return f"expected at least {known.at_least} records, found {len(records)}"
    if not known.key:
        return None
    record = next((record for record in records if known.key in source.answers_to(record)), None)
    if record is None:
        return f"expected the record {known.key}, found {', '.join(r.key for r in records[:5]) or 'none'}"
    content = record.model_dump(mode="json")
    for field, words in known.says.items():
        found = json.dumps(content.get(field), ensure_ascii=False)
        if words.casefold() not in found.casefold():
            return f"expected {words!r} in {field} of {known.key}, found {found[:200]}"
    return None
