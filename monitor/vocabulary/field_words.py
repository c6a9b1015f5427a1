"""What a pack adds to the lexicon of `drug_words`, apart from it: those who read no prose do without the lexicon."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldWords:
    """What a pack adds to the tables: words of its own field, in lower case.

    `plain` are no drugs (the words of the disease's names), `makers` the first words of its sponsors, `substances`
    the names of its therapies that are plain words, `platforms` the trials of several therapies.
    """

    plain: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    substances: frozenset[str] = frozenset()
    platforms: frozenset[str] = frozenset()


NO_FIELD = FieldWords()
"""The words of no pack at all."""
