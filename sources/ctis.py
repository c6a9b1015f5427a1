"""CTIS, the European register of clinical trials: trials by their number, from the public portal.

The portal knows no search by GET, so that new trials are not discovered here. An unknown number is answered with an
empty object. The shape changed in 2024 (words became codes, dates another form): both are read, and say the same.
Left out on purpose: contacts, documents, translations, decisions of single countries, the days of updates.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from sources import days
from sources.base import TRIALS, About, Fetch, Options, Page, Source, Unexpected
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
NUMBER = re.compile(r"20\d\d-5\d{5}-\d\d-\d\d")
FORMS = (days.EUROPEAN, days.ISO)


def _number(text: str) -> str:
    number = text.strip()
    if not NUMBER.fullmatch(number):
        raise ValueError(f"expected an EU trial number such as 2023-505613-24-00, found {text[:40]!r}")
    return number


class CtisOptions(Options):
    """Which trials to follow, by EU trial number."""

    numbers: tuple[Annotated[str, AfterValidator(_number)], ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.numbers else "expected numbers of trials to follow, found none"


class Ctis(Source):
    """One answer a trial, of up to 2 MB."""

    name = "ctis"
    title = "EU clinical trials (CTIS)"
    about = About(
        watches="EU trials of CTIS, by number",
        first="that a trial halts, ends early or recruits in Europe",
        lag="hours to a day; parts may be deferred",
        seen="recorded 2024 to 2026",
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
        """Trial by trial. Raises Unexpected where the options name none."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        for number in self.wanted():
            yield fetch(f"{self.base_url}/ctis-public-api/retrieve/{number}")

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The trial of an answer; none in an empty object, which stands for a number that is not known."""
        value = decode(page)
        if value == {}:
            return
        try:
            yield trial(value, page.url)
        except Unexpected as problem:
            problem.key = text_at("ctNumber")(value)
            yield problem

    def wanted(self) -> tuple[str, ...]:
        """The trials asked for."""
        return tuple(dict.fromkeys(self.options.numbers))


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
