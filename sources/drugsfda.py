"""Drugs@FDA through openFDA: applications at the FDA with their submissions and products.

The register knows approvals (AP) and tentative approvals (TA) only: refusals and open applications never stand here,
and neither does a withdrawal of approval. Left out on purpose: everything under `openfda` and `meta`, the list of
documents (their number counts), property codes, public notes and the reference standard.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, ClassVar, TypeVar

from pydantic import AfterValidator

from sources.base import Fetch, Options, Page, Source, TooLong, Unexpected, each
from sources.payload import Json, calendar_date, decode, known, mapped, may, need, rows
from sources.records import Application, MarketAct, Product, Record, Submission, SubmissionAct

AUTHORITY, PLACE = "FDA", "US"
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

NUMBER = re.compile(r"(NDA|ANDA|BLA)\s*0*(\d{1,6})")
DAY = re.compile(r"\d{8}")
NOTHING = "NOT_FOUND"  # how openFDA says "no match", together with status 404
PER_PAGE = 100
MOST = 25_000  # openFDA goes no further by `skip`
PER_QUERY = 50

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


def application_number(text: str) -> str:
    """`NDA 12345` and `nda012345` are both `NDA012345`. Raises ValueError at anything else."""
    match = NUMBER.fullmatch(text.strip().upper())
    if not match:
        raise ValueError(f"expected NDA, ANDA or BLA and up to six digits, found {text!r}")
    return f"{match[1]}{match[2].zfill(6)}"


class DrugsFdaOptions(Options):
    """Which applications to follow: by number, by an openFDA query (with blanks, not plus signs), or both."""

    applications: tuple[Annotated[str, AfterValidator(application_number)], ...] = ()
    search: str | None = None

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.applications or self.search else "expected applications or a search to follow, found none"


class DrugsFda(Source):
    """Approvals, supplements and marketing status of US drugs."""

    name = "drugsfda"
    title = "Drugs@FDA (openFDA)"
    revision = 2  # December 2026: records say their acts
    tier = 1
    home = "https://api.fda.gov"
    places = (PLACE,)
    terms = (
        "openFDA data, dedicated to the public domain (CC0). The FDA asks not to rely on it for decisions on medical "
        "care, and results are not validated."
    )
    record = Application
    paths: ClassVar[Mapping[str, str]] = PATHS
    lasting = frozenset({"submissions", "products"})  # the export leaves the key out where there are none
    stamped = re.compile(rb'"last_updated"\s*:\s*"([^"]+)"')
    moves_within = timedelta(days=35)  # of the build of the index: mostly a week, at times some
    Options = DrugsFdaOptions
    options: DrugsFdaOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """Ask by number, fifty at a time, then by the query. Raises Unexpected where the options name neither."""
        numbers = self.wanted()
        queries = [
            "application_number:(" + " ".join(f'"{number}"' for number in numbers[first : first + PER_QUERY]) + ")"
            for first in range(0, len(numbers), PER_QUERY)
        ]
        if self.options.search:
            queries.append(self.options.search)
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        for query in queries:
            yield from self._walk(fetch, query)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """Applications of an answer. "No match" is an empty answer; any other error is none at all."""
        yield from each(_results(decode(page), page.url), application, key=_key)

    def wanted(self) -> tuple[str, ...]:
        """The applications asked for by number."""
        return tuple(dict.fromkeys(self.options.applications))

    def _walk(self, fetch: Fetch, query: str) -> Iterator[Page]:
        """All pages of one query, of fewer applications each from where an answer is too long."""
        numbers: list[str] = []
        total, limit = None, PER_PAGE
        while total is None or len(numbers) < total:
            asked = {"search": query, "limit": limit} | ({"skip": len(numbers)} if numbers else {})
            try:
                page = fetch(f"{self.base_url}/drug/drugsfda.json", params=asked, missing=(404,))
            except TooLong:
                if limit == 1:
                    raise
                limit //= 2
                continue
            answer = decode(page)
            found = [need(row, "application_number", str, page.url) for row in _results(answer, page.url)]
            declared = _total(answer, page.url)
            if total is not None and declared != total:
                raise Unexpected(f"{page.url}: expected {total} applications as on the page before, found {declared}")
            if declared > MOST:
                raise Unexpected(
                    f"{page.url}: expected at most {MOST} applications, found {declared}; narrow the search"
                )
            total = declared
            if not found and len(numbers) < total:
                raise Unexpected(f"{page.url}: expected the {total} applications it declares, found {len(numbers)}")
            numbers += found
            yield page
        twice = sorted(number for number, times in Counter(numbers).items() if times > 1)
        if twice or len(numbers) != total:
            raise Unexpected(
                f"{self.base_url}/drug/drugsfda.json: expected {total} applications, each once, "
                f"found {len(numbers)}, twice: {', '.join(twice[:5]) or 'none'}"
            )


def _results(answer: Json, where: str) -> list[Json]:
    if isinstance(answer, dict) and isinstance(answer.get("results"), list) and "error" not in answer:
        return list(answer["results"])
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict) and error.get("code") == NOTHING:
        return []
    raise Unexpected(f"{where}: expected results or the error {NOTHING}, found {str(answer)[:120]}")


def _total(answer: Json, where: str) -> int:
    if "error" in answer:
        return 0
    meta = need(answer, "meta", dict, where)
    return need(need(meta, "results", dict, f"{where} meta"), "total", int, f"{where} meta.results")


def _key(row: Json) -> str | None:
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
