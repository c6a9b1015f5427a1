"""What is written into statements is a word of our own."""

import pytest
from sqlalchemy import select

from store.columns import word
from store.states import EventState


@pytest.mark.parametrize("state", EventState)
def test_a_state_is_written_into_a_statement(state: EventState) -> None:
    assert str(select(word(state))) == f"SELECT '{state}'"


@pytest.mark.parametrize("value", ["", "held' OR '1", "a b", "1"])
def test_what_is_no_plain_word_is_not(value: str) -> None:
    with pytest.raises(AssertionError, match="expected a word of our own"):
        word(value)
