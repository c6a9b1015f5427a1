"""CTIS, the European register of clinical trials: trials by number and those that a search finds, from its portal.

A search is put by POST; its rows say when each trial was last published, so that one which says the same as before
needs no trial to be asked for. An unknown number is answered with an empty object, a page before the first with no
rows. The shape changed in 2024 (words became codes, dates another form): both are read, and say the same.
How a trial is read stands in `eu_trial.py`.
"""

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from sources import TRIALS
from sources.base import About, Fetch, Options, Page, Source, Unexpected
from sources.eu_trial import NUMBER, trial
from sources.payload import Json, decode, need, rows, text_at
from sources.records import Record, Study

PER_PAGE, MOST = 100, 1000
"""Rows of a search at a time, and trials that one search may find: each is asked for by itself."""


def _number(text: str) -> str:
    number = text.strip()
    if not NUMBER.fullmatch(number):
        raise ValueError(f"expected an EU trial number such as 2023-505613-24-00, found {text[:40]!r}")
    return number


class CtisOptions(Options):
    """Which trials to follow: by EU trial number, those that a search finds, or both. Of a search all that is given
    must hold: the condition, one of the `interventions` (by name of the product), one of the `sponsors`."""

    numbers: tuple[Annotated[str, AfterValidator(_number)], ...] = ()
    condition: str | None = None
    interventions: tuple[str, ...] = ()
    sponsors: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        wanted = self.numbers or self.condition or self.interventions or self.sponsors
        return None if wanted else "expected numbers, a condition, interventions or sponsors to follow, found none"


class Ctis(Source):
    """A search, and one answer a trial, of up to 2 MB."""

    name = "ctis"
    title = "EU clinical trials (CTIS)"
    about = About(
        watches="EU trials of CTIS, by condition, product, sponsor and by number",
        first="that a trial halts, ends early or recruits in Europe",
        lag="hours to a day; parts may be deferred",
        seen="trials, recorded 2024 to 2026; the search by hand",
    )
    revision = 2  # November 2026: results, everybody who takes part, numbers in other registries
    tier = 2
    home = "https://euclinicaltrials.eu"
    places = (TRIALS,)
    terms = "EMA, public data of CTIS; the source is to be named."
    record = Study
    paths: ClassVar[Mapping[str, str]] = {
        "title": "authorizedApplication.authorizedPartI.trialDetails.clinicalTrialIdentifiers.publicTitle",
        "status": "publicStatus",
        "status_text": "publicStatus",
        "enrollment": "authorizedApplication.authorizedPartsII[].recruitmentSubjectCount",
        "phases": "trialPhase",
        "start": "startDateEU",
        "first_posted": "decisionDate",
        "has_results": "results",
        "results_posted": "results[].submissionDate",
        "site_countries": "countries",
        "site_count": "sites.count",
    }
    Options = CtisOptions
    options: CtisOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The search first: where it says what it said, and no trial is wanted by number, that is all there is. Else it
        only opened the door, and the answer is trial by trial. Raises Unexpected where the options name nothing."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        doors: list[Page] = []
        found = dict.fromkeys(self.wanted())
        for query in self._queries():
            pages, numbers = self._search(fetch, query)
            doors += pages
            found |= dict.fromkeys(numbers)
        if doors and not self.wanted() and not fetch.sweep and all(page.unchanged for page in doors):
            yield from doors
            return
        for number in found:
            yield fetch(f"{self.base_url}/ctis-public-api/retrieve/{number}")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The trial of an answer; none in an empty object, which stands for a number that is not known, and none in a
        search, which only opens the door."""
        value = decode(page)
        if value == {} or (isinstance(value, dict) and "pagination" in value):
            return
        try:
            found, asked = trial(value, page.url), page.url.rpartition("/")[2]
            if NUMBER.fullmatch(asked) and asked != found.key:
                raise Unexpected(f"{page.url}: expected the trial asked for, found {found.key}")
            yield found
        except Unexpected as problem:
            problem.key = text_at("ctNumber")(value)
            yield problem

    def wanted(self) -> tuple[str, ...]:
        """The trials asked for."""
        return tuple(dict.fromkeys(self.options.numbers))

    def _queries(self) -> Iterator[dict[str, str]]:
        """What is searched for: one question for each intervention of each sponsor."""
        given = {"medicalCondition": self.options.condition} if self.options.condition else {}
        if not (given or self.options.interventions or self.options.sponsors):
            return
        for drug, sponsor in itertools.product(self.options.interventions or (None,), self.options.sponsors or (None,)):
            wanted = {"productName": drug, "sponsor": sponsor}
            yield given | {key: name for key, name in wanted.items() if name}

    def _search(self, fetch: Fetch, query: Mapping[str, str]) -> tuple[list[Page], list[str]]:
        """All pages of one search, and the numbers of the trials in them. Raises Unexpected where they do not fit
        together."""
        pages, numbers, total = list[Page](), list[str](), None
        while total is None or len(numbers) < total:
            asked = {
                "pagination": {"page": len(pages) + 1, "size": PER_PAGE},
                "sort": {"property": "decisionDate", "direction": "DESC"},
                "searchCriteria": dict(query),
            }
            page = fetch(f"{self.base_url}/ctis-public-api/search", body=asked)
            declared, found = _rows(decode(page), page.url)
            if declared > MOST:
                raise Unexpected(f"{page.url}: expected at most {MOST} trials, found {declared}; narrow the options")
            if (total is not None and declared != total) or (declared and not found):
                raise Unexpected(
                    f"{page.url}: expected {total or declared} trials, found {declared}, here {len(found)}"
                )
            total = declared
            pages.append(page)
            numbers += found
        twice = [number for number, times in Counter(numbers).items() if times > 1]
        if twice or len(numbers) != total:
            raise Unexpected(
                f"{pages[0].url}: expected {total} trials, each once, found {len(numbers)}, twice: {twice[:5]}"
            )
        return pages, numbers


def _rows(answer: Json, where: str) -> tuple[int, list[str]]:
    """How many trials a search finds, and the numbers of those on this page. Raises Unexpected at another shape."""
    paging = need(answer, "pagination", dict, where)
    total = need(paging, "totalRecords", int, f"{where} pagination")
    numbers = [need(row, "ctNumber", str, f"{where} data") for row in rows(answer, "data", where)]
    if odd := [number for number in numbers if not NUMBER.fullmatch(number)]:
        raise Unexpected(f"{where} data.ctNumber: expected EU trial numbers, found {odd[0][:40]!r}")
    return total, numbers
