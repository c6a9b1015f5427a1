"""EMA's list of medicines: both forms, what is followed of it, and workbooks that are none."""

import io
import json
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sources.base import Page, Unexpected
from sources.ema import Ema, EmaOptions, EmaWorkbook, product_number
from sources.records import Record

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
REPORT = json.loads((SAMPLES / "ema" / "medicines.json").read_bytes())
WORKBOOK = (SAMPLES / "ema_workbook" / "medicines.xlsx").read_bytes()


def page(body: bytes) -> Page:
    return Page("https://ema.test/list", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)


def report(**changes: Any) -> Page:
    return page(json.dumps(REPORT | changes).encode())


def keys(found: list[Record | Unexpected]) -> list[str]:
    return [record.key for record in found if isinstance(record, Record)]


def workbook(**parts: bytes) -> bytes:
    """The sample with parts replaced or added."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WORKBOOK)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, parts.pop(name, old.read(name)))
        for name, body in parts.items():
            new.writestr(name, body)
    return made.getvalue()


@pytest.mark.parametrize(
    ("options", "followed"),
    [
        ({"numbers": ["H/C/005493"]}, ["EMEA/H/C/005493"]),
        ({"names": ["riluzole"]}, ["EMEA/H/C/000109", "EMEA/H/C/002622"]),
        ({"names": ["albrioza"], "numbers": ["EMEA/H/C/004938"]}, ["EMEA/H/C/005901", "EMEA/H/C/004938"]),
        ({"names": ["rilu"]}, []),
    ],
)
def test_what_is_followed_is_known_by_number_or_by_a_whole_name(options: Any, followed: list[str]) -> None:
    source = Ema(EmaOptions(**options))
    assert keys(list(source.parse(report()))) == followed


def test_a_row_that_cannot_be_read_is_no_row_less() -> None:
    rows = [dict(row) for row in REPORT["data"]]
    rows[0]["medicine_status"] = "Paused"
    found = list(Ema(EmaOptions(names=("tofersen",))).parse(report(data=rows)))
    assert str(found[0]).startswith("EMEA/H/C/005493.medicine_status: expected one of")
    assert isinstance(found[0], Unexpected)
    assert found[0].key == "EMEA/H/C/005493"


def test_a_list_shorter_than_it_says_or_than_it_must_be_is_refused() -> None:
    with pytest.raises(Unexpected, match="the 5 rows it declares, found 4"):
        list(Ema(EmaOptions()).parse(report(data=REPORT["data"][:4])))
    with pytest.raises(Unexpected, match="at least 2000 medicines, found 5"):
        list(EmaWorkbook(EmaOptions(at_least=2000)).parse(page(WORKBOOK)))


@pytest.mark.parametrize("column", ["medicine_status", "opinion_status", "marketing_authorisation_date", "biosimilar"])
def test_a_column_that_is_gone_is_named(column: str) -> None:
    rows = [{name: value for name, value in row.items() if name != column} for row in REPORT["data"]]
    found = list(Ema(EmaOptions()).parse(report(data=rows)))
    assert all(isinstance(problem, Unexpected) and column in str(problem) for problem in found)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"PK\x03\x04 and no more", "found none"),
        (WORKBOOK[:2000], "found none"),
        (workbook(**{"xl/styles.xml": b"<styleSheet"}), "damaged"),
        (workbook(**{"xl/worksheets/sheet1.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'}), "declarations"),
        (workbook(**{"xl/media/big.bin": b"\0" * (65 * 2**20)}), "at most 64 MB"),
        (workbook(**{f"xl/{n}.bin": b"" for n in range(200)}), "at most 200 parts"),
    ],
    ids=["magic", "cut", "styles", "entities", "bomb", "parts"],
)
def test_a_workbook_that_is_none_is_refused_by_name(body: bytes, why: str) -> None:
    with pytest.raises(Unexpected, match=why):
        list(EmaWorkbook(EmaOptions()).parse(page(body)))


@pytest.mark.parametrize(
    ("written", "number"),
    [("H/C/005084", "EMEA/H/C/005084"), ("EMEA/V/C/000030", "EMEA/V/C/000030"), ("R/0023", "R/0023")],
)
def test_a_product_has_one_number(written: str, number: str) -> None:
    assert product_number(written) == number
