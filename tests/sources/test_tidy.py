"""White space is folded and what is empty left out, wherever in a record it stands."""

from typing import Any

import pytest

from sources.records import tidy

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
