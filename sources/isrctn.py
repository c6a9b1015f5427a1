"""ISRCTN, the UK's registry of clinical studies: by number, by condition, or both, from its XML search API.

The registry writes no status: a word that overrides it is taken, else the dates say it on the day of the look. Left
out on purpose: contacts, ethics, attached files, publications, plain summaries and secondary outcomes.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator

from sources.base import About, Family, Fetch, Options, Page, Source, Unexpected, each
from sources.payload import all_mapped, mapped
from sources.records import Counted, Phase, Record, Study, StudyStatus
from sources.registry_numbers import registered
from sources.xml_tree import xml_root

SPACE = "{http://www.67bricks.com/isrctn}"
OVERRIDES: Mapping[str, StudyStatus] = {
    "Suspended": StudyStatus.SUSPENDED,
    "Stopped": StudyStatus.TERMINATED,
    "Abandoned": StudyStatus.WITHDRAWN,
    "Not yet recruiting": StudyStatus.NOT_YET_RECRUITING,
    "Recruiting": StudyStatus.RECRUITING,
    "Enrolling by invitation": StudyStatus.ENROLLING_BY_INVITATION,
    "No longer recruiting": StudyStatus.ACTIVE_NOT_RECRUITING,
    "Completed": StudyStatus.COMPLETED,
}
PHASES: Mapping[str, tuple[Phase, ...]] = {
    "": (),
    "Not Applicable": (Phase.NA,),
    "Not Specified": (),
    "Phase 0": (Phase.EARLY_PHASE1,),
    "Phase I": (Phase.PHASE1,),
    "Phase I/II": (Phase.PHASE1, Phase.PHASE2),
    "Phase II": (Phase.PHASE2,),
    "Phase II/III": (Phase.PHASE2, Phase.PHASE3),
    "Phase III": (Phase.PHASE3,),
    "Phase III/IV": (Phase.PHASE3, Phase.PHASE4),
    "Phase IV": (Phase.PHASE4,),
}
KINDS: Mapping[str, str] = {
    "Drug": "DRUG", "Biological/Vaccine": "BIOLOGICAL", "Supplement": "DIETARY_SUPPLEMENT", "Device": "DEVICE",
    "Genetic": "GENETIC", "Procedure/Surgery": "PROCEDURE", "Behavioural": "BEHAVIORAL", "Mixed": "OTHER",
    "Other": "OTHER", "Not Specified": "OTHER",
}  # fmt: skip
NUMBER = re.compile(r"\d{8}")
OTHERS = (("clinicalTrialsGovNumber",), ("eudraCTNumber",), ("secondaryNumbers", "secondaryNumber"))
"""Where a record has its numbers in other registries: the old fields, and the list that came to them."""
STOPPED = frozenset({StudyStatus.TERMINATED, StudyStatus.WITHDRAWN})
"""How a study stands in which nobody may have taken part in the end."""
APART = re.compile(r",(?!\d|[A-Z]-)(?![^()\[\]]*[)\]])")
"""Between the names of two drugs: no comma within brackets, nor of a chemical name (`1,25-`, `N,N-`)."""
MOST = 2000


def _number(text: str) -> str:
    found = text.strip().upper().removeprefix("ISRCTN")
    if not NUMBER.fullmatch(found):
        raise ValueError(f"expected ISRCTN and eight digits, found {text[:40]!r}")
    return f"ISRCTN{found}"


class IsrctnOptions(Options):
    """What to follow: a condition, studies by number, or both."""

    condition: str | None = None
    numbers: tuple[Annotated[str, AfterValidator(_number)], ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.condition or self.numbers else "expected a condition or numbers to follow, found none"


class Isrctn(Source):
    """One answer holds all that a query finds; the count it declares must be there."""

    name = "isrctn"
    title = "ISRCTN registry"
    about = About(
        watches="UK trials of ISRCTN, by condition and by number",
        first="that a British trial starts, stops or ends",
        lag="days; sponsors are asked once a year",
        where="trials",
        seen="its fields, recorded 2022 to 2026; the XML by hand",
    )
    revision = 2  # November 2026: European numbers, a final number of nought, commas in the names of drugs
    tier = 2
    family: ClassVar[Family] = "xml"
    home = "https://www.isrctn.com"
    terms = "ISRCTN registry, CC BY 4.0."
    record = Study
    paths: ClassVar[Mapping[str, str]] = {
        "title": "trialDescription.title",
        "status": "trialDesign.overallStatusOverride",
        "status_text": "trialDesign.overallStatusOverride",
        "why_stopped": "trialDesign.reasonAbandoned",
        "phases": "interventions.intervention.phase",
        "conditions": "conditions.condition.description",
        "interventions": "interventions.intervention.drugNames",
        "enrollment": "participants.totalFinalEnrolment",
        "start": "participants.recruitmentStart",
        "primary_completion": "participants.recruitmentEnd",
        "completion": "trialDesign.overallEndDate",
        "sponsor": "sponsor.organisation",
        "site_countries": "participants.recruitmentCountries.country",
    }
    Options = IsrctnOptions
    options: IsrctnOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """The condition, then all numbers at once. Raises Unexpected where the options name neither."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        queries = [f'condition:"{self.options.condition}"'] if self.options.condition else []
        if self.options.numbers:
            queries.append(" OR ".join(f'"{number}"' for number in self.wanted()))
        for query in queries:
            yield fetch(f"{self.base_url}/api/query/format/default", params={"q": query, "limit": MOST})

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The studies of an answer. Raises Unexpected where it holds others than it declares."""
        root = xml_root(page, f"{SPACE}allTrials", "studies")
        found = root.findall(f"{SPACE}fullTrial")
        declared = root.get("totalCount")
        if declared != str(len(found)):
            raise Unexpected(f"{page.url}: expected the {str(declared)[:20]} studies it declares, found {len(found)}")
        keys = [key for node in found if (key := _key(node))]
        if twice := [key for key, times in Counter(keys).items() if times > 1]:
            raise Unexpected(f"{page.url}: expected each study once, found {', '.join(twice[:5])} again")
        on = page.fetched_at.astimezone(UTC).date()
        yield from each(found, lambda node: trial(node, on), key=_key)

    def wanted(self) -> tuple[str, ...]:
        """The studies asked for by number."""
        return tuple(dict.fromkeys(self.options.numbers))


def _texts(node: Any, *path: str) -> list[str]:
    found = node.iterfind("/".join(f"{SPACE}{step}" for step in path))
    return [text for each in found if (text := " ".join("".join(each.itertext()).split()))]


def _may(node: Any, *path: str) -> str | None:
    return next(iter(_texts(node, *path)), None)


def _need(node: Any, key: str, *path: str) -> str:
    if (text := _may(node, *path)) is None:
        raise Unexpected(f"{key}.{'.'.join(path)}: expected a text, found none")
    return text


def _there(node: Any, key: str, *path: str) -> None:
    """Raises Unexpected where an element that may be empty is not even there: the shape has changed."""
    if node.find("/".join(f"{SPACE}{step}" for step in path)) is None:
        raise Unexpected(f"{key}.{'.'.join(path)}: expected the element, found none")


def _key(node: Any) -> str | None:
    number = _may(node, "trial", "isrctn")
    return f"ISRCTN{number}" if number and NUMBER.fullmatch(number) else None


def _day(text: str | None, where: str) -> str | None:
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).date().isoformat()
    except ValueError:
        raise Unexpected(f"{where}: expected a moment such as 2024-05-01T00:00:00.000Z, found {text[:40]!r}") from None


def _count(one: Any, name: str) -> int | None:
    """A number of people; texts such as "Not provided at time of registration" are none."""
    text = _may(one, "participants", name)
    return int(text) if text and text.isdecimal() else None


def _counted(final: int | None, target: int | None) -> Counted | None:
    if final is not None:
        return Counted.ACTUAL
    return None if target is None else Counted.ESTIMATED


def trial(node: Any, on: date) -> Study:
    """One study as it stands on a day. Raises Unexpected at an unknown word or a missing element."""
    key = _key(node)
    if key is None:
        raise Unexpected(f"trial.isrctn: expected eight digits, found {(_may(node, 'trial', 'isrctn') or '')[:40]!r}")
    one = node.find(f"{SPACE}trial")
    for part in ("trialDesign", "participants", "conditions", "interventions", "externalRefs"):
        _there(one, key, part)
    start = _day(_need(one, key, "participants", "recruitmentStart"), f"{key}.recruitmentStart")
    closes = _day(_need(one, key, "participants", "recruitmentEnd"), f"{key}.recruitmentEnd")
    ends = _day(_need(one, key, "trialDesign", "overallEndDate"), f"{key}.overallEndDate")
    status, word = _status(one, key, (start or "", closes or "", ends or ""), on.isoformat())
    final, target = _count(one, "totalFinalEnrolment"), _count(one, "targetEnrolment")
    if not final and status not in STOPPED:
        final = None  # the registry's form begins with a nought
    phases = all_mapped(_texts(one, "interventions", "intervention", "phase"), PHASES, f"{key}.phase")
    return Study(
        key=key,
        title=_need(one, key, "trialDescription", "title"),
        url=f"https://www.isrctn.com/{key}",
        acronym=_may(one, "trialDescription", "acronym"),
        others=registered(number for path in OTHERS for number in _texts(one, "externalRefs", *path)),
        status=status,
        status_text=word,
        why_stopped=_may(one, "trialDesign", "reasonAbandoned"),
        phases=tuple(dict.fromkeys(phase for several in phases for phase in several)),
        sponsor=_may(node, "sponsor", "organisation"),
        conditions=tuple(sorted(_texts(one, "conditions", "condition", "description"))),
        interventions=tuple(sorted(_interventions(one, key))),
        enrollment=target if final is None else final,
        enrollment_type=_counted(final, target),
        start=start,
        primary_completion=closes,
        completion=ends,
        site_countries=tuple(sorted(_texts(one, "participants", "recruitmentCountries", "country"))),
        last_update_posted=_day(one.get("lastUpdated"), f"{key}.lastUpdated"),
    )


def _status(one: Any, key: str, days: tuple[str, str, str], today: str) -> tuple[StudyStatus, str]:
    """The status with the word for it: what overrides it, else what the dates say."""
    for path in (("trialDesign", "overallStatusOverride"), ("participants", "recruitmentStatusOverride")):
        if word := _may(one, *path):
            return mapped(word, OVERRIDES, f"{key}.{path[1]}"), word
    _there(one, key, "participants", "recruitmentStatusOverride")
    if _may(one, "trialDesign", "reasonAbandoned"):
        raise Unexpected(f"{key}.overallStatusOverride: expected a word beside the reason why it was abandoned")
    start, closes, ends = days
    word = (
        "Not yet recruiting" if today < start
        else "Recruiting" if today <= closes
        else "No longer recruiting" if today <= ends
        else "Completed"
    )  # fmt: skip
    return OVERRIDES[word], word


def _interventions(one: Any, key: str) -> Iterator[str]:
    for node in one.iterfind(f"{SPACE}interventions/{SPACE}intervention"):
        kind = mapped(_may(node, "interventionType") or "Not Specified", KINDS, f"{key}.interventionType")
        if names := _may(node, "drugNames"):
            yield from (f"{kind}: {name.strip()}" for name in APART.split(names) if name.strip())
