"""A trial in the JSON of CTIS, read field by field.

What only a row of the portal's search says (whether there are results, how many take part in Europe, when it was first
decided) a trial says otherwise, and both are read: archives keep a trial together with its row. Left out on purpose:
contacts, documents, translations, decisions of single countries.
"""

import re
from collections.abc import Mapping
from typing import Any

from sources import days
from sources.base import Unexpected
from sources.payload import Json, known, mapped, may, need, part, rows
from sources.records import Counted, Phase, Study, StudyStatus
from sources.registry_numbers import registered

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
ENDED, ENDED_EARLY, ENDED_AS_PLANNED = 8, "EARLY_TERMINATION", "END_OF_TRIAL"
NOTICES = (
    "START_OF_TRIAL", "RESTART_OF_TRIAL", "START_OF_RECRUITMENT", "RESTART_OF_RECRUITMENT", "END_OF_RECRUITMENT",
    ENDED_AS_PLANNED, "GLOBAL_END_OF_TRIAL", "TEMPORARY_HALT", ENDED_EARLY,
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
STAMP = re.compile(r"(\d{4}-\d\d-\d\d)(?:T.*)?")
RESULTS = ("summaryResults", "laypersonResults", "clinicalStudyReports")
HANDED_IN = ("submissionDate", "submitDate", "createdOn")
"""When results came: each kind of them has a name of its own for it."""


def trial(value: Json, where: str) -> Study:
    """One trial. Raises Unexpected at an unknown code or word, a missing or mistyped field."""
    key = need(value, "ctNumber", str, where)
    if not NUMBER.fullmatch(key):
        raise Unexpected(f"{where}.ctNumber: expected an EU trial number, found {key[:40]!r}")
    status, word = _status(value, key)
    application = need(value, "authorizedApplication", dict, key)
    first = need(application, "authorizedPartI", dict, key)
    details = need(first, "trialDetails", dict, key)
    named = need(details, "clinicalTrialIdentifiers", dict, key)
    countries, sites = _where(application, key)
    enrolled = _enrolled(value, application, first, key)
    return Study(
        key=key,
        title=may(named, "publicTitle", str, key) or need(named, "fullTitle", str, key),
        url=f"https://euclinicaltrials.eu/search-for-clinical-trials/?EUCT={key}",
        others=_other_numbers(named, application, key),
        status=status,
        status_text=word,
        phases=_phases(details, key),
        sponsor=_sponsor(first, key),
        conditions=tuple(sorted(_conditions(first, key))),
        interventions=_interventions(first, key),
        enrollment=enrolled,
        enrollment_type=Counted.ESTIMATED if enrolled else None,
        start=_day(may(value, "startDateEU", str, key), f"{key}.startDateEU"),
        first_posted=_first_decided(value, application, key),
        site_count=sites,
        site_countries=countries,
        last_update_posted=_day(may(value, "lastUpdated", str, key), f"{key}.lastUpdated")
        or _stamped(value, "publishDate", key),
        **_results(value, key),
    )


def _status(value: Json, key: str) -> tuple[StudyStatus, str]:
    """How a trial stands with the word for it. One that has ended was cut short where a country says so and none says
    that it ended as planned: that few were found in one country cuts no trial short."""
    code = need(value, "ctPublicStatusCode", int, key)
    if code not in STATUSES:
        raise Unexpected(f"{key}.ctPublicStatusCode: expected one of 1 to 12, found {code}")
    word, status = STATUSES[code]
    if code != ENDED:
        return status, word
    notices = _notices(value, key)
    early = sorted(country for country, told in notices.items() if ENDED_EARLY in told)
    planned = [country for country, told in notices.items() if ENDED_AS_PLANNED in told and country not in early]
    if early and not planned:
        return StudyStatus.TERMINATED, "Ended early"
    return status, f"{word}, early in {', '.join(early)}" if early else word


def _notices(value: Json, key: str) -> dict[str, set[str]]:
    """The notices about an ended trial by country; without them nobody can tell how it ended."""
    where = f"{key}.events"
    told: dict[str, set[str]] = {}
    for country in need(need(value, "events", dict, key), "trialEvents", list, where):
        name = need(country, "mscName", str, f"{where}.trialEvents")
        if country.get("events") != []:  # a country where nothing has happened yet
            need(country, "events", list, f"{where}.trialEvents")
        for event in country["events"]:
            word = known(need(event, "notificationType", str, where), NOTICES, f"{where}.notificationType")
            told.setdefault(name, set()).add(word)
    return told


def _enrolled(value: Json, application: Json, first: Json, key: str) -> int | None:
    """How many are to take part, in Europe and beyond; the search gives the Europeans alone."""
    counted = [may(one, "recruitmentSubjectCount", int, key) for one in rows(application, "authorizedPartsII", key)]
    if planned := sum(filter(None, (*counted, may(first, "rowSubjectCount", int, key)))):
        return planned
    written = may(value, "totalNumberEnrolled", str, key)
    if written and not written.isdecimal():
        raise Unexpected(f"{key}.totalNumberEnrolled: expected a whole number, found {written[:40]!r}")
    return int(written) if written else None


def _first_decided(value: Json, application: Json, key: str) -> str | None:
    """The day of the first decision of a country."""
    if told := _day(may(value, "decisionDateOverall", str, key), f"{key}.decisionDateOverall"):
        return told
    countries = rows(application, "memberStatesConcerned", key)
    stamps = (_stamped(value, "decisionDate", key), *(_stamped(one, "firstDecisionDate", key) for one in countries))
    return min(filter(None, stamps), default=None)


def _results(value: Json, key: str) -> dict[str, Any]:
    """Whether there are results, and since when: the search says the former, the trial lists them."""
    listed = part(value, "results", key)
    found = [one for kind in RESULTS for one in rows(listed, kind, f"{key}.results")]
    dated = (_stamped(one, name, f"{key}.results") for one in found for name in HANDED_IN)
    said = may(value, "resultsFirstReceived", str, key)
    there = mapped(said, YES_NO, f"{key}.resultsFirstReceived") if said else None
    return {
        "has_results": bool(found) or bool(there) if said or "results" in value else None,
        "results_posted": min(filter(None, dated), default=None),
    }


def _stamped(node: Json, name: str, where: str) -> str | None:
    """The day of a moment such as `2024-04-12T09:35:07.009`; None where none or something else stands."""
    found = STAMP.fullmatch(node[name]) if isinstance(node, dict) and isinstance(node.get(name), str) else None
    return days.iso_day(found[1], f"{where}.{name}") if found else None


def _day(text: str | None, where: str) -> str | None:
    """A day in either form. Raises Unexpected at anything else."""
    return days.iso_day(text, where, FORMS)


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


def _other_numbers(named: Json, application: Json, key: str) -> tuple[str, ...]:
    """The trial's numbers in other registries, and the one that it had in the European register before."""
    given = part(named, "secondaryIdentifyingNumbers", key)
    more = rows(given, "additionalRegistries", key)
    ones = [part(given, name, key) for name in ("nctNumber", "isrctnNumber")]
    written = [may(one, "number", str, f"{key}.secondaryIdentifyingNumbers") for one in (*ones, *more)]
    before = may(part(application, "eudraCt", key), "eudraCtCode", str, f"{key}.eudraCt")
    return tuple(number for number in registered((*written, before)) if number != key)


def _where(application: Json, key: str) -> tuple[tuple[str, ...], int]:
    """The countries that take part, and how many sites there are."""
    parts = rows(application, "authorizedPartsII", key)
    told = [need(one, "mscInfo", dict, f"{key}.authorizedPartsII") for one in parts]
    countries = tuple(sorted({need(info, "countryName", str, f"{key}.mscInfo") for info in told}))
    return countries, sum(len(rows(one, "trialSites", f"{key}.authorizedPartsII")) for one in parts)
