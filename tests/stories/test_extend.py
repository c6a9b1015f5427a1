"""A source and a notifier are added as CONTRIBUTING.md says, with its own code: what it shows must run."""

import ast
import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.world import Answer
from tests.stories.stage import ROOT, Hook, Installation, Stage, application, tale, watch

GUIDE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BEFORE = datetime(2023, 5, 1, 12, tzinfo=UTC)
AFTER = datetime(2023, 5, 5, 12, tzinfo=UTC)


def blocks(language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return re.findall(rf"^```{language}\n(.*?)^```$", GUIDE, flags=re.MULTILINE | re.DOTALL)


def block_with(base: str) -> tuple[str, str]:
    """The block that holds a subclass of this, and the file name the text before it gives."""
    code = next(code for code in blocks("python") if f"({base}):" in code)
    named = re.findall(r"Put `\w+/(\w+\.py)`", GUIDE[: GUIDE.index(code)])[-1]
    return str(named), code


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """An installation with two folders of its own, one for each block."""
    story = tale(
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        )
    )
    with Stage(story, at=BEFORE) as world:
        for folder, base in (("sources", "Source"), ("notifiers", "Notifier")):
            name, code = block_with(base)
            (tmp_path / folder).mkdir()
            (tmp_path / folder / name).write_text(code, encoding="utf-8")
        yield Installation(
            tmp_path, world,
            {"SOURCES_FOLDER": str(tmp_path / "sources"), "NOTIFIERS_FOLDER": str(tmp_path / "notifiers")},
        )  # fmt: skip


def report(number: int, **said: Any) -> dict[str, Any]:
    """An enforcement report in the shape of openFDA."""
    return {
        "recall_number": f"D-{number:04}-2023", "report_date": "20230426", "classification": "Class II",
        "product_description": f"Riluzole tablets, lot {number}", "reason_for_recall": "Tablets of another strength",
    } | said  # fmt: skip


def answer(*reports: dict[str, Any]) -> Answer:
    told = {"meta": {"results": {"skip": 0, "limit": 1000, "total": len(reports)}}, "results": list(reports)}
    return Answer(200, "application/json", json.dumps(told).encode())


def test_every_block_is_the_language_it_says() -> None:
    assert len(blocks("python")) == 2
    for code in blocks("python"):
        assert ast.get_docstring(ast.parse(code))


def test_a_source_from_a_folder_is_checked_like_any_other(home: Installation) -> None:
    example = re.sub(r'(?m)^source = "recalls"$', '\\g<0>\nbase_url = "WORLD"', blocks("toml")[0])
    home.write_pack("\n", example)
    home.world.instead["/drug/enforcement.json"] = answer(report(1), report(2))
    assert [line["outcome"] for line in home.command("check", "--json").lines] == ["baseline"]

    home.world.at(AFTER)
    home.world.instead["/drug/enforcement.json"] = answer(report(1), report(2, classification="Class I"), report(3))
    checked = home.command("check", "--all", "--json")

    assert [(line["outcome"], line["records"], line["changes"]) for line in checked.lines] == [("changed", 3, 2)]
    changes = {line["item"]: line for line in home.command("changes", "--json").lines}
    assert changes["D-0002-2023"]["fields"] == [
        {"field": "action", "path": "classification", "before": "Class II", "after": "Class I"}
    ]
    assert changes["D-0003-2023"]["kind"] == "appeared"
    assert changes["D-0003-2023"]["source"] == "recalls"


def test_what_the_source_does_not_know_is_a_problem_and_no_guess(home: Installation) -> None:
    home.write_pack(watch("us-recalls", "recalls", base_url="WORLD", options={"search": "riluzole"}))
    home.world.instead["/drug/enforcement.json"] = answer(report(1, classification="Class IV"))

    ran = home.command("check", "--json")

    assert (ran.status, ran.lines[0]["outcome"]) == (1, "refused")
    assert "D-0001-2023.classification" in ran.lines[0]["error"]
    assert "found 'Class IV'" in ran.lines[0]["error"]


def test_a_notifier_from_a_folder_delivers_like_any_other(home: Installation, hook: Hook) -> None:
    topic = f"{hook.url.removesuffix('/hook')}/als-news"
    home.write_pack(
        watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]})
    )
    assert home.command("check").status == 0
    subscribed = home.command("subscribe", "--channel", "ntfy", "--to", topic, "--confirmed", "--json")
    assert (subscribed.status, subscribed.lines[0]["channel"]) == (0, "ntfy")
    home.world.at(AFTER)
    assert home.command("check", "--all").status == 0
    hook.answers = [(503, {}), (200, {})]

    first = home.command("deliver", "--json")
    home.world.at(AFTER.replace(hour=13))
    second = home.command("deliver", "--json")

    assert [line["state"] for line in first.lines + second.lines] == ["waiting", "sent"]
    assert first.lines[0]["error"] == "ntfy answered 503"
    assert hook.got[0].body == hook.got[1].body
    told = hook.got[1].told
    assert told["topic"] == "als-news"
    assert "tofersen" in told["title"].lower() or "qalsody" in told["title"].lower()
    assert told["message"]


def test_a_wrong_topic_is_refused_in_the_notifiers_words(home: Installation) -> None:
    home.write_pack(watch("applications", "drugsfda", options={"applications": ["NDA215887"]}))

    ran = home.command("subscribe", "--channel", "ntfy", "--to", "als-news")

    assert ran.status == 2
    assert "expected the https address of a topic" in ran.err
