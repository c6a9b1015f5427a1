"""What a hand may get wrong at the command line: one line that names the setting, exit 2, nothing done."""

import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog

from monitor.cli import main

PACK = """
[pack]
name = "demo"
condition = "a disease"
history = "demo.events.toml"

[[therapies]]
name = "tofersen"
brands = ["Qalsody"]

[[watches]]
name = "news"
source = "feed"
every = "1h"
url = "https://example.org/news.xml"
"""
HISTORY = """
[[events]]
therapy = "tofersen"
type = "approval"
place = "US"
polarity = "positive"
date = "2023-04"
precision = "month"
thread = "us/tofersen/authorisation"
step = "authorised"
source_tier = 1
source = "a register"
mark_event = "C"
mark_date = "C"
"""


@dataclass
class Desk:
    """A folder with a sound pack and its database, and the command."""

    folder: Path
    typed: Callable[..., tuple[int, str, str]]

    def pack(self, before: str, after: str) -> Path:
        """A pack of which something is written otherwise."""
        (self.folder / "demo.events.toml").write_text(HISTORY.replace(before, after))
        file = self.folder / "other.toml"
        file.write_text(PACK.replace(before, after))
        return file


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    for name in [name for name in os.environ if name.startswith("THERAWATCH_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    Path("demo.toml").write_text(PACK)
    Path("demo.events.toml").write_text(HISTORY)
    Path("folder").mkdir()
    Path("text.db").write_text("no database at all, but text " * 40)
    Path("bad.toml").write_text("[pack\nname = ")
    Path("latin.toml").write_bytes('[pack]\nname = "é"'.encode("latin-1"))
    Path("bytes").write_bytes(b"\xff\xfe\x00" * 20)
    Path("bytes.toml").write_bytes(b"a\0b")
    Path("bom.toml").write_bytes(b"\xef\xbb\xbf" + PACK.encode())
    Path("utf16.toml").write_bytes(PACK.encode("utf-16"))
    Path("deep.toml").write_text("a = " + "[" * 20_000 + "]" * 20_000)
    Path("rather.toml").write_text(f"{PACK}options = {{ a = {'[' * 200}{']' * 200} }}")
    Path("endless.toml").write_text(PACK.replace("demo.events.toml", "/dev/zero"))
    Path("twice.toml").write_text(PACK.replace('"demo"', '"demo"\nname = "twice"'))
    Path("tables.toml").write_text(f"{PACK}[pack]\n")
    Path("marked.toml").write_text(PACK.replace("demo.events", "marked.events"))
    Path("marked.events.toml").write_bytes(b"\xef\xbb\xbf" + HISTORY.encode())
    Path("blank").write_text(" \n")
    Path("raising").mkdir()
    Path("raising/x.py").write_text('raise RuntimeError("not ready")')
    with sqlite3.connect("recipes.db") as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    monkeypatch.setenv("THERAWATCH_CONFIG", "demo.toml")
    monkeypatch.setattr("monitor.commands.shell.veil_the_rest", lambda *_: None)

    def typed(*arguments: str, **environ: str) -> tuple[int, str, str]:
        with monkeypatch.context() as now:
            for name, value in environ.items():
                now.setenv(f"THERAWATCH_{name}", value)
            now.setattr("sys.argv", ["therawatch", *arguments])
            capsys.readouterr()
            with pytest.raises(SystemExit) as ended:
                main()
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    umask = os.umask(0o022)
    yield Desk(tmp_path, typed)
    os.umask(umask)
    structlog.reset_defaults()


MISTAKES: dict[str, tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]] = {
    "a command that is none": (("chekc",), {}, ("No such command 'chekc'",)),
    "an option that is none": (("status", "--day", "x"), {}, ("No such option: --day",)),
    "no argument": (("review",), {}, ("Missing argument",)),
    "a folder that is not there": (
        ("--database", "sqlite:///none/at/all.db", "status"), {}, ("THERAWATCH_DATABASE_URL", "unable to open"),
    ),
    "a folder for a database": (("--database", "sqlite:///folder", "status"), {}, ("THERAWATCH_DATABASE_URL",)),
    "a file that is no database": (
        ("--database", "sqlite:///text.db", "status"), {}, ("THERAWATCH_DATABASE_URL", "file is not a database"),
    ),
    "a database of something else": (
        ("--database", "sqlite:///recipes.db", "status"), {}, ("THERAWATCH_DATABASE_URL", "found the tables recipes"),
    ),
    "something else, migrated": (("--database", "sqlite:///recipes.db", "migrate"), {}, ("found the tables recipes",)),
    "an unknown scheme": (("--database", "mongo://host/x", "status"), {}, ("THERAWATCH_DATABASE_URL", "sqlite:///")),
    "no address": (("--database", "the usual one", "status"), {}, ("THERAWATCH_DATABASE_URL", "sqlite:///")),
    "a server that is away": (
        ("--database", "postgresql+psycopg://u:hidden@127.0.0.1:9/x", "status"), {}, ("THERAWATCH_DATABASE_URL",),
    ),
    "no moment": (("--now", "yesterday", "status"), {}, ("THERAWATCH_NOW", "expected a moment", "'yesterday'")),
    "the year 0": (("--now", "0000-01-01", "status"), {}, ("THERAWATCH_NOW", "expected a moment")),
    "an option without value": (("status", "--now"), {}, ("--now",)),
    "no day": (("status", "--as-of", "0000-01-01"), {}, ("--as-of", "expected a day such as")),
    "a day that is none": (("events", "--as-of", "2025-02-30"), {}, ("--as-of", "'2025-02-30'")),
    "no moment since": (("changes", "--since", "soon"), {}, ("--since", "expected a moment")),
    "an unknown level": (("events", "--level", "huge"), {}, ("--level", "info, minor, major, critical")),
    "an unknown type": (("events", "--type", "miracle"), {}, ("--type", "approval")),
    "an unknown state": (("events", "--state", "open"), {}, ("--state", "held, released")),
    "an unknown place": (("newest", "--place", "XX"), {}, ("--place", "US, EU")),
    "an unknown rule": (("newest", "--rule", "best"), {}, ("--rule", "substance, act, formulation")),
    "an unknown therapy": (("events", "--therapy", "aspirin"), {}, ("--therapy", "tofersen")),
    "an unknown source": (("changes", "--source", "nobody"), {}, ("--source", "feed, news")),
    "an unknown routine": (("changes", "--routine", "sits"), {}, ("--routine", "date_moved")),
    "an unknown watch": (("check", "nwes"), {}, ("demo.toml", "'nwes'")),
    "a watch to sample that is none": (("sample", "nwes"), {}, ("demo.toml", "'nwes'")),
    "accepted without a name": (("check", "--accept"), {}, ("--accept",)),
    "too many workers": (("check", "--workers", "99"), {}, ("--workers", "64")),
    "a file for an export": (("export", "text.db"), {}, ("text.db",)),
    "an export below a file": (("export", "text.db/x"), {}, ("text.db/x",)),
    "a backup to nowhere": (("backup", "none/at/all"), {}, ("none/at",)),
    "a backup on something": (("backup", "text.db"), {}, ("text.db",)),
    "a restore of nothing": (("--database", "sqlite:///new.db", "restore", "none"), {}, ("none",)),
    "a restore of text": (("--database", "sqlite:///new.db", "restore", "text.db"), {}, ("text.db",)),
    "a pack that is missing": (("--config", "none.toml", "status"), {}, ("none.toml", "readable pack")),
    "a pack that is a folder": (("--config", "folder", "status"), {}, ("folder", "readable pack")),
    "a pack that is no TOML": (("lint", "bad.toml"), {}, ("bad.toml", "expected TOML")),
    "a pack that is no UTF-8": (("lint", "latin.toml"), {}, ("latin.toml", "expected TOML in UTF-8")),
    "a subscription that is none": (("unsubscribe", "99"), {}, ("99",)),
    "a digest for nobody": (("digest", "99", "--preview"), {}, ("99",)),
    "a test for nobody": (("send-test", "99"), {}, ("99",)),
    "an event that is none": (("review", "EV404", "dismiss"), {}, ("EV404",)),
    "a verdict that is none": (("review", "EV404", "doubt"), {}, ("VERDICT", "confirm")),
    "a mail address that is none": (("subscribe", "--channel", "email", "--to", "x"), {}, ("mail address",)),
    "a replay of nothing": (("replay", "none"), {}, ("none",)),
    "a port that is none": (("serve", "--port", "99999"), {}, ("THERAWATCH_PORT", "65535")),
    "a port in words": (("serve",), {"PORT": "http"}, ("THERAWATCH_PORT", "'http'")),
    "a host of nobody": (("serve", "--host", "nowhere.invalid"), {}, ("THERAWATCH_HOST", "nowhere.invalid")),
    "nothing to serve": (("serve", "--no-web", "--no-clock"), {}, ("--no-web",)),
    "a mail server in words": (("deliver",), {"SMTP_URL": "smtp://host:port"}, ("THERAWATCH_SMTP_URL", "smtp://user")),
    "a mail server without host": (("deliver",), {"SMTP_URL": "smtp://"}, ("THERAWATCH_SMTP_URL",)),
    "no sender": (("deliver",), {"MAIL_FROM": "Therawatch"}, ("THERAWATCH_MAIL_FROM", "mail address")),
    "a base without host": (("deliver",), {"BASE_URL": "https://"}, ("THERAWATCH_BASE_URL",)),
    "a site key for the query without a name": (
        ("deliver",), {"SITE_KEYS": "h.example=?hidden"}, ("THERAWATCH_SITE_KEYS", "host=?name=key"),
    ),
    "site keys without a host": (("deliver",), {"SITE_KEYS": "hidden"}, ("THERAWATCH_SITE_KEYS", "host=user:password")),
    "a secret's file that is away": (("deliver",), {"SECRET_KEY_FILE": "none"}, ("THERAWATCH_SECRET_KEY_FILE",)),
    "a folder of sources that is none": (("status",), {"SOURCES_FOLDER": "text.db"}, ("THERAWATCH_SOURCES_FOLDER",)),
}  # fmt: skip


READER = "a@b.example"
MAIL = ("subscribe", "--channel", "email", "--to")
HOOK = ("subscribe", "--channel", "webhook", "--to")

MORE_MISTAKES: dict[str, tuple[tuple[str, ...], dict[str, str], tuple[str, ...]]] = {
    "a number no row can have": (("unsubscribe", "9" * 20), {}, ("subscription",)),
    "a digest of such a number": (("digest", "9" * 20, "--preview"), {}, ("subscription",)),
    "a resume of such a number": (("resume", "9" * 20), {}, ("subscription",)),
    "deliveries of such a number": (("deliveries", "--subscription", "9" * 20), {}, ("--subscription",)),
    "a number below none": (("unsubscribe", "--", "-1"), {}, ("-1",)),
    "a number in words": (("send-test", "three"), {}, ("subscription",)),
    "workers below none": (("check", "--workers", "-1"), {}, ("--workers",)),
    "a day of five figures": (("status", "--as-of", "10000-01-01"), {}, ("--as-of", "'10000-01-01'")),
    "a day in other figures": (("status", "--as-of", "２０２５-01-01"), {}, ("--as-of",)),
    "a moment before the first": (("status", "--known-at", "0001-01-01T00:00:00+14:00"), {}, ("--known-at",)),
    "a therapy with a NUL": (("events", "--therapy", "a\0b"), {}, ("--therapy",)),
    "a therapy without end": (("events", "--therapy", "a" * 5000), {}, ("--therapy",)),
    "an hour of no day": ((*MAIL, READER, "--hour", "24"), {}, ("hour", "24")),
    "a zone of another planet": ((*MAIL, READER, "--timezone", "Mars/Phobos"), {}, ("timezone",)),
    "a zone that is a path": ((*MAIL, READER, "--timezone", "../../etc/passwd"), {}, ("timezone",)),
    "a cadence that is none": ((*MAIL, READER, "--cadence", "hourly"), {}, ("cadence", "weekly")),
    "a channel that is none": (("subscribe", "--channel", "fax", "--to", "1"), {}, ("channel", "email, webhook")),
    "a therapy without a name": ((*MAIL, READER, "--therapy", ""), {}, ("therapy", "tofersen")),
    "two addresses in one": ((*MAIL, "a@b.example,c@d.example"), {}, ("mail address",)),
    "an address and a header": ((*MAIL, "a@b.example\r\nBcc: c@d.example"), {}, ("mail address",)),
    "a hook without a scheme": ((*HOOK, "example.org/hook"), {}, ("to:",)),
    "a hook of another scheme": ((*HOOK, "ftp://example.org/hook"), {}, ("to:",)),
    "a hook at no port": ((*HOOK, "https://example.org:99999/hook"), {}, ("to:",)),
    "a hook with half a host": ((*HOOK, "http://[::1"), {}, ("to:",)),
    "a hook in two lines": ((*HOOK, "https://example.org/\nx"), {}, ("to:",)),
    "a hook's short secret": ((*HOOK, "https://example.org/", "--secret", "hidden"), {}, ("secret", "whsec_")),
    "an owner without address": ((*HOOK, "https://example.org/", "--owner", "nobody"), {}, ("owner",)),
    "two things to resend": (("resend", "x", "--since", "2025-01-01"), {}, ("--since",)),
    "nothing to resend": (("resend",), {}, ("--since",)),
    "a delivery that is none": (("resend", "nope"), {}, ("nope",)),
    "a state of no delivery": (("deliveries", "--state", "lost"), {}, ("--state", "waiting")),
    "a correction without a value": (("review", "EV404", "correct", "--set", "x"), {}, ("EV404",)),
    "an event with another's letters": (("review", "é☃", "confirm"), {}, ("é☃",)),
    "the port 0": (("serve", "--port", "0"), {}, ("THERAWATCH_PORT",)),
    "half a port": (("serve",), {"PORT": "80.5"}, ("THERAWATCH_PORT",)),
    "a host elsewhere": (("serve", "--host", "203.0.113.9"), {}, ("THERAWATCH_HOST", "203.0.113.9")),
    "no database at all": (("--database", "", "status"), {}, ("THERAWATCH_DATABASE_URL",)),
    "a database at no port": (
        ("--database", "postgresql+psycopg://u:hidden@h:port/x", "status"), {}, ("THERAWATCH_DATABASE_URL",),
    ),
    "a database of another make": (
        ("--database", "mysql://u:hidden@h/x", "status"), {}, ("THERAWATCH_DATABASE_URL", "postgresql+psycopg://"),
    ),
    "a database with a NUL": (("--database", "sqlite:///a\0b.db", "status"), {}, ("THERAWATCH_DATABASE_URL",)),
    "a mail server by another scheme": (("deliver",), {"SMTP_URL": "http://h:25"}, ("THERAWATCH_SMTP_URL",)),
    "a mail server at no port": (("deliver",), {"SMTP_URL": "smtp://h:99999"}, ("THERAWATCH_SMTP_URL",)),
    "a base with a question": (("deliver",), {"BASE_URL": "http://h/?x=1"}, ("THERAWATCH_BASE_URL",)),
    "a base without a scheme": (("deliver",), {"BASE_URL": "example.org"}, ("THERAWATCH_BASE_URL",)),
    "a lease for ever": (("deliver",), {"LEASE_SECONDS": "inf"}, ("THERAWATCH_LEASE_SECONDS",)),
    "a pace that is no number": (("deliver",), {"PACE_SECONDS": "nan"}, ("THERAWATCH_PACE_SECONDS",)),
    "neither yes nor no": (("status",), {"ALLOW_PRIVATE": "maybe"}, ("THERAWATCH_ALLOW_PRIVATE",)),
    "a secret's file that is a folder": (("deliver",), {"SECRET_KEY_FILE": "folder"}, ("THERAWATCH_SECRET_KEY_FILE",)),
    "a secret's file of bytes": (("deliver",), {"SECRET_KEY_FILE": "bytes"}, ("THERAWATCH_SECRET_KEY_FILE", "UTF-8")),
    "a source that raises": (("status",), {"SOURCES_FOLDER": "raising"}, ("THERAWATCH_SOURCES_FOLDER", "x.py")),
    "a notifier that raises": (("status",), {"NOTIFIERS_FOLDER": "raising"}, ("THERAWATCH_NOTIFIERS_FOLDER", "x.py")),
    "a pack with a NUL": (("lint", "bytes.toml"), {}, ("bytes.toml", "TOML")),
    "a pack with a mark of its order": (("lint", "bom.toml"), {}, ("bom.toml", "byte order mark")),
    "a pack in another order": (("lint", "utf16.toml"), {}, ("utf16.toml", "UTF-8")),
    "a pack without a bottom": (("lint", "deep.toml"), {}, ("deep.toml", "within one another")),
    "a pack as deep as it can be read": (("lint", "rather.toml"), {}, ("rather.toml",)),
    "a pack without end": (("lint", "/dev/zero"), {}, ("/dev/zero", "at most 16 MB")),
    "a service with a pack without end": (("--config", "/dev/zero", "status"), {}, ("/dev/zero", "at most 16 MB")),
    "a history without end": (("lint", "endless.toml"), {}, ("/dev/zero", "at most 16 MB")),
    "a key twice": (("lint", "twice.toml"), {}, ("twice.toml", "line 4")),
    "a table twice": (("lint", "tables.toml"), {}, ("tables.toml", "pack")),
    "a history with a mark of its order": (("lint", "marked.toml"), {}, ("marked.events.toml", "byte order mark")),
    "a secret's file without a secret": (("deliver",), {"SECRET_KEY_FILE": "blank"}, ("THERAWATCH_SECRET_KEY_FILE",)),
    "a secret's file without end": (("deliver",), {"API_TOKEN_FILE": "/dev/zero"}, ("/dev/zero", "at most 16 MB")),
    "a base with a password": (("deliver",), {"BASE_URL": "https://u:hidden@h"}, ("THERAWATCH_BASE_URL", "password")),
    "a base in two lines": (("deliver",), {"BASE_URL": "https://h/\nx"}, ("THERAWATCH_BASE_URL",)),
    "a sender and a header": (("deliver",), {"MAIL_FROM": "a@b.example\r\nBcc: c@d.ex"}, ("THERAWATCH_MAIL_FROM",)),
    "a driver for SQLite that is not here": (
        ("--database", "sqlite+aiosqlite:///a.db", "status"), {}, ("THERAWATCH_DATABASE_URL", "driver"),
    ),
    "a driver for PostgreSQL that is not here": (
        ("--database", "postgresql+asyncpg://u:hidden@h/x", "status"), {}, ("THERAWATCH_DATABASE_URL", "driver"),
    ),
    "an SQLite wish that is none": (
        ("--database", "sqlite:///a.db?nonsense=1", "status"), {}, ("THERAWATCH_DATABASE_URL", "nonsense"),
    ),
    "a restore into memory": (("--database", "sqlite:///:memory:", "restore", "text.db"), {}, ("in a file",)),
    "a place of blanks": (("newest", "--place", " "), {}, ("--place", "expected a value")),
    "a level without a word": (("events", "--level", ""), {}, ("--level", "expected a value")),
    "a day without figures": (("status", "--as-of", ""), {}, ("--as-of", "expected a value")),
    "a log that is a folder": (("verify", "--received", "folder"), {}, ("--received", "folder")),
    "a log of nothing": (("verify", "--received", "none"), {}, ("--received", "none")),
    "a folder for a backup": (("backup", "folder"), {}, ("folder",)),
    "a backup over the database": (("backup", "text.db"), {}, ("text.db",)),
    "a restore from a device": (("--database", "sqlite:///new.db", "restore", "/dev/zero"), {}, ("/dev/zero",)),
}  # fmt: skip
"""Of other kinds: numbers, calendars, addresses, bytes, folders, what operators wrote themselves."""

MISTAKES |= MORE_MISTAKES


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gets_one_line_and_2(desk: Desk, mistake: str) -> None:
    arguments, environ, named = MISTAKES[mistake]

    status, out, err = desk.typed(*arguments, **environ)

    assert (status, out) == (2, "")
    assert err.count("\n") == 1, err
    for words in named:
        assert words in err
    assert "hidden" not in err, "a password is no part of a message"


PACK_MISTAKES = {
    "an option that is missing": ('"feed"\nevery = "1h"\nurl', '"clinicaltrials"\nevery = "1h"\n#', "a condition, ids"),
    "applications that are missing": ('"feed"\nevery = "1h"\nurl', '"drugsfda"\nevery = "1h"\n#', "applications or a"),
    "terms that are missing": ('"feed"\nevery = "1h"\nurl', '"federalregister"\nevery = "1h"\n#', "expected terms"),
    "an address that is missing": ("url =", "#", "watches.news.url"),
    "a password in an address": ("https://example.org", "https://me:hidden@example.org", "THERAWATCH_SITE_KEYS"),
    "a user alone in an address": ("https://example.org", "https://hidden@example.org", "THERAWATCH_SITE_KEYS"),
    "a key in a query": ('"https://example.org', '"https://example.org/x?api_key=hidden&y=', "host=?name=key"),
    "a token in a query": ('"https://example.org', '"https://example.org/x?Access-Token=hidden&y=', "SITE_KEYS"),
    "a token behind the sign": ('"https://example.org', '"https://example.org/#access_token=hidden&y=', "SITE_KEYS"),
    "a password in an address of another kind": ("https://example.org", "ftp://me:hidden@example.org", "http://"),
    "an unknown source": ('"feed"', '"fed"', "watches.news.source"),
    "an address at no port": ("https://example.org", "https://example.org:99999", "watches.news.url"),
    "half an address": ("https://example.org", "https://[::1", "watches.news.url"),
    "an interval of ages": ('"1h"', '"999999w"', "no more than a year"),
    "a number that is no study's": (
        '"feed"\nevery = "1h"\nurl',
        '"clinicaltrials"\nevery = "1h"\noptions = { ids = ["NCT1"] }\n#',
        "NCT and eight",
    ),
    "a selector that is none": (
        '"feed"\nevery = "1h"',
        '"page"\nevery = "1h"\noptions = { select = "[[" }',
        "CSS selector",
    ),
    "a tier that is none": ('"feed"\nevery = "1h"', '"page"\nevery = "1h"\noptions = { tier = 9 }', "options.tier"),
    "a day that is none": (
        '"feed"\nevery = "1h"\nurl',
        '"federalregister"\nevery = "1h"\noptions = { terms = ["a"], since = "2025-02-30" }\n#',
        "options.since",
    ),
    "a drug of one sign": ('brands = ["Qalsody"]', 'brands = ["-"]', "a letter or a digit"),
    "a drug without a name": ('brands = ["Qalsody"]', 'brands = [""]', "therapies.0.brands.0: expected a text"),
    "a name with a NUL": ('brands = ["Qalsody"]', 'brands = ["a\\u0000b"]', "control characters"),
    "a name of two drugs": (
        "[[watches]]",
        '[[therapies]]\nname = "other"\nbrands = ["QALSODY"]\n\n[[watches]]',
        "one of 'tofersen' too",
    ),
    "a drug twice": ("[[watches]]", '[[therapies]]\nname = "tofersen"\n\n[[watches]]', "'tofersen' is used twice"),
    "a word for a truth": ('every = "1h"', 'every = "1h"\nhold = "perhaps"', "watches.0.hold"),
    "a number for a name": ('brands = ["Qalsody"]', "brands = [7]", "therapies.0.brands.0"),
    "a row with a NUL": ('"a register"', '"a\\u0000b"', "control characters"),
    "an interval that is none": ('"1h"', '"often"', "every"),
    "a history that is missing": ("demo.events.toml", "none.toml", "none.toml: expected a readable history"),
    "a row of an unknown type": ('"approval"', '"miracle"', "events.1"),
    "a row that is less precise": ('"month"', '"day"', "precision"),
    "a row without a source": ('source = "a register"\n', "", ".source: expected a value, found none"),
}


@pytest.mark.parametrize("mistake", PACK_MISTAKES)
@pytest.mark.parametrize("command", ["lint", "status"])
def test_lint_refuses_what_the_service_would_refuse(desk: Desk, mistake: str, command: str) -> None:
    before, after, named = PACK_MISTAKES[mistake]
    file = str(desk.pack(before, after))

    status, out, err = desk.typed(*(("lint", file) if command == "lint" else ("--config", file, "status")))

    assert (status, out) == (2, "")
    assert err.count("\n") == 1, err
    assert named in err
    assert "hidden" not in err


def test_what_is_sound_is_said_to_be(desk: Desk) -> None:
    status, out, err = desk.typed("lint", "demo.toml")
    sound, keeping, *lacking = out.splitlines()
    assert (status, sound, err) == (0, "demo: 1 therapies, 1 watches, 1 events of history, sound", "")
    assert keeping.startswith("without words of their own, keep what names the disease") and keeping.endswith(": news")
    assert lacking and all(line.startswith("missing: ") for line in lacking)
    status, out, _ = desk.typed("--version")
    assert (status, out.split()[0]) == (0, "therawatch")


def test_a_port_in_use_is_named(desk: Desk) -> None:
    import socket  # noqa: PLC0415

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        status, out, err = desk.typed("serve", PORT=str(port))

    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "THERAWATCH_PORT" in err and f"127.0.0.1:{port}" in err


def test_a_database_that_is_damaged_or_locked_is_named(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.engine.PRAGMAS", ("journal_mode=DELETE", "busy_timeout=50"))
    assert desk.typed("newest")[0] == 0
    with sqlite3.connect("therawatch.db", isolation_level=None) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        status, out, err = desk.typed("newest")
        holder.execute("ROLLBACK")
    holder.close()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "THERAWATCH_DATABASE_URL" in err and "database is locked" in err

    whole = Path("therawatch.db").read_bytes()
    Path("therawatch.db").write_bytes(whole[:8192] + b"\xff" * (len(whole) - 8192))
    status, out, err = desk.typed("newest")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert "THERAWATCH_DATABASE_URL" in err


def test_what_is_written_is_its_owners_alone(desk: Desk) -> None:
    Path("therawatch.db").touch(0o644)
    for arguments in (("newest",), ("export", "out"), ("backup", "copy.db")):
        assert desk.typed(*arguments)[0] == 0
    assert desk.typed("--database", "sqlite:///again.db", "restore", "copy.db")[0] == 0
    written = [Path(name) for name in ("therawatch.db", "copy.db", "again.db", "out", *map(str, Path("out").iterdir()))]
    open_to_others = {str(path) for path in written if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert open_to_others == set()


@pytest.mark.parametrize("state", ["held", "dismissed"])
def test_an_export_holds_no_event_that_is_no_fact(desk: Desk, state: str) -> None:
    assert desk.typed("export", "before")[0] == 0
    assert Path("before/events.jsonl").read_text().count("\n") == 1
    with sqlite3.connect("therawatch.db") as log:
        log.execute("UPDATE event SET state = ?", (state,))
    log.close()
    assert desk.typed("export", "after")[0] == 0
    assert Path("after/events.jsonl").read_text() == ""
    assert "no fact" in Path("after/README.txt").read_text()


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_ends_of_lines_are_the_writers_choice(desk: Desk, end: str) -> None:
    for name, text in (("lines.toml", PACK.replace("demo.events", "lines.events")), ("lines.events.toml", HISTORY)):
        Path(name).write_bytes(text.replace("\n", end).encode())
    assert desk.typed("lint", "lines.toml")[0] == 0


def test_doctor_names_a_setting_with_a_slip(desk: Desk) -> None:
    (line,) = [line for line in desk.typed("doctor", ALOW_PRIVATE="1")[1].splitlines() if "settings" in line]
    assert "THERAWATCH_ALOW_PRIVATE" in line and "THERAWATCH_ALLOW_PRIVATE" in line
    (line,) = [line for line in desk.typed("doctor", SERVICE_HOST="10.0.0.1")[1].splitlines() if "settings" in line]
    assert "every variable is known" in line
