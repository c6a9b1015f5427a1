"""The tables of prose keep house: names that last, words once, no word on two sides."""

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.triggers import written
from monitor.reading.prose import verdicts
from monitor.reading.prose.patterns import WORDS, compiled, rows_of, table
from monitor.reading.prose.rules import PATTERNS, RULES
from monitor.reading.prose.triggers import KEPT, needed, needed_by
from monitor.reading.prose.verdicts import NO, ROUTES, TURNS, YES
from monitor.vocabulary.event_types import TYPES
from sources.late_pattern import Late

NAME = re.compile(r"[a-z]+(?:-[a-z]+)*")
DECIDED = {route.type for route in ROUTES} | {"approval"}
IDS = [
    *(rule.id for rule in RULES),
    *(f"{type_}.{turn.name}" for type_ in sorted(DECIDED) for turn in YES),
    *(f"complete_response.{turn.name}" for turn in NO),
]
"""Every id under which a reading of prose may be stored."""
ROWS = [*rows_of("prose.rules"), *rows_of("decisions.rules")]
LATE = [
    *(pattern for rule in RULES for pattern in (rule.pattern, rule.unless, rule.needs) if pattern),
    *(one.pattern for one in (*TURNS, *ROUTES)),
    *(pattern for pattern in vars(verdicts).values() if isinstance(pattern, Late)),
]
"""Every pattern that is made when it is first asked."""
OPPOSED = [
    ("APPROVE", "DROP"), ("APPROVE", "STOPV"), ("YES", "DROP"), ("YES", "STOPV"), ("GET", "DROP"), ("GET", "STOPV"),
    ("GIVE", "DROP"), ("GIVE", "STOPV"), ("REG", "PAYER"), ("REG", "CHMP"), ("DESIG", "YES"),
]  # fmt: skip
"""Groups of which no word may stand in both."""


def alternatives(pattern: str) -> Iterator[list[str]]:
    """The alternatives of a pattern, and of each of its brackets."""
    levels: list[list[str]] = [[""]]
    for token in re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|.", pattern):
        if token == "(":
            levels.append([""])
        elif token == ")" and len(levels) > 1:
            closed = levels.pop()
            yield [part.removeprefix("?:") for part in closed]
            levels[-1][-1] += f"({'|'.join(closed)})"
        elif token == "|":
            levels[-1].append("")
        else:
            levels[-1][-1] += token
    yield levels[0]


def test_every_id_is_used_once() -> None:
    assert [id_ for id_, times in Counter(IDS).items() if times > 1] == []


@pytest.mark.parametrize("id_", IDS)
def test_an_id_is_a_type_and_a_name_of_words(id_: str) -> None:
    type_, name = id_.split(".")
    assert type_ in TYPES
    assert NAME.fullmatch(name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_no_word_stands_twice_in_one_choice(row: list[str]) -> None:
    for cell in row[2:]:
        for choice in alternatives(cell):
            assert [word for word, times in Counter(choice).items() if times > 1] == []


@pytest.mark.parametrize("group", WORDS)
def test_no_word_stands_twice_in_a_group(group: str) -> None:
    for choice in alternatives(WORDS[group]):
        assert [word for word, times in Counter(choice).items() if times > 1] == []


@pytest.mark.parametrize("group", WORDS)
def test_every_group_is_used(group: str) -> None:
    cells = [cell for row in [*ROWS, *rows_of("plain_words.rules")] for cell in row]
    code = {"REG", "PAYER", "YES"}  # the surroundings of a decision in verdicts.py name these
    assert group in code or any(f"<{group}>" in cell for cell in [*cells, *WORDS.values()])


@pytest.mark.parametrize(("one", "other"), OPPOSED, ids="-".join)
def test_no_word_stands_on_two_sides(one: str, other: str) -> None:
    against = re.compile(WORDS[other], re.IGNORECASE)

    @given(
        st.from_regex(re.compile(WORDS[one].replace("~", "")), fullmatch=True, alphabet=st.characters(codec="ascii"))
    )
    def check(word: str) -> None:
        assert not against.fullmatch(word)

    check()


def test_a_row_that_cannot_be_read_is_named() -> None:
    with pytest.raises(ValueError, match=r"approval\.by-whim: expected polarity, flags"):
        table([["approval.by-whim", "positive"]])
    empty = r"approval\.by-whim: expected patterns that need a word"
    with pytest.raises(ValueError, match=empty):
        table([["approval.by-whim", "positive", "-", ""]])
    (unsure,) = table([["approval.by-whim", "positive", "-", "whim", "-", "(?:whim)?"]])
    assert unsure.needs is not None
    for _ in range(2):
        with pytest.raises(ValueError, match=empty):
            unsure.needs.search("approved on a whim")


@pytest.mark.parametrize("pattern", LATE, ids=lambda pattern: pattern.pattern[:60])
def test_every_pattern_can_be_made_and_needs_a_word(pattern: re.Pattern[str]) -> None:
    assert not pattern.search("")


def test_the_words_that_the_patterns_need_are_written_beside_them() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))

    assert kept == json.loads(written()), "after a change of the rules: python -m benchmarks.triggers --write"
    assert needed_by(PATTERNS) == kept["needed"]


def test_the_words_of_other_patterns_are_found_anew() -> None:
    assert needed_by([*PATTERNS, "(?:gives|gave) a nod"])[-1] == needed("(?:gives|gave) a nod")


def test_a_pattern_begins_where_a_word_begins() -> None:
    pattern = compiled("approv\\w+ ~drug")
    assert pattern is not None
    assert pattern.search("FDA approves the drug")
    assert not pattern.search("FDA disapproves the drug")
