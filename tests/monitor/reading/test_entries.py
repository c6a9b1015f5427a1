"""What is new on a page is read entry by entry: a cell with its row, a piece of news with its title and day."""

from dataclasses import replace
from datetime import date

import pytest

from monitor.reading.prose.announcements import interpret_prose
from monitor.reading.prose.entries import Added, added
from monitor.reading.typed.record_change import RecordChange
from monitor.watching.compare import compare
from sources.page_reader import read_blocks
from sources.page_tree import tree_of
from sources.records import Passage
from tests.monitor.reading.followed import followed

HEAD = "<tr><th>Medicine</th><th>Use</th><th>Status</th></tr>"


def lines(body: str) -> tuple[tuple[str, str], ...]:
    return tuple(read_blocks(tree_of(f"<html><body><h1>Reviews</h1>{body}</body></html>")))


def rows(*rows: str) -> str:
    cells = ("".join(f"<td>{cell}</td>" for cell in row.split("|")) for row in rows)
    return f"<table>{HEAD}{''.join(f'<tr>{row}</tr>' for row in cells)}</table>"


def change(before: str, after: str, on: str = "2025-05-20", *names: str) -> RecordChange:
    was, now = (
        Passage(key="p", title="Reviews", url="https://example.org/p", blocks=lines(body)) for body in (before, after)
    )
    differences = compare(was.content(), now.content(), record=Passage, paths={})
    return RecordChange(
        now, was.content(), now.content(), differences, date.fromisoformat(on), followed(*names or ("obelarsen",))
    )


def new(before: str, after: str) -> list[Added]:
    seen = change(before, after)
    return [replace(one, row=None, was=None) for one in added(seen.differences, lines(before), lines(after))]


def test_a_cell_is_told_with_its_row() -> None:
    was, now = (
        rows("obelarsen|ataxia|pending", "tavicel|gout|pending"),
        rows("obelarsen|ataxia|granted", "tavicel|gout|pending"),
    )

    assert new(was, now) == [Added("- obelarsen | ataxia | pending\n+ obelarsen | ataxia | granted")]


def test_a_row_that_only_moved_or_became_a_card_is_not_new() -> None:
    was = rows("obelarsen|ataxia|pending", "tavicel|gout|granted")
    cards = "".join(
        f"<div><h3>{name}</h3><dl><dt>Use</dt><dd>{use}</dd><dt>Status</dt><dd>{status}</dd></dl></div>"
        for name, use, status in (("tavicel", "gout", "granted"), ("obelarsen", "ataxia", "pending"))
    )

    assert new(was, rows("tavicel|gout|granted", "obelarsen|ataxia|pending")) == []
    assert new(was, cards) == []
    assert new(cards, cards.replace("pending", "refused")) == [
        Added("- obelarsen | ataxia | pending\n+ obelarsen | ataxia | refused")
    ]


def test_a_value_that_another_row_had_before_is_new_where_it_comes() -> None:
    trials = "<h2>North</h2><table><tr><th>State</th><td>ended</td></tr></table><h2>South</h2>"
    trials += "<table><tr><th>State</th><td>{}</td></tr></table>"

    assert new(trials.format("running"), trials.format("ended")) == [Added("- State: running\n+ State: ended")]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("<ul><li><span>2 May 2025</span> <a>A new chair for the board</a><p>She knows us well.</p></li></ul>",
         "<ul><li><span>19 May 2025</span> <a>Obelarsen takes its first step</a><p>The study began.</p></li>"
         "<li><span>2 May 2025</span> <a>A new chair for the board</a><p>She knows us well.</p></li></ul>"),
        ("<article><h2>A new chair for the board</h2><time>May 2, 2025</time><p>She knows us well.</p></article>",
         "<article><h2>Obelarsen takes its first step</h2><time>May 19, 2025</time><p>The study began.</p></article>"
         "<article><h2>A new chair for the board</h2><time>May 2, 2025</time><p>She knows us well.</p></article>"),
    ],
)  # fmt: skip
def test_a_piece_of_news_has_its_title_and_day(was: str, now: str) -> None:
    assert new(was, now) == [Added("The study began.", "Obelarsen takes its first step", "2025-05-19")]


def test_an_edit_of_old_news_and_a_line_of_none_are_read_as_lines_of_the_page() -> None:
    item = "<p>2 May 2025</p><p>Obelarsen takes its first step</p><p>{}</p>"

    assert new(item.format("The study is planned."), item.format("The study was stopped.")) == [
        Added("- The study is planned.\n+ The study was stopped.")
    ]


def test_news_in_another_dress_is_not_new() -> None:
    title, text = "Obelarsen takes its first step", "The study of obelarsen began."
    was = f"<ul><li><span>2 May 2025</span> <a>{title}</a><p>{text}</p></li></ul>"
    now = f"<article><h2>{title}</h2><time>May 2, 2025</time><p>{text}</p></article>"

    assert new(was, now) == []


@pytest.mark.parametrize(
    ("was", "now", "type_", "day"),
    [
        (rows("obelarsen|ataxia|Under evaluation"), rows("obelarsen|ataxia|Positive opinion adopted on 15 May 2025"),
         "chmp_opinion", "2025-05-15"),
        (rows("obelarsen|ataxia|Under evaluation"), rows("obelarsen|ataxia|Application withdrawn on 15.05.2025"),
         "application_withdrawn", "2025-05-15"),
    ],
)  # fmt: skip
def test_a_cell_tells_of_the_medicine_of_its_row(was: str, now: str, type_: str, day: str) -> None:
    claims = interpret_prose(change(was, now), tier=1, therapies_of_watch=(), agency="EMA")

    assert [(claim.type, claim.therapy, claim.place, claim.occurred_on) for claim in claims] == [
        (type_, "obelarsen", "EU", day)
    ]


@pytest.mark.parametrize("where", ["<p>{}</p>", "<table><tr><td>obelarsen</td><td>{}</td></tr></table>"])
def test_the_day_on_which_a_page_was_seen_to_say_it_is_the_latest_possible(where: str) -> None:
    was, now = (where.format(text) for text in ("Obelarsen is in trials.", "The FDA has approved obelarsen."))
    claims = interpret_prose(change(was, now), tier=3, therapies_of_watch=())

    assert [(c.type, c.occurred_on, c.at_latest, c.announced) for c in claims] == [
        ("approval", "2025-05-20", True, False)
    ]
