"""A date that nobody gave is none: the event is held, or says that its day is the one on which it was made known."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from demo.answers import Answer
from monitor.path.round import check_all
from store.database import reading
from store.tables import Event
from tests.stories.stage import Installation, Stage, tale, watch

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
NEWS = watch("news", "feed", url="WORLD/feed.xml", options={"tier": 1})


def entry(title: str, text: str, date: str) -> str:
    return (
        f"<item><title>{title}</title><link>https://agency.example/{len(title)}</link>"
        f"<description>{text}</description>{date}</item>"
    )


OLD = entry("Annual report", "It covers 2025.", "<pubDate>Sun, 01 Mar 2026 10:00:00 +0000</pubDate>")
TITLE = "FDA approves Qalsody (tofersen) for SOD1-ALS"
TEXT = "The FDA has approved Qalsody (tofersen) for adults with ALS who have a SOD1 mutation."


def told(tmp_path: Path, text: str, date: str) -> Event:
    """The event of an entry that turns up on 3 March 2026."""
    return next(event for event in recorded(tmp_path, text, date) if event.type == "approval")


def recorded(tmp_path: Path, text: str, date: str, title: str = TITLE, feed: str = NEWS) -> list[Event]:
    """All that is recorded of it."""
    with Stage(tale(), at=MORNING) as world:
        home = Installation(tmp_path, world)
        home.write_pack(feed)
        with home.service() as service:
            for day, items in enumerate((OLD, entry(title, text, date) + OLD)):
                body = f"<rss version='2.0'><channel><title>T</title>{items}</channel></rss>".encode()
                world.instead["/feed.xml"] = Answer(200, "application/xml", body)
                world.at(MORNING + timedelta(days=day))
                list(check_all(service, everything=True, workers=1))
            with reading(service.engine) as session:
                return list(session.exec(select(Event).order_by(col(Event.sequence))))


@pytest.mark.parametrize(
    "date",
    [
        "", "<pubDate>recently</pubDate>", "<pubDate>04/05/2023</pubDate>", "<pubDate>Tue, 04 Mar 2036</pubDate>",
    ],
)  # fmt: skip
def test_without_a_date_there_is_no_day_and_a_person_looks(tmp_path: Path, date: str) -> None:
    event = told(tmp_path, TEXT, date)
    assert (event.state, event.occurred_on) == ("held", None)
    assert event.held_because and "no date" in event.held_because


def test_a_day_that_the_text_names_needs_no_date_of_the_entry(tmp_path: Path) -> None:
    event = told(tmp_path, TEXT.replace("has approved", "on February 25, 2026 approved"), "")
    assert (event.state, event.occurred_on, event.mark_date) == ("released", "2026-02-25", None)


def test_a_day_of_publication_is_the_day_on_which_it_was_made_known(tmp_path: Path) -> None:
    event = told(tmp_path, TEXT, "<pubDate>Mon, 02 Mar 2026 10:00:00 +0000</pubDate>")
    assert (event.state, event.occurred_on, event.mark_date) == ("released", "2026-03-02", "P")


def test_today_is_the_day_of_the_act(tmp_path: Path) -> None:
    event = told(tmp_path, TEXT.replace("has approved", "today approved"), "<pubDate>Mon, 02 Mar 2026</pubDate>")
    assert (event.state, event.occurred_on, event.mark_date) == ("released", "2026-03-02", None)


@pytest.mark.parametrize(
    "date", ["Tue, 04/25/2023 - 11:30", "25 avr. 2023 11:30", "2023. 4. 25.", "令和5年4月25日", "1682422200000"]
)
def test_an_old_entry_in_an_odd_form_of_date_is_history_and_moves_nothing_aloud(tmp_path: Path, date: str) -> None:
    approval, answer = recorded(tmp_path, TEXT, f"<pubDate>{date}</pubDate>")
    assert (approval.state, approval.occurred_on) == ("imported", "2023-04-25")
    assert (answer.type, answer.state, answer.cause, answer.tier) == ("answer_changed", "imported", approval.id, 1)


def test_what_a_regulator_tells_and_places_nowhere_it_did_itself(tmp_path: Path) -> None:
    words = (
        "Acme starts a recall of Qalsody (tofersen)",
        "Acme recalls two lots of Qalsody (tofersen) for cracked vials.",
    )
    assert _place_of_recall(tmp_path / "fda", *words, {"tier": 1, "agency": "FDA"}) == ("FDA", "US")
    assert _place_of_recall(tmp_path / "press", *words, {"tier": 3, "agency": "FDA"}) == (None, None)
    there = (words[0], words[1].replace("for cracked vials", "in Brazil"))
    assert _place_of_recall(tmp_path / "brazil", *there, {"tier": 1, "agency": "FDA"}) == ("ANVISA", None)


def _place_of_recall(folder: Path, title: str, text: str, options: dict[str, object]) -> tuple[str | None, str | None]:
    folder.mkdir()
    date = "<pubDate>Mon, 02 Mar 2026 10:00:00 +0000</pubDate>"
    feed = watch("news", "feed", url="WORLD/feed.xml", options=options)
    event = next(event for event in recorded(folder, text, date, title, feed) if event.type == "recall")
    return event.agency, event.place
