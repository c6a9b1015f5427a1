"""A page that was away for one check and came back: a source problem at most, never an event. Edits get through."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from demo.answers import Answer
from monitor.path.round import check_all
from monitor.service import Service
from monitor.standing.filters import Filters
from monitor.standing.log import changes
from monitor.watching.guards import ACCEPTING
from monitor.watching.runs import Checked
from store.database import reading
from store.tables import Change, Event, Run, Watch
from tests.stories.stage import Installation, Stage, tale, watch, watch_row

MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
PATH = "/record.html"
RECORD = watch("record", "page", url=f"WORLD{PATH}", options={"tier": 1}, therapies=["tofersen"])
FRAME = "<nav>" + "".join(f'<a href="/{n}">Section {n} of the agency</a> ' for n in range(30)) + "</nav>"
APPROVED = "<p>The FDA approved Qalsody (tofersen) for adults with ALS who have a SOD1 mutation.</p>"
FACTS = (
    f"<h1>Qalsody</h1>{APPROVED}<dl><dt>Substance</dt><dd>tofersen</dd><dt>Holder</dt><dd>Biogen</dd>"
    "<dt>Supply</dt><dd>available</dd></dl><p>Questions go to the office for medicines.</p>"
)


def html(body: str, title: str = "Qalsody | Agency", *, language: str = "en", frame: str = FRAME) -> str:
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body>{frame}{body}</body></html>"
    )


OTHER_FACTS = FACTS.replace("Qalsody", "Relyvrio").replace("tofersen", "AMX0035")
PAGE = html(FACTS)
SMALL = html(f"<h1>Qalsody</h1>{APPROVED}", "Medicine record", frame="")


@dataclass
class Reader:
    """A watch on one page, and a hand that changes the page from day to day."""

    home: Installation
    service: Service
    day: int = 0

    def sees(self, page: str | Answer, *, accept: bool = False, hours: float = 24) -> Checked:
        """The next look, at this page."""
        kind = "text/html; charset=utf-8"
        self.home.world.instead[PATH] = page if isinstance(page, Answer) else Answer(200, kind, page.encode())
        self.home.world.at(self.home.world.moment + timedelta(hours=hours))
        names, guard = (("record",), ACCEPTING) if accept else ((), None)
        wishes = {"guard": guard} if guard else {}
        (checked,) = check_all(self.service, names, everything=not accept, **wishes)  # type: ignore[arg-type]
        return checked

    def events(self, state: str | None = None) -> list[str]:
        with reading(self.service.engine) as session:
            rows = session.exec(select(Event).order_by(col(Event.sequence)))
            return [event.type for event in rows if state in (None, event.state)]

    def note(self) -> str:
        """What the last run says of itself."""
        with reading(self.service.engine) as session:
            return session.exec(select(Run.note).order_by(col(Run.id).desc())).first() or ""

    def changes(self) -> int:
        with reading(self.service.engine) as session:
            return len(session.exec(select(Change)).all())


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with Stage(tale(), at=MORNING) as world:
        home = Installation(tmp_path, world)
        home.write_pack(RECORD)
        with home.service() as service:
            yield Reader(home, service)


SOON = html("<h1>Qalsody</h1><p>This section is being rebuilt. Please come back later.</p>")
MANNERS: dict[str, tuple[str, str]] = {
    "soft 404 in the frame": (PAGE, html("<h1>Page not found</h1><p>Use the search.</p>", "Page not found | Agency")),
    "soft 404 without words": (PAGE, html("<h1>Oops</h1><p>Use the search.</p>", "Oops | Agency")),
    "planned work": (PAGE, html("<h1>Planned work</h1><p>Back on Monday at eight.</p>", "Agency", frame="")),
    "planned work under the title": (PAGE, html("<p>We are working on our site.</p>", frame="")),
    "another language": (
        PAGE,
        html(
            "<h1>Qalsody</h1><p>La FDA autorizó Qalsody (tofersen) para adultos con ELA.</p><dl><dt>Sustancia</dt>"
            "<dd>tofersén</dd><dt>Titular</dt><dd>Biogen</dd><dt>Suministro</dt><dd>disponible</dd></dl>",
            "Qalsody | Agencia", language="es",
        ),
    ),
    "another language, unmarked": (
        html(FACTS, language="x"),
        html(
            "<h1>Qalsody</h1><p>La FDA autorizó Qalsody (tofersen) para adultos con ELA.</p><dl><dt>Sustancia</dt>"
            "<dd>tofersén</dd><dt>Titular</dt><dd>Biogen</dd><dt>Suministro</dt><dd>disponible</dd></dl>",
            language="x",
        ),
    ),
    "an empty list": (PAGE, html("<h1>Qalsody</h1><p>No entries.</p>")),
    "half a page": (PAGE, PAGE[: PAGE.index("<dt>Holder")]),
    "half a page, closed": (PAGE, html(f"<h1>Qalsody</h1>{APPROVED[:20]}")),
    "the frame alone": (PAGE, html("")),
    "a shell for scripts": (PAGE, html("<div id=app>Loading</div>", frame="")),
    "sign in": (PAGE, html("<h1>Sign in</h1>", "Sign in | Agency")),
    "consent": (PAGE, html("<h1>Before you continue</h1><p>We value your choice.</p>", "Agency", frame="")),
    "another record": (PAGE, html(OTHER_FACTS, "Relyvrio | Agency")),
    "a section being rebuilt": (PAGE, SOON),
    "meta refresh": (PAGE, '<html><meta http-equiv="refresh" content="0;url=/new"><p>This page has moved.</p></html>'),
    "an error": (PAGE, html("<h1>Qalsody</h1><p>An error has occurred.</p>")),
    "small: soft 404": (SMALL, html("<h1>Not found</h1>", "Not found", frame="")),
    "small: planned work": (SMALL, html("<h1>Service</h1><p>Under maintenance.</p>", "Agency", frame="")),
    "small: in its own frame": (SMALL, html("<h1>Qalsody</h1><p>We are rebuilding.</p>", "Medicine record", frame="")),
    "small: empty": (SMALL, html("<h1>Qalsody</h1>", "Medicine record", frame="")),
    "small: another language": (
        SMALL, html("<h1>Qalsody</h1><p>Aprobado por la FDA.</p>", "Ficha de medicamento", frame=""),
    ),
    "small: withdrawn from view": (
        SMALL, html("<h1>Qalsody</h1><p>This text is under review.</p>", "Medicine record", frame=""),
    ),
}  # fmt: skip


@pytest.mark.parametrize("manner", MANNERS)
def test_a_page_that_was_away_for_one_check_tells_nothing(reader: Reader, manner: str) -> None:
    page, other = MANNERS[manner]
    for _ in range(3):
        reader.sees(page)

    reader.sees(other)
    reader.sees(page)
    reader.sees(page)

    assert reader.events("released") == []


REFUSED = [name for name in MANNERS if not name.startswith("small: ") or "404" in name or "language" in name]


@pytest.mark.parametrize("manner", [name for name in REFUSED if name != "another language, unmarked"])
def test_what_is_not_the_page_is_a_problem_and_the_old_state_stays(reader: Reader, manner: str) -> None:
    page, other = MANNERS[manner]
    for _ in range(3):
        reader.sees(page)

    away = reader.sees(other)

    assert away.outcome == "refused"
    assert away.error and "--accept" in away.error
    assert watch_row(reader.service, "record").problem == away.error
    assert reader.sees(page).outcome == "unchanged"
    assert reader.changes() == 0


def test_a_page_that_sends_its_readers_elsewhere_is_gone(reader: Reader) -> None:
    reader.sees(PAGE)
    home = html("<h1>Welcome</h1><p>News of the agency.</p>", "Agency")
    reader.home.world.instead["/home.html"] = Answer(200, "text/html", home.encode())
    moved = '<html><head><meta http-equiv="refresh" content="0; url=/home.html"></head><body></body></html>'

    away = reader.sees(moved)

    assert away.outcome == "refused"
    assert away.error and "/home.html" in away.error


EDITS: dict[str, Callable[[str], str]] = {
    "supply": lambda page: page.replace("available", "temporarily unavailable since 4 March 2026"),
    "a new line": lambda page: page.replace("</dl>", "</dl><p>The label was revised in March.</p>"),
    "a line gone": lambda page: page.replace("<p>Questions go to the office for medicines.</p>", ""),
    "the approval withdrawn": lambda page: page.replace(APPROVED, "<p>The FDA withdrew the approval of Qalsody.</p>"),
    "a longer title": lambda page: page.replace("<title>Qalsody", "<title>Qalsody (tofersen)"),
    "another name of the site": lambda page: page.replace("| Agency", "| Agency for Medicines"),
    "another frame": lambda page: page.replace(FRAME, "<nav><a href='/'>Home</a> <a href='/b'>All</a></nav>"),
    "another heading": lambda page: page.replace("<h1>Qalsody</h1>", "<h1>Medicine no. 12</h1>"),
}


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_the_page_is_never_refused(reader: Reader, edit: str) -> None:
    for _ in range(3):
        reader.sees(PAGE)

    assert reader.sees(EDITS[edit](PAGE)).outcome in ("changed", "unchanged")


def log(reader: Reader, **asked: Any) -> list[tuple[str, bool]]:
    """The lines of the change log: kind, and whether it has changed back."""
    with reading(reader.service.engine) as session:
        return [(str(line["kind"]), line["back_at"] is not None) for line in changes(session, Filters(**asked))]


def test_available_unavailable_available_are_two_changes(reader: Reader) -> None:
    states = ("available", "temporarily unavailable", "available")
    outcomes = [reader.sees(PAGE.replace("<dd>available", f"<dd>{state}")).outcome for state in states]

    assert outcomes == ["baseline", "changed", "changed"]
    assert log(reader) == [("changed", False), ("changed", False)]


FLAPS: dict[str, Callable[[str], str]] = {
    "a line gone": lambda page: page.replace("<p>Questions go to the office for medicines.</p>", ""),
    "a banner": lambda page: page.replace("<h1>", "<p>Our telephone is busy on Fridays.</p><h1>"),
    "the approval away": lambda page: page.replace(APPROVED, ""),
    "the approval being revised": lambda page: page.replace(APPROVED, "<p>This text is being revised.</p>"),
    "values blank": lambda page: page.replace("<dd>Biogen</dd>", "<dd></dd>"),
}


@pytest.mark.parametrize("manner", FLAPS)
def test_a_flap_is_one_line_of_the_log(reader: Reader, manner: str) -> None:
    other = FLAPS[manner](PAGE)
    for _ in range(3):
        reader.sees(PAGE)

    outcomes = [reader.sees(page).outcome for page in (other, PAGE)]

    assert outcomes == ["changed", "changed"]
    assert log(reader) == [("changed", True)]
    back = reader.home.world.moment
    assert log(reader, since=back - timedelta(hours=12)) == [("changed", False)]  # who saw the first alone hears of it
    assert reader.events("released") == []
    reader.sees(other, hours=2)
    assert log(reader) == [("changed", False)]
    reader.sees(PAGE, hours=2)
    assert log(reader) == [("changed", True)]
    assert reader.changes() == 4


def test_what_changes_back_after_a_week_is_a_line_of_its_own(reader: Reader) -> None:
    reader.sees(PAGE)
    reader.sees(FLAPS["a line gone"](PAGE))
    reader.sees(PAGE, hours=7 * 24)
    assert log(reader) == [("changed", False), ("changed", False)]


def test_what_comes_back_after_a_week_is_news(reader: Reader) -> None:
    """The approval was taken off the page, and somebody put it there again: no flap."""
    reader.sees(SMALL)
    gone = html("<h1>Qalsody</h1><p>Read our notices.</p>", "Medicine record", frame="")
    reader.sees(gone)
    for _ in range(7):
        reader.sees(gone)

    assert reader.sees(SMALL).events
    assert reader.events()[0] == "approval"


def test_a_rebuilt_page_waits_for_a_person_and_is_then_the_page(reader: Reader) -> None:
    rebuilt = html(
        "<h1>Medicine: Qalsody</h1><p>FDA has approved Qalsody (tofersen) for ALS with a SOD1 mutation.</p>"
        "<p>Maker: Biogen Inc.</p>",
        "Medicines finder",
        frame="<nav><a href='/'>Home</a></nav>",
    )
    for _ in range(3):
        reader.sees(PAGE)
    assert reader.sees(rebuilt).outcome == "refused"

    accepted = reader.sees(rebuilt, accept=True)

    assert (accepted.outcome, reader.events("released")) == ("changed", [])
    assert reader.note().startswith("accepted by a person")
    assert reader.sees(rebuilt).outcome == "unchanged"
    assert reader.sees(rebuilt.replace("Biogen Inc.", "Biogen GmbH")).outcome == "changed"
    assert reader.sees(html("<h1>Oops</h1><p>Use the search.</p>", "Oops")).outcome == "refused"


def test_a_page_first_seen_as_a_shell_does_not_tell_its_past_as_news(reader: Reader) -> None:
    """At the first look the site was being rebuilt; at the second, all is there."""
    reader.sees(SOON)
    reader.sees(PAGE)

    assert reader.events("released") == []


def test_a_block_page_that_a_person_calls_the_page_is_read(reader: Reader) -> None:
    """A notice board whose only words today are those of a block page."""
    board = html("<h1>Notices</h1><p>The service is temporarily unavailable.</p>", "Notices", frame="")
    assert reader.sees(board).outcome == "refused"
    assert reader.sees(board, accept=True).outcome == "baseline"


def test_a_page_whose_title_is_its_news_is_not_known_by_it(reader: Reader) -> None:
    """Once title and heading have moved on a believed page, they are no marks any more."""
    texts = "".join(f"<p>Rule {n} of the committee stands as it was.</p>" for n in range(8))
    for day in ("one", "two", "three", "four"):
        checked = reader.sees(html(f"<h1>Meeting {day}</h1>{texts}", f"Decision {day} reached", frame=""))
        assert checked.outcome in ("baseline", "changed")
    with reading(reader.service.engine) as session:
        marks = session.exec(select(Watch.marks)).one()
    assert marks["restless"] == ["headings", "title"]


class Turning(dict[str, Answer]):
    """A site that shows the one page at the first look of a run, and another at the further ones."""

    def __init__(self, first: str, then: str) -> None:
        answers = [Answer(200, "text/html", page.encode()) for page in (first, then)]
        super().__init__({PATH: answers[1]})
        self.waiting = answers[:1]

    def get(self, path: str, default: Any = None) -> Any:
        """The answer to this question."""
        return self.waiting.pop() if path == PATH and self.waiting else super().get(path, default)


def test_where_only_markup_moves_a_page_is_as_it_was_and_what_turned_in_mid_run_is_read_again(reader: Reader) -> None:
    revoked = PAGE.replace("<dd>available", "<dd>revoked")
    for number in range(3):
        page = PAGE.replace("<h1>", f"<h1 class='n{number}'>").replace("</dl>", f"<!-- {number} --></dl>")
        assert reader.sees(page).outcome == ("unchanged" if number else "baseline")
        assert watch_row(reader.service, "record").noise["runs"] == 1  # nothing was settled again

    reader.home.world.instead = Turning(PAGE, revoked)
    reader.home.world.at(reader.home.world.moment + timedelta(hours=24))
    (turned,) = check_all(reader.service, everything=True)

    assert turned.outcome == "changed"
    assert reader.sees(PAGE).outcome == "changed"  # it was taken back; the first look of the last run was no measure
    assert reader.sees(revoked).outcome == "changed"
