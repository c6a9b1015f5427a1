"""A pack of many watches, none of which has answered yet: the status page names some and counts all."""

from pathlib import Path

from fastapi.testclient import TestClient

from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.web.app import create_app
from monitor.web.front_page import NAMED

HEAD = '[pack]\nname = "many"\ncondition = "amyotrophic lateral sclerosis"\n\n[[therapies]]\nname = "riluzole"\n'
WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "clinicaltrials"\nevery = "1d"\noptions = {{ids = ["NCT{n:08}"]}}\n'
WATCHES = NAMED + 7


def test_those_that_are_not_named_are_counted_and_led_to(tmp_path: Path) -> None:
    pack = tmp_path / "pack.toml"
    pack.write_text(HEAD + "".join(WATCH.format(n=n) for n in range(WATCHES)))

    with assembled(Settings(config=pack, database_url=f"sqlite:///{tmp_path}/watch.db")) as service:
        told = TestClient(create_app(service)).get("/").text

    assert f"{WATCHES} of {WATCHES} watched sources have not answered in time" in " ".join(told.split())
    assert told.count("Last answer:") == NAMED
    assert 'and 7 more on <a href="/sources">' in told
