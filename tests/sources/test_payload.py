"""Strict JSON: whatever two programs could read in two ways is refused."""

import contextlib
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base import Page, Unexpected
from sources.payload import MAX_DEPTH, MOST_WEIGHT, Rows, decode, known, may, need, rows, texts


def page(body: bytes) -> Page:
    return Page("https://example.org/x", datetime(2026, 1, 1, tzinfo=UTC), 200, "application/json", "", lambda: body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<!doctype html><title>Access denied</title>",
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\\ud800"}',
        b'{"\\udfff": 1}',
        b'{"a": "x\\u0000y"}',
        b'{"a": "\xff"}',
        b"<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other",
        b"[" * 100_000 + b"]" * 100_000,
        b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
        b'{"a": 1} trailing',
    ],
)
def test_doubtful_json_is_refused_with_its_address(body: bytes) -> None:
    with pytest.raises(Unexpected, match=r"https://example\.org/x"):
        decode(page(body))


def test_sound_json_is_read() -> None:
    assert decode(page('﻿{"a": ["ü", 1, 0.5, null, true]}'.encode())) == {"a": ["ü", 1, 0.5, None, True]}


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with contextlib.suppress(Unexpected):
        decode(page(body))


def test_a_field_of_the_wrong_kind_is_named() -> None:
    with pytest.raises(Unexpected, match=r"NCT1\.count: expected a whole number, found True"):
        need({"count": True}, "count", int, "NCT1")
    with pytest.raises(Unexpected, match=r"NCT1\.name: expected a text, found none \(there is title\)"):
        need({"title": "x"}, "name", str, "NCT1")
    with pytest.raises(Unexpected, match=r"NCT1\.name: expected a text, found 5"):
        may({"name": 5}, "name", str, "NCT1")
    with pytest.raises(Unexpected, match="NCT1: expected an object, found list"):
        may([], "name", str, "NCT1")


def test_empty_is_absent_and_white_space_is_folded() -> None:
    node = {"a": "", "b": [], "c": {}, "d": None, "e": "  two\n words ", "f": False, "g": 0}

    assert [may(node, key, str, "x") for key in "abcd"] == [None] * 4
    assert may(node, "e", str, "x") == "two words"
    assert may(node, "f", bool, "x") is False
    assert may(node, "g", int, "x") == 0
    assert rows(node, "c", "x") == []


def test_a_text_by_itself_is_a_list_of_one() -> None:
    assert texts({"phases": "PHASE2"}, "phases", "x") == ["PHASE2"]
    with pytest.raises(Unexpected, match="a list of texts"):
        texts({"phases": ["PHASE2", 3]}, "phases", "x")


def test_an_unknown_word_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(Unexpected, match="expected one of AP, TA, found 'CR'"):
        known("CR", {"TA": 1, "AP": 2}, "x")


# Large answers -------------------------------------------------------------------------------------------------------


def large(rows: str, before: str = "", after: str = "") -> Page:
    """An answer; each PAD in it is so long a text that two of them are more than is held at once."""
    return page(f'{{{before}"rows": [{rows}]{after}}}'.replace("PAD", "x" * (MOST_WEIGHT // 2)).encode())


def test_the_rows_of_a_large_answer_are_read_one_by_one() -> None:
    row = '{"id": "a,]}\\"[", "rows": [1, {"b": "PAD"}]}'
    value = decode(large(f"{row} , {row},{row}", '"total": 3, "odd": {"rows": [7]}, ', ', "next": "t"'), rows="rows")

    assert isinstance(value["rows"], Rows)
    assert (value["total"], value["odd"], value["next"], len(value["rows"])) == (3, {"rows": [7]}, "t", 3)
    assert [found["id"] for found in value["rows"]] == ['a,]}"['] * 3
    assert value["rows"][1:3][0]["rows"][0] == 1


@pytest.mark.parametrize(
    "rows",
    [
        '{"a": "PAD"} {"a": "PAD"}, 7',
        '"PAD", "PAD", "PAD"',
        '{"a": "PAD"}, {"a": "PAD"},, {"a": 1}',
        '[{"a": "PAD"}], {"b": "PAD"}, {"b": "PAD"}',
    ],
)
def test_a_large_answer_of_other_things_is_refused(rows: str) -> None:
    with pytest.raises(Unexpected, match="expected JSON that takes"):
        decode(large(rows), rows="rows")


def test_rows_of_a_large_answer_are_read_as_strictly() -> None:
    twins = decode(large('{"a": "PAD"}, {"a": "PAD"}, {"b": 1, "b": 2}'), rows="rows")
    with pytest.raises(Unexpected, match="stands twice"):
        list(twins["rows"])


@pytest.mark.parametrize("rows", ["{}," * 9_000_000, "0," * 14_000_000, "[" * 2_000_000, '{"a":' * 900_000])
def test_a_flood_of_values_is_refused_at_once(rows: str) -> None:
    body = large(rows + "{}")
    start = time.process_time()
    with pytest.raises(Unexpected):
        decode(body, rows="rows")
    assert time.process_time() - start < 3
