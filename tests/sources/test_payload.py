"""Strict JSON: whatever two programs could read in two ways is refused."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.base import Page, Unexpected
from sources.payload import MAX_DEPTH, decode, known, may, need, rows, texts


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
