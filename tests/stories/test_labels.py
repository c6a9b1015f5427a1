"""What a maintainer decides comes back as labelled items, from which a reader of prose can learn."""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from monitor.service import Service
from tests.stories.stage import Installation, events, look
from tests.stories.test_who_says_so import TEXT, TITLE, acts, installed, said
from training.items import digest, labelled

FAILS = "FDA rejects Relyvrio for ALS"
FAILS_TEXT = "The FDA has issued a complete response letter for Relyvrio (AMX0035) in ALS."
STRAY = "Amylyx discontinued Relyvrio in ALS and ended its sale in the United States."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[tuple[Installation, Service]]:
    """Three rumours, each held because only the press tells it."""
    told = (
        said("forum", TITLE, TEXT),
        said("paper", FAILS, FAILS_TEXT),
        said("blog", "Relyvrio leaves the market", STRAY),
    )
    with installed(tmp_path, *told, forum={}, paper={}, blog={}) as (home, service):
        look(service)
        yield home, service


def decided(home: Installation, *verdict: str) -> None:
    ran = home.command("review", *verdict, "--by", "Ada Maintainer", "--at-once")
    assert ran.status == 0, ran.err


def exported(home: Installation) -> list[dict[str, Any]]:
    ran = home.command("export", str(home.folder / "out"), "--labels")
    assert ran.status == 0, ran.err
    return [json.loads(line) for line in (home.folder / "out" / "labels.jsonl").read_text().splitlines()]


def test_without_a_verdict_there_is_nothing_to_learn(desk: tuple[Installation, Service]) -> None:
    home, service = desk
    assert [event.state for event in events(service) if event.tier == 4 and event.alert] == ["held"] * 3
    assert exported(home) == []


def test_a_dismissed_a_corrected_and_a_confirmed_event_are_three_labelled_texts(
    desk: tuple[Installation, Service],
) -> None:
    home, service = desk
    (approval,) = acts(service, "accelerated_approval")
    (refusal,) = acts(service, "complete_response", "AMX0035")
    (gone,) = acts(service, "market_withdrawal", "AMX0035")
    decided(home, approval.id, "confirm", "--note", "on the agency's list")
    decided(home, refusal.id, "correct", "--set", "type=refuse_to_file", "--note", "advice only")
    decided(home, gone.id, "dismiss", "--note", "an old story")

    found = {label["title"]: label for label in exported(home)}

    assert set(found) == {TITLE, FAILS, "Relyvrio leaves the market"}
    confirmed, corrected, dismissed = found[TITLE], found[FAILS], found["Relyvrio leaves the market"]
    assert (confirmed["text"], confirmed["source_kind"], confirmed["published"][:10]) == (TEXT, "news", "2023-04-25")
    assert [(right["type"], right["drug"].lower()) for right in confirmed["expected"]] == [
        ("accelerated_approval", str(approval.drug).lower())
    ]
    assert [(right["type"], right["polarity"]) for right in corrected["expected"]] == [("refuse_to_file", "negative")]
    assert [(read["type"], read["verdict"]) for read in corrected["read"]] == [("complete_response", "corrected")]
    assert dismissed["expected"] == []
    assert [(read["type"], read["verdict"], read["note"]) for read in dismissed["read"]] == [
        ("market_withdrawal", "dismissed", "an old story")
    ]
    assert "Ada" not in json.dumps(list(found.values()))


def test_the_last_verdict_counts(desk: tuple[Installation, Service]) -> None:
    home, service = desk
    (approval,) = acts(service, "accelerated_approval")
    decided(home, approval.id, "confirm")
    decided(home, approval.id, "dismiss")
    (label,) = exported(home)
    assert (label["expected"], [read["verdict"] for read in label["read"]]) == ([], ["dismissed"])


def test_a_merged_event_lends_its_text_to_the_one_that_stays(desk: tuple[Installation, Service]) -> None:
    home, service = desk
    (gone,) = acts(service, "market_withdrawal", "AMX0035")
    (refusal,) = acts(service, "complete_response", "AMX0035")
    decided(home, gone.id, "merge", "--into", refusal.id)
    (label,) = exported(home)
    assert [right["type"] for right in label["expected"]] == ["complete_response"]
    assert home.command("export", "--labels").lines == [label]


def test_labels_are_their_owners_alone_and_can_be_trained_on(desk: tuple[Installation, Service]) -> None:
    home, service = desk
    decided(home, acts(service, "accelerated_approval")[0].id, "confirm")
    before = os.umask(0o022)
    try:
        (label,) = exported(home)
    finally:
        os.umask(before)
    assert stat.S_IMODE((home.folder / "out" / "labels.jsonl").stat().st_mode) == 0o600
    assert not (home.folder / "out" / "events.jsonl").exists()
    item = labelled(label, "log")
    assert item.types == {"accelerated_approval"}
    assert label["id"] == f"log-{digest(item.title, item.text)}"
