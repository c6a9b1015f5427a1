"""Orphan designations of the European Union, from EMA's report of them.

A designation that is given is told; that one ends or is refused is a change of its record. Left out on purpose: the
days of updates. Some rows have no number, and are known by their address.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from pydantic import Field

from sources.base import About, Fetch, Options, Page, Source, Unexpected, each
from sources.ema import iso_day, report_rows
from sources.named import names_one
from sources.notices import Notice, NoticeAct
from sources.payload import Json, mapped, may, need
from sources.records import Record

AUTHORITY, PLACE = "EC", "EU"
ACTS: Mapping[str, NoticeAct] = {
    "Positive": NoticeAct.ORPHAN_DESIGNATED,
    "Negative": NoticeAct.ROUTINE,
    "Withdrawn": NoticeAct.ROUTINE,
    "Expired": NoticeAct.ROUTINE,
}
NUMBER = re.compile(r"EU/\d/\d\d/\d{3,5}")
REPORT = "/en/documents/report/medicines-output-orphan_designations-json-report_en.json"
TITLE = 300
COLUMNS = (
    "medicine_name", "related_ema_product_number", "active_substance", "date_of_designation_or_refusal", "intended_use",
    "eu_designation_number", "status", "first_published_date", "orphan_designation_url",
)  # fmt: skip


class EmaOrphansOptions(Options):
    """Which designations to follow: those of these substances or medicines, or for these uses; none: all.

    `at_least`: how many rows the whole list has at least; with fewer it is not the list.
    """

    names: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    at_least: int = Field(default=0, ge=0)


class EmaOrphans(Source):
    """The whole list is one answer."""

    name = "ema_orphans"
    title = "EU orphan designations (EMA)"
    about = About(
        watches="EU orphan designations, by substance or use",
        first="which drugs are developed for a rare disease",
        lag="weeks",
        where="EU",
        seen="recorded 2026",
    )
    tier = 1
    home = "https://www.ema.europa.eu"
    terms = "European Medicines Agency; reuse is permitted with the source named."
    record = Notice
    paths: ClassVar[Mapping[str, str]] = {"title": "active_substance", "action": "status", "abstract": "intended_use"}
    Options = EmaOrphansOptions
    options: EmaOrphansOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The whole list is one answer."""
        yield fetch(f"{self.base_url}{REPORT}")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The designations that are followed. Raises Unexpected where the list is less than it says."""
        rows = report_rows(page)
        if len(rows) < self.options.at_least:
            raise Unexpected(f"{page.url}: expected at least {self.options.at_least} designations, found {len(rows)}")
        yield from each((row for row in rows if self._follows(row)), designation, key=_key)

    def _follows(self, row: Json) -> bool:
        """Whether a row is of what is followed; one that cannot be read may be."""
        wanted = ((self.options.names, ("active_substance", "medicine_name")), (self.options.uses, ("intended_use",)))
        if not (self.options.names or self.options.uses):
            return True
        if not isinstance(row, dict) or any(not isinstance(row.get(column), str) for column in COLUMNS):
            return True
        return any(names_one(words, " ; ".join(row[column] for column in columns)) for words, columns in wanted)


def _key(row: Json) -> str | None:
    """The number with the last part of the address: some numbers stand twice, some rows have none."""
    try:
        number = may(row, "eu_designation_number", str, "designation")
        slug = urlsplit(need(row, "orphan_designation_url", str, "designation")).path.rpartition("/")[2]
    except (Unexpected, ValueError):
        return None
    usual = (number or "").lower().replace("/", "-")
    return number if number and NUMBER.fullmatch(number) and slug == usual else slug or None


def designation(row: Json) -> Notice:
    """One designation. Raises Unexpected at an unknown word, a missing column or a day that is none."""
    key = _key(row)
    if key is None:
        need(row, "orphan_designation_url", str, "designation")
        raise Unexpected("designation.orphan_designation_url: expected an address, found none")
    if lacking := [column for column in COLUMNS if column not in row]:
        raise Unexpected(f"{key}: expected the columns {', '.join(lacking)}, found {', '.join(sorted(row))[:200]}")
    number = may(row, "eu_designation_number", str, key)
    product = may(row, "related_ema_product_number", str, key)
    status, day = need(row, "status", str, key), may(row, "date_of_designation_or_refusal", str, key)
    first = may(row, "first_published_date", str, key)
    substance, medicine = may(row, "active_substance", str, key), may(row, "medicine_name", str, key)
    act = mapped(status, ACTS, f"{key}.status")
    return Notice(
        key=key,
        title=(substance or medicine or key)[:TITLE],
        url=need(row, "orphan_designation_url", str, key),
        authority=AUTHORITY,
        place=PLACE,
        names=tuple(filter(None, (substance, medicine))),
        numbers=tuple(n for n in (number, product) if n and n != "-"),
        act=act,
        acted_on=iso_day(day, f"{key}.date_of_designation_or_refusal") if day else None,
        action=status,
        abstract=need(row, "intended_use", str, key),
        particulars={
            "medicine_name": medicine or "",
            "first_published_date": iso_day(first, f"{key}.first_published_date") if first else "",
        },
    )
