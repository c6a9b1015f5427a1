"""Drug shortages as the FDA lists them, through openFDA: one record for each package of each maker.

Left out on purpose: everything under `openfda` but numbers and names, contact, strength,
presentation, the days of updates, and the link beside `related_info`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from sources.base import About, Options, Page, Unexpected, each
from sources.notices import Notice, NoticeAct
from sources.openfda import AUTHORITY, PLACE, OpenFda, any_of, applications_in, beside, iso_day, names_in, results
from sources.payload import Json, decode, known, mapped, may, need, texts
from sources.records import Record
from sources.supply import Listed, Supply, supply

ACTS: Mapping[str, NoticeAct] = {
    "Current": NoticeAct.SHORTAGE_BEGAN,
    "Resolved": NoticeAct.SHORTAGE_ENDED,
    "To Be Discontinued": NoticeAct.ROUTINE,  # one package of one maker; others may be sold on
}
UPDATES = ("New", "Revised", "Reverified")
OPTIONAL = ("shortage_reason", "related_info")
WHERE_STATUS = {"Current": "availability", "To Be Discontinued": "discontinued_date", "Resolved": "resolved_note"}
"""The field that a record of this status always has, and others never."""
FIELDS = ("generic_name", "proprietary_name", "openfda.brand_name")


class FdaShortagesOptions(Options):
    """Which shortages to follow: those of these drugs, by any of their names, and what an openFDA query finds."""

    names: tuple[str, ...] = ()
    search: str | None = None

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.names or self.search else "expected names or a search to follow, found none"


class FdaShortages(OpenFda):
    """Shortages in the US; a package that is sold again vanishes from the list some time after it is resolved."""

    name = "fda_shortages"
    title = "FDA drug shortages (openFDA)"
    about = About(
        watches="FDA drug shortages through openFDA, by name",
        first="that a drug is short in the US, or no longer",
        lag="a day",
        where="US",
        key="better with one",
        seen="recorded 2026",
    )
    places = ()  # what is approved, the register says
    endpoint = "/drug/shortages.json"
    per_page = 1000
    empties = True
    record = Notice
    paths = {"action": "status", "title": "generic_name", "published_on": "initial_posting_date"}
    Options = FdaShortagesOptions
    options: FdaShortagesOptions

    def queries(self) -> Iterator[str]:
        """By name, then the query."""
        if self.options.names:
            yield any_of(FIELDS, self.options.names)
        if self.options.search:
            yield self.options.search

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The packages of an answer, each with the day since when its substance has been short."""
        rows = results(decode(page), page.url)
        now = supply(map(_listed, rows))
        times: Counter[str] = Counter()

        def read(row: Json) -> Notice:
            key = _key(row)
            times[key] += 1
            return shortage(row, key + "+" * (times[key] - 1), now)

        yield from each(rows, read, key=self.key_of)

    def read(self, row: Json) -> Notice:
        """One package by itself."""
        return shortage(row, _key(row), supply([_listed(row)]))

    def key_of(self, row: Json) -> str | None:
        """Its key, where the fields of it can be read."""
        try:
            return _key(row)
        except Unexpected:
            return None


def _key(row: Json) -> str:
    """There is no number: package, substance, maker and first day make one."""
    parts = ("package_ndc", "generic_name", "company_name", "initial_posting_date")
    return "|".join(need(row, part, str, "shortage") for part in parts)


def _listed(row: Json) -> Listed | None:
    """Substance, act and first day of a package; None where it cannot be read."""
    try:
        act = mapped(need(row, "status", str, "shortage"), ACTS, "shortage.status")
        day = iso_day(need(row, "initial_posting_date", str, "shortage"), "shortage.initial_posting_date")
        return need(row, "generic_name", str, "shortage"), act, day
    except Unexpected:
        return None


def shortage(row: Json, key: str, now: Supply) -> Notice:
    """One package. Raises Unexpected at an unknown word or a missing field."""
    substance, status = need(row, "generic_name", str, key), need(row, "status", str, key)
    act = now.act(substance, mapped(status, ACTS, f"{key}.status"))
    update = known(need(row, "update_type", str, key), UPDATES, f"{key}.update_type")
    field = WHERE_STATUS[status]
    particulars = {name: may(row, name, str, key) or "" for name in OPTIONAL} | {
        field: need(row, field, str, key),
        "update_type": update,
        "therapeutic_category": "; ".join(sorted(texts(row, "therapeutic_category", key))),
    }
    added = beside(row, key)
    updated = iso_day(need(row, "update_date", str, key), f"{key}.update_date")
    names = (substance, *filter(None, [may(row, "proprietary_name", str, key)]), *names_in(added, key))
    return Notice(
        key=key,
        title=substance,
        url="https://dps.fda.gov/drugshortages",
        authority=AUTHORITY,
        place=PLACE,
        names=tuple(dict.fromkeys(names)),
        numbers=applications_in(added, key),
        act=act,
        acted_on=now.since(substance) if act == NoticeAct.SHORTAGE_BEGAN else updated,
        action=status,
        published_on=iso_day(need(row, "initial_posting_date", str, key), f"{key}.initial_posting_date"),
        agency=need(row, "company_name", str, key),
        particulars=particulars,
    )
