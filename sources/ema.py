"""EMA's list of all centrally handled medicines: its JSON report, and the same as a workbook.

Products authorised by one country alone stand in neither. Left out on purpose: codes, pharmacological groups, species,
the days of updates, the number and the procedure of a revision, and the Commission's decision date, which moves with
every variation. The opinion's column is emptied once the Commission has decided: that is no act.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from sources import days
from sources.authorisations import Authorisation, AuthorisationAct, AuthorisationStatus
from sources.base import About, Family, Fetch, Options, Page, Source, Unexpected, each
from sources.named import names_one
from sources.payload import Json, decode, known, may, need
from sources.records import Record
from sources.workbook import table

AUTHORITY, DECIDER, PLACE = "EMA", "EC", "EU"
STATUSES: Mapping[str, AuthorisationStatus] = {
    "Opinion": AuthorisationStatus.IN_ASSESSMENT,
    "Opinion under re-examination": AuthorisationStatus.IN_ASSESSMENT,
    "Authorised": AuthorisationStatus.AUTHORISED,
    "Suspended": AuthorisationStatus.SUSPENDED,
    "Refused": AuthorisationStatus.REFUSED,
    "Not authorised": AuthorisationStatus.REFUSED,
    "Application withdrawn": AuthorisationStatus.TAKEN_BACK,
    "Withdrawn from rolling review": AuthorisationStatus.TAKEN_BACK,
    "Withdrawn": AuthorisationStatus.ENDED,
    "Expired": AuthorisationStatus.ENDED,
    "Revoked": AuthorisationStatus.ENDED,
    "Lapsed": AuthorisationStatus.ENDED,
}
OPINIONS: Mapping[str, AuthorisationAct | None] = {
    "Positive": AuthorisationAct.OPINION_FOR,
    "Negative": AuthorisationAct.OPINION_AGAINST,
    "": None,
}
FLAGS = ("", "Yes", "No")

COLUMNS: Mapping[str, str] = {
    "title": "Name of medicine",
    "status": "Medicine status",
    "status_text": "Medicine status",
    "opinion": "Opinion status",
    "holder": "Marketing authorisation developer / applicant / holder",
    "indication": "Therapeutic indication",
    "opinion_on": "Opinion adopted date",
    "authorised_on": "Marketing authorisation date",
    "taken_back_on": "Withdrawal of application date",
    "refused_on": "Refusal of marketing authorisation date",
    "ended_on": "Withdrawal / expiry / revocation / lapse of marketing authorisation date",
    "suspended_on": "Suspension of marketing authorisation date",
}
"""From our field to the heading of the workbook; the report writes the same in lower case, with underscores."""
PARTICULARS = (
    "Accelerated assessment", "Additional monitoring", "Conditional approval", "Exceptional circumstances",
    "Orphan medicine",
)  # fmt: skip
BESIDE = ("Category", "EMA product number", "Active substance", "Generic or hybrid", "Biosimilar", "Medicine URL")
DAYS = ("opinion_on", "authorised_on", "taken_back_on", "refused_on", "ended_on", "suspended_on")
COMMON_NAME = (
    "international_non_proprietary_name_common_name",
    "international_non_proprietary_name_inn_common_name",
)
COPY = ("generic_or_hybrid", "generic")  # the report's name for it has changed
REPORT = "/en/documents/report/medicines-output-medicines"
NUMBER = re.compile(r"[A-Z]{1,4}(/[A-Za-z0-9]{1,20}){1,5}")


def product_number(text: str) -> str:
    """`H/C/004651` and `EMEA/H/C/004651` are one. Raises ValueError at anything else."""
    found = text.strip()
    found = f"EMEA/{found}" if found.startswith(("H/", "V/")) else found
    if not NUMBER.fullmatch(found):
        raise ValueError(f"expected a product number such as EMEA/H/C/004651, found {text[:40]!r}")
    return found


class EmaOptions(Options):
    """Which medicines to follow: by number, by name (of the medicine or its substance), or both; neither: all.

    `at_least`: how many rows the whole list has at least; with fewer it is not the list.
    """

    numbers: tuple[Annotated[str, AfterValidator(product_number)], ...] = ()
    names: tuple[str, ...] = ()
    at_least: int = Field(default=0, ge=0)


class Ema(Source):
    """The JSON report, made anew twice a day."""

    name = "ema"
    title = "EMA medicines"
    about = About(
        watches="EMA's list of medicines (JSON), by number or name",
        first="EU opinions, authorisations, refusals, ends, with their kind",
        lag="the day of the opinion; days after the decision",
        seen="its columns, recorded 2024 to 2025",
    )
    tier = 1
    home = "https://www.ema.europa.eu"
    places = (PLACE,)
    terms = "European Medicines Agency; reuse is permitted with the source named."
    record = Authorisation
    paths: ClassVar[Mapping[str, str]] = {}
    Options = EmaOptions
    options: EmaOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The whole list is one answer."""
        yield fetch(f"{self.base_url}{REPORT}_json-report_en.json")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The medicines that are followed. Raises Unexpected where the list is less than it says."""
        rows = list(self.rows(page))
        if len(rows) < self.options.at_least:
            raise Unexpected(f"{page.url}: expected at least {self.options.at_least} medicines, found {len(rows)}")
        read = partial(medicine, named=self.named)
        yield from each((row for row in rows if self._follows(row)), read, key=_key)

    def rows(self, page: Page) -> Iterable[Json]:
        """The rows under the report's own names."""
        return report_rows(page)

    def named(self, heading: str) -> str:
        """What this form of the list calls a column."""
        return slug(heading)

    def wanted(self) -> tuple[str, ...]:
        """The medicines asked for by number."""
        return tuple(dict.fromkeys(self.options.numbers))

    def _follows(self, row: Json) -> bool:
        """Whether a row is of a medicine that is followed; one that cannot be read may be."""
        if not (self.options.numbers or self.options.names):
            return True
        try:
            number = product_number(_cell(row, "ema_product_number", "medicine"))
            words = " ; ".join((_cell(row, "name_of_medicine", number), *_names(row, number)))
        except (Unexpected, ValueError):
            return True
        named = names_one(self.options.names, words)
        return number in self.options.numbers or named


class EmaWorkbook(Ema):
    """The same list as a workbook, whose headings stand in the ninth row."""

    name = "ema_workbook"
    title = "EMA medicines (workbook)"
    about = About(
        watches="the same list as a workbook",
        first="the same, should the report fail",
        lag="twice a day",
        seen="recorded 2024 to 2025",
    )
    family: ClassVar[Family] = "xlsx"
    paths: ClassVar[Mapping[str, str]] = COLUMNS

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The workbook is one answer."""
        yield fetch(f"{self.base_url}{REPORT}-report_en.xlsx")

    def rows(self, page: Page) -> Iterable[Json]:
        """Its rows, under the names that the report would have for them."""
        headed = (*COLUMNS.values(), *PARTICULARS, *BESIDE)
        for row in table(page, headed=headed):
            yield {slug(heading): cell for heading, cell in row.items()}

    def named(self, heading: str) -> str:
        """The heading itself."""
        return heading


def slug(heading: str) -> str:
    """The report's name for a heading of the workbook."""
    return re.sub(r"[^a-z0-9]+", "_", heading.lower()).strip("_")


Ema.paths = {field: slug(heading) for field, heading in COLUMNS.items()}


def report_rows(page: Page) -> list[Json]:
    """The rows of a report of the EMA. Raises Unexpected where it holds others than it declares."""
    value = decode(page)
    if isinstance(value, list):
        return value  # as some keep it
    found = need(value, "data", list, page.url)
    declared = need(need(value, "meta", dict, page.url), "total_records", int, f"{page.url} meta")
    if declared != len(found):
        raise Unexpected(f"{page.url}: expected the {declared} rows it declares, found {len(found)}")
    return found


def _cell(row: Json, key: str, where: str) -> str:
    """A value that must have its column and may be empty; a list of one is what is in it."""
    if not isinstance(row, dict) or key not in row:
        need(row, key, str, where)  # raises, and says what there is
    value = row[key]
    if isinstance(value, list) and len(value) <= 1:
        value = value[0] if value else ""
    return may({key: value}, key, str, where) or ""


def _first(row: Json, keys: Iterable[str], where: str) -> str:
    """The value under the one of these names that the report has."""
    names = list(keys)
    return _cell(row, next((key for key in names if isinstance(row, dict) and key in row), names[0]), where)


def _names(row: Json, where: str) -> tuple[str, ...]:
    found = (_cell(row, "active_substance", where), _first(row, COMMON_NAME, where))
    return tuple(dict.fromkeys(name for name in found if name))


def _key(row: Json) -> str | None:
    try:
        return product_number(_cell(row, "ema_product_number", "medicine"))
    except (Unexpected, ValueError):
        return None


def iso_day(text: str, where: str) -> str:
    """`29/05/2024` as `2024-05-29`. Raises Unexpected at anything else."""
    return days.iso_day(text, where, (days.EUROPEAN,))


def medicine(row: Json, *, named: Callable[[str], str]) -> Authorisation:
    """One medicine, its further columns under the names that `named` makes of their headings. Raises Unexpected at an
    unknown word, a missing column or a day that is none."""
    try:
        key = product_number(_cell(row, "ema_product_number", "medicine"))
    except ValueError as problem:
        raise Unexpected(f"medicine.ema_product_number: {problem}") from None
    known(_cell(row, "category", key), ("Human", "Veterinary"), f"{key}.category")
    cells = {field: _cell(row, slug(heading), key) for field, heading in COLUMNS.items()}
    flags = {heading: known(_cell(row, slug(heading), key), FLAGS, f"{key}.{slug(heading)}") for heading in PARTICULARS}
    copies = [known(_cell(row, "biosimilar", key), FLAGS, f"{key}.biosimilar"), _first(row, COPY, key)]
    status = cells["status_text"]
    known(status, STATUSES, f"{key}.medicine_status")
    known(cells["opinion"], OPINIONS, f"{key}.opinion_status")
    told = {field: iso_day(cells[field], f"{key}.{slug(COLUMNS[field])}") for field in DAYS if cells[field]}
    acts = dict(_acts(STATUSES[status], OPINIONS[cells["opinion"]], told, copy="Yes" in copies))
    url = _cell(row, "medicine_url", key)
    return Authorisation(
        key=key,
        url=url if url.startswith("https://") else "https://www.ema.europa.eu/en/medicines",
        authority=AUTHORITY,
        decider=DECIDER,
        place=PLACE,
        names=tuple(dict.fromkeys(filter(None, (cells["title"], *_names(row, key))))),
        numbers=(key,),
        kind=_kind(flags),
        acts=tuple(acts),
        days={act: day for act, day in acts.items() if day},
        particulars={named(heading): flag for heading, flag in flags.items()},
        **(cells | {"title": cells["title"] or key, "status": STATUSES[status]}),
    )


def _kind(flags: Mapping[str, str]) -> str:
    if flags["Conditional approval"] == "Yes":
        return "conditional"
    return "exceptional_circumstances" if flags["Exceptional circumstances"] == "Yes" else "regular"


def _acts(
    status: AuthorisationStatus, opinion: AuthorisationAct | None, days: Mapping[str, str], *, copy: bool
) -> Iterator[tuple[AuthorisationAct, str | None]]:
    """What has been done, with its day: what the status says, and the steps before it that have a day."""
    if opinion:
        yield opinion, days.get("opinion_on")
    if status in (AuthorisationStatus.AUTHORISED, AuthorisationStatus.SUSPENDED, AuthorisationStatus.ENDED):
        act = AuthorisationAct.GENERIC_AUTHORISED if copy else AuthorisationAct.AUTHORISED
        yield act, days.get("authorised_on")
    for state, act, day in (
        (AuthorisationStatus.SUSPENDED, AuthorisationAct.SUSPENDED, "suspended_on"),
        (AuthorisationStatus.REFUSED, AuthorisationAct.REFUSED, "refused_on"),
        (AuthorisationStatus.TAKEN_BACK, AuthorisationAct.TAKEN_BACK, "taken_back_on"),
        (AuthorisationStatus.ENDED, AuthorisationAct.ENDED, "ended_on"),
    ):
        if status == state:
            yield act, days.get(day)
