"""A maintainer lets a watch rest and holds what it tells, at the command line; the log says who did what."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

from monitor.people.audit import acts
from store.database import reading
from tests.stories.stage import Installation, Ran, Stage, events, study, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
IDS = ("NCT90000000", "NCT90000001")


def test_a_watch_rests_until_it_is_named_and_what_it_tells_is_held(tmp_path: Path, typed: Callable[..., Ran]) -> None:
    moves = ((date(2021, 1, 4), {}), (date(2023, 5, 2), {"status": "TERMINATED"}))
    with Stage(tale(studies=tuple(study(key, *moves) for key in IDS)), at=START) as world:
        home = Installation(tmp_path, world)
        home.write_pack(
            *(watch(f"w{n}", "clinicaltrials", base_url="WORLD", options={"ids": [key]}) for n, key in enumerate(IDS))
        )
        typed(home, "check")
        assert typed(home, "watches", "w0", "--rest").out.startswith("w0: ok, last answer 2023-05-01T12:00:00Z, rests")
        assert "w1" in typed(home, "watches").out
        assert typed(home, "watches", "--rest").status == typed(home, "watches", "none").status == 2
        assert typed(home, "watches", "none", "--hold").status == 2
        assert typed(home, "watches", "w1", "--hold", "--json").lines[0]["paused_at"] is None

        world.at(datetime(2023, 5, 2, 13, tzinfo=UTC))
        assert [line["watch"] for line in typed(home, "check", "--all", "--json").lines] == ["w1"]
        assert [line["watch"] for line in typed(home, "check", "w0", "--json").lines] == ["w0"]
        with home.service() as service:
            states = {event.trial: event.state for event in events(service) if event.type == "trial_stopped"}
            assert states == {IDS[0]: "released", IDS[1]: "held"}

        assert typed(home, "watches", "w0", "--go-on").status == 0
        assert typed(home, "watches", "w1", "--no-hold").status == 0
        assert [line["watch"] for line in typed(home, "check", "--json").lines] == ["w0"]
        with home.service() as service, reading(service.engine) as session:
            told = [(row.act, row.matter, row.door) for row in acts(session)][::-1]
    assert told == [
        ("pause", "watch w0", "command"), ("hold", "watch w1", "command"), ("resume", "watch w0", "command"),
        ("no longer hold", "watch w1", "command"),
    ]  # fmt: skip
