"""What a page is known by, and what is no mark of it."""

import pytest

from monitor.watching.identity import Marks, marks_of, stranger

LINES = [("p", f"Rule {n} of the committee on medicines stands.") for n in range(6)]
BLOCKS = [("h1", "Qalsody"), *LINES, ("Supply:", "available")]
TEXT = '<html lang="en"><title>Qalsody | Agency</title></html>'
KNOWN = marks_of(TEXT, BLOCKS, "https://www.agency.example/q/")


def test_the_marks_of_a_page() -> None:
    marks = Marks("Qalsody | Agency", ("Qalsody",), "en", "agency.example/q", closes=True, lines=KNOWN.lines)
    assert marks == KNOWN
    assert KNOWN.same(marks_of(TEXT, BLOCKS, "https://agency.example/q"))
    assert not KNOWN.same(marks_of(TEXT, BLOCKS[:-1], "https://agency.example/q"))
    assert not Marks().same(Marks())
    assert Marks.read(KNOWN.written()) == KNOWN
    assert Marks.read({}) == Marks()


@pytest.mark.parametrize("address", ["http://agency.example/q?session=7", "https://www.agency.example/q#top"])
def test_another_spelling_is_no_other_address(address: str) -> None:
    assert stranger(KNOWN, BLOCKS, marks_of(TEXT, BLOCKS, address), []) != "sent on"
    assert stranger(KNOWN, BLOCKS, marks_of(TEXT, BLOCKS, address), BLOCKS) is None


def test_a_redirect_to_the_start_page_is_not_the_page() -> None:
    home = [("h1", "Welcome"), ("p", "News of the agency")]
    seen = marks_of("<title>Agency</title></html>", home, "https://agency.example/home.html")
    assert "sent on to agency.example/home.html" in (stranger(KNOWN, BLOCKS, seen, home) or "")


def test_a_redirect_to_the_same_page_elsewhere_is_the_page() -> None:
    assert stranger(KNOWN, BLOCKS, marks_of(TEXT, BLOCKS, "https://new.example/medicines/q"), BLOCKS) is None


def test_a_page_that_always_ended_and_now_does_not_is_half() -> None:
    seen = marks_of(TEXT.replace("</html>", ""), BLOCKS, "https://agency.example/q")
    assert "half a page" in (stranger(KNOWN, BLOCKS, seen, BLOCKS) or "")


def test_a_long_list_may_lose_and_gain_half_its_rows() -> None:
    before = [("h1", "Shortages"), *(("li", f"Medicine number {n} is short") for n in range(40))]
    known = marks_of("<title>Shortages</title></html>", before, "https://a.example/s")
    after = [before[0], *before[21:], *(("li", f"Newcomer {n} arrives soon") for n in range(12))]
    assert stranger(known, before, known, after) is None
    assert stranger(known, before, known, before[:1]) is not None


def test_what_moves_on_believed_pages_is_no_mark_and_what_a_person_accepts_may_move_once() -> None:
    other = marks_of(TEXT.replace("Qalsody", "Day two"), [("h1", "Day two"), *LINES], "https://agency.example/q")
    believed = KNOWN.learnt(other, accepted=False)
    assert believed.restless == ("headings", "title")
    assert not believed.firm("title")

    accepted = KNOWN.learnt(other, accepted=True)
    assert accepted.restless == ()
    assert accepted.learnt(KNOWN, accepted=True).restless == ("headings", "title")
