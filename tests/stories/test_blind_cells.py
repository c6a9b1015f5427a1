"""What a source does not show that was asked for by number, and a list that shrank, stand beside what rests on them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from monitor.standing.coverage import Looked, Lookout, doubt_in_words, lookout
from monitor.web.app import create_app
from sources import load
from store.database import reading
from store.tables import Watch
from tests.stories.stage import Installation, Stage, application, events, look, tale, watch

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
REGISTER = "/drug/drugsfda.json"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """A register asked for two applications, of which one is not there yet."""
    given = application("NDA215887", date(2020, 1, 1), ("ORIG", "1", "AP", "2023-04-25"))
    with Stage(tale(applications=(given,)), at=DAY) as world:
        made = Installation(tmp_path, world)
        wanted = ["NDA215887", "NDA216660"]
        made.write_pack(watch("fda", "drugsfda", base_url="WORLD", options={"applications": wanted}))
        yield made


def answers(home: Installation) -> dict[str, Any]:
    """The US cell of each drug, as the interface tells it, and the front page."""
    with home.service() as service:
        look(service)
        with TestClient(create_app(service)) as client:
            lines = {line["therapy"]: line["places"]["US"] for line in client.get("/api/v1/status").json()}
            return lines | {"page": " ".join(client.get("/").text.split())}


def test_a_record_that_is_gone_blinds_its_cell_and_no_other_and_is_no_event(home: Installation) -> None:
    first = answers(home)
    assert (first["tofersen"]["state"], first["tofersen"]["looked"]) == ("approved", "watched")
    assert (first["AMX0035"]["state"], first["AMX0035"]["looked"]) == (
        "none",
        "watched",
    )  # there is none, says the list

    home.world.at(DAY + timedelta(days=1))

    def empty(answer: dict[str, Any]) -> dict[str, Any]:
        return answer | {"results": [answer["results"][0] | {"application_number": "NDA216660"}]}

    home.world.edits[REGISTER] = empty
    gone = answers(home)
    assert (gone["tofersen"]["looked"], gone["tofersen"]["missing"]) == ("record_missing", ["NDA215887"])
    assert doubt_in_words(gone["tofersen"]) == "the source does not show its record"
    assert gone["AMX0035"]["looked"] == "watched"
    assert "the source does not show NDA215887" in gone["page"]
    said = home.command("status", "--place", "US")
    assert "[the source does not show its record]" in said.out
    with home.service() as service:
        assert not [e for e in events(service) if e.therapy == "tofersen" and e.state == "released"]

    home.world.forget()
    home.world.at(DAY + timedelta(days=2))
    assert answers(home)["tofersen"]["looked"] == "watched"


def _watch(name: str, **more: Any) -> Watch:
    return Watch(
        name=name, source="drugsfda", options={}, every_seconds=86_400, next_check_at=DAY, last_success_at=DAY,
        health="ok", **more,
    )  # fmt: skip


def test_whom_a_missing_record_or_a_shrunk_list_blinds() -> None:
    owners = {"NDA215887": "tofersen", "H/C/005493": "tofersen"}
    asked = _watch("register", missing=["NDA 215887", "NDA999999"])
    told = Lookout([asked], load(), DAY, owners)
    assert told.of("tofersen", "US").missing == ("NDA 215887",)
    assert told.of("riluzole", "US").looked == Looked.WATCHED  # nobody's number blinds nobody

    named = Lookout([_watch("labels", therapies=["riluzole"], missing=["a set id"])], load(), DAY, owners)
    assert named.of("riluzole", "US").missing == ("a set id",)

    shrunk = _watch("list")
    shrunk.health = "shrank"  # type: ignore[assignment]
    cover = Lookout([shrunk], load(), DAY + timedelta(hours=3), owners).of("tofersen", "US")
    assert cover.looked == Looked.SHRANK
    assert cover.doubt == "the source shows much less than it did; the last whole answer was of 2 Mar 2026, 09:00 UTC"
    late = Lookout([shrunk], load(), DAY + timedelta(days=9), owners).of("tofersen", "US")
    assert late.looked == Looked.LATE


def test_the_numbers_of_the_pack_are_known_however_they_are_spelt(home: Installation) -> None:
    with home.service() as service, reading(service.engine) as session:
        known = lookout(session.connection(), service.sources, DAY, service.pack.therapies).owners
    assert (known["NDA215887"], known["NCT04856982"]) == ("tofersen", "tofersen")
