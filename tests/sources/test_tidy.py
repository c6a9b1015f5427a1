"""White space is folded and what is empty left out, wherever in a record it stands."""

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.markup import folded as plain
from sources.records import Passage, Study, StudyStatus, tidy
from sources.signs import SIGNS

WRITTEN = (
    ("as it is", "as it is"),
    ("", None),
    (" ", None),
    (" before", "before"),
    ("after ", "after"),
    ("two  blanks", "two blanks"),
    ("a\nline\tmore", "a line more"),
    ("\u00a0no\u2003break\u00a0", "no break"),
)


@pytest.mark.parametrize(("written", "folded"), WRITTEN)
def test_a_text_is_folded_alone_and_in_whatever_holds_it(written: str, folded: str | None) -> None:
    assert tidy(written) == folded
    assert tidy([written, ["x", (written,)]]) == ([folded, ["x", [folded]]] if folded else [["x"]])
    assert tidy({"a": written, "b": [written]}) == ({"a": folded, "b": [folded]} if folded else None)


@pytest.mark.parametrize("value", [0, 1, 2.5, True, False])
def test_what_is_no_text_stays(value: Any) -> None:
    assert tidy(value) is value
    assert tidy([value, None, {}, []]) == [value]


@given(
    st.text(st.sampled_from([*map(chr, range(128)), *"ab " * 20, *"\u00a0\u00e9\u00ad\u2028\u3000\ufb02"]), max_size=12)
)
@example("a\x1fb")
@example("\x7f")
def test_a_text_of_a_page_is_folded_whatever_stands_in_it(text: str) -> None:
    assert plain(text) == " ".join(text.translate(SIGNS).split())


BLOCKS = (("h1", "A study"), ("p", "It is under way."))


@pytest.mark.parametrize(
    "blocks",
    [
        BLOCKS,
        (*BLOCKS, ("p", "Two  blanks")),
        (*BLOCKS, ("p", "")),
        BLOCKS[:1],
        BLOCKS[::-1],
        (("h1", "A study"), ("p", "It is over.")),
        (),
    ],
)
@pytest.mark.parametrize("stored", [BLOCKS, (*BLOCKS, ("p", "Two blanks")), (*BLOCKS, ("p",)), ()])
def test_a_page_says_what_is_stored_of_it_where_its_contents_are_equal(blocks: Any, stored: Any) -> None:
    page = Passage(key="x", title="A study", url="https://example.org", blocks=blocks)
    kept = tidy({"blocks": stored}) or {}

    assert page.says(kept) == (page.content() == kept)
    assert not page.says(None)
    assert not page.says(kept | {"also": "this"})


def test_a_record_without_lines_says_what_is_stored_of_it_likewise() -> None:
    study = Study(key="x", title="A study", url="https://example.org", status=StudyStatus.RECRUITING)

    assert study.says(study.content())
    assert not study.says(study.content() | {"status": "COMPLETED"})
