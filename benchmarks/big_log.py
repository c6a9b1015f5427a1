"""A database as an installation of many years has it: 100,000 events and 1,000,000 changes, built in a minute or two.

The rows are like those of a watched register: twenty thousand records that change fifty times each, events told by one
to three sources, some held, dismissed or corrected, a kept page behind each. They go in by statements, not by the path,
which would take days; the chain of hashes is not theirs.
"""

import bz2
import hashlib
import json
import random
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from monitor.settings import Settings
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.pack_faults import read_pack
from monitor.vocabulary.places import PLACES
from monitor.watching.chain import canonical
from monitor.watching.roster import sync
from sources import load
from sources.product_labels import Label
from store.database import writing
from store.engine import open_engine
from store.schema import upgrade
from store.search import change_words, words_of

EVENTS, CHANGES, PER_RECORD = 100_000, 1_000_000, 50
START, YEARS = datetime(2017, 1, 1, tzinfo=UTC), 10
PAGES, COMPOUNDS, DRAWN = 200, 2000, 20_011
RULES = ("trial_stopped.registers", "clinical_hold.prose", "approval.prose", "approval.applications", "recall.notices")
ALSO_IN = 3
"""Every third study has a number of another registry, too."""
BATCH = 20_000
STATES = ("released",) * 80 + ("imported",) * 15 + ("corrected",) * 2 + ("held",) * 2 + ("dismissed",)
TOPICS = words_of(
    "safety tolerability efficacy extension randomized placebo controlled open label oral intravenous intrathecal "
    "antisense gene stem cell biomarker neurofilament respiratory function survival early access motor neuron disease "
    "amyotrophic lateral sclerosis people adults carriers mutation dose ranging long term follow registry cohort "
    "adaptive platform master protocol regimen inhibitor agonist"
)
STATUSES = ("NOT_YET_RECRUITING", "RECRUITING", "ACTIVE_NOT_RECRUITING", "COMPLETED", "TERMINATED", "SUSPENDED")
TABLES = ("change", "event", "evidence", "item", "snapshot", "capture", "body", "run")


def build(file: Path, settings: Settings, *, events: int = EVENTS, changes: int = CHANGES) -> None:
    """Make the database anew."""
    pack = read_pack(settings.config, load())
    engine = open_engine(f"sqlite:///{file}")
    upgrade(engine)
    with writing(engine) as session:
        sync(session, pack, START)
    engine.dispose()
    with closing(sqlite3.connect(file)) as database:
        for pragma in ("foreign_keys=OFF", "synchronous=OFF", "cache_size=-200000", "temp_store=MEMORY"):
            database.execute(f"PRAGMA {pragma}")
        indexes = _drop_indexes(database)
        log = _Log(database, pack, events, changes)
        log.pages()
        log.records()
        log.changes()
        log.events()
        for statement in indexes:
            database.execute(statement)
        database.execute("UPDATE watch SET last_success_at = ?, health = 'ok'", (_text(log.end),))
        database.commit()
        for name in ("change", "event"):
            database.execute(f"INSERT INTO {name}_words({name}_words) VALUES ('optimize')")
        database.commit()


def _drop_indexes(database: sqlite3.Connection) -> list[str]:
    """Drop what is quicker made at the end; gives the statements that make it."""
    marks = ", ".join("?" for _ in TABLES)
    listed = f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})"
    found = database.execute(listed, TABLES).fetchall()
    for name, _ in found:
        database.execute(f'DROP INDEX "{name}"')
    return [sql for _, sql in found]


class _Log:
    """Draws the rows, the same at every call, and puts them in."""

    def __init__(self, database: sqlite3.Connection, pack: Pack, events: int, changes: int) -> None:
        self.database, self.pack = database, pack
        self.many_events, self.many = events, changes
        self.many_records = max(1, changes // PER_RECORD)
        self.draw = random.Random(42)
        self.end = START + timedelta(days=365 * YEARS)
        watches = database.execute("SELECT id, name, source FROM watch ORDER BY id").fetchall()
        self.watches = [(id, name, source) for id, name, source in watches]
        kinds = load()  # labels are made beside (`big_beside.py`): few, and of another shape
        self.registers = [one for one in self.watches if not issubclass(kinds[one[2]].record, Label)]
        self.titles: list[str] = []

    def put(self, table: str, rows: Iterator[dict[str, Any]]) -> None:
        """Insert rows in batches, all with the columns of the first."""
        batch: list[dict[str, Any]] = []
        for row in rows:
            batch.append(row)
            if len(batch) == BATCH:
                self._put(table, batch)
                batch.clear()
        self._put(table, batch)

    def _put(self, table: str, batch: list[dict[str, Any]]) -> None:
        if batch:
            names = ", ".join(batch[0])
            values = ", ".join(f":{name}" for name in batch[0])
            self.database.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({values})', batch)

    def at(self, share: float) -> str:
        """A moment of those years, as SQLAlchemy stores it."""
        return _text(START + share * (self.end - START))

    def watch_of(self, record: int) -> tuple[int, str, str]:
        """Most records belong to the first watch, as those of a register do; the last has few."""
        place = 0 if record % 4 else 1 + (record // 4) % (len(self.registers) - 1)
        return self.registers[-1] if record % 997 == 0 else self.registers[min(place, len(self.registers) - 1)]

    def pages(self) -> None:
        """The kept pages: bodies of some 60 KB, a run and a capture for each."""
        bodies, captures = [], []
        for number in range(1, PAGES + 1):
            body = page(number)
            sha256 = hashlib.sha256(body).hexdigest()
            bodies.append({"sha256": sha256, "size": len(body), "packed": b"b" + bz2.compress(body)})
            captures.append(
                {"id": number, "watch_id": self.watches[0][0], "url": f"https://register.example/{number}",
                 "fetched_at": _text(START), "status": 200, "content_type": "text/html", "sha256": sha256}
            )  # fmt: skip
        self.hashes = [body["sha256"] for body in bodies]
        self.put("body", iter(bodies))
        self.put("capture", iter(captures))
        when = dict.fromkeys(("started_at", "finished_at"), _text(START))
        counts = {"outcome": "changed", "pages": 1, "records": 1, "changes": 1, "events": 0, "ms": 9}
        self.put("run", ({"id": n, "watch_id": id} | when | counts for n, (id, _, _) in enumerate(self.watches, 1)))

    def records(self) -> None:
        """The records that are followed, each with a snapshot."""
        items, snapshots = [], []
        for number in range(1, self.many_records + 1):
            title = " ".join(self.draw.choices(TOPICS, k=9)).capitalize()
            self.titles.append(title)
            _, _, source = self.watch_of(number)
            key = european(number // ALSO_IN * ALSO_IN) if source == "euctr" else f"NCT{number:08}"
            item = {"id": number, "source": source, "scope": "", "key": key, "title": title, "present": True}
            item["others"] = None if number % ALSO_IN or source == "euctr" else json.dumps([european(number)])
            items.append(item | {"url": f"https://register.example/{key}", "snapshot_id": number})
            content = {"title": title, "status": "RECRUITING", "primary_outcomes": ["survival"], "enrollment": 120}
            snapshot = {"id": number, "item_id": number, "run_id": 1, "capture_id": 1 + number % PAGES, "revision": 1}
            packed = zlib.compress(canonical(content))
            snapshots.append(snapshot | {"taken_at": _text(START), "packed": packed, "fingerprint": "f"})
        self.put("item", iter(items))
        self.put("snapshot", iter(snapshots))

    def changes(self) -> None:
        """The change log, in the order of time, and its words."""
        words: list[tuple[int, str]] = []
        drawn = [self._differences(number) for number in range(DRAWN)]
        told = [(json.dumps(one), " ".join(change_words(one, ()))) for one in drawn]
        of_record = [" ".join(words_of(f"{title} NCT{n:08}")) for n, title in enumerate(self.titles, 1)]

        def rows() -> Iterator[dict[str, Any]]:
            for number in range(1, self.many + 1):
                record = 1 + (number * 7919) % self.many_records
                differences, of_differences = told[number * 31 % DRAWN]
                watch = self.watch_of(record)
                words.append((number, f"{of_record[record - 1]} {watch[2]} {of_differences}"))
                yield {"id": number, "item_id": record, "watch_id": watch[0], "run_id": 1, "kind": "changed",
                       "before_id": record, "after_id": record, "differences": differences,
                       "detected_at": self.at(number / self.many), "previous_hash": "0", "hash": f"{number:064x}",
                       "folded_into": number - 3 if number % 500 == 0 else None}  # fmt: skip

        self.put("change", rows())
        self.database.executemany("INSERT INTO change_words (rowid, words) VALUES (?, ?)", words)

    def _differences(self, number: int) -> list[dict[str, Any]]:
        draw = self.draw
        one, other = draw.choices(STATUSES, k=2)
        month = f"{2017 + number % 12}-{1 + number % 12:02}"
        later = f"{2018 + number % 12}-{1 + number % 11:02}"
        told = draw.random()
        if told < 0.4:
            return [{"field": "status", "path": "overallStatus", "before": one, "after": other}]
        if told < 0.7:
            return [{"field": "completion", "path": "completionDateStruct.date", "before": month, "after": later}]
        if told < 0.9:
            return [{"field": "sites.count", "path": "locations.count", "before": number % 17, "after": number % 90}]
        text = " ".join(draw.choices(TOPICS, k=40))
        return [{"field": "eligibility", "path": "eligibilityCriteria", "before": text[:150], "after": text}]

    def events(self) -> None:
        """The events, each with its tellers, and their words."""
        evidence: list[dict[str, Any]] = []
        words: list[tuple[int, str]] = []

        def rows() -> Iterator[dict[str, Any]]:
            for number in range(1, self.many_events + 1):
                row = self._event(number)
                proofs = list(self._proofs(row, number))
                evidence.extend(proofs)
                told = " ".join(f"{proof['source']} {proof['quote']}" for proof in proofs)
                text = f"{row['title']} {row['therapy']} {row['trial']} {row['place']} {row['type']} {told}"
                words.append((number, " ".join(words_of(text.replace("_", " ")))))
                yield row

        self.put("event", rows())
        self.put("evidence", iter(evidence))
        self.database.executemany("INSERT INTO event_words (rowid, words) VALUES (?, ?)", words)

    def _event(self, number: int) -> dict[str, Any]:
        draw = self.draw
        spec = draw.choice(list(TYPES.values()))
        followed = draw.choice(self.pack.therapies)
        name = followed.name if number % 5 == 0 else f"compound {draw.randrange(COMPOUNDS)}"
        record = 1 + draw.randrange(self.many_records)
        trial, place = (f"NCT{record:08}", None) if number % 3 else (None, draw.choice(PLACES))
        at = self.at(number / self.many_events)
        thread = f"{place}/{name}/authorisation".lower() if place else f"trial/{trial}".lower()
        return {
            "id": f"EV{number:010}", "sequence": number, "type": spec.name, "therapy": name,
            "drug": name, "place": place, "places": json.dumps([place] if place else []), "trial": trial,
            "polarity": spec.polarity or "neutral", "occurred_on": at[:10] if number % 7 else at[:7],
            "day": at[:10] if number % 7 else at[:7], "detected_at": at, "released_at": at, "level": spec.level,
            "level_reasons": "[]", "certainty": "stated", "tier": 2, "thread": thread, "step": spec.step,
            "alert": True, "title": f"{name}: {spec.label}", "state": draw.choice(STATES),
            "matched_at": at, "rule": RULES[number % len(RULES)],
        }  # fmt: skip

    def _proofs(self, event: dict[str, Any], number: int) -> Iterator[dict[str, Any]]:
        for teller in range(1 + number % 3):
            _, name, source = self.watches[(number + teller) % len(self.watches)]
            page = (number + teller) % PAGES
            yield {
                "event_id": event["id"], "change_id": 1 + (number * 10 + teller) % self.many, "source": source,
                "watch": name, "tier": 1 + teller, "url": f"https://register.example/{page + 1}",
                "quote": sentence(page + 1, number % 40), "retrieved_at": event["detected_at"],
                "capture_sha256": self.hashes[page], "at": event["detected_at"],
            }  # fmt: skip


def european(number: int) -> str:
    """The number under which a study stands in the older European register."""
    return f"2020-{number:06}-11"


def page(number: int) -> bytes:
    """A page of a register."""
    parts = "".join(f"<section><h2>Part {n}</h2><p>{sentence(number, n)}</p></section>\n" for n in range(400))
    return f"<!DOCTYPE html><html><head><title>Record {number}</title></head><body>{parts}</body></html>".encode()


def sentence(number: int, part: int) -> str:
    """A sentence of a page, the same whenever it is asked for."""
    draw = random.Random(number * 1000 + part)
    return " ".join(draw.choices(TOPICS, k=12)).capitalize() + f" {part}."


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
