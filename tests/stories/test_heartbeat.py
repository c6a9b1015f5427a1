"""A monitor cannot report its own death: after each good round an address is called, and whatever becomes of the call,
the round is done. What the service says of itself is also said as JSON."""

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from demo.receivers import free_port
from monitor.logs import Log
from monitor.path import heartbeat
from monitor.path.clock import Clock
from monitor.path.heartbeat import Heartbeat, last_round
from monitor.settings import Misconfigured, Settings
from store.database import reading
from tests.stories.stage import Hook, Installation, Ran, Stage, study, tale, watch
from tests.stories.test_clock import wait_for

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
TRIALS = watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": ["NCT90000000"]})
Typed = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    with Stage(tale(studies=(study("NCT90000000", (date(2021, 1, 4), {})),)), at=START) as world:
        found = Installation(tmp_path, world)
        found.write_pack(TRIALS)
        yield found
        world.forget()


def test_a_round_at_the_command_line_is_told_and_one_watch_is_no_round(
    home: Installation, hook: Hook, typed: Typed
) -> None:
    home.environ["HEARTBEAT_URL"] = hook.url

    assert typed(home, "check", "trials").status == 0
    assert hook.got == []
    assert typed(home, "check").status == 0
    assert [call.body for call in hook.got] == [b""]
    assert not [name for name in hook.got[0].headers if "secret" in name or "token" in name]


def test_a_source_that_is_away_makes_no_round_bad(home: Installation, hook: Hook, typed: Typed) -> None:
    home.environ["HEARTBEAT_URL"] = hook.url
    home.write_pack(
        watch("trials", "clinicaltrials", base_url=f"http://127.0.0.1:{free_port()}", options={"ids": ["NCT90000000"]})
    )

    assert typed(home, "check").status == 1
    assert len(hook.got) == 1, "the monitor lives; that a source is away has other ways to show"


@pytest.mark.parametrize("form", ["refused", "nobody there", "private"])
def test_a_call_that_is_not_taken_harms_nothing_and_is_said_without_its_address(
    home: Installation, hook: Hook, typed: Typed, form: str
) -> None:
    hook.answers = [(503, {})]
    url = hook.url if form != "nobody there" else f"http://127.0.0.1:{free_port()}/hook"
    secret = "c0ffee00-1111-2222-3333-444455556666"
    if form == "private":
        home.environ["ALLOW_PRIVATE"] = ""

    ran = typed(home, "check", "--json", HEARTBEAT_URL=f"{url}/{secret}", LOG_FORMAT="json")

    if form != "private":  # the world lies on a private address too
        assert ran.status == 0
    assert [line["watch"] for line in ran.lines] == ["trials"]
    said = [json.loads(line) for line in ran.err.splitlines()]
    (warning,) = [line for line in said if line["event"] == "heartbeat not taken"]
    assert warning["level"] == "warning"
    assert secret not in ran.err
    assert len(hook.got) == (form == "refused")


def test_the_clock_calls_at_most_once_a_minute_and_one_that_hangs_holds_up_nobody(
    home: Installation, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_go = threading.Event()
    hook.after = lambda: let_go.wait(20) and None
    with home.service(heartbeat_url=hook.url) as service:
        beating = Heartbeat(service)
        beating.beat(0.5)
        beating.beat(0.7)
        assert wait_for(lambda: hook.got)
        monkeypatch.setattr(heartbeat, "RARELY", 0.0)
        beating.beat(0.9)  # the first call still hangs: noted, and not called a second time
        with reading(service.engine) as session:
            noted = last_round(session.connection())
        assert noted is not None and noted.seconds == 0.9
        assert len(hook.got) == 1
        let_go.set()


def test_a_round_that_lost_runs_or_failed_is_not_told(
    home: Installation, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    beats: list[float] = []
    monkeypatch.setattr(Heartbeat, "beat", lambda _, seconds: beats.append(seconds))
    with home.service(heartbeat_url=hook.url) as service:
        clock = Clock(service)
        monkeypatch.setattr("monitor.path.clock.check_all", lambda *_, **__: 1 / 0)
        clock.start()
        assert wait_for(clock.late)
        clock.stop()
    assert beats == []


def test_an_address_that_is_none_is_refused_and_not_shown() -> None:
    for wrong in ("hc-ping.com/1234", "ftp://example.org/secret", "https://example.org/ä"):
        with pytest.raises(Misconfigured, match="THERAWATCH_HEARTBEAT_URL: expected an address") as refused:
            Settings.from_environ({"THERAWATCH_HEARTBEAT_URL": wrong})
        assert wrong not in str(refused.value)


def test_the_log_as_json_is_one_object_a_line_with_tracebacks_as_text(home: Installation) -> None:
    home.write_pack(TRIALS, watch("news", "feed", url=f"http://127.0.0.1:{free_port()}/feed"))

    with home.start("serve", "--no-web", LOG_FORMAT="json") as serving:
        assert serving.stderr
        first = serving.stderr.readline()
        assert "2 watches" in first, "what is said to a person at the start stays as it is"
        runs = {}
        for line in serving.stderr:
            said = json.loads(line)
            assert {"event", "level", "timestamp"} <= set(said)
            if said["event"] == "run":
                runs[said["watch"]] = said
            if len(runs) == 2:
                break
        serving.terminate()
        serving.communicate(timeout=60)

    assert runs["trials"]["level"] == "info" and runs["trials"]["outcome"] == "baseline"
    assert runs["news"]["level"] == "warning" and runs["news"]["error"]


def test_the_first_lines_of_many_threads_have_the_form_that_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form is set up with the first line: who comes meanwhile waits, and writes nothing to stdout past the veil."""
    begun, let_go, formed, told = threading.Event(), threading.Event(), list[bool](), list[int]()

    def form() -> None:
        begun.set()
        let_go.wait(60)
        formed.append(True)

    class Written:
        def warning(self, event: str) -> None:
            told.append(len(formed))

    monkeypatch.setattr("structlog.get_logger", Written)
    log = Log()
    log.goes(logging.WARNING, form)
    first, second = (threading.Thread(target=log.warning, args=("run",)) for _ in range(2))
    first.start()
    begun.wait(60)
    second.start()
    second.join(0.2)
    let_go.set()
    first.join()
    second.join()
    assert told == [1, 1]
