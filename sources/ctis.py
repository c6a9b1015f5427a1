"""CTIS, the European register of clinical trials: trials by number and those that a search finds, from its portal.

A search is put by POST; its rows say when each trial was last published, so that one which says the same as before
needs no trial to be asked for. An unknown number is answered with an empty object, a page before the first with no
rows. The shape changed in 2024 (words became codes, dates another form): both are read, and say the same.
Left out on purpose: contacts, documents, translations, decisions of single countries, the days of updates.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from sources import TRIALS, days
from sources.base import About, Fetch, Options, Page, Source, Unexpected
from sources.payload import Json, decode, known, mapped, may, need, part, rows, text_at
from sources.records import Phase, Record, Study, StudyStatus

STATUSES: Mapping[int, tuple[str, StudyStatus]] = {
    1: ("Under evaluation", StudyStatus.NOT_YET_RECRUITING),
    2: ("Authorised, recruitment pending", StudyStatus.NOT_YET_RECRUITING),
    3: ("Authorised, recruiting", StudyStatus.RECRUITING),
    4: ("Ongoing, recruiting", StudyStatus.RECRUITING),
    5: ("Ongoing, recruitment ended", StudyStatus.ACTIVE_NOT_RECRUITING),
    6: ("Temporarily halted", StudyStatus.SUSPENDED),
    7: ("Suspended", StudyStatus.SUSPENDED),
    8: ("Ended", StudyStatus.COMPLETED),
    9: ("Expired", StudyStatus.WITHDRAWN),
    10: ("Revoked", StudyStatus.TERMINATED),
    11: ("Not authorised", StudyStatus.WITHDRAWN),
    12: ("Cancelled", StudyStatus.WITHDRAWN),
}
"""Code of the portal to its word and ours."""
ENDED, ENDED_EARLY = 8, "EARLY_TERMINATION"
NOTICES = (
    "START_OF_TRIAL", "RESTART_OF_TRIAL", "START_OF_RECRUITMENT", "RESTART_OF_RECRUITMENT", "END_OF_RECRUITMENT",
    "END_OF_TRIAL", "GLOBAL_END_OF_TRIAL", "TEMPORARY_HALT", ENDED_EARLY,
)  # fmt: skip
PHASES: Mapping[int, tuple[Phase, ...]] = {
    **dict.fromkeys((1, 2, 3), (Phase.PHASE1,)),
    4: (Phase.PHASE2,),
    5: (Phase.PHASE3,),
    6: (Phase.PHASE4,),
    **dict.fromkeys((7, 8, 9), (Phase.PHASE1, Phase.PHASE2)),
    10: (Phase.PHASE2, Phase.PHASE3),
    11: (Phase.PHASE3, Phase.PHASE4),
}
YES_NO = {"Yes": True, "No": False}
TESTED = "1"  # role of a product in the trial; others are comparators and background
PER_PAGE, MOST = 100, 1000
"""Rows of a search at a time, and trials that one search may find: each is asked for by itself."""
NUMBER = re.compile(r"20\d\d-5\d{5}-\d\d-\d\d")
FORMS = (days.EUROPEAN, days.ISO)


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
    tier = 2
    home = "https://euclinicaltrials.eu"
    places = (TRIALS,)
    terms = "EMA, public data of CTIS; the source is to be named."
    record = Study
    paths: ClassVar[Mapping[str, str]] = {
        "title": "authorizedApplication.authorizedPartI.trialDetails.clinicalTrialIdentifiers.publicTitle",
        "status": "publicStatus",
        "status_text": "publicStatus",
        "enrollment": "totalNumberEnrolled",
        "phases": "trialPhase",
        "start": "startDateEU",
        "first_posted": "decisionDateOverall",
        "has_results": "resultsFirstReceived",
        "site_countries": "countries",
        "site_count": "sites.count",
        "completion": "authorizedApplication.trialGlobalEnd",
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


def trial(value: Json, where: str) -> Study:
    """One trial. Raises Unexpected at an unknown code or word, a missing or mistyped field."""
    key = need(value, "ctNumber", str, where)
    if not NUMBER.fullmatch(key):
        raise Unexpected(f"{where}.ctNumber: expected an EU trial number, found {key[:40]!r}")
    code = need(value, "ctPublicStatusCode", int, key)
    if code not in STATUSES:
        raise Unexpected(f"{key}.ctPublicStatusCode: expected one of 1 to 12, found {code}")
    word, status = STATUSES[code]
    if code == ENDED and _ended_early(value, key):
        word, status = "Ended early", StudyStatus.TERMINATED
    application = need(value, "authorizedApplication", dict, key)
    first = need(application, "authorizedPartI", dict, key)
    details = need(first, "trialDetails", dict, key)
    named = need(details, "clinicalTrialIdentifiers", dict, key)
    enrolled = may(value, "totalNumberEnrolled", str, key)
    if enrolled and not enrolled.isdecimal():
        raise Unexpected(f"{key}.totalNumberEnrolled: expected a whole number, found {enrolled[:40]!r}")
    results = may(value, "resultsFirstReceived", str, key)
    countries, sites = _where(application, key)
    return Study(
        key=key,
        title=may(named, "publicTitle", str, key) or need(named, "fullTitle", str, key),
        url=f"https://euclinicaltrials.eu/search-for-clinical-trials/?EUCT={key}",
        others=_other_numbers(named, key),
        status=status,
        status_text=word,
        phases=_phases(details, key),
        sponsor=_sponsor(first, key),
        conditions=tuple(sorted(_conditions(first, key))),
        interventions=_interventions(first, key),
        enrollment=int(enrolled) if enrolled else None,
        start=_day(may(value, "startDateEU", str, key), f"{key}.startDateEU"),
        first_posted=_day(may(value, "decisionDateOverall", str, key), f"{key}.decisionDateOverall"),
        has_results=mapped(results, YES_NO, f"{key}.resultsFirstReceived") if results else None,
        site_count=sites,
        site_countries=countries,
        last_update_posted=_day(may(value, "lastUpdated", str, key), f"{key}.lastUpdated"),
    )


def _day(text: str | None, where: str) -> str | None:
    """A day in either form. Raises Unexpected at anything else."""
    return days.iso_day(text, where, FORMS)


def _ended_early(value: Json, key: str) -> bool:
    """Whether one of the notices about an ended trial says so; without its notices nobody can tell."""
    told = need(need(value, "events", dict, key), "trialEvents", list, f"{key}.events")
    events = [event for country in told for event in need(country, "events", list, f"{key}.events.trialEvents")]
    words = {need(event, "notificationType", str, f"{key}.events") for event in events}
    return ENDED_EARLY in {known(word, NOTICES, f"{key}.events.notificationType") for word in words}


def _phases(details: Json, key: str) -> tuple[Phase, ...]:
    category = part(part(details, "trialInformation", key), "trialCategory", key)
    code = category.get("trialPhase")
    number = int(code) if isinstance(code, str) and code.isdecimal() else code
    if not isinstance(number, int) or number not in PHASES:
        raise Unexpected(f"{key}.trialPhase: expected a code from 1 to 11, found {str(code)[:40]!r}")
    return PHASES[number]


def _sponsor(first: Json, key: str) -> str:
    """The first sponsor, by the name of its organisation."""
    sponsors = need(first, "sponsors", list, key)
    leading = next((one for one in sponsors if may(one, "primary", bool, f"{key}.sponsors")), sponsors[0])
    return need(need(leading, "organisation", dict, f"{key}.sponsors"), "name", str, f"{key}.sponsors.organisation")


def _conditions(first: Json, key: str) -> set[str]:
    at = f"{key}.medicalConditions"
    return {need(one, "medicalCondition", str, at) for one in rows(first, "medicalConditions", key)}


def _interventions(first: Json, key: str) -> tuple[str, ...]:
    """The products under test, by name and substance."""
    found: set[str] = set()
    for product in rows(first, "products", key):
        role = may(product, "part1MpRoleTypeCode", str, f"{key}.products")
        known(role or TESTED, ("1", "2", "3", "4"), f"{key}.products.part1MpRoleTypeCode")
        if role in (None, TESTED):
            entry = part(product, "productDictionaryInfo", f"{key}.products")
            names = (may(product, "productName", str, key), may(entry, "activeSubstanceName", str, key))
            found |= {f"DRUG: {name}" for name in names if name}
    return tuple(sorted(found))


def _other_numbers(named: Json, key: str) -> tuple[str, ...]:
    """The trial's number in the US registry, where it gives one."""
    numbers = part(named, "secondaryIdentifyingNumbers", key)
    other = may(part(numbers, "nctNumber", key), "number", str, f"{key}.nctNumber")
    return (other,) if other and re.fullmatch(r"NCT\d{8}", other) else ()


def _where(application: Json, key: str) -> tuple[tuple[str, ...], int]:
    """The countries that take part, and how many sites there are."""
    parts = rows(application, "authorizedPartsII", key)
    told = [need(one, "mscInfo", dict, f"{key}.authorizedPartsII") for one in parts]
    countries = tuple(sorted({need(info, "countryName", str, f"{key}.mscInfo") for info in told}))
    return countries, sum(len(rows(one, "trialSites", f"{key}.authorizedPartsII")) for one in parts)
