"""Answers that are too long are asked for in smaller lots, at a real server and with the limits of the client."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sources.base import Page, Source, TooLong
from sources.drugsfda import DrugsFda, DrugsFdaOptions
from sources.federalregister import FederalRegister, FederalRegisterOptions
from sources.http.client import Client
from sources.records import Record

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
QALSODY = json.loads((SAMPLES / "drugsfda" / "als-applications.json").read_bytes())["results"][0]
RELYVRIO = json.loads((SAMPLES / "federalregister" / "relyvrio.json").read_bytes())["results"][0]
LIMIT = 100_000  # bytes that are taken in


class Registers(ThreadingHTTPServer):
    """openFDA and the Federal Register with so many rows, some of them long."""

    daemon_threads = True

    def __init__(self, lengths: list[int]) -> None:
        super().__init__(("127.0.0.1", 0), _Answering)
        self.lengths = lengths
        self.asked: list[dict[str, list[str]]] = []
        self.base = f"http://127.0.0.1:{self.server_address[1]}"

    def applications(self, query: dict[str, list[str]]) -> Any:
        skip, limit = int(query.get("skip", ["0"])[0]), int(query["limit"][0])
        rows = [
            QALSODY | {"application_number": f"NDA{number:06}", "openfda": {"x": "x" * length}}
            for number, length in enumerate(self.lengths, start=1)
        ]
        return {"meta": {"results": {"total": len(rows)}}, "results": rows[skip : skip + limit]}

    def notices(self, query: dict[str, list[str]]) -> Any:
        size, number = int(query["per_page"][0]), int(query.get("page", ["1"])[0])
        rows = [
            RELYVRIO | {"document_number": f"2025-{index:05}", "abstract": "x" * length}
            for index, length in enumerate(self.lengths, start=1)
        ]
        more = {"next_page_url": f"{self.base}/api/v1/documents.json?per_page={size}&page={number + 1}"}
        shown = {"count": len(rows), "results": rows[(number - 1) * size : number * size]}
        return shown | (more if number * size < len(rows) else {})


class _Answering(BaseHTTPRequestHandler):
    server: Registers

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        self.server.asked.append(query)
        say = self.server.applications if "drugsfda" in parts.path else self.server.notices
        body = json.dumps(say(query)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


class Asking:
    """The client, as a source asks by it."""

    sweep = False

    def __init__(self, client: Client) -> None:
        self.get = client.get

    def __call__(self, url: str, **wishes: Any) -> Page:
        answer = self.get(url, **wishes)
        at = datetime(2026, 1, 1, tzinfo=UTC)
        digest = sha256(answer.body).hexdigest()
        return Page(answer.url, at, answer.status, answer.content_type, digest, lambda: answer.body)


@pytest.fixture
def registers() -> Iterator[Callable[[list[int]], Registers]]:
    opened: list[Registers] = []

    def opening(lengths: list[int]) -> Registers:
        opened.append(Registers(lengths))
        threading.Thread(target=opened[-1].serve_forever, args=(0.05,), daemon=True).start()
        return opened[-1]

    yield opening
    for one in opened:
        one.shutdown()
        one.server_close()


def read(source: Source) -> list[str]:
    client = Client(contact="test@localhost", allow_private=True, pace_seconds=0, raw_limit=LIMIT)
    try:
        records = [one for page in source.pages(Asking(client)) for one in source.parse(page)]
    finally:
        client.close()
    assert all(isinstance(one, Record) for one in records), records
    return [one.key for one in records if isinstance(one, Record)]


def drugs(base: str) -> Source:
    return DrugsFda(DrugsFdaOptions(search="sponsor_name:x"), base_url=base)


def journal(base: str) -> Source:
    return FederalRegister(FederalRegisterOptions(terms=("tofersen",)), base_url=base)


SOURCES = {"limit": drugs, "per_page": journal}
LENGTHS = {
    "long at every page": [3000] * 130,
    "long at the first": [9000] * 12 + [10] * 120,
    "long at a later one": [10] * 120 + [30_000] * 5,
    "all but one each": [60_000] * 4,
}


@pytest.mark.parametrize("lengths", LENGTHS.values(), ids=LENGTHS)
@pytest.mark.parametrize("size", SOURCES)
def test_an_answer_that_is_too_long_is_asked_for_in_smaller_lots(
    registers: Callable[[list[int]], Registers], size: str, lengths: list[int]
) -> None:
    here = registers(lengths)
    keys = read(SOURCES[size](here.base))

    assert sorted(keys) == sorted(set(keys))
    assert len(keys) == len(lengths)
    assert int(here.asked[0][size][0]) == 100
    assert int(here.asked[-1][size][0]) < 100


@pytest.mark.parametrize("size", SOURCES)
def test_what_fits_is_asked_for_a_hundred_at_a_time(registers: Callable[[list[int]], Registers], size: str) -> None:
    here = registers([10] * 20)

    assert len(read(SOURCES[size](here.base))) == 20
    assert len(here.asked) == 1


@pytest.mark.parametrize("size", SOURCES)
def test_one_row_that_is_too_long_alone_is_said(registers: Callable[[list[int]], Registers], size: str) -> None:
    here = registers([10, LIMIT + 1])

    with pytest.raises(TooLong):
        read(SOURCES[size](here.base))
    assert len(here.asked) < 10


def test_the_journal_is_asked_for_the_fields_that_are_read(registers: Callable[[list[int]], Registers]) -> None:
    here = registers([10])
    read(journal(here.base))

    assert "abstract" in here.asked[0]["fields[]"]
    assert not {"full_text_xml_url", "excerpts", "body_html_url"} & set(here.asked[0]["fields[]"])
