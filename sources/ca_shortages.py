"""Drug shortages and discontinuations in Canada, from the export of drugshortagescanada.ca.

The export is called CSV and is two tables in one file, each under a line that names it, with headings of its own,
blanks before and a comma behind every line, and texts escaped twice. Left out on purpose: strength, packaging, route,
form, codes and the day a report was made. What Canada calls anticipated has not begun.
"""

import csv
import html
import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import ClassVar

from sources.base import About, Family, Fetch, Options, Page, Source, Unexpected, each
from sources.named import names_one
from sources.notices import Notice, NoticeAct
from sources.payload import known, mapped
from sources.records import Record
from sources.supply import Listed, Supply, supply

AUTHORITY, PLACE = "Health Canada", "CA"
SHORTAGE, DISCONTINUATION = "Shortage Reports", "Discontinuation Reports"
STATUS = {SHORTAGE: "Shortage Status", DISCONTINUATION: "Discontinuation Status"}
ACTS: Mapping[str, Mapping[str, NoticeAct]] = {
    SHORTAGE: {
        "anticipated_shortage": NoticeAct.ROUTINE,
        "active_confirmed": NoticeAct.SHORTAGE_BEGAN,
        "avoided_shortage": NoticeAct.ROUTINE,
        "resolved": NoticeAct.SHORTAGE_ENDED,
    },
    DISCONTINUATION: {
        "to_be_discontinued": NoticeAct.ROUTINE,  # one package of one maker
        "discontinued": NoticeAct.ROUTINE,
        "reversed": NoticeAct.ROUTINE,
    },
}
DAYS = {
    SHORTAGE: (
        "Anticipated Shortage Start Date", "Shortage Start Date", "Estimated Shortage End Date",
        "Actual Shortage End Date",
    ),
    DISCONTINUATION: ("Discontinuation Date",),
}  # fmt: skip
NAMES = ("Brand Name", "Common or Proper Name", "Ingredient Name")
COMMON = ("Report ID", "DIN", "Company Name", "Reason", *NAMES)
TYPES = {"Shortage": SHORTAGE, "Discontinuation": DISCONTINUATION}
NUMBER = re.compile(r"\d{1,9}")
MOST_ROWS, LONGEST = 50_000, 20_000
EARLIEST = 1990  # years before it are slips of a typist, and no days

Row = tuple[str, dict[str, str]]


class CaShortagesOptions(Options):
    """Which reports to follow: those of these drugs, by brand, common name or ingredient; none: all."""

    names: tuple[str, ...] = ()
    path: str = "/export"


class CaShortages(Source):
    """Reports stay in the export when they are over."""

    name = "ca_shortages"
    title = "Drug shortages in Canada"
    about = About(
        watches="shortages and discontinuations in Canada (export)",
        first="that a drug is short in Canada, or no longer",
        lag="five days, by law",
        where="CA",
        key="an account, for the export of today",
        seen="recorded 2017",
    )
    tier = 1
    family: ClassVar[Family] = "csv"
    empties = True  # of the drugs followed, none may be short
    home = "https://www.drugshortagescanada.ca"
    terms = "Government of Canada, open data; the source is to be named."
    record = Notice
    paths: ClassVar[Mapping[str, str]] = {"title": "Brand Name", "agency": "Company Name"}
    Options = CaShortagesOptions
    options: CaShortagesOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The export is one answer."""
        yield fetch(f"{self.base_url}{self.options.path}")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The reports that are followed. Raises Unexpected where it is not the export."""
        rows = [row for row in rows_of(page) if self._follows(row)]
        now = supply(map(_listed, rows))
        yield from each(rows, lambda row: report(row, now), key=_key)

    def _follows(self, row: Row) -> bool:
        if not self.options.names:
            return True
        return names_one(self.options.names, " ; ".join(row[1].get(name, "") for name in NAMES))


def rows_of(page: Page) -> Iterator[Row]:
    """The rows of both tables, each with the name of its table. Raises Unexpected at a table without its headings."""
    table, header = "", list[str]()
    found: set[str] = set()
    lines = csv.reader(io.StringIO(page.decoded.text.replace("\0", "")), skipinitialspace=True)
    try:
        for number, line in enumerate(lines):
            cells = [cell.strip() for cell in line]
            while cells and not cells[-1]:
                cells.pop()
            if number > MOST_ROWS or any(len(cell) > LONGEST for cell in cells):
                raise Unexpected(f"{page.url}: expected at most {MOST_ROWS} rows of {LONGEST} characters, found more")
            if len(cells) == 1 and cells[0] in STATUS:
                table, header = cells[0], []
                found.add(table)
            elif table and not header and cells:
                header = _headings(cells, table, page.url)
            elif cells and header:
                yield table, dict(zip(header, map(unescaped, cells), strict=False))
            elif cells:
                raise Unexpected(f"{page.url}: expected the line {SHORTAGE!r}, found {cells[0][:80]!r}")
    except csv.Error as problem:
        raise Unexpected(f"{page.url}: expected a table as CSV, found a broken one ({problem})") from None
    if lacking := STATUS.keys() - found:
        raise Unexpected(f"{page.url}: expected the tables {' and '.join(STATUS)}, found no {sorted(lacking)[0]}")


def _headings(cells: list[str], table: str, where: str) -> list[str]:
    wanted = {*COMMON, "Report Type", STATUS[table], *DAYS[table]}
    if lacking := sorted(wanted - set(cells)):
        raise Unexpected(f"{where} {table}: expected the headings {', '.join(lacking)}, found {', '.join(cells)[:200]}")
    return cells


def unescaped(text: str) -> str:
    """A text without its entities, some of which are escaped themselves."""
    for _ in range(3):
        if (bare := html.unescape(text)) == text:
            break
        text = bare
    return " ".join(text.split())


def _key(row: Row) -> str | None:
    number = row[1].get("Report ID", "")
    return number if NUMBER.fullmatch(number) else None


def _day(text: str, where: str) -> str | None:
    """The day, or None where its year is a slip. Raises Unexpected at what is no day at all."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Unexpected(f"{where}: expected a day such as 2017-12-11, found {text[:40]!r}") from None
    return text if found.year >= EARLIEST else None


def _listed(row: Row) -> Listed | None:
    """Substance, act and first day of a report; None where it cannot be read."""
    table, cells = row
    act, substance = ACTS[table].get(cells.get(STATUS[table], "")), _substance(cells)
    if act is None or not substance:
        return None
    try:
        start = cells.get("Shortage Start Date")
        return substance, act, _day(start, "report") if start else None
    except Unexpected:
        return None


def _substance(cells: Mapping[str, str]) -> str:
    return cells.get("Ingredient Name") or cells.get("Common or Proper Name") or cells.get("Brand Name") or ""


def report(row: Row, now: Supply) -> Notice:
    """One report. Raises Unexpected at an unknown word or a missing number."""
    table, cells = row
    key = _key(row)
    if key is None:
        raise Unexpected(f"report.Report ID: expected a number, found {cells.get('Report ID', '')[:40]!r}")
    if TYPES[known(cells.get("Report Type", ""), TYPES, f"{key}.Report Type")] != table:
        raise Unexpected(f"{key}.Report Type: expected that of {table}, found {cells['Report Type']!r}")
    status = cells.get(STATUS[table], "")
    act = now.act(_substance(cells), mapped(status, ACTS[table], f"{key}.{STATUS[table]}"))
    days = {name: cells[name] for name in DAYS[table] if cells.get(name)}
    read = {name: _day(day, f"{key}.{name}") for name, day in days.items()}
    ended = act == NoticeAct.SHORTAGE_ENDED
    names = tuple(dict.fromkeys(cells[name] for name in NAMES if cells.get(name)))
    if not names:
        raise Unexpected(f"{key}: expected a name of the drug, found none")
    return Notice(
        key=key,
        title=cells.get("Brand Name") or names[0],
        url=f"https://www.drugshortagescanada.ca/{'shortage' if table == SHORTAGE else 'discontinuance'}/{key}",
        authority=AUTHORITY,
        place=PLACE,
        names=names,
        act=act,
        acted_on=read.get("Actual Shortage End Date") if ended else now.since(_substance(cells)),
        agency=cells.get("Company Name") or None,
        particulars={STATUS[table]: status, "Reason": cells.get("Reason", ""), **days},
    )
