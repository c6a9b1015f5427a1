"""ClinicalTrials.gov, API v2: a condition, a list of studies, or both.

Whole records are asked for, never "what moved since": the registry sets UNKNOWN, and releases or resets results,
without moving its own "last update" date.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, Field

from sources import TRIALS
from sources.base import About, Fetch, Options, Page, Part, Source, TooLong, Unexpected, Unreachable, each
from sources.parts import apart, mark, object_at, part
from sources.payload import Json, Rows, decode, may, need, text_at, texts
from sources.records import Record, Study
from sources.study import NCT, PATHS, study

IDS_PER_QUERY = 200  # keeps an address under 4 kB
IDS_PAGE = 1000
MAX_PAGES = 2000  # a run holds one of them in memory, and the rest on the disk
SECTIONS = "ProtocolSection,HasResults,DerivedSection,AnnotationSection"
"""What of a record is asked for: all but the posted results and documents, which may be hundreds of kilobytes."""
BAD_REQUEST = 400
KEY = ("protocolSection", "identificationModule", "nctId")
STAMP = "versionHolder"
NAMES_OF = {"intr": "interventions", "term": "genes", "spons": "sponsors"}
"""Area of a search to the option that fills it."""
LONG = 256 * 1024  # bytes from which on an answer is taken apart


def _number(text: str) -> str:
    number = text.strip().upper()
    if not NCT.fullmatch(number):
        raise ValueError("expected NCT and eight digits")
    return number


class ClinicalTrialsOptions(Options):
    """What to follow: studies by id, those that a search finds, or both. Of a search all that is given must hold: the
    condition, one of the `interventions`, one of the `genes` (anywhere in the record), one of the `sponsors`."""

    condition: str | None = None
    ids: tuple[Annotated[str, AfterValidator(_number)], ...] = ()
    interventions: tuple[str, ...] = ()
    genes: tuple[str, ...] = ()
    sponsors: tuple[str, ...] = ()
    page_size: int = Field(default=100, ge=1, le=1000, description="studies per answer of a search")
    whole_records: bool = Field(default=False, description="keep posted results and documents too, as evidence")

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        wanted = self.condition or self.ids or self.interventions or self.genes or self.sponsors
        return None if wanted else "expected a condition, ids, interventions, genes or sponsors to follow, found none"


class ClinicalTrials(Source):
    """The US registry of clinical studies."""

    name = "clinicaltrials"
    title = "ClinicalTrials.gov"
    about = About(
        watches="ClinicalTrials.gov, by condition, drug, gene, sponsor and by number",
        first="that a trial stops, posts results, or is registered",
        lag="days; sponsors have 30",
        seen="recorded 2023 to 2026",
    )
    revision = 4  # November 2026: secondary outcomes, ages, sex, sites by place and state
    tier = 2
    home = "https://clinicaltrials.gov"
    places = (TRIALS,)
    terms = (
        "Data of ClinicalTrials.gov (US National Library of Medicine), free to use; name the source and the date of "
        "the data, and do not suggest that the library endorses the use."
    )
    record = Study
    paths: ClassVar[Mapping[str, str]] = PATHS
    stamped = re.compile(rb'"dataTimestamp"\s*:\s*"([^"]+)"')
    moves_within = timedelta(days=10)  # it moves on working days; a shutdown over the holidays is shorter
    apart_from = LONG
    Options = ClinicalTrialsOptions
    options: ClinicalTrialsOptions
    _whole = False  # the registry refused a choice of fields

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The registry's version first: when it did not move, that page is all there is. When it did, the page only
        opened the door and is left out: the search, and then the ids it missed, are the answer.

        Raises Unexpected where the options name neither search nor ids.
        """
        wanted, search = self._ids(), self._search()
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        version = fetch(f"{self.base_url}/api/v2/version")
        need(decode(version), "dataTimestamp", str, version.url)
        if version.unchanged and not fetch.sweep:
            yield version
            return
        keys: set[str] = set()
        if search:
            yield from self._search_in_lots(fetch, search, self.options.page_size, keys)
        left = [study for study in wanted if study not in keys]
        for first in range(0, len(left), IDS_PER_QUERY):
            batch = left[first : first + IDS_PER_QUERY]
            yield from self._ids_in_lots(fetch, batch, keys)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """Studies of a `/studies` answer, of a bare list, or one study alone; the version page holds none."""
        value = decode(page, rows="studies")
        if isinstance(value, dict) and "dataTimestamp" in value and "studies" not in value:
            return
        yield from each(_studies(value, page.url), study, key=text_at(*KEY))

    def parts(self, page: Page) -> Sequence[Part] | None:
        """The studies of an answer, each by itself. The dataset's stamp on every study moves daily and says nothing."""
        if (found := apart(page, rows="studies", opening=KEY[0])) is None:
            return None
        return [part(page, row, _names_in(row, page.url), mark(row, but=STAMP)) for row in found.rows()]

    def wanted(self) -> tuple[str, ...]:
        """The studies asked for by number."""
        return tuple(self._ids())

    def answers_to(self, record: Record) -> tuple[str, ...]:
        """Its number, and the numbers that were merged into it."""
        return (record.key, *record.aliases) if isinstance(record, Study) else (record.key,)

    def _search_in_lots(self, fetch: Fetch, query: Mapping[str, Any], size: int, keys: set[str]) -> Sequence[Page]:
        """A search, with fewer studies a page where an answer is too long."""
        while True:
            try:
                return self._walk(fetch, {**query, "pageSize": size}, keys)
            except TooLong:
                if size == 1:
                    raise
                size = max(1, size // 4)

    def _ids_in_lots(self, fetch: Fetch, ids: Sequence[str], keys: set[str]) -> Iterator[Page]:
        """Studies by number, in smaller lots where an answer is too long."""
        try:
            pages = self._walk(fetch, {"filter.ids": ",".join(ids), "pageSize": IDS_PAGE}, keys)
        except TooLong:
            if len(ids) == 1:
                raise
            middle = len(ids) // 2
            yield from self._ids_in_lots(fetch, ids[:middle], keys)
            yield from self._ids_in_lots(fetch, ids[middle:], keys)
        else:
            yield from pages

    def _ids(self) -> list[str]:
        return list(dict.fromkeys(self.options.ids))

    def _search(self) -> dict[str, Any]:
        query: dict[str, Any] = {}
        if self.options.condition:
            query["query.cond"] = self.options.condition
        for area in ("intr", "term", "spons"):
            if names := getattr(self.options, NAMES_OF[area]):
                query[f"query.{area}"] = " OR ".join(_quoted(name) for name in names)
        return query

    def _walk(self, fetch: Fetch, query: Mapping[str, Any], found: set[str]) -> Sequence[Page]:
        """All pages of one query. Tokens belong to one version of the data, so a walk that breaks starts over, once.

        Adds the ids it saw, aliases too, to `found`.
        """
        for last_try in (False, True):
            try:
                pages, keys = self._once(fetch, query)
            except _Moved as problem:
                if last_try:
                    raise Unexpected(str(problem)) from None
            except _Broken as problem:
                if last_try:
                    raise problem.cause from None
            else:
                found |= keys
                return pages
        raise AssertionError("the second try returns or raises")

    def _ask(self, fetch: Fetch, query: Mapping[str, Any]) -> Page:
        """One page; without a choice of fields where the registry does not know one of them."""
        address = f"{self.base_url}/api/v2/studies"
        if not self.options.whole_records and not self._whole:
            judged = () if "pageToken" in query else (BAD_REQUEST,)  # later pages: the token is outdated
            page = fetch(address, params={**query, "fields": SECTIONS}, missing=judged)
            if page.status != BAD_REQUEST:
                return page
            self._whole = True
        return fetch(address, params=query)

    def _once(self, fetch: Fetch, query: Mapping[str, Any]) -> tuple[list[Page], set[str]]:
        pages: list[Page] = []
        keys: list[str] = []
        named: set[str] = set()
        declared: int | None = None
        token: str | None = None
        while True:
            asked = {**query, "countTotal": "true"} | ({"pageToken": token} if token else {})
            try:
                page = self._ask(fetch, asked)
            except TooLong:
                raise
            except Unreachable as problem:
                if token and problem.retry_after is None:
                    raise _Broken(problem) from None
                raise
            around, all_names = _opened(page)
            if declared is None:
                declared = may(around, "totalCount", int, page.url)
            pages.append(page)
            for names in all_names:
                keys.append(names[0])
                named.update(names)
            token = may(around, "nextPageToken", str, page.url)
            if not token:
                break
            if len(pages) >= MAX_PAGES:
                raise Unexpected(f"{page.url}: expected at most {MAX_PAGES} pages, found more; narrow the options")
        _check(keys, declared, pages[0].url)
        return pages, named


class _Moved(Exception):
    """The pages of a walk do not fit together: the data moved beneath it."""


class _Broken(Exception):
    """The source refused to go on in the middle of a walk: an outdated token, or trouble."""

    def __init__(self, cause: Unreachable) -> None:
        super().__init__(str(cause))
        self.cause = cause


def _check(keys: list[str], declared: int | None, url: str) -> None:
    twice = sorted(key for key, times in Counter(keys).items() if times > 1)
    if twice:
        raise _Moved(f"{url}: expected each study once, found {', '.join(twice[:5])} again on a later page")
    if declared is not None and declared != len(keys):
        raise _Moved(f"{url}: expected the {declared} studies it declares, found {len(keys)}")


def _studies(value: Json, where: str) -> Sequence[Json]:
    if isinstance(value, list):
        return list(value)
    if isinstance(value, dict) and "protocolSection" in value:
        return [value]
    studies = value.get("studies") if isinstance(value, dict) else None
    if not isinstance(studies, list | Rows):
        shape = f"an object with {', '.join(sorted(value))[:200]}" if isinstance(value, dict) else type(value).__name__
        raise Unexpected(f"{where}: expected studies, a list of them or one study, found {shape}")
    return studies


def _opened(page: Page) -> tuple[Json, list[tuple[str, ...]]]:
    """What stands around the studies of an answer, and the numbers that each of them answers to."""
    if len(page.body) >= LONG and (found := apart(page, rows="studies", opening=KEY[0])) is not None:
        return found.around, [_names_in(row, page.url) for row in found.rows()]
    answer, where, names = decode(page, rows="studies"), page.url, list[tuple[str, ...]]()
    for row in _studies(answer, where):
        place = need(need(row, KEY[0], dict, where), KEY[1], dict, where)
        names.append((need(place, KEY[2], str, where), *texts(place, "nctIdAliases", where)))
    return answer, names


def _names_in(row: bytes, where: str) -> tuple[str, ...]:
    place = object_at(row, KEY[1])
    return (need(place, KEY[2], str, where), *texts(place, "nctIdAliases", where))


def _quoted(name: str) -> str:
    bare = name.replace('"', " ").strip()
    return f'"{bare}"' if re.search(r"[^\w-]", bare) else bare
