"""openFDA's bulk files: the same records as its queries give, out of a zip that nobody trusts; and through the path."""

import copy
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from demo.world import Answer
from monitor.watching.captures import whole_body
from sources import drugsfda, openfda_bulk
from sources.base import Page, Unexpected
from sources.drugsfda import DrugsFda, DrugsFdaOptions
from sources.records import Application, Record
from store.database import reading
from store.tables import Capture, Change, Item, Snapshot
from tests.stories.stage import Installation, Stage, look, tale, watch

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "drugsfda" / "als-applications.json"
ROWS = json.loads(SAMPLE.read_bytes())["results"]
BASE = "https://openfda.test"
FILE = f"{BASE}/drug/drugsfda/drug-drugsfda-0001-of-0001.json.zip"
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)


def bulk(rows: list[Any], *, indent: int | None = None) -> bytes:
    """A bulk file as openFDA writes it."""
    meta = {"last_updated": "2026-03-01", "results": {"skip": 0, "limit": len(rows), "total": len(rows)}}
    return json.dumps({"meta": meta, "results": rows}, indent=indent).encode()


def zipped(body: bytes, *more: str, name: str = "drug-drugsfda-0001-of-0001.json") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        for one in (name, *more):
            packed.writestr(one, body)
    return made.getvalue()


def index(rows: int, *, file: str = FILE, total: int | None = None, day: str = "2026-03-01") -> bytes:
    """The list of bulk files, shortened."""
    part = {"size_mb": "9.01", "records": rows, "display_name": "/drug/drugsfda", "file": file}
    node = {"export_date": day, "total_records": rows if total is None else total, "partitions": [part]}
    return json.dumps({"meta": {"last_updated": day}, "results": {"drug": {"drugsfda": node}}}).encode()


class Shelf:
    """What a server holds, by address; `moved` says whether it has since the last look."""

    def __init__(self, *, moved: bool = True, sweep: bool = False, **bodies: bytes) -> None:
        self.sweep, self._moved = sweep, moved
        self._bodies = {f"{BASE}/download.json": bodies["index"], FILE: bodies["file"]}

    def __call__(self, url: str, **_: Any) -> Page:
        body = self._bodies[url]
        return Page(url, DAY, 200, "", sha256(body).hexdigest(), lambda: body, unchanged=not self._moved)


def read(rows: list[Any], file: bytes | None = None, **options: Any) -> list[Record | Unexpected]:
    """The records of a file, each by itself as a look reads them."""
    source = DrugsFda(DrugsFdaOptions(bulk=True, **options), base_url=BASE)
    found: list[Record | Unexpected] = []
    for page in source.pages(Shelf(index=index(len(rows)), file=file or zipped(bulk(rows)))):
        parts = source.parts(page)
        for part in [page] if parts is None else [one.page() for one in parts]:
            found += source.parse(part)
    return found


def asked(rows: list[Any]) -> list[Record | Unexpected]:
    """The records that the same rows give as an answer to a query."""
    body = bulk(rows)
    return list(DrugsFda(DrugsFdaOptions()).parse(Page(BASE, DAY, 200, "application/json", "", lambda: body)))


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_gives_the_records_that_a_query_gives(monkeypatch: pytest.MonkeyPatch, indent: int | None) -> None:
    monkeypatch.setattr(openfda_bulk, "READ", 700)  # rows end in the middle of what is read
    monkeypatch.setattr(openfda_bulk, "AT_ONCE", 5000)
    odd = {**copy.deepcopy(ROWS[0]), "application_number": "NDA000007"}
    odd["products"][0]["marketing_status"] = "Withdrawn"
    rows = [*ROWS, odd, {**ROWS[1], "application_number": "NDA000008", "sponsor_name": 'Ærø \\ "A", [B]} é\u2028'}]

    found = read(rows, zipped(bulk(rows, indent=indent)))

    assert [str(one) if isinstance(one, Unexpected) else one for one in found] == [
        str(one) if isinstance(one, Unexpected) else one for one in asked(rows)
    ]
    assert sum(isinstance(one, Application) for one in found) == len(rows) - 1


def test_of_a_file_only_what_is_followed_is_kept_where_numbers_are_given() -> None:
    assert [one.key for one in read(ROWS, applications=["NDA215887"]) if isinstance(one, Record)] == ["NDA215887"]
    assert read(ROWS, applications=["NDA999999"]) == []
    assert DrugsFdaOptions(bulk=True).missing() is None
    assert "found both" in str(DrugsFdaOptions(bulk=True, search="x").missing())


def test_a_file_that_has_not_moved_is_not_read_and_the_list_says_how_old_it_is() -> None:
    source = DrugsFda(DrugsFdaOptions(bulk=True), base_url=BASE)
    shelf = Shelf(moved=False, index=index(len(ROWS)), file=b"never opened")

    (page,) = source.pages(shelf)

    assert page.unchanged
    assert list(source.parse(page)) == []
    assert source.stamp(shelf(f"{BASE}/download.json")) == "2026-03-01"
    shelf = Shelf(moved=False, sweep=True, index=index(len(ROWS)), file=zipped(bulk(ROWS)))
    assert not any(page.unchanged for page in source.pages(shelf)), "a sweep reads everything"


def deep(body: bytes) -> bytes:
    return body.replace(b'"BIOGEN"', b"[" * 200_000 + b"]" * 200_000)


WHOLE = zipped(bulk(ROWS))
BROKEN: Mapping[str, tuple[Callable[[], bytes], str]] = {
    "no zip": (lambda: b"<html>Access Denied</html>", "expected a zip"),
    "a cut zip": (lambda: zipped(bulk(ROWS))[:-200], "expected a zip"),
    "a broken zip": (lambda: WHOLE[:400] + b"\0" * 40 + WHOLE[440:], "expected JSON in a zip"),
    "two files": (lambda: zipped(bulk(ROWS), "other.json"), "expected a zip of one file"),
    "another file": (lambda: zipped(bulk(ROWS), name="setup.exe"), "expected a zip of one file of JSON"),
    "fewer rows": (lambda: zipped(bulk(ROWS[1:])), f"expected {len(ROWS)} rows, found {len(ROWS) - 1}"),
    "more rows": (lambda: zipped(bulk([*ROWS, {**ROWS[0], "application_number": "NDA7"}])), "found more"),
    "a row twice": (lambda: zipped(bulk([*ROWS[1:], ROWS[-1]])), "twice"),
    "half a file": (lambda: zipped(bulk(ROWS)[:-300]), "expected the end of results"),
    "more behind": (lambda: zipped(bulk(ROWS) + b"{}"), "expected nothing behind results"),
    "no list": (lambda: zipped(b'{"results": {}}'), "expected a list of results"),
    "other rows": (lambda: zipped(b'{"results": [1, 2]}'), "expected a list of objects"),
    "no UTF-8": (lambda: zipped(bulk(ROWS).replace(b"BIOGEN", b"BIO\xffEN")), "expected JSON in a zip"),
    "many levels": (lambda: zipped(deep(bulk(ROWS))), "a few levels"),
    "a row without an end": (lambda: zipped(bulk(ROWS)[:800] + b"9" * 200_000), "expected a row of at most"),
    "a bomb": (lambda: zipped(bulk(ROWS)[:-2] + b" " * 3_000_000 + b"]}"), "found more than"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_bulk_file_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(openfda_bulk, "MOST", 1_000_000)
    monkeypatch.setattr(openfda_bulk, "LONGEST_ROW", 100_000 if name != "many levels" else 1_000_000)
    make, reason = BROKEN[name]
    with pytest.raises(Unexpected, match=reason):
        read(ROWS, make())


@pytest.mark.parametrize(
    "body",
    [
        index(5, file="https://evil.example/drug.zip"),
        index(5, total=6),
        json.dumps({"results": {"drug": {}}}).encode(),
        index(5).replace(b'"partitions"', b'"parts"'),
    ],
)
def test_a_list_that_names_no_file_of_openfda_is_refused(body: bytes) -> None:
    with pytest.raises(Unexpected):
        list(DrugsFda(DrugsFdaOptions(bulk=True), base_url=BASE).pages(Shelf(index=body, file=b"")))


def test_a_sweep_costs_what_changed_and_its_evidence_is_the_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drugsfda.DrugsFda, "apart_from", 0)
    read_rows: list[Any] = []
    as_it_is = drugsfda.application
    monkeypatch.setattr(drugsfda, "application", lambda row: read_rows.append(row) or as_it_is(row))  # type: ignore[func-returns-value]
    rows = [{**copy.deepcopy(ROWS[0]), "application_number": f"NDA{number:06}"} for number in range(1, 40)] + ROWS
    with Stage(tale(), at=DAY) as world:
        home = Installation(tmp_path, world)
        home.write_pack(watch("sweep", "drugsfda", base_url="WORLD", options={"bulk": True}))

        def exported(rows: list[Any], day: str) -> tuple[str, int, int, int]:
            read_rows.clear()
            world.at(world.moment + timedelta(days=1))
            path = "/drug/drugsfda/drug-drugsfda-0001-of-0001.json.zip"
            world.instead["/download.json"] = Answer(
                200, "application/json", index(len(rows), file=world.url + path, day=day)
            )
            world.instead[path] = Answer(200, "application/zip", zipped(bulk(rows)))
            with home.service() as service:
                found = look(service)["sweep"]
            assert found.error is None
            return found.outcome, found.records, found.changes, len(read_rows)

        assert exported(rows, "2026-03-02") == ("baseline", 44, 0, 44)
        assert exported(rows, "2026-03-03")[::2] == ("unchanged", 0), "the list has moved, the file has not"
        sold = copy.deepcopy(rows)
        sold[7]["products"][0]["marketing_status"] = "Discontinued"
        assert exported(list(reversed(sold)), "2026-03-09") == ("changed", 44, 1, 1)
        with home.service() as service, reading(service.engine) as session:
            (change,) = session.exec(select(Change))
            capture = session.get_one(Capture, session.get_one(Snapshot, change.after_id).capture_id)
            assert capture.url.endswith(".json.zip#NDA000008")
            (row,) = json.loads(whole_body(session, capture.sha256) or b"")["results"]
            assert row == sold[7]
            assert len(session.exec(select(Item)).all()) == 44
