"""Shortages of medicines in the European Union, from EMA's catalogue: those that touch several countries.

Left out on purpose: forms and strengths, the therapeutic area, and the days of updates.
"""

from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import urlsplit

from sources.base import About, Fetch, Options, Page, Source, Unexpected, each
from sources.ema import iso_day, report_rows
from sources.named import names_one
from sources.notices import Notice, NoticeAct
from sources.payload import Json, known, mapped, may, need
from sources.records import Record
from sources.supply import Listed, Supply, supply

AUTHORITY, PLACE = "EMA", "EU"
ACTS: Mapping[str, NoticeAct] = {
    "Ongoing": NoticeAct.SHORTAGE_BEGAN,
    "Resolved": NoticeAct.SHORTAGE_ENDED,
}
REPORT = "/en/documents/report/shortages-output-json-report_en.json"
NAME = "international_non_proprietary_name_inn_or_common_name"
OPTIONAL = ("expected_resolution_date", "expected_resolution", "availability_of_alternatives")
COLUMNS = ("medicine_affected", "supply_shortage_status", NAME, "start_of_shortage_date", "shortage_url", *OPTIONAL)


class EmaShortagesOptions(Options):
    """Which shortages to follow: those of these medicines or substances; none: all."""

    names: tuple[str, ...] = ()


class EmaShortages(Source):
    """The whole catalogue is one answer; what is over stays in it."""

    name = "ema_shortages"
    title = "EU shortages (EMA)"
    about = About(
        watches="EMA's catalogue of shortages, by name",
        first="that a medicine is short in several EU countries",
        lag="days to weeks",
        where="EU",
        seen="recorded 2026",
    )
    tier = 1
    empties = True  # of the drugs followed, none may be short
    home = "https://www.ema.europa.eu"
    terms = "European Medicines Agency; reuse is permitted with the source named."
    record = Notice
    paths: ClassVar[Mapping[str, str]] = {"title": "medicine_affected", "action": "supply_shortage_status"}
    Options = EmaShortagesOptions
    options: EmaShortagesOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The catalogue is one answer."""
        yield fetch(f"{self.base_url}{REPORT}")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The shortages that are followed. Raises Unexpected where the catalogue is less than it says."""
        rows = report_rows(page)
        if not rows:
            raise Unexpected(f"{page.url}: expected a catalogue of shortages, found an empty one")
        followed = [row for row in rows if self._follows(row)]
        now = supply(map(_listed, followed))
        yield from each(followed, lambda row: shortage(row, now), key=_key)

    def _follows(self, row: Json) -> bool:
        """Whether a row is of a medicine that is followed; one that cannot be read may be."""
        if not self.options.names or not isinstance(row, dict):
            return True
        if any(not isinstance(row.get(column), str) for column in ("medicine_affected", NAME)):
            return True
        return names_one(self.options.names, f"{row['medicine_affected']} ; {row[NAME]}")


def _key(row: Json) -> str | None:
    """The last part of its address; there is no number."""
    try:
        return urlsplit(need(row, "shortage_url", str, "shortage")).path.rpartition("/")[2] or None
    except (Unexpected, ValueError):
        return None


def _listed(row: Json) -> Listed | None:
    """Substance, act and first day of a shortage; None where it cannot be told."""
    try:
        act = mapped(need(row, "supply_shortage_status", str, "shortage"), ACTS, "shortage.supply_shortage_status")
        day = may(row, "start_of_shortage_date", str, "shortage") or may(row, "first_published_date", str, "shortage")
        if act == NoticeAct.SHORTAGE_BEGAN and not may(row, NAME, str, "shortage"):
            return None  # short of what?
        return _substance(row, "shortage"), act, iso_day(day, "shortage.day") if day else None
    except Unexpected:
        return None


def _substance(row: Json, where: str) -> str:
    return may(row, NAME, str, where) or need(row, "medicine_affected", str, where)


def shortage(row: Json, now: Supply) -> Notice:
    """One shortage. Raises Unexpected at an unknown word, a missing column or a day that is none."""
    key = _key(row)
    if key is None:
        need(row, "shortage_url", str, "shortage")
        raise Unexpected("shortage.shortage_url: expected an address, found none")
    if lacking := [column for column in COLUMNS if column not in row]:
        raise Unexpected(f"{key}: expected the columns {', '.join(lacking)}, found {', '.join(sorted(row))[:200]}")
    known(need(row, "category", str, key), ("Human", "Veterinary"), f"{key}.category")
    status, medicine = need(row, "supply_shortage_status", str, key), need(row, "medicine_affected", str, key)
    act = now.act(_substance(row, key), mapped(status, ACTS, f"{key}.supply_shortage_status"))
    days = ("start_of_shortage_date", "first_published_date", "last_updated_date")
    read = {name: iso_day(day, f"{key}.{name}") for name in days if (day := may(row, name, str, key))}
    ended = act == NoticeAct.SHORTAGE_ENDED
    return Notice(
        key=key,
        title=medicine,
        url=need(row, "shortage_url", str, key),
        authority=AUTHORITY,
        place=PLACE,
        names=tuple(dict.fromkeys(filter(None, (medicine, may(row, NAME, str, key))))),
        act=act,
        acted_on=read.get("last_updated_date") if ended else now.since(_substance(row, key)),
        action=status,
        particulars={name: may(row, name, str, key) or "" for name in OPTIONAL},
    )
