"""What is written in words of the trade, in words that the encoder has learnt: the table `plain_words.rules`.

The encoder was taught by news, in which an authority "approves". The same act stands otherwise in the papers of most
countries ("grants a marketing authorisation", "issues a notice of compliance") and in the headlines of the trade
("gets a CRL"). Here both become one, for the encoder alone.
"""

import re
from collections.abc import Sequence
from functools import partial

from monitor.reading.prose.patterns import phrases

ROWS = phrases("plain_words.rules")


def plain_words(sentences: Sequence[str]) -> list[str]:
    """The sentences as the encoder reads them."""
    return [_plain(sentence) for sentence in sentences]


def _plain(sentence: str) -> str:
    for written, read in ROWS:
        sentence = written.sub(partial(_said, read), sentence)
    return sentence


def _said(read: str, found: re.Match[str]) -> str:
    """The words of a row with the ending of the verb that was written."""
    ending = found["end"] if "end" in found.re.groupindex else ""
    return found.expand(re.sub(r"(\w+)~", lambda verb: _inflected(verb[1], ending.lower()), read)).strip()


def _inflected(verb: str, ending: str) -> str:
    """A regular verb with the ending of another one."""
    if ending.endswith("ing"):
        return f"{verb.removesuffix('e')}ing"
    if ending.endswith("d"):
        return f"{verb.removesuffix('e')}ed"
    return f"{verb}s" if ending.endswith("s") else verb
