"""A long answer taken apart: its rows as they stand, and what an untidy answer is left as."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest

from sources.base import Page, Unexpected
from sources.parts import apart, mark, object_at


def page(body: bytes) -> Page:
    return Page("https://registry.test", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)


ROWS: list[dict[str, Any]] = [
    {"protocolSection": {"a": 'a "protocolSection": { in a text', "nctId": number}, "versionHolder": "2026-01-01"}
    for number in range(3)
]


@pytest.mark.parametrize("form", [{"separators": (",", ":")}, {}, {"indent": 1}, {"ensure_ascii": False}])
def test_the_rows_come_out_as_they_were_put_in(form: dict[str, Any]) -> None:
    found = apart(page(json.dumps({"studies": ROWS, "totalCount": 3}, **form).encode()), rows="studies",
                  opening="protocolSection")  # fmt: skip

    assert found is not None
    assert [json.loads(row) for row in found.rows()] == ROWS
    assert found.around == {"studies": [], "totalCount": 3}


@pytest.mark.parametrize(
    "body",
    [
        b'{"studies": []}', b'{"others": [{"protocolSection": {}}]}',
        b'{"studies": [{"x": 1, "protocolSection": {}}, {"protocolSection": {}}]}',
        b'{"studies": [{"protocolSection": {}} {"protocolSection": {}}]}',
        b'{"studies": [{"protocolSection": {}}, 7, {"protocolSection": {}}]}', b'{"studies": [{"protocolSection": {}}',
    ],
)  # fmt: skip
def test_what_does_not_come_apart_cleanly_is_left_whole(body: bytes) -> None:
    found = None
    with suppress(Unexpected):
        found = apart(page(body), rows="studies", opening="protocolSection")
    assert found is None


def test_a_row_is_known_again_whatever_its_stamp_says() -> None:
    rows = [json.dumps(ROWS[0] | {"versionHolder": stamp}).encode() for stamp in ("2026-01-01", "2026-11-30", None)]
    one, other, none = (mark(row, but="versionHolder") for row in rows)

    assert one == other != none
    assert mark(rows[0].replace(b"versionHolder", b"otherHolder"), but="versionHolder") != one
    assert mark(b'{"versionHolder": null, "a": "1"}', but="versionHolder") != mark(
        b'{"versionHolder": null, "b": "1"}', but="versionHolder"
    )


def test_the_object_under_a_key_is_found_however_long() -> None:
    row = json.dumps({"x": r"a \"place\": {", "place": {"text": "é" * 9000, "n": 1}}).encode()

    assert object_at(row, "place")["n"] == 1
    assert object_at(row, "other") is None
