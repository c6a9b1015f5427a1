"""Drugs@FDA through openFDA: applications at the FDA with their submissions and products.

The register knows approvals (AP) and tentative approvals (TA) only: refusals and open applications never stand here,
and neither does a withdrawal of approval. Left out on purpose: everything under `openfda` and `meta`, the list of
documents (their number counts), property codes, public notes and the reference standard.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator, Field

from sources.base import About, Fetch, Options, Page, Part, Unexpected
from sources.openfda import AUTHORITY, PER_QUERY, PLACE, OpenFda, application_number, phrase
from sources.openfda_bulk import INDEX, bulk_pages, bulk_parts, files_of, is_file
from sources.payload import Json, calendar_date, known, mapped, may, need, rows
from sources.records import Application, MarketAct, Product, Record, Submission, SubmissionAct

SUBMISSIONS = {"ORIG": "original application", "SUPPL": "supplement"}
STATUSES = {"AP": "approved", "TA": "tentatively approved"}
ACTS: Mapping[tuple[str, str, bool], SubmissionAct] = {
    ("AP", "ORIG", False): SubmissionAct.AUTHORISED,
    ("AP", "ORIG", True): SubmissionAct.GENERIC,
    **{("TA", kind, generic): SubmissionAct.GENERIC for kind in SUBMISSIONS for generic in (False, True)},
}
"""Status, type of submission, and whether it is of a generic, to the act; everything else is routine but for..."""
NEW_USE = "EFFICACY"
"""...approved supplements whose class holds this word."""
MARKETING: Mapping[str, MarketAct] = {
    "Prescription": MarketAct.SOLD,
    "Over-the-counter": MarketAct.SOLD,
    "Discontinued": MarketAct.ENDED,
    "None (Tentative Approval)": MarketAct.NOT_YET,
}
GENERIC = "ANDA"
LONG = 256 * 1024  # bytes from which on the rows of the bulk file are told apart

DAY = re.compile(r"\d{8}")

PATHS = {
    "sponsor": "sponsor_name",
    "submissions.status": "submissions[{key}].submission_status",
    "submissions.status_date": "submissions[{key}].submission_status_date",
    "submissions.class_code": "submissions[{key}].submission_class_code",
    "submissions.review_priority": "submissions[{key}].review_priority",
    "submissions.documents": "submissions[{key}].application_docs.count",
    "products.brand_name": "products[{key}].brand_name",
    "products.marketing_status": "products[{key}].marketing_status",
    "products.dosage_form": "products[{key}].dosage_form",
    "products.route": "products[{key}].route",
    "products.active_ingredients": "products[{key}].active_ingredients",
    "products.te_code": "products[{key}].te_code",
    "products.reference_drug": "products[{key}].reference_drug",
}


class DrugsFdaOptions(Options):
    """Which applications to follow: by number, by an openFDA query (with blanks, not plus signs), or both; or out of
    the bulk file, which needs no key: those with these numbers, without numbers all there are."""

    applications: tuple[Annotated[str, AfterValidator(application_number)], ...] = ()
    search: str | None = None
    bulk: bool = Field(default=False, description="read openFDA's zipped file of all applications instead of asking")

    def missing(self) -> str | None:
        """That there is nothing to follow, or that a file is to be searched."""
        if self.bulk and self.search:
            return "expected a search or bulk, found both: a file cannot be searched"
        if self.applications or self.search or self.bulk:
            return None
        return "expected applications or a search to follow, found none"


class DrugsFda(OpenFda):
    """Approvals, supplements and marketing status of US drugs."""

    name = "drugsfda"
    title = "Drugs@FDA (openFDA)"
    about = About(
        watches="Drugs@FDA through openFDA, by number, or whole by its bulk file",
        first="machine proof of US approvals, supplements, sale ended",
        lag="3 to 14 days",
        key="better with one; none for the bulk file",
        seen="recorded 2022 to 2023",
    )
    revision = 2  # December 2026: records say their acts
    apart_from = LONG
    endpoint = "/drug/drugsfda.json"
    record = Application
    paths: ClassVar[Mapping[str, str]] = PATHS
    lasting = frozenset({"submissions", "products"})  # the export leaves the key out where there are none
    Options = DrugsFdaOptions
    options: DrugsFdaOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """All pages of all queries, or the rows of the bulk file. Raises SourceError."""
        if not self.options.bulk or self.options.missing():
            yield from super().pages(fetch)
            return
        yield from bulk_pages(fetch, self, self.wanted())

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The applications of an answer; none of a bulk file that has not moved."""
        if not is_file(page):
            yield from super().parse(page)

    def parts(self, page: Page) -> Sequence[Part] | None:
        """The applications of the bulk file, each by itself."""
        return bulk_parts(page, self.key_of)

    def stamp(self, page: Page) -> str | None:
        """What an answer says, and of the list of bulk files the day of the export."""
        if page.url.endswith(INDEX):
            return files_of(page, self.endpoint, self.base_url)[1]
        return None if is_file(page) else super().stamp(page)

    def queries(self) -> Iterator[str]:
        """By number, fifty at a time, then the query."""
        numbers = self.wanted()
        for first in range(0, len(numbers), PER_QUERY):
            yield "application_number:(" + " ".join(map(phrase, numbers[first : first + PER_QUERY])) + ")"
        if self.options.search:
            yield self.options.search

    def read(self, row: Json) -> Application:
        """One application."""
        return application(row)

    def wanted(self) -> tuple[str, ...]:
        """The applications asked for by number."""
        return tuple(dict.fromkeys(self.options.applications))

    def identity(self, row: Json, where: str) -> str:
        """Its number, as written."""
        return need(row, "application_number", str, where)

    def key_of(self, row: Json) -> str | None:
        """Its number."""
        try:
            return application_number(row["application_number"])
        except (KeyError, TypeError, ValueError, AttributeError):
            return None


def application(row: Json) -> Application:
    """One application. Raises Unexpected at an unknown word, a missing or mistyped field, or a key used twice."""
    written = need(row, "application_number", str, "application")
    try:
        key = application_number(written)
    except ValueError as problem:
        raise Unexpected(f"application.application_number: {problem}") from None
    generic = key.startswith(GENERIC)
    submissions = [_submission(entry, f"{key}.submissions", generic) for entry in rows(row, "submissions", key)]
    products = [_product(entry, f"{key}.products") for entry in rows(row, "products", key)]
    return Application(
        key=key,
        title=_title(row, key),
        url=f"https://www.accessdata.fda.gov/scripts/cder/daf/index.cfm?event=overview.process&ApplNo={key[-6:]}",
        authority=AUTHORITY,
        place=PLACE,
        numbers=(key,),
        generic=generic or None,
        sponsor=need(row, "sponsor_name", str, key),
        submissions=_table(submissions, f"{key}.submissions"),
        products=_table(products, f"{key}.products"),
    )


Entry = TypeVar("Entry", Submission, Product)


def _table(entries: list[tuple[str, Entry]], where: str) -> dict[str, Entry]:
    twice = sorted(key for key, times in Counter(key for key, _ in entries).items() if times > 1)
    if twice:
        raise Unexpected(f"{where}: expected each entry once, found twice {', '.join(twice)}")
    return dict(sorted(entries, key=lambda entry: entry[0]))


def _submission(row: Json, where: str, generic: bool) -> tuple[str, Submission]:
    kind = known(need(row, "submission_type", str, where), SUBMISSIONS, f"{where}.submission_type")
    key = f"{kind}-{need(row, 'submission_number', str, where)}"
    where = f"{where}[{key}]"
    date = may(row, "submission_status_date", str, where)
    if date:
        calendar_date(date, DAY, "yyyymmdd", f"{where}.submission_status_date")
    status = known(need(row, "submission_status", str, where), STATUSES, f"{where}.submission_status")
    sort = may(row, "submission_class_code", str, where)
    return key, Submission(
        act=_act(status, kind, generic, sort),
        status=status,
        status_date=date,
        class_code=sort,
        review_priority=may(row, "review_priority", str, where),
        documents=len(rows(row, "application_docs", where)),
    )


def _act(status: str, kind: str, generic: bool, sort: str | None) -> SubmissionAct | None:
    extended = status == "AP" and NEW_USE in (sort or "").upper()
    return ACTS.get((status, kind, generic)) or (SubmissionAct.EXTENDED if extended else None)


def _product(row: Json, where: str) -> tuple[str, Product]:
    key = need(row, "product_number", str, where)
    where = f"{where}[{key}]"
    active = rows(row, "active_ingredients", where)
    marketing = need(row, "marketing_status", str, where)
    return key, Product(
        act=mapped(marketing, MARKETING, f"{where}.marketing_status"),
        brand_name=need(row, "brand_name", str, where),
        marketing_status=marketing,
        dosage_form=may(row, "dosage_form", str, where),
        route=may(row, "route", str, where),
        active_ingredients=tuple(sorted(_ingredient(entry, f"{where}.active_ingredients") for entry in active)),
        te_code=may(row, "te_code", str, where),
        reference_drug=may(row, "reference_drug", str, where),
    )


def _ingredient(row: Json, where: str) -> str:
    name, strength = need(row, "name", str, where), may(row, "strength", str, where)
    return f"{name} {strength}" if strength else name


def _title(row: Json, key: str) -> str:
    """Brand and, in brackets, the substances of the first product; the number for an application without products."""
    products = sorted(rows(row, "products", key), key=lambda product: str(product["product_number"]))
    if not products:
        return key
    brand = need(products[0], "brand_name", str, key)
    substances = " and ".join(
        sorted({need(one, "name", str, key) for one in rows(products[0], "active_ingredients", key)})
    )
    return f"{brand} ({substances})" if substances and substances != brand else brand
