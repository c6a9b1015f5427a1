"""An expression that is compiled when it is first asked answers as any other, and costs nothing before."""

import re

import pytest

from sources.late_pattern import LATE, late


def test_it_answers_as_if_it_had_been_compiled() -> None:
    plain, put_off = re.compile(r"(?P<word>a\w)", re.I), late(r"(?P<word>a\w)", re.I)

    assert put_off.pattern == plain.pattern
    assert put_off.findall("ab Ac") == plain.findall("ab Ac") == ["ab", "Ac"]
    assert (put_off.flags, put_off.groups, put_off.groupindex) == (plain.flags, plain.groups, plain.groupindex)
    assert not hasattr(put_off, "serach")


def test_it_is_not_compiled_before_it_is_asked() -> None:
    broken = late("(")
    LATE.remove(broken)  # type: ignore[arg-type]

    assert broken.pattern == "("
    for _ in range(2):
        with pytest.raises(re.error):
            broken.search("(")


def test_its_judge_is_asked_when_it_is_made() -> None:
    seen: list[re.Pattern[str]] = []
    judged = late("a", 0, seen.append)
    assert not seen

    assert judged.search("a") and judged.search("b") is None
    assert [one.pattern for one in seen] == ["a"]
