"""A change of a trial's status means the same, whether a registry tells it in a field or a text tells it in words."""

from itertools import product

import pytest

from monitor.reading.prose import registry_text as registry
from monitor.reading.typed.study_acts import status_meaning
from sources.study import STATUSES


@pytest.mark.parametrize(("before", "after"), list(product(sorted(STATUSES), repeat=2)))
def test_words_and_fields_are_read_by_one_table(before: str, after: str) -> None:
    typed = status_meaning(before, after)
    spelled = registry.status_claim(before.replace("_", " ").capitalize(), after.replace("_", " ").lower())
    assert spelled == ((typed.type, typed.polarity) if typed else None)


def test_every_word_of_the_table_leads_to_a_status_of_the_registry() -> None:
    assert set(registry.STATUSES.values()) <= set(STATUSES)
    assert {registry.status_word(word) for word in registry.STATUSES} <= set(STATUSES)
    assert registry.status_claim("Recruiting", "") is None
