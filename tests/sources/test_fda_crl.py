"""Complete response letters: of which application each is, and whether a supplement of it is refused."""

import json
from datetime import UTC, datetime

import pytest

from sources.base import Page
from sources.fda_crl import FdaCrl, FdaCrlOptions
from sources.notices import Notice, NoticeAct

TEXT = "We have completed our review of this application and have determined that we cannot approve it."


def letter(*numbers: str, text: str = TEXT) -> Notice:
    row = {
        "file_name": "letter.pdf", "letter_type": "COMPLETE RESPONSE", "letter_date": "07/09/2026", "text": text,
        "company_name": "Example Bio", "application_number": list(numbers), "approval_status": "Unapproved",
    }  # fmt: skip
    body = json.dumps({"meta": {"results": {"skip": 0, "limit": 100, "total": 1}}, "results": [row]}).encode()
    page = Page("https://example.org/crl", datetime(2026, 10, 1, tzinfo=UTC), 200, "", "", lambda: body)
    (found,) = FdaCrl(FdaCrlOptions()).parse(page)
    assert isinstance(found, Notice), found
    return found


@pytest.mark.parametrize(
    ("written", "number", "act"),
    [
        ("BL 100001", "BLA100001", NoticeAct.REFUSAL),
        ("BLA 100002/Original 1", "BLA100002", NoticeAct.REFUSAL),
        ("BLA 100003/Original 2", "BLA100003", NoticeAct.REFUSAL),
        ("NDA 100004/Orig1s000", "NDA100004", NoticeAct.REFUSAL),
        ("BL 100005/0", "BLA100005", NoticeAct.REFUSAL),
        ("BL 100006/14", "BLA100006", NoticeAct.SUPPLEMENT_REFUSED),
        ("NDA 100007/S-031", "NDA100007", NoticeAct.SUPPLEMENT_REFUSED),
        ("NDA 100008/Orig1s029", "NDA100008", NoticeAct.SUPPLEMENT_REFUSED),
    ],
)
def test_a_stroke_makes_a_supplement_where_no_original_is_meant(written: str, number: str, act: NoticeAct) -> None:
    found = letter(written)
    assert (found.numbers, found.act, found.dockets) == ((number,), act, (written,))


def test_two_parts_of_one_original_are_one_application() -> None:
    found = letter("BLA 100002/Original 1", "BLA 100002/Original 2")
    assert (found.numbers, found.act) == (("BLA100002",), NoticeAct.REFUSAL)
