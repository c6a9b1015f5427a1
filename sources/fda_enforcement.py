"""Recalls of drugs as the FDA's enforcement reports list them, through openFDA: one record a recall number.

Left out on purpose: addresses, lot codes, the pattern of distribution, and everything under `openfda` but numbers and
names, which are often missing: the product is then known by its description.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from sources.base import About, Options
from sources.notices import Notice, NoticeAct
from sources.openfda import AUTHORITY, PLACE, OpenFda, any_of, applications_in, beside, iso_day, names_in
from sources.payload import Json, known, may, need, text_at

STATUSES = {"ongoing": "Ongoing", "completed": "Completed", "terminated": "Terminated", "pending": "Pending"}
"""Letters of the word to the word: FDA's documents and data spell it in two ways."""
CLASSES = ("Class I", "Class II", "Class III", "Not Yet Classified")
FIELDS = ("openfda.generic_name", "openfda.brand_name", "product_description")
NUMBER = re.compile(r"[DFZB]-\d{3,5}-\d{2,4}")
TITLE = 300


class FdaEnforcementOptions(Options):
    """Which recalls to follow: those of these drugs, by any of their names, and what an openFDA query finds."""

    names: tuple[str, ...] = ()
    search: str | None = None

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.names or self.search else "expected names or a search to follow, found none"


class FdaEnforcement(OpenFda):
    """Recalls are only ever added."""

    name = "fda_enforcement"
    title = "FDA recalls (openFDA)"
    about = About(
        watches="FDA enforcement reports through openFDA, by name",
        first="recalled lots, with class and reason",
        lag="a week; weeks after the firm's own release",
        where="US",
        key="better with one",
    )
    places = ()  # what is approved, the register says
    endpoint = "/drug/enforcement.json"
    complete = False
    record = Notice
    paths: ClassVar[Mapping[str, str]] = {
        "title": "product_description",
        "action": "classification",
        "abstract": "reason_for_recall",
        "published_on": "report_date",
        "agency": "recalling_firm",
    }
    Options = FdaEnforcementOptions
    options: FdaEnforcementOptions

    def queries(self) -> Iterator[str]:
        """By name, then the query."""
        if self.options.names:
            yield any_of(FIELDS, self.options.names)
        if self.options.search:
            yield self.options.search

    def read(self, row: Json) -> Notice:
        """One recall."""
        return recall(row)

    def identity(self, row: Json, where: str) -> str:
        """Its number."""
        return need(row, "recall_number", str, where)

    def key_of(self, row: Json) -> str | None:
        """Its number."""
        return text_at("recall_number")(row)


def recall(row: Json) -> Notice:
    """One recall. Raises Unexpected at an unknown word, a missing field or a day that is none."""
    key = need(row, "recall_number", str, "recall")
    product = need(row, "product_description", str, key)
    status = need(row, "status", str, key)
    known(re.sub(r"\W+", "", status).lower(), STATUSES, f"{key}.status")
    sort = known(need(row, "classification", str, key), CLASSES, f"{key}.classification")
    ended = may(row, "termination_date", str, key)
    added = beside(row, key)
    return Notice(
        key=key,
        title=product[:TITLE],
        url=f"https://www.accessdata.fda.gov/scripts/ires/?Event={need(row, 'event_id', str, key)}",
        authority=AUTHORITY,
        place=PLACE,
        names=names_in(added, key),
        numbers=applications_in(added, key),
        act=NoticeAct.RECALLED,
        acted_on=iso_day(need(row, "recall_initiation_date", str, key), f"{key}.recall_initiation_date"),
        action=sort,
        published_on=iso_day(need(row, "report_date", str, key), f"{key}.report_date"),
        agency=need(row, "recalling_firm", str, key),
        abstract=need(row, "reason_for_recall", str, key),
        particulars={"status": status, "termination_date": iso_day(ended, f"{key}.termination_date") or ""},
    )
