"""What is stored is what was stored: `verify` is quiet about a healthy database and finds whatever another hand did."""

import bz2
import json
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic import command

from demo.story import Told
from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from store import schema
from store.engine import open_engine
from store.seals import START, linked
from tests.stories.stage import Hook, Installation, Postbox, Ran, Stage, application, look, send, study, tale, watch

BEFORE = datetime(2023, 5, 1, 12, tzinfo=UTC)
ANNOUNCED = datetime(2023, 5, 2, 18, tzinfo=UTC)
AFTER = datetime(2023, 5, 5, 12, tzinfo=UTC)
KEY = "k" * 40

TRIALS = watch("trials", "clinicaltrials", base_url="WORLD", options={"condition": "amyotrophic lateral sclerosis"})
APPLICATIONS = watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]})
FEED = watch("biogen", "feed", url="WORLD/feeds/biogen.xml", therapies=["AMX0035", "tofersen"], options={"tier": 3})


def told(at: str, title: str, text: str) -> Told:
    return Told("biogen", datetime.fromisoformat(at).replace(tzinfo=UTC), title, text, at[:10])


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that has told two readers of four events, and one of them that a regulator confirmed one."""
    story = tale(
        studies=(
            study(
                "NCT90000001", (date(2021, 1, 4), {}), (date(2023, 5, 4), {"status": "TERMINATED"}), acronym="STARLIGHT"
            ),
        ),
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        ),
        told=(
            told("2023-04-20T12:00", "Our plans", "What to expect."),
            told(
                "2023-05-02T12:00",
                "FDA grants accelerated approval for QALSODY (tofersen) for SOD1-ALS",
                "The FDA has granted accelerated approval to Qalsody (tofersen) for adults with ALS and SOD1.",
            ),
            told(
                "2023-05-04T12:00",
                "FDA accepts new drug application for AMX0035 in ALS",
                "The FDA accepted the application for AMX0035 for ALS and set an action date of May 25, 2023.",
            ),
        ),
    )
    with Stage(story, at=BEFORE) as world, Hook() as hook, Postbox() as box:
        home = Installation(tmp_path_factory.mktemp("lived"), world, {"SMTP_URL": box.url, "SECRET_KEY": KEY})
        home.write_pack(TRIALS, APPLICATIONS, FEED)
        with home.service(smtp_url=box.url, secret_key=KEY) as service:
            look(service)
            subscribe(service, channel="webhook", address=hook.url, level="info")
            wishes: dict[str, Any] = {"level": "info", "confirmations": True}
            subscribe(service, channel="email", address="reader@example.org", confirmed=True, **wishes)
            for moment in (ANNOUNCED, AFTER, datetime(2023, 7, 1, 12, tzinfo=UTC)):
                world.at(moment)
                look(service)
                assert {line["state"] for line in send(service)} <= {"sent"}
        yield home


@pytest.fixture
def home(lived: Installation, tmp_path: Path) -> Installation:
    """A copy of it that may be damaged."""
    with sqlite3.connect(lived.database) as source, sqlite3.connect(tmp_path / "watch.db") as copy:
        source.backup(copy)
    (tmp_path / "pack.toml").write_text(lived.pack.read_text())
    return Installation(tmp_path, lived.world, lived.environ)


def rows(home: Installation, query: str) -> list[Any]:
    with sqlite3.connect(home.database) as connection:
        return connection.execute(query).fetchall()


def alter(home: Installation, *statements: str | tuple[str, tuple[Any, ...]]) -> None:
    """By another hand: without triggers, foreign keys or this service."""
    with sqlite3.connect(home.database) as connection:
        for (trigger,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {trigger}")
        for one in statements:
            text, values = one if isinstance(one, tuple) else (one, ())
            assert connection.execute(text, values).rowcount, f"nothing was altered: {text}"


def confirmed(home: Installation) -> str:
    """The event that a company told and a regulator confirmed."""
    ((name,),) = rows(home, "SELECT id FROM event WHERE confirmation_matched_at IS NOT NULL")
    return str(name)


def other_content(home: Installation) -> tuple[str, tuple[Any, ...]]:
    number, packed = rows(home, "SELECT id, packed FROM snapshot ORDER BY id DESC LIMIT 1")[0]
    content = json.loads(zlib.decompress(packed)) | {"title": "Something else"}
    return "UPDATE snapshot SET packed = ? WHERE id = ?", (zlib.compress(json.dumps(content).encode()), number)


def sealed_anew(home: Installation, *tables: str) -> list[Any]:
    """All seals made anew without those of some tables, by a hand that knows how."""
    made: list[Any] = ["DELETE FROM seal"]
    previous, number = START, 0
    for name, key, form, mark in rows(home, "SELECT table_name, row_key, form, digest FROM seal ORDER BY id"):
        if name not in tables:
            number, previous = number + 1, linked(previous, name, key, mark, form)
            made.append(("INSERT INTO seal VALUES (?, ?, ?, ?, ?, ?)", (number, name, key, form, mark, previous)))
    return made


ALTERATIONS: dict[str, tuple[str, Callable[[Installation], list[Any]]]] = {
    "event title": ("event", lambda _: ["UPDATE event SET title = 'Nothing happened' WHERE state = 'released'"]),
    "event level": ("event", lambda _: ["UPDATE event SET level = 'info' WHERE level = 'critical'"]),
    "event held": ("event", lambda _: ["UPDATE event SET state = 'held' WHERE state = 'released'"]),
    "event gone": ("event", lambda _: ["DELETE FROM event WHERE sequence = (SELECT max(sequence) FROM event)"]),
    "evidence quote": ("evidence", lambda _: ["UPDATE evidence SET quote = 'said nothing of the kind'"]),
    "evidence gone": ("evidence", lambda _: ["DELETE FROM evidence WHERE id = 1"]),
    "snapshot content": ("snapshot", lambda home: [other_content(home)]),
    "snapshot unreadable": ("snapshot", lambda _: ["UPDATE snapshot SET packed = x'00ff' WHERE id = 1"]),
    "body bytes swapped": (
        "body",
        lambda _: ["UPDATE body SET packed = (SELECT packed FROM body b WHERE b.sha256 != body.sha256 LIMIT 1)"],
    ),
    "body of nonsense": ("body", lambda _: [("UPDATE body SET packed = ?", (b"b" + bz2.compress(b"<nonsense>"),))]),
    "body unreadable": ("body", lambda _: ["UPDATE body SET packed = x'6200ff'"]),
    "body without a mark": ("body", lambda _: ["UPDATE body SET packed = x'00ff'"]),
    "body cut to its head": ("beginning", lambda _: [("UPDATE body SET packed = ?", (b"h" + bz2.compress(b"<"),))]),
    "body gone": (
        "gone",
        lambda _: ["DELETE FROM body WHERE sha256 = (SELECT sha256 FROM capture ORDER BY id LIMIT 1)"],
    ),
    "delivery not sent": ("delivery", lambda _: ["UPDATE delivery SET state = 'void' WHERE state = 'sent'"]),
    "delivery body": ("delivery", lambda _: ["UPDATE delivery SET body = x'7b7d' WHERE state = 'sent'"]),
    "delivery gone": ("delivery", lambda _: ["DELETE FROM delivery"]),
    "enclosure gone": ("enclosure", lambda _: ["DELETE FROM enclosure WHERE subscription_id = 2"]),
    "enclosure and delivery gone with their seals": (
        "owed to subscription",
        lambda home: ["DELETE FROM enclosure", "DELETE FROM delivery", *sealed_anew(home, "enclosure", "delivery")],
    ),
    "event matched with nobody": (
        "owed to subscription",
        lambda home: [
            "DELETE FROM enclosure WHERE event_id = (SELECT min(event_id) FROM enclosure)",
            *sealed_anew(home, "enclosure"),
        ],
    ),
    "enclosure without its delivery": (
        "expected its delivery",
        lambda home: ["DELETE FROM delivery", *sealed_anew(home, "delivery")],
    ),
    "news gone of what more was told later": (
        "owed to subscription",
        lambda home: [
            f"DELETE FROM enclosure WHERE notice = 'news' AND event_id = '{confirmed(home)}'",
            *sealed_anew(home, "enclosure"),
        ],
    ),
    "confirmation gone": (
        "its confirmation is owed to subscription 2",
        lambda home: ["DELETE FROM enclosure WHERE notice = 'confirmation'", *sealed_anew(home, "enclosure")],
    ),
    "confirmation forgotten": (
        "its confirmation is owed to nobody",
        lambda home: [
            "DELETE FROM enclosure WHERE notice = 'confirmation'",
            "UPDATE event SET confirmation_matched_at = NULL WHERE confirmation_matched_at IS NOT NULL",
            *sealed_anew(home, "enclosure", "event"),
        ],
    ),
    "confirmation invented": (
        "never owed",
        lambda home: [
            "INSERT INTO enclosure SELECT subscription_id, event_id, 'confirmation', delivery_id FROM enclosure "
            f"WHERE subscription_id = 1 AND event_id != '{confirmed(home)}' LIMIT 1"
        ],
    ),
    "filter narrowed": (
        "to which it was not owed",
        lambda _: ["UPDATE subscription SET therapies = '[\"NurOwn\"]' WHERE id = 2"],
    ),
    "what decided gone": ("event", lambda _: ["UPDATE event SET matched_as = NULL WHERE matched_as IS NOT NULL"]),
    "match put off": ("event", lambda _: ["UPDATE event SET matched_at = '2123-05-06 00:00:00' WHERE sequence = 2"]),
    "address without its seal": (
        "address",
        lambda _: ["UPDATE subscription SET address = 'x@example.net', seal = NULL WHERE id = 2"],
    ),
    "subscription invented": (
        "address",
        lambda _: [
            "CREATE TEMP TABLE made AS SELECT * FROM subscription LIMIT 1",
            "UPDATE made SET id = 99, address = 'https://h.example', seal = NULL",
            "INSERT INTO subscription SELECT * FROM made",
        ],
    ),
    "subscription address": ("address", lambda _: ["UPDATE subscription SET address = 'x@example.net' WHERE id = 2"]),
    "event confirmed": (
        "event",
        lambda _: ["UPDATE event SET confirmed_at = '2023-05-06 00:00:00' WHERE sequence = 1"],
    ),
    "event caused": ("event", lambda _: ["UPDATE event SET cause = 'EVOTHER' WHERE sequence = 1"]),
    "acronym of a trial": ("item", lambda _: ["UPDATE item SET acronym = 'PHOENIX' WHERE acronym = 'STARLIGHT'"]),
    "acronym gone": ("item", lambda _: ["UPDATE item SET acronym = NULL WHERE acronym = 'STARLIGHT'"]),
    "acronym given": ("item", lambda _: ["UPDATE item SET acronym = 'ATLAS' WHERE acronym IS NULL"]),
    "change folded": ("change", lambda _: ["UPDATE change SET folded_into = 1 WHERE id = 2"]),
    "change edited": ("change", lambda _: ["UPDATE change SET differences = '[]' WHERE id = 1"]),
    "change gone": ("change", lambda _: ["DELETE FROM change WHERE id = 1"]),
    "last change gone": ("change", lambda _: ["DELETE FROM change WHERE id = (SELECT max(id) FROM change)"]),
    "event invented": (
        "seal",
        lambda home: [
            "CREATE TEMP TABLE made AS SELECT * FROM event WHERE state = 'released' LIMIT 1",
            "UPDATE made SET id = 'EVINVENTED', sequence = 9999, title = 'FDA approves everything'",
            "INSERT INTO event SELECT * FROM made",
        ],
    ),
    "seal removed": ("chain", lambda _: ["DELETE FROM seal WHERE id = 1"]),
}


def findings(ran: Ran) -> list[str]:
    return [fault for line in ran.lines for fault in line["broken"]]


def test_a_healthy_database_passes(home: Installation, typed: Callable[..., Ran]) -> None:
    assert "decision_overdue" in {one for (one,) in rows(home, "SELECT type FROM event")}

    ran = typed(home, "verify", "--json")

    assert findings(ran) == []
    assert ran.status == 0
    assert {line["check"] for line in ran.lines} == {
        "captures", "snapshots", "chain", "seals", "enclosures", "readers", "leases", "events",
    }  # fmt: skip


@pytest.mark.parametrize("name", ALTERATIONS)
def test_an_alteration_is_found(home: Installation, typed: Callable[..., Ran], name: str) -> None:
    word, statements = ALTERATIONS[name]
    alter(home, *statements(home))

    ran = typed(home, "verify", "--json")

    assert ran.status == 1, ran.err
    assert any(word in fault for fault in findings(ran)), findings(ran)


def test_what_retention_forgets_is_not_missed(home: Installation, typed: Callable[..., Ran]) -> None:
    alter(
        home,
        "INSERT INTO capture (watch_id, url, fetched_at, status, content_type, sha256) "
        "VALUES (1, 'https://example.org/old', '2020-01-01 00:00:00', 200, '', 'f00')",
    )

    assert typed(home, "verify", "--json").status == 0


def take_back(database: Path, number: str) -> None:
    """Take out of a database what its schema did not have at an earlier revision."""
    older = open_engine(f"sqlite:///{database.with_name('older.db')}")
    with schema._changing(older) as connection:
        config = schema._config()
        config.attributes["connection"] = connection
        command.upgrade(config, number)
    older.dispose()
    with sqlite3.connect(database) as now, sqlite3.connect(database.with_name("older.db")) as then:
        for kind in ("trigger", "index", "table"):
            listed = f"SELECT name FROM sqlite_master WHERE type = '{kind}' AND sql IS NOT NULL"
            for (name,) in sorted(set(now.execute(listed)) - set(then.execute(listed))):
                now.execute(f"DROP {kind} IF EXISTS {name}")
        for (table,) in then.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            had = {row[1] for row in then.execute(f"PRAGMA table_info({table})")}
            for row in now.execute(f"PRAGMA table_info({table})").fetchall():
                if row[1] not in had:
                    now.execute(f"ALTER TABLE {table} DROP COLUMN {row[1]}")
        now.execute(f"UPDATE alembic_version SET version_num = '{number}'")


def test_a_database_from_before_the_seals_gets_them_with_its_upgrade(
    home: Installation, typed: Callable[..., Ran]
) -> None:
    alter(home, "DELETE FROM flag WHERE name = 'addresses_sealed'")
    take_back(home.database, "0006")
    engine = open_engine(f"sqlite:///{home.database}")
    schema.upgrade(engine)
    engine.dispose()

    assert findings(typed(home, "verify", "--json")) == []
    alter(home, "UPDATE event SET title = 'Nothing happened' WHERE state = 'released'")
    assert typed(home, "verify", "--json").status == 1


def test_an_address_from_before_the_seals_gets_one_at_the_next_start(
    home: Installation, typed: Callable[..., Ran]
) -> None:
    alter(home, "UPDATE subscription SET seal = NULL", "DELETE FROM flag WHERE name = 'addresses_sealed'")
    with home.service(secret_key=KEY) as service:
        assert isinstance(service, Service)
    assert rows(home, "SELECT count(*) FROM subscription WHERE seal IS NULL") == [(0,)]

    alter(home, "UPDATE subscription SET address = 'x@example.net' WHERE id = 2")
    assert typed(home, "verify", "--json").status == 1


def receipts(home: Installation, **changed: Any) -> list[dict[str, Any]]:
    """What the receiver of the webhook has in its log."""
    sent = rows(home, "SELECT d.id, d.body, s.address FROM delivery d JOIN subscription s ON s.id = d.subscription_id "
                      "WHERE s.channel = 'webhook' AND d.state = 'sent' ORDER BY d.created_at")  # fmt: skip
    lines = [{"id": name, "status": 204, "to": to, "sha256": sha256(body).hexdigest()} for name, body, to in sent]
    lines[0] |= changed
    return lines


@pytest.mark.parametrize(
    ("changed", "found"),
    [
        ({}, None),
        ({"id": "0" * 32}, "no such delivery here"),
        ({"sha256": "0" * 64}, "its body is not the one"),
        ({"status": 500}, "its receiver never took it"),
    ],
)
def test_a_receivers_log_is_compared(
    home: Installation, typed: Callable[..., Ran], changed: dict[str, Any], found: str | None
) -> None:
    log = home.folder / "received.jsonl"
    lines = receipts(home, **changed)
    again = [lines[1] | {"status": 500}, lines[1]]  # refused once, then taken: the same id and body
    log.write_text("".join(json.dumps(line) + "\n" for line in [*lines, *again]))

    ran = typed(home, "verify", "--received", str(log), "--json")

    assert ran.status == (found is not None)
    assert all(found in fault for fault in findings(ran)[:1]) if found else findings(ran) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"id": "x"}', '{"id": "x", "status": "well"}'])
def test_a_log_that_is_none_is_named(home: Installation, typed: Callable[..., Ran], text: str) -> None:
    (home.folder / "log").write_text(text)
    ran = typed(home, "verify", "--received", str(home.folder / "log"))
    assert ran.status == 2
    assert "line 1: expected an object with id and status" in ran.err.replace("\n", " ")
