"""Keeping an installation: the doctor names each fix, backups open, a touched log is noticed."""

import json
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest

from tests.forked import Forked
from tests.stories.stage import PATIENCE

PACK = """
[pack]
name = "als"
condition = "amyotrophic lateral sclerosis"

[[therapies]]
name = "tofersen"

[[watches]]
name = "news"
source = "feed"
every = "1h"
url = "http://127.0.0.1:9/feed.xml"
"""


def therawatch(folder: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    (folder / "pack.toml").write_text(PACK)
    told = {"THERAWATCH_ALLOW_PRIVATE": "1", "THERAWATCH_CONFIG": str(folder / "pack.toml")} | environ
    typed = ("--quiet", "--database", f"sqlite:///{folder}/store.db", *arguments)
    with Forked(typed, folder=folder, environ=os.environ | told) as running:
        return running.ended(PATIENCE)


def verdicts(done: subprocess.CompletedProcess[str]) -> dict[str, dict[str, str]]:
    return {row["check"]: row for row in map(json.loads, done.stdout.splitlines())}


def test_the_doctor_names_what_is_missing_and_how_to_mend_it(tmp_path: Path) -> None:
    done = therawatch(tmp_path, "doctor", "--json")
    found = verdicts(done)
    assert done.returncode == 0
    assert found["database"]["state"] == "pass"
    assert found["mail"]["fix"] == "set THERAWATCH_SMTP_URL"
    assert "news" in found["watches"]["detail"]


def test_a_mail_server_that_is_not_there_fails(tmp_path: Path) -> None:
    done = therawatch(tmp_path, "doctor", "--json", THERAWATCH_SMTP_URL="smtp://127.0.0.1:9")
    assert done.returncode == 1
    assert verdicts(done)["mail"]["state"] == "fail"


def test_a_source_that_is_not_there_fails_when_asked_live(tmp_path: Path) -> None:
    done = therawatch(tmp_path, "doctor", "--live", "--json")
    assert done.returncode == 1
    assert verdicts(done)["news"]["state"] == "fail"


def test_a_backup_is_a_whole_database_and_overwrites_nothing(tmp_path: Path) -> None:
    therawatch(tmp_path, "status")
    copy = tmp_path / "copy.db"
    assert therawatch(tmp_path, "backup", str(copy)).returncode == 0
    with sqlite3.connect(copy) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert database.execute("SELECT count(*) FROM watch").fetchone() == (1,)
    database.close()
    assert therawatch(tmp_path, "backup", str(copy)).returncode == 2


def test_a_backup_comes_back_only_where_nothing_stands(tmp_path: Path) -> None:
    therawatch(tmp_path, "status")
    copy = tmp_path / "copy.db"
    therawatch(tmp_path, "backup", str(copy))
    assert therawatch(tmp_path, "restore", str(copy)).returncode == 2
    for left in tmp_path.glob("store.db*"):
        left.unlink()
    (tmp_path / "junk.db").write_bytes(b"not a database" * 100)
    assert therawatch(tmp_path, "restore", str(tmp_path / "junk.db")).returncode == 2
    assert not (tmp_path / "store.db").exists()
    assert therawatch(tmp_path, "restore", str(copy)).returncode == 0
    assert therawatch(tmp_path, "verify").returncode == 0


def without_its_key(folder: Path) -> Path:
    """A backup of an installation with a webhook and a reader, whose database and key are gone."""
    for to in (("webhook", "https://example.org/hook"), ("email", "reader@example.org")):
        assert therawatch(folder, "subscribe", "--channel", to[0], "--to", to[1]).returncode == 0
    copy = folder / "copy.db"
    backup = therawatch(folder, "backup", str(copy))
    assert "left out" in backup.stderr and "store.db.key" in backup.stderr
    for left in folder.glob("store.db*"):
        left.rename(folder / f"old-{left.name}")
    return copy


def test_a_backup_without_its_key_is_refused_with_the_way_out(tmp_path: Path) -> None:
    copy = without_its_key(tmp_path)

    refused = therawatch(tmp_path, "restore", str(copy))

    assert refused.returncode == 2
    assert "store.db.key" in refused.stderr and "--without-key" in refused.stderr
    assert not list(tmp_path.glob("store.db*")), "nothing is left behind, and no new key is made"


def test_a_backup_with_another_key_is_refused(tmp_path: Path) -> None:
    copy = without_its_key(tmp_path)

    refused = therawatch(tmp_path, "restore", str(copy), THERAWATCH_SECRET_KEY="another" * 8)

    assert refused.returncode == 2
    assert "2 of its 2 subscriptions" in refused.stderr


def test_a_backup_comes_back_with_its_key(tmp_path: Path) -> None:
    copy = without_its_key(tmp_path)
    (tmp_path / "old-store.db.key").rename(tmp_path / "store.db.key")

    assert therawatch(tmp_path, "restore", str(copy)).returncode == 0
    assert verdicts(therawatch(tmp_path, "doctor", "--json"))["keys"]["state"] == "pass"


def test_a_lost_key_is_said_loudly_and_the_doctor_goes_on_saying_it(tmp_path: Path) -> None:
    copy = without_its_key(tmp_path)

    done = therawatch(tmp_path, "restore", str(copy), "--without-key")

    assert done.returncode == 0
    assert "webhooks need new secrets" in done.stderr
    assert (tmp_path / "store.db.key").stat().st_mode & 0o777 == 0o600
    assert verdicts(therawatch(tmp_path, "doctor", "--json"))["keys"]["state"] == "fail"


@pytest.mark.parametrize("command", ["doctor", "deliver", "serve", "send-test", "subscribe"])
def test_beside_a_database_put_back_by_hand_no_new_key_is_made(tmp_path: Path, command: str) -> None:
    without_its_key(tmp_path).rename(tmp_path / "store.db")
    given = {
        "send-test": ("1",), "subscribe": ("--channel", "webhook", "--to", "https://example.org/other"),
        "serve": ("--no-web",),
    }  # fmt: skip

    done = therawatch(tmp_path, command, *given.get(command, ()))

    assert done.returncode == (1 if command == "doctor" else 2), done.stderr
    assert "store.db.key" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "store.db.key").exists()


def test_a_lost_key_may_be_replaced_by_hand(tmp_path: Path) -> None:
    without_its_key(tmp_path).rename(tmp_path / "store.db")
    (tmp_path / "store.db.key").write_text("x" * 40)

    assert therawatch(tmp_path, "subscribe", "--channel", "webhook", "--to", "https://example.org/x").returncode == 0


def test_the_log_is_exported_as_files_without_anything_personal(tmp_path: Path) -> None:
    therawatch(tmp_path, "subscribe", "--channel", "email", "--to", "reader@example.org", "--confirmed")
    assert therawatch(tmp_path, "export", str(tmp_path / "out")).returncode == 0
    files = {file.name: file.read_text() for file in (tmp_path / "out").iterdir()}
    assert set(files) == {"changes.jsonl", "events.jsonl", "README.txt"}
    assert "reader@example.org" not in "".join(files.values())


def test_the_pack_is_linted_by_name_key_and_form(tmp_path: Path) -> None:
    assert therawatch(tmp_path, "lint", str(tmp_path / "pack.toml")).returncode == 0
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(PACK.replace('every = "1h"', 'every = "hourly"'))
    done = therawatch(tmp_path, "lint", str(wrong))
    assert done.returncode == 2
    assert "wrong.toml" in done.stderr
    assert "every" in done.stderr
    assert "12h" in done.stderr
