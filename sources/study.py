"""A study in the JSON of ClinicalTrials.gov, read field by field. The words are those of its API description 2.0.

Left out on purpose: `versionHolder`, `modelPredictions` and the other derived data (they move for untouched studies),
submission dates, contacts, references, arms, the names of sites and posted results.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sources.base import Unexpected
from sources.payload import Json, all_mapped, calendar_date, column, known, mapped, may, need, part, rows, texts, told
from sources.records import Counted, Phase, Study, StudyStatus
from sources.registry_numbers import registered

STATUSES: Mapping[str, StudyStatus] = {status.value: status for status in StudyStatus}
"""Word of the registry to ours: they are the same, because ours were taken from it."""
BARE = StudyStatus.WITHHELD  # such a record shows next to nothing but its name
KINDS = frozenset({"INTERVENTIONAL", "OBSERVATIONAL", "EXPANDED_ACCESS"})
PHASES: Mapping[str, Phase] = {phase.value: phase for phase in Phase}
COUNTED: Mapping[str, Counted] = {word.value: word for word in Counted}
SEXES = frozenset({"ALL", "FEMALE", "MALE"})
KINDS_OF_INTERVENTION = (
    "DRUG", "BIOLOGICAL", "DEVICE", "PROCEDURE", "RADIATION", "BEHAVIORAL", "GENETIC", "DIETARY_SUPPLEMENT",
    "COMBINATION_PRODUCT", "DIAGNOSTIC_TEST", "OTHER",
)  # fmt: skip
INTERVENTIONS: Mapping[str, str] = {word: word for word in KINDS_OF_INTERVENTION}
OF_STATES = "United States"
NO_COUNT = 99_999_999  # the registry's sentinel for an unknown enrolment

NCT = re.compile(r"NCT\d{8}")
DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")
WRITTEN = "yyyy-mm or yyyy-mm-dd"

STATUS_MODULE = "protocolSection.statusModule."
PATHS = {
    "title": "protocolSection.identificationModule.briefTitle",
    "status": STATUS_MODULE + "overallStatus",
    "status_text": STATUS_MODULE + "overallStatus",
    "last_known_status": STATUS_MODULE + "lastKnownStatus",
    "why_stopped": STATUS_MODULE + "whyStopped",
    "start": STATUS_MODULE + "startDateStruct.date",
    "start_type": STATUS_MODULE + "startDateStruct.type",
    "primary_completion": STATUS_MODULE + "primaryCompletionDateStruct.date",
    "primary_completion_type": STATUS_MODULE + "primaryCompletionDateStruct.type",
    "completion": STATUS_MODULE + "completionDateStruct.date",
    "completion_type": STATUS_MODULE + "completionDateStruct.type",
    "first_posted": STATUS_MODULE + "studyFirstPostDateStruct.date",
    "results_posted": STATUS_MODULE + "resultsFirstPostDateStruct.date",
    "disposition_posted": STATUS_MODULE + "dispFirstPostDateStruct.date",
    "expanded_access": STATUS_MODULE + "expandedAccessInfo.hasExpandedAccess",
    "phases": "protocolSection.designModule.phases",
    "enrollment": "protocolSection.designModule.enrollmentInfo.count",
    "enrollment_type": "protocolSection.designModule.enrollmentInfo.type",
    "sponsor": "protocolSection.sponsorCollaboratorsModule.leadSponsor.name",
    "collaborators": "protocolSection.sponsorCollaboratorsModule.collaborators[].name",
    "conditions": "protocolSection.conditionsModule.conditions",
    "interventions": "protocolSection.armsInterventionsModule.interventions",
    "primary_outcomes": "protocolSection.outcomesModule.primaryOutcomes",
    "secondary_outcomes": "protocolSection.outcomesModule.secondaryOutcomes",
    "eligibility": "protocolSection.eligibilityModule.eligibilityCriteria",
    "minimum_age": "protocolSection.eligibilityModule.minimumAge",
    "maximum_age": "protocolSection.eligibilityModule.maximumAge",
    "sex": "protocolSection.eligibilityModule.sex",
    "healthy_volunteers": "protocolSection.eligibilityModule.healthyVolunteers",
    "has_results": "hasResults",
    "results_submissions": "derivedSection.miscInfoModule.submissionTracking.submissionInfos",
    "removed_countries": "derivedSection.miscInfoModule.removedCountries",
    "unposted_events": "annotationSection.annotationModule.unpostedAnnotation.unpostedEvents",
    "site_count": "locations.count",
    "site_countries": "locations.countries",
    "site_statuses": "locations.statusCounts",
    "sites": "locations[{key}]",
}
"""The last four are summaries of `contactsLocationsModule.locations`: one site more shifts every later index."""


def study(row: Json) -> Study:
    """One study of the registry. Raises Unexpected at an unknown word, a missing or a mistyped field."""
    protocol = need(row, "protocolSection", dict, "study")
    identification = need(protocol, "identificationModule", dict, "study.protocolSection")
    key = need(identification, "nctId", str, "study.protocolSection.identificationModule")
    if not NCT.fullmatch(key):
        raise Unexpected(f"study.protocolSection.identificationModule.nctId: expected an NCT number, found {key!r}")
    state = need(protocol, "statusModule", dict, key)
    word = need(state, "overallStatus", str, key)
    status = mapped(word, STATUSES, f"{key}.overallStatus")
    bare = status is BARE
    return Study(
        key=key,
        title=need(identification, "briefTitle", str, key),
        url=f"https://clinicaltrials.gov/study/{key}",
        aliases=tuple(sorted(texts(identification, "nctIdAliases", key))),
        others=_other_numbers(identification, key),
        acronym=may(identification, "acronym", str, key),
        status=status,
        status_text=word,
        **_status(state, key),
        **_people(protocol, key, bare),
        **_design(protocol, key, bare),
        **_sites(protocol, key),
        **_results(row, key),
        conditions=tuple(sorted(texts(part(protocol, "conditionsModule", key), "conditions", key))),
        **_outcomes(part(protocol, "outcomesModule", key), key),
        **_eligibility(part(protocol, "eligibilityModule", key), key),
    )


def _other_numbers(identification: Json, key: str) -> tuple[str, ...]:
    """Its numbers in other registries, among those of grants and of the sponsor's own."""
    given = registered(told(rows(identification, "secondaryIdInfos", key), "id", f"{key}.secondaryIdInfos"))
    return tuple(number for number in given if not NCT.fullmatch(number))  # another study of this one


def _status(state: Json, key: str) -> dict[str, Any]:
    before = may(state, "lastKnownStatus", str, key)
    made: dict[str, Any] = {
        "last_known_status": mapped(before, STATUSES, f"{key}.lastKnownStatus") if before else None,
        "why_stopped": may(state, "whyStopped", str, key),
        # false and absent are the same here: the registry drops the module without meaning anything by it
        "expanded_access": may(part(state, "expandedAccessInfo", key), "hasExpandedAccess", bool, key) or None,
    }
    for name, struct in (
        ("start", "startDateStruct"),
        ("primary_completion", "primaryCompletionDateStruct"),
        ("completion", "completionDateStruct"),
    ):
        value = may(state, struct, dict, key)
        made[name], made[f"{name}_type"] = _date(value, f"{key}.{struct}") if value else (None, None)
    for name, struct in (
        ("first_posted", "studyFirstPostDateStruct"),
        ("results_posted", "resultsFirstPostDateStruct"),
        ("disposition_posted", "dispFirstPostDateStruct"),
        ("last_update_posted", "lastUpdatePostDateStruct"),
    ):
        value = may(state, struct, dict, key)
        made[name] = _date(value, f"{key}.{struct}")[0] if value else None
    verified = may(state, "statusVerifiedDate", str, key)
    where = f"{key}.statusVerifiedDate"
    made["verified_on"] = calendar_date(verified, DATE, WRITTEN, where) if verified else None
    return made


def _date(value: Json, where: str) -> tuple[str, Counted | None]:
    """A registry date as it stands (`2026-05` is no day) and whether it is actual; old records lack the latter."""
    day = calendar_date(need(value, "date", str, where), DATE, WRITTEN, f"{where}.date")
    kind = may(value, "type", str, where)
    return day, mapped(kind, COUNTED, f"{where}.type") if kind else None


def _people(protocol: Json, key: str, bare: bool) -> dict[str, Any]:
    module = part(protocol, "sponsorCollaboratorsModule", key)
    if bare and not module:
        return {}
    lead = need(module, "leadSponsor", dict, f"{key}.sponsorCollaboratorsModule")
    helpers = rows(module, "collaborators", key)
    return {
        "sponsor": need(lead, "name", str, f"{key}.leadSponsor"),
        "collaborators": tuple(sorted(column(helpers, "name", f"{key}.collaborators"))),
    }


def _design(protocol: Json, key: str, bare: bool) -> dict[str, Any]:
    module = part(protocol, "designModule", key)
    if bare and not module:
        return {}
    where = f"{key}.designModule"
    kind = known(need(module, "studyType", str, where), KINDS, f"{where}.studyType")
    phases = texts(module, "phases", where)
    if kind == "INTERVENTIONAL" and not phases:
        raise Unexpected(f"{where}.phases: expected a phase or NA for an interventional study, found none")
    made: dict[str, Any] = {
        "phases": tuple(sorted(all_mapped(phases, PHASES, f"{where}.phases"))),
        "interventions": _interventions(part(protocol, "armsInterventionsModule", key), key),
    }
    if enrolled := may(module, "enrollmentInfo", dict, where):
        count, sort = need(enrolled, "count", int, where), may(enrolled, "type", str, where)
        made["enrollment"] = None if count == NO_COUNT else count
        made["enrollment_type"] = mapped(sort, COUNTED, f"{where}.enrollmentInfo.type") if sort else None
    return made


def _interventions(module: Json, key: str) -> tuple[str, ...]:
    where = f"{key}.interventions"
    given = rows(module, "interventions", key)
    kinds = all_mapped(column(given, "type", where), INTERVENTIONS, f"{where}.type")
    return tuple(sorted(map("{}: {}".format, kinds, column(given, "name", where))))


def _outcomes(module: Json, key: str) -> dict[str, Any]:
    """Each with its time frame, sorted: their order says nothing."""
    made: dict[str, Any] = {}
    for field, name in (("primary_outcomes", "primaryOutcomes"), ("secondary_outcomes", "secondaryOutcomes")):
        lines, where = [], f"{key}.{name}"
        for row in rows(module, name, key):
            measure, frame = need(row, "measure", str, where), may(row, "timeFrame", str, where)
            lines.append(f"{measure} [{frame}]" if frame else measure)
        made[field] = tuple(sorted(lines))
    return made


def _eligibility(module: Json, key: str) -> dict[str, Any]:
    sex = may(module, "sex", str, key)
    return {
        "eligibility": may(module, "eligibilityCriteria", str, key),
        "minimum_age": may(module, "minimumAge", str, key),
        "maximum_age": may(module, "maximumAge", str, key),
        "sex": known(sex, SEXES, f"{key}.sex") if sex else None,
        "healthy_volunteers": may(module, "healthyVolunteers", bool, key),
    }


def _sites(protocol: Json, key: str) -> dict[str, Any]:
    """Count, countries and states of the sites; their order says nothing, and a stopped study's sites lose theirs.

    A city of the United States is named with its state: many are there twice.
    """
    where = f"{key}.locations"
    sites = rows(part(protocol, "contactsLocationsModule", key), "locations", where)
    countries, words = column(sites, "country", where), told(sites, "status", where)
    cities, lands = told(sites, "city", where), told(sites, "state", where)
    stated = list(filter(None, words))
    all_mapped(stated, STATUSES, f"{where}.status")
    places: dict[str, Counter[str]] = {}
    for country, city, land, word in zip(countries, cities, lands, words, strict=True):
        named = filter(None, (city, land if city and country == OF_STATES else None, country))
        places.setdefault(", ".join(named), Counter())[word or ""] += 1
    return {
        "site_count": len(sites),
        "site_countries": tuple(sorted({*countries})),
        "site_statuses": dict(sorted(Counter(stated).items())),
        "sites": {place: _counted(words) for place, words in sorted(places.items())},
    }


def _counted(words: Counter[str]) -> str:
    """`2 RECRUITING, 1 COMPLETED`; the number alone of sites in no state."""
    return ", ".join(f"{number} {word}".strip() for word, number in sorted(words.items()))


def _results(row: Json, key: str) -> dict[str, Any]:
    misc = part(part(row, "derivedSection", key), "miscInfoModule", key)
    notes = part(part(row, "annotationSection", key), "annotationModule", key)
    return {
        "has_results": need(row, "hasResults", bool, key),
        "results_submissions": rows(part(misc, "submissionTracking", key), "submissionInfos", key) or None,
        "removed_countries": tuple(sorted(texts(misc, "removedCountries", key))),
        "unposted_events": rows(part(notes, "unpostedAnnotation", key), "unpostedEvents", key) or None,
    }
