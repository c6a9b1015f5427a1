"""What a row of an authority's own list says of a followed medicine: a word of status in a cell, by a table
(`rows.rules`), as a field of a register is read. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from monitor.reading.prose.entries import Added, Entry
from monitor.reading.prose.patterns import rows_of
from monitor.reading.prose.written_days import written_days
from monitor.vocabulary.agencies import AGENCIES, COMMITTEE, REGULATOR, place_of
from monitor.vocabulary.claims import HOLD, RELEASE, Claim
from monitor.vocabulary.dates import ANY_MONTH, NEWS_AGE, first_day, last_day, month_number
from monitor.vocabulary.therapies import Therapies

SURE = 0.95
"""Confidence in a word of status that stands where such a list says it."""
UNDATED = "the row is new here and states no day of late: it may be an old one"
NOTHING, AUTHORISED = "nothing", "authorised"
LONGEST = 120  # characters; a longer cell is prose
ROLES = {agency.name: REGULATOR if agency.role == COMMITTEE else agency.role for agency in AGENCIES}
MONTH_OF = re.compile(rf"\b({ANY_MONTH}) ((?:19|20)\d\d)\b")
ROUTES = (
    ("tentative_generic_approval", re.compile(r"\b(?:generic|biosimilar|hybrid|well-established use)\b", re.I)),
    ("accelerated_approval", re.compile(r"\b(?:conditional|exceptional circumstances|accelerated|temporary)\b", re.I)),
    ("label_expansion", re.compile(r"\b(?:(?:extension|variation) of (?:the )?indication|line extension|"
                                   r"(?:new|further|additional) (?:indication|use)|new (?:\w+ )?form)\b", re.I)),
)  # fmt: skip
"""To which type the row of a yes goes; after these comes plain `approval`."""


@dataclass(frozen=True, slots=True)
class Status:
    """One word of status: in whose list and which, and what it means there."""

    id: str
    polarity: str
    who: str
    flags: str
    list: re.Pattern[str] | None
    cell: re.Pattern[str]

    @classmethod
    def of(cls, id_: str, polarity: str, who: str, flags: str, title: str, cell: str) -> "Status":
        """From a row of the table."""
        where = None if title == "-" else re.compile(title, re.I)
        return cls(id_, polarity, who, flags, where, re.compile(rf"\W*(?:{cell})", re.I))

    def fits(self, agency: str, words: str, text: str, *, changed: bool) -> bool:
        """Whether a new cell of this authority's list says it."""
        theirs = self.who in ("any", agency, ROLES.get(agency))
        fresh = not changed if "n" in self.flags else changed if "c" in self.flags else True
        return theirs and fresh and (not self.list or bool(self.list.search(words))) and bool(self.cell.match(text))


TABLE = tuple(Status.of(*row) for row in rows_of("rows.rules"))


def row_claims(one: Added, title: str, agency: str | None, therapies: Therapies, on: date) -> list[Claim] | None:
    """What a row says that is new: none, or one claim; None where it is not to be read by the table."""
    owners = {mention.therapy for mention in therapies.named(one.text)}
    if one.row is None or agency not in ROLES or len(owners) != 1:
        return None
    stood = set(one.was.told) if one.was else set()
    fresh = [text for text in one.row.told if text not in stood and len(text) <= LONGEST]
    words = " | ".join((title, *one.row.places))
    found = next((s for text in fresh for s in TABLE if s.fits(agency, words, text, changed=one.was is not None)), None)
    if found is None:
        return None
    kind, _, name = found.id.partition(".")
    if kind == NOTHING or any(found.cell.match(text) for text in stood):
        return []  # it says so still, in other words
    day = _day(one, fresh, on)
    old = day is None and one.was is None
    mention = next(mention for mention in therapies.named(one.row.row))
    type_ = _route(one.row.row) if kind == AUTHORISED else kind
    return [
        Claim(
            type=type_,
            polarity=found.polarity,
            quote=one.row.row,
            rule=f"{type_}.{name}",
            confidence=SURE,
            decision=HOLD if old else RELEASE,
            because=UNDATED if old else f"rule {type_}.{name}",
            therapy=mention.therapy,
            drug=mention.written,
            agency=agency,
            place=place_of(agency),
            occurred_on=day or on.isoformat(),
            published_on=on.isoformat(),
            at_latest=day is None,
        )
    ]


def _route(row: str) -> str:
    return next((type_ for type_, words in ROUTES if words.search(row)), "approval")


def _day(one: Added, fresh: list[str], on: date) -> str | None:
    """The latest day, not of the future, that the new cells state and that is news, else one of the whole row, else
    the month in a heading above."""
    assert one.row is not None
    for cells in (fresh, one.row.told):
        days = [day for cell in cells for day in written_days(cell) if on - NEWS_AGE <= date.fromisoformat(day) <= on]
        if days:
            return max(days)
    months = [month for month in _months(one.row) if first_day(month) <= on <= last_day(month) + NEWS_AGE]
    return max(months, default=None)


def _months(row: Entry) -> Iterator[str]:
    for place in row.places:
        for month, year in MONTH_OF.findall(place):
            yield f"{year}-{month_number(month):02d}"
