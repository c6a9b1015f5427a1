"""The shared lexicon says nothing twice and nothing that contradicts itself."""

import re
from itertools import combinations

import pytest

from monitor.vocabulary.drug_words import TABLES

PLAIN = ("companies", "places_and_people", "common", "not_substances")
"""Tables of words that are no drug."""
TWO_MEANINGS = {"american", "boston", "crispr", "prime", "swedish"}
"""Firms that are called like a place, a technique or a programme."""


@pytest.mark.parametrize("table", TABLES)
def test_no_word_stands_twice_in_a_table(table: str) -> None:
    words = TABLES[table]
    assert sorted({word for word in words if words.count(word) > 1}) == []


@pytest.mark.parametrize("table", PLAIN)
def test_no_word_is_a_substance_and_none(table: str) -> None:
    assert set(TABLES[table]) & set(TABLES["substances"]) == set()


@pytest.mark.parametrize(("one", "other"), list(combinations(PLAIN, 2)))
def test_a_word_that_is_no_drug_is_none_for_one_reason(one: str, other: str) -> None:
    assert set(TABLES[one]) & set(TABLES[other]) <= TWO_MEANINGS


@pytest.mark.parametrize("table", [table for table in TABLES if table not in (*PLAIN, "substances")])
def test_every_pattern_of_the_lexicon_stands_alone(table: str) -> None:
    for pattern in TABLES[table]:
        assert not re.compile(pattern).fullmatch("")
