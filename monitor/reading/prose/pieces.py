"""A text that tells of several things (a digest, a meeting, a quarter), as texts that tell of one thing each. Pure.

    title ──► a list of things? ──► its sentences, at semicolons too ──► one piece for each followed medicine in a row

The readers have learnt from texts of which nearly each announces one thing: of five they hear the loudest, and give it
the only medicine they know. A piece has the title, its own sentences and nothing else.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from monitor.reading.prose.clean import ItemText, Sentence
from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import SURE, Drug
from monitor.reading.prose.genres import GENRES, QUARTER
from monitor.reading.prose.verdicts import DIGEST
from monitor.vocabulary.claims import RELEASE, Claim
from monitor.vocabulary.therapies import Therapies

ELSEWHERE = "another piece"
"""Why a sentence is not read in a piece: it belongs to another one."""
NEWSLETTER = re.compile(
    r"\b(?:(?:morning|evening|weekly|daily|monthly|weekend|news) "
    r"(?:note|brief(?:ing)?|digest|update|bulletin|wrap|round-?up)|"
    r"newsletter|digest|bulletin|in (?:brief|short)|at a glance|round-?up|news briefs?|short takes|"
    r"(?:this|the|last) week in|week in review|roundup|"
    r"and (?:\w+ ){1,2}(?:other|more) (?:things|stories|items|news))\b",
    re.I,
)
"""How a newsletter or a digest heads the several things that it tells."""
GOES_ON = re.compile(
    r"(?:It|Its|This|That|These|They|Their|He|She|Both|Until|There|"
    r"The (?:drug|medicine|pill|product|company|firm|maker|agency|"
    r"decision|panel|committee|applicant|trial|study|news|letter))\b"
)
"""How a sentence begins that goes on about what was told before it."""
PARTS = re.compile(r";\s+")
HEADINGS = (DIGEST, NEWSLETTER, *(pattern for kind, pattern in GENRES if kind == QUARTER))
"""What the title of a list says."""


def is_list(title: str) -> bool:
    """Whether a text of this title tells of several things."""
    return any(heading.search(title) for heading in HEADINGS)


def pieces_of(text: ItemText, therapies: Therapies | None) -> list[ItemText]:
    """The pieces of a list that names followed medicines below its title, what is about none of them as the last one;
    of any other text the text itself."""
    if therapies is None or not is_list(text.units[0]):
        return [text]
    rows = _parted(text)
    drugs = find_drugs(rows.units, therapies)
    pieces = list(_rows(rows, drugs))
    if len(pieces) == 0 or any(drug.unit == 0 and drug.kind in SURE for drug in drugs):
        return [text]
    taken = {row for piece in pieces for row in piece}
    rest = [row for row in range(1, len(rows.sentences)) if row not in taken and rows.units[row]]
    found = [_only(rows, piece) for piece in pieces]
    if not all(therapies.named("\n".join(piece.units)) for piece in found):
        return [text]  # a name that means a medicine only beside words of another piece
    return [*found, *([_only(rows, rest)] if rest else [])]


def told_once(claims: list[Claim]) -> list[Claim]:
    """The claims of all pieces, of those that tell the same of the same the first that is released, else the first."""
    first: dict[tuple[str | None, ...], int] = {}
    for number, claim in sorted(enumerate(claims), key=lambda found: found[1].decision != RELEASE):
        first.setdefault((claim.type, claim.polarity, claim.therapy or claim.drug, claim.place, claim.trial), number)
    return [claims[number] for number in sorted(first.values())]


def _rows(text: ItemText, drugs: Sequence[Drug]) -> Iterator[list[int]]:
    """The sentences of each piece: one that names a followed medicine, and what follows and names none."""
    names = {row: {drug.therapy for drug in drugs if drug.unit == row} for row in range(len(text.sentences))}
    piece: list[int] = []
    for row in range(1, len(text.sentences)):
        followed = names[row] - {None}
        if followed:
            before = names[piece[0]] if piece else set()
            if piece and followed <= before:
                piece.append(row)
                continue
            if piece:
                yield piece
            piece = [row]
        elif piece and row == piece[-1] + 1 and not names[row] and GOES_ON.match(text.units[row]):
            piece.append(row)
    if piece:
        yield piece


def _only(text: ItemText, rows: Sequence[int]) -> ItemText:
    """The text with the title and these sentences alone; the others stay in their places, unread."""
    kept = {0, *rows}
    return ItemText(
        tuple(
            sentence if row in kept else replace(sentence, cut=sentence.cut or ELSEWHERE)
            for row, sentence in enumerate(text.sentences)
        ),
        text.title,
        text.text,
    )


def _parted(text: ItemText) -> ItemText:
    """A list with its sentences parted at semicolons, as its rows often are."""
    title, *below = text.sentences
    return ItemText(
        (title, *(part for sentence in below for part in _parts(sentence, text.text))), text.title, text.text
    )


def _parts(sentence: Sentence, source: str) -> Iterator[Sentence]:
    """The parts of a sentence, each with its own place; whole where it is not read letter by letter."""
    if sentence.cut or len(sentence.text) != sentence.end - sentence.start:
        yield sentence
        return
    ends = [0, *(match.end() for match in PARTS.finditer(sentence.text)), len(sentence.text)]
    for start, end in pairwise(ends):
        words = sentence.text[start:end].rstrip("; ")
        yield Sentence(words, sentence.start + start, sentence.start + start + len(words))
