"""Federal Register: official notices of the FDA that mention the terms of a watch.

Each term is a query of its own, because the register documents no way to join them; a document that matches two terms
comes twice and is one record. Left out on purpose: the full text, the citation, page numbers and search excerpts.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator

from sources.base import About, Fetch, Options, Page, Source, TooLong, Unexpected, each
from sources.moments import moment
from sources.notice_titles import act_of, numbers_in
from sources.notices import Notice, NoticeAct
from sources.payload import Json, calendar_date, decode, may, need, rows, text_at, texts
from sources.records import Record

AUTHORITY, PLACE = "FDA", "US"
FDA = "food-and-drug-administration"
FIELDS = (
    "document_number",
    "title",
    "type",
    "action",
    "abstract",
    "dates",
    "effective_on",
    "docket_ids",
    "publication_date",
    "html_url",
    "agencies",
)
PER_PAGE = 100
MOST = 2000  # the register shows no more rows of a query

ENDED = frozenset({NoticeAct.APPROVAL_WITHDRAWN, NoticeAct.USE_WITHDRAWN, NoticeAct.APPROVAL_SUSPENDED})
"""Acts that hold from the day in the notice's DATES sentence; every other act is of the day of publication."""
LONG_DAY = re.compile(r"\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b")
NUMBER = re.compile(r"[A-Z0-9]{1,4}-[0-9]{1,7}(-[0-9]+)?")
DAY = re.compile(r"\d{4}-\d\d-\d\d")

PATHS = {
    "title": "title",
    "published_on": "publication_date",
    "agency": "agencies[].name",
    "action": "action",
    "dates": "dates",
    "effective_on": "effective_on",
    "abstract": "abstract",
    "dockets": "docket_ids",
}


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("expected a day such as 2025-08-31") from None


class FederalRegisterOptions(Options):
    """What to look for. A term of several words is asked as a phrase; `since` is the first day of publication."""

    terms: tuple[str, ...] = ()
    agencies: tuple[str, ...] = (FDA,)
    since: Annotated[str, AfterValidator(_day)] | None = None

    def missing(self) -> str | None:
        """That there is nothing to look for."""
        return None if self.terms else "expected terms, a word or phrase to look for, found none"


class FederalRegister(Source):
    """The official journal of the US government."""

    name = "federalregister"
    title = "Federal Register"
    about = About(
        watches="Federal Register, by words",
        first="approvals withdrawn in law, advisory committees",
        lag="same day; committees two weeks ahead",
    )
    revision = 2  # December 2026: records say their acts
    tier = 1
    complete = False  # notices are only ever added; an absence means nothing
    home = "https://www.federalregister.gov"
    places = (PLACE,)
    terms = (
        "Notices of the US government, in the public domain in the United States. The web edition is informational; "
        "the official edition is the PDF of the Government Publishing Office."
    )
    record = Notice
    paths: ClassVar[Mapping[str, str]] = PATHS
    Options = FederalRegisterOptions
    options: FederalRegisterOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """All pages of every term, oldest first, so that a notice published meanwhile shifts nothing.

        Raises Unexpected where the options name no term.
        """
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        for term in self.options.terms:
            yield from self._in_lots(fetch, term)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The notices of an answer."""
        yield from each(_results(decode(page), page.url), notice, key=text_at("document_number"))

    def _in_lots(self, fetch: Fetch, term: str) -> Sequence[Page]:
        """All pages of one term, of fewer notices each where an answer is too long: then from the beginning, since the
        register's next page has the size of the first."""
        size = PER_PAGE
        while True:
            try:
                return list(self._walk(fetch, term, size))
            except TooLong:
                if size == 1:
                    raise
                size //= 2

    def _walk(self, fetch: Fetch, term: str, size: int) -> Iterator[Page]:
        page = fetch(f"{self.base_url}/api/v1/documents.json", params=self._query(term, size))
        numbers: set[str] = set()
        asked = {page.url}
        answer = decode(page)
        declared = need(answer, "count", int, page.url)
        if declared > MOST:
            raise Unexpected(f"{page.url}: expected at most {MOST} notices, found {declared}; narrow the term {term!r}")
        while True:
            numbers |= {need(row, "document_number", str, page.url) for row in _results(answer, page.url)}
            yield page
            following = may(answer, "next_page_url", str, page.url)
            if not following:
                break
            if urlsplit(following)[:2] != urlsplit(self.base_url)[:2]:
                raise Unexpected(f"{page.url}: expected the next page under {self.base_url}, found {following[:200]}")
            if following in asked:
                raise Unexpected(f"{page.url}: expected a next page not yet read, found {following[:200]}")
            asked.add(following)
            page = fetch(following)
            answer = decode(page)
        if len(numbers) != declared:
            raise Unexpected(f"{page.url}: expected the {declared} notices it declares, found {len(numbers)}")

    def _query(self, term: str, size: int) -> dict[str, Any]:
        query: dict[str, Any] = {
            "conditions[term]": f'"{term}"' if " " in term and '"' not in term else term,
            "conditions[agencies][]": list(self.options.agencies),
            "order": "oldest",
            "per_page": size,
            "fields[]": list(FIELDS),
        }
        if self.options.since:
            query["conditions[publication_date][gte]"] = self.options.since
        return query


def _results(answer: Json, where: str) -> list[Json]:
    """The rows; with a count of nought the register leaves the list out."""
    count = need(answer, "count", int, where)
    if count == 0:
        return rows(answer, "results", where)
    return need(answer, "results", list, where)


def notice(row: Json) -> Notice:
    """One document. Raises Unexpected at a missing or mistyped field."""
    key = need(row, "document_number", str, "document")
    if not NUMBER.fullmatch(key):
        raise Unexpected(f"document.document_number: expected one like 2025-16646, found {key!r}")
    title = need(row, "title", str, key)
    agencies = need(row, "agencies", list, key)
    published = need(row, "publication_date", str, key)
    effective = may(row, "effective_on", str, key)
    for name, day in (("publication_date", published), ("effective_on", effective)):
        if day:
            calendar_date(day, DAY, "yyyy-mm-dd", f"{key}.{name}")
    url = need(row, "html_url", str, key)
    if not url.startswith("https://"):
        raise Unexpected(f"{key}.html_url: expected an address that starts with https://, found {url[:80]!r}")
    abstract, dates = may(row, "abstract", str, key), may(row, "dates", str, key)
    act = act_of(title, abstract)
    return Notice(
        key=key,
        title=title,
        url=url,
        authority=AUTHORITY,
        place=PLACE,
        numbers=numbers_in(f"{title} {abstract or ''} {dates or ''}"),
        act=act,
        acted_on=_day_named(effective, dates) if act in ENDED else None,
        published_on=published,
        agency="; ".join(sorted({_agency(agency, key) for agency in agencies})),
        action=may(row, "action", str, key),
        dates=dates,
        effective_on=effective,
        abstract=abstract,
        dockets=tuple(sorted(texts(row, "docket_ids", key))),
    )


def _day_named(effective: str | None, dates: str | None) -> str | None:
    """The day from which an act holds: the register's own field, else the first day in its DATES sentence."""
    if effective:
        return effective
    named = LONG_DAY.search(dates or "")
    return moment(named[0]) if named else None


def _agency(row: Json, key: str) -> str:
    """Its name; an office the register does not list has only a `raw_name`."""
    return may(row, "name", str, f"{key}.agencies") or need(row, "raw_name", str, f"{key}.agencies")
