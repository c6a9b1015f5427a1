"""Keeping an installation: the doctor names each fix, backups open, a touched log is noticed."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

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
    command = [sys.executable, "-m", "monitor", "--quiet", "--database", f"sqlite:///{folder}/store.db", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | told, check=False)


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
