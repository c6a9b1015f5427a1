"""Texts that are not in English. Both readers have learnt English alone: what a network makes of others is a guess."""

import re

WORD = re.compile(r"[^\W\d_]+")
LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
ENGLISH = frozenset({
    "the", "of", "and", "to", "for", "with", "by", "from", "that", "this", "is", "are", "was", "were", "has", "have",
    "had", "be", "been", "will", "would", "may", "not", "it", "its", "their", "after", "before", "on", "at", "as", "an",
    "or", "than", "which", "who", "new", "said", "says",
})  # fmt: skip
FOREIGN = frozenset({
    "la", "el", "los", "las", "del", "para", "con", "por", "que", "una", "ha", "su", "se", "le", "les", "des", "du",
    "de", "une", "pour", "avec", "dans", "sur", "est", "qui", "au", "aux", "der", "das", "und", "den", "dem", "ein",
    "eine", "für", "mit", "von", "zur", "zum", "bei", "ist", "wird", "nicht", "il", "lo", "gli", "della", "delle",
    "dei", "per", "che", "non", "è", "sono", "di", "um", "uma", "do", "da", "dos", "não", "em", "ao", "het",
    "een", "van", "voor", "met", "op", "till", "och", "det", "som", "av", "til", "af", "ikke", "na", "się", "jest",
    "dla", "nie", "przez",
})  # fmt: skip
"""Small words of Spanish, French, German, Italian, Portuguese, Dutch, the Nordic languages and Polish."""
FEW = 2
DENSE = 3
"""A letter of another writing says as much as so many of ours: a name in Latin letters is half of a Chinese title."""


def is_foreign(text: str) -> bool:
    """Whether it has small words of another language and fewer of English, or is written in other letters."""
    words = [word.lower() for word in WORD.findall(text)]
    letters = "".join(words)
    latin = len(LATIN.findall(letters))
    if latin < DENSE * (len(letters) - latin):
        return True
    other = sum(word in FOREIGN for word in words)
    return other >= FEW and other > sum(word in ENGLISH for word in words)
