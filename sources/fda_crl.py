"""Complete response letters, published by the FDA since 2025, through openFDA: the refusals that stand nowhere else.

The text of a letter is read off its scan and full of slips; it says whether a supplement is refused, of something that
is approved already. Left out on purpose: who signed, addresses and representatives.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from sources.base import About, Options
from sources.notices import Notice, NoticeAct
from sources.openfda import AUTHORITY, PLACE, OpenFda, any_of, applications_in, iso_day, phrase
from sources.payload import Json, mapped, may, need, text_at, texts

ACTS: Mapping[str, NoticeAct | None] = {
    "COMPLETE RESPONSE": NoticeAct.REFUSAL,
    "RESCIND COMPLETE RESPONSE": None,  # a person must look: what stands now?
    "APPROVAL": NoticeAct.ROUTINE,  # told by the register of approvals
    "TENTATIVE APPROVAL": NoticeAct.ROUTINE,
    "PROVISIONAL DETERMINATION": NoticeAct.ROUTINE,
    "CORRECTED PROVISIONAL DETERMINATION": NoticeAct.ROUTINE,
}
SUPPLEMENT = re.compile(r"supplement(?:al)?\s+(?:new\s+drug|biologics?|NDA|BLA)|\bs(?:NDA|BLA)\b", re.I)
ORIGINAL = re.compile(r"\s*(?:orig(?:inal)?[\s-]*\d*(?:s0+)?|0+)\s*", re.I)
"""What stands behind the stroke of an application that is none of a supplement: `Original 1`, `Orig1`, `0`."""
HEAD = 3000  # characters in which a letter says what it answers
LENGTH = 4000
FIELDS = ("text",)


class FdaCrlOptions(Options):
    """Which letters to follow: those that name one of these drugs, or are addressed to one of these companies."""

    names: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.names or self.companies else "expected names or companies to follow, found none"


class FdaCrl(OpenFda):
    """Letters are only ever added, in batches, months to years after their date."""

    name = "fda_crl"
    title = "FDA complete response letters (openFDA)"
    about = About(
        watches="FDA's complete response letters through openFDA, by name or company",
        first="why an application was refused, in the FDA's own words",
        lag="weeks to years; the company tells of it at once",
        where="US",
        key="better with one",
    )
    revision = 2  # November 2026: which letters are on originals, and numbers that begin with BL
    places = ()  # what is approved, the register says
    endpoint = "/transparency/crl.json"
    complete = False
    record = Notice
    paths: ClassVar[Mapping[str, str]] = {
        "action": "letter_type",
        "published_on": "letter_date",
        "agency": "company_name",
        "abstract": "text",
        "dockets": "application_number",
    }
    Options = FdaCrlOptions
    options: FdaCrlOptions

    def queries(self) -> Iterator[str]:
        """By name in the text, then by company."""
        if self.options.names:
            yield any_of(FIELDS, self.options.names)
        if self.options.companies:
            yield "company_name:(" + " ".join(map(phrase, self.options.companies)) + ")"

    def read(self, row: Json) -> Notice:
        """One letter."""
        return letter(row)

    def identity(self, row: Json, where: str) -> str:
        """The name of its file."""
        return need(row, "file_name", str, where)

    def key_of(self, row: Json) -> str | None:
        """The name of its file."""
        return text_at("file_name")(row)


def _of_supplement(number: str) -> bool:
    _, stroke, rest = number.partition("/")
    return bool(stroke) and not ORIGINAL.fullmatch(rest)


def letter(row: Json) -> Notice:
    """One letter. Raises Unexpected at an unknown type, a missing field or a day that is none."""
    key = need(row, "file_name", str, "letter")
    sort = need(row, "letter_type", str, key)
    act = mapped(sort, ACTS, f"{key}.letter_type")
    text = need(row, "text", str, key)
    company = need(row, "company_name", str, key)
    written = texts(row, "application_number", key)
    if not written:
        need(row, "application_number", list, key)
    if act == NoticeAct.REFUSAL and (SUPPLEMENT.search(text[:HEAD]) or any(map(_of_supplement, written))):
        act = NoticeAct.SUPPLEMENT_REFUSED
    center = may(row, "approver_center", list, key) or may(row, "approval_center", list, key) or ()
    return Notice(
        key=key,
        title=f"{sort.capitalize()} letter to {company} on {', '.join(written)}",
        url="https://open.fda.gov/crltable/",
        authority=AUTHORITY,
        place=PLACE,
        numbers=applications_in(row, key),
        act=act,
        action=sort,
        published_on=iso_day(need(row, "letter_date", str, key), f"{key}.letter_date"),
        agency=company,
        abstract=text[:LENGTH],
        dockets=tuple(sorted(written)),
        particulars={"approver_center": "; ".join(sorted(str(name) for name in center))},
    )
