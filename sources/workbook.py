"""Tables out of workbooks (xlsx), read strictly: what takes too much memory or brings its own entities is refused."""

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sources.base import Page, Unexpected

MOST_PARTS = 200
MOST_INFLATED = 64 * 2**20
MOST_ROWS, MOST_COLUMNS = 50_000, 100
HEADER_WITHIN = 30  # rows
LONGEST = 100_000  # characters of a cell
DECLARES = (b"<!DOCTYPE", b"<!ENTITY", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
FAULTS = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    OSError,
    EOFError,
    SyntaxError,
)
"""What openpyxl raises over a damaged workbook; an XML error is a SyntaxError."""


def table(page: Page, *, headed: Sequence[str], day: str = "%d/%m/%Y") -> Iterator[dict[str, str]]:
    """The rows below the row that holds all of these headings, each as heading to text; dates as `day` says.

    Raises Unexpected where it is no workbook, too large a one, or has no such row.
    """
    import openpyxl  # noqa: PLC0415 - with numpy, 25 MB that only a workbook needs

    _refuse(page)
    try:
        book = openpyxl.load_workbook(io.BytesIO(page.body), read_only=True, data_only=True)
        rows = book.worksheets[0].iter_rows(values_only=True, max_col=MOST_COLUMNS)
        header: list[str] | None = None
        for number, row in enumerate(rows):
            if number > MOST_ROWS:
                raise Unexpected(f"{page.url}: expected a table of at most {MOST_ROWS} rows, found more")
            cells = [_text(cell, day, f"{page.url} row {number + 1}") for cell in row]
            if header is None:
                found = [" ".join(cell.split()) for cell in cells]
                header = found if set(headed) <= set(found) else None
                if header is None and number > HEADER_WITHIN:
                    break
            elif any(cells):
                yield {name: cell for name, cell in zip(header, cells, strict=False) if name}
    except FAULTS as problem:
        raise Unexpected(f"{page.url}: expected a workbook, found a damaged one ({str(problem)[:120]})") from None
    if header is None:
        raise Unexpected(f"{page.url}: expected a row with the headings {', '.join(headed)}, found none")


def _refuse(page: Page) -> None:
    """Say what of a workbook is more than is taken apart, before anything of it is."""
    try:
        with zipfile.ZipFile(io.BytesIO(page.body)) as parts:
            listed = parts.infolist()
            if len(listed) > MOST_PARTS:
                raise Unexpected(f"{page.url}: expected at most {MOST_PARTS} parts, found {len(listed)}")
            left = MOST_INFLATED
            for part in listed:
                with parts.open(part) as stream:  # what is declared need not be true
                    body = stream.read(left + 1)
                left -= len(body)
                if left < 0:
                    raise Unexpected(f"{page.url}: expected a workbook of at most {MOST_INFLATED >> 20} MB, found more")
                if part.filename.endswith((".xml", ".rels")) and any(mark in body for mark in DECLARES):
                    raise Unexpected(f"{page.url}: expected a workbook, found declarations of its own in it")
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, RuntimeError) as problem:
        raise Unexpected(f"{page.url}: expected a workbook, found none ({str(problem)[:120]})") from None


def _text(cell: Any, day: str, where: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime | date):
        return cell.strftime(day)
    text = str(cell)
    if len(text) > LONGEST:
        raise Unexpected(f"{where}: expected cells of at most {LONGEST} characters, found {len(text)}")
    return text
