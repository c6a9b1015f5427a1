"""A source and a notifier are added as CONTRIBUTING.md says, with its own code: what it shows must run."""

import ast
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from demo.answers import Answer
from tests.stories.stage import DISEASE, ROOT, Hook, Installation, Ran, Stage, application, tale, watch

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BEFORE = datetime(2023, 5, 1, 12, tzinfo=UTC)
AFTER = datetime(2023, 5, 5, 12, tzinfo=UTC)


def blocks(language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def files_with(base: str) -> list[tuple[str, str]]:
    """The blocks that hold a subclass of this, each with the file name that the text before it gives."""
    found = [code for code in blocks("python") if f"({base}):" in code]
    return [(re.findall(r"Put `\w+/(\w+\.py)`", GUIDE[: GUIDE.index(code)])[-1], code) for code in found]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """An installation with two folders of its own that hold the blocks."""
    story = tale(
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        )
    )
    with Stage(story, at=BEFORE) as world:
        for folder, base in (("sources", "Source"), ("notifiers", "Notifier")):
            (tmp_path / folder).mkdir()
            for name, code in files_with(base):
                (tmp_path / folder / name).write_text(code, encoding="utf-8")
        yield Installation(
            tmp_path, world,
            {"SOURCES_FOLDER": str(tmp_path / "sources"), "NOTIFIERS_FOLDER": str(tmp_path / "notifiers")},
        )  # fmt: skip


def shortage(number: int, **said: Any) -> dict[str, Any]:
    """An entry of the list of shortages."""
    return {
        "id": f"AU-{number:04}", "product": f"Riluzole tablets, maker {number}", "substance": "riluzole",
        "state": "current", "reason": "Production has stopped", "updated_on": "2023-05-04",
    } | said  # fmt: skip


def trial(state: str, **said: Any) -> dict[str, Any]:
    """A trial of the island's registry."""
    return {
        "number": "ISRCTN10000001", "name": "Tofersen in early ALS", "state": state, "sponsor": "Biogen",
        "conditions": ["Amyotrophic lateral sclerosis"], "drugs": ["tofersen"], "updated_on": "2023-05-04",
    } | said  # fmt: skip


def answer(kind: str, *rows: dict[str, Any]) -> Answer:
    return Answer(200, "application/json", json.dumps({kind: list(rows)}).encode())


def test_every_block_is_the_language_it_says() -> None:
    assert len(blocks("python")) == 3
    for code in blocks("python"):
        assert ast.get_docstring(ast.parse(code))


SHORTAGES = "/v1/shortages.json"


Prompt = Callable[..., Ran]


@pytest.fixture
def prompt(home: Installation, typed: Prompt) -> Prompt:
    """The command within this process, for this installation."""
    return partial(typed, home)


def watched(home: Installation, hook: Hook, command: Prompt) -> None:
    """The guide's watch of shortages, and the registry's, with a webhook that wants everything."""
    example = re.sub(r'(?m)^source = "shortages"$', '\\g<0>\nbase_url = "WORLD"', blocks("toml")[0])
    trials = watch("island", "island_trials", base_url="WORLD", options={"numbers": ["ISRCTN10000001"]})
    home.write_pack("\n", example, trials, head=DISEASE + RILUZOLE)
    home.world.instead[SHORTAGES] = answer("shortages", shortage(1, state="announced"))
    home.world.instead["/trials.json"] = answer("trials", trial("Open to volunteers"))
    assert [line["outcome"] for line in command("check", "--json").lines] == ["baseline", "baseline"]
    wishes = ("--level", "info", "--confirmed")
    assert command("subscribe", "--channel", "webhook", "--to", hook.url, *wishes).status == 0


RILUZOLE = """
[[therapies]]
name = "riluzole"
brands = ["Rilutek"]
"""


def test_a_source_from_a_folder_alerts_a_webhook(home: Installation, prompt: Prompt, hook: Hook) -> None:
    watched(home, hook, prompt)
    home.world.at(AFTER)
    home.world.instead[SHORTAGES] = answer("shortages", shortage(1), shortage(2, state="announced"))

    checked = {line["watch"]: line for line in home.command("check", "--all", "--json").lines}
    assert (checked["au-shortages"]["outcome"], checked["au-shortages"]["events"]) == ("changed", 1)
    assert home.command("deliver").status == 0

    (event,) = [got.told for got in hook.got]
    assert (event["type"], event["therapy"]["id"], event["place"]) == ("shortage", "riluzole", "AU")
    assert (event["polarity"], event["occurred_on"]) == ("negative", "2023-05-04")
    changes = {line["item"]: line for line in home.command("changes", "--json").lines}
    assert {"field": "action", "path": "state", "before": "announced", "after": "current"} in (
        changes["AU-0001"]["fields"]
    )


def test_the_end_of_a_shortage_is_an_event_of_its_own(home: Installation, prompt: Prompt, hook: Hook) -> None:
    watched(home, hook, prompt)
    for hour, state in ((12, "current"), (13, "resolved")):
        home.world.at(AFTER.replace(hour=hour))
        home.world.instead[SHORTAGES] = answer("shortages", shortage(1, state=state))
        assert prompt("check", "--all").status == 0

    told = [line for line in prompt("events", "--json").lines if line["type"] == "shortage"]
    assert [(line["polarity"], line["state"]) for line in told] == [("negative", "released"), ("positive", "released")]


def test_a_registry_with_words_of_its_own_alerts_a_webhook(home: Installation, prompt: Prompt, hook: Hook) -> None:
    watched(home, hook, prompt)
    home.world.at(AFTER)
    home.world.instead["/trials.json"] = answer("trials", trial("Ended early", remark="The sponsor has no more money"))

    assert prompt("check", "--all").status == 0
    assert prompt("deliver").status == 0

    (event,) = [got.told for got in hook.got]
    assert (event["type"], event["therapy"]["id"], event["trial"]) == ("trial_stopped", "tofersen", "ISRCTN10000001")
    (stopped,) = [line for line in prompt("events", "--json").lines if line["type"] == "trial_stopped"]
    quote = "status: Open to volunteers -> Ended early; why stopped: The sponsor has no more money"
    assert stopped["evidence"][0]["quote"] == quote
    (change,) = [line for line in prompt("changes", "--json").lines if line["source"] == "island_trials"]
    assert change["fields"][0] == {
        "field": "status", "path": "state", "before": "Open to volunteers", "after": "Ended early",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("path", "shown", "place"),
    [
        (SHORTAGES, answer("shortages", shortage(1, state="worse")), "AU-0001.state"),
        ("/trials.json", answer("trials", trial("On a break")), "ISRCTN10000001.state"),
    ],
    ids=["shortage", "trial"],
)
def test_what_the_source_does_not_know_is_a_problem_and_no_guess(
    home: Installation, prompt: Prompt, hook: Hook, path: str, shown: Answer, place: str
) -> None:
    watched(home, hook, prompt)
    home.world.at(AFTER)
    home.world.instead[path] = shown

    ran = prompt("check", "--all", "--json")

    (refused,) = [line for line in ran.lines if line["outcome"] == "refused"]
    assert ran.status == 1
    assert place in refused["error"]


def test_a_notifier_from_a_folder_delivers_like_any_other(home: Installation, prompt: Prompt, hook: Hook) -> None:
    topic = f"{hook.url.removesuffix('/hook')}/als-news"
    home.write_pack(
        watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]})
    )
    assert prompt("check").status == 0
    subscribed = prompt("subscribe", "--channel", "ntfy", "--to", topic, "--confirmed", "--json")
    assert (subscribed.status, subscribed.lines[0]["channel"]) == (0, "ntfy")
    home.world.at(AFTER)
    assert prompt("check", "--all").status == 0
    hook.answers = [(503, {}), (200, {})]

    first = prompt("deliver", "--json")
    home.world.at(AFTER.replace(hour=13))
    second = prompt("deliver", "--json")

    assert [line["state"] for line in first.lines + second.lines] == ["waiting", "sent"]
    assert first.lines[0]["error"] == "ntfy answered 503"
    assert hook.got[0].body == hook.got[1].body
    told = hook.got[1].told
    assert told["topic"] == "als-news"
    assert "tofersen" in told["title"].lower() or "qalsody" in told["title"].lower()
    assert told["message"]


def test_a_wrong_topic_is_refused_in_the_notifiers_words(home: Installation, prompt: Prompt) -> None:
    home.write_pack(watch("applications", "drugsfda", options={"applications": ["NDA215887"]}))

    ran = prompt("subscribe", "--channel", "ntfy", "--to", "als-news")

    assert ran.status == 2
    assert "expected the https address of a topic" in ran.err
