"""EU Clinical Trials Register, the European register before CTIS: trials by EudraCT number, from its full text.

Each country has a record of its own; they are one study here. The register takes in no new trials, but what runs on or
ends is still noted. Its "Ongoing" says that a trial may run in a country and not whether it recruits, so that it is no
act. Left out on purpose: contacts, objectives, criteria, decisions of countries, texts in other languages.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from sources.base import About, Family, Fetch, Options, Page, Source, Unexpected, each
from sources.payload import mapped
from sources.records import Counted, Phase, Record, Study, StudyStatus

LEFT = "GB - no longer in EU/EEA"
"""What stands at a country that is no longer in the register: nothing of the study."""
TYPE, OUTSIDE = "Clinical Trial Type", "Outside EU/EEA"
"""A record of the trial's part elsewhere stands among those of the countries, without a country or a status."""
STATUSES: Mapping[str, StudyStatus] = {
    "Ongoing": StudyStatus.UNKNOWN,
    "Restarted": StudyStatus.UNKNOWN,
    "Trial now transitioned": StudyStatus.UNKNOWN,  # goes on in CTIS, under another number
    LEFT: StudyStatus.UNKNOWN,
    "Temporarily Halted": StudyStatus.SUSPENDED,
    "Suspended by CA": StudyStatus.SUSPENDED,
    "Completed": StudyStatus.COMPLETED,
    "Prematurely Ended": StudyStatus.TERMINATED,
    "Prohibited by CA": StudyStatus.WITHDRAWN,
    "Not Authorised": StudyStatus.WITHDRAWN,
}
"""Word of a country to ours."""
STANDS = (StudyStatus.UNKNOWN, StudyStatus.SUSPENDED, StudyStatus.COMPLETED, StudyStatus.TERMINATED)
"""Which of the countries' statuses is the study's: it goes on while it does anywhere, and was cut short only where it
was completed nowhere."""
PHASES: Mapping[str, Phase] = {
    "E.7.1 Human pharmacology (Phase I)": Phase.PHASE1,
    "E.7.2 Therapeutic exploratory (Phase II)": Phase.PHASE2,
    "E.7.3 Therapeutic confirmatory (Phase III)": Phase.PHASE3,
    "E.7.4 Therapeutic use (Phase IV)": Phase.PHASE4,
}
FLAGS = {"Yes": True, "No": False, "Information not present in EudraCT": False, "": False}
NAMES = ("D.3.1 Product name", "D.3.8 INN - Proposed INN", "D.3.9.2 Current sponsor code", "D.2.1.1.1 Trade name")
ROLE, IMP, TESTED = "D.1.2 and D.1.3 IMP Role", "D.IMP", "Test"
CONDITIONS = (
    "E.1.1 Medical condition(s) being investigated",
    "E.1.1.1 Medical condition in easily understood language",
)
OPENING = "This file contains full details on each clinical trial selected for download"
NUMBER = re.compile(r"(?:19|20)\d\d-\d{6}-\d\d")
OTHERS = (
    ("A.5.2 US NCT (ClinicalTrials.gov registry) number", re.compile(r"NCT\d{8}")),
    ("A.5.1 ISRCTN (International Standard Randomised Controlled Trial) number", re.compile(r"ISRCTN\d{8}")),
)
DAY = re.compile(r"\d{4}-\d\d-\d\d")
ENTERED = "Date on which this record was first entered in the EudraCT database"
MOST = 200  # records of countries in one answer


def _number(text: str) -> str:
    number = text.strip()
    if not NUMBER.fullmatch(number):
        raise ValueError(f"expected a EudraCT number such as 2012-003632-23, found {text[:40]!r}")
    return number


class EuctrOptions(Options):
    """Which trials to follow, by EudraCT number."""

    numbers: tuple[Annotated[str, AfterValidator(_number)], ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.numbers else "expected EudraCT numbers to follow, found none"


class Euctr(Source):
    """One answer a trial, with the records of all its countries."""

    name = "euctr"
    title = "EU clinical trials (EudraCT)"
    about = About(
        watches="older EU trials of the EU Clinical Trials Register, by number",
        first="that an older trial ends or is halted in Europe",
        lag="days to months; countries enter their part themselves",
        where="trials",
        seen="its full text, recorded 2023",
    )
    revision = 2  # November 2026: what stands at a country that has left says nothing of the study
    tier = 2
    # it holds no trial of today: what runs, the registers that take trials in say
    family: ClassVar[Family] = "any"  # text
    home = "https://www.clinicaltrialsregister.eu"
    terms = "EU Clinical Trials Register, EMA; the source is to be named."
    record = Study
    paths: ClassVar[Mapping[str, str]] = {
        "title": "A.3",
        "status": "Trial Status",
        "status_text": "Trial Status",
        "phases": "E.7",
        "sponsor": "B.1.1",
        "conditions": "E.1.1",
        "interventions": "D.3",
        "enrollment": "F.4.2.2",
        "first_posted": ENTERED,
        "completion": "P. Date of the global end of the trial",
        "site_countries": "A.1",
    }
    Options = EuctrOptions
    options: EuctrOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """Trial by trial. Raises Unexpected where the options name none."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        for number in self.wanted():
            asked = {"query": number, "page": 1, "mode": "current_page"}
            yield fetch(f"{self.base_url}/ctr-search/rest/download/full", params=asked)

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The studies of an answer. Raises Unexpected where it is no such text."""
        text = page.decoded.text.lstrip("\ufeff \r\n")
        if not text.startswith(OPENING):
            raise Unexpected(f"{page.url}: expected a text that begins {OPENING!r}, found {text[:80]!r}")
        records = [part.splitlines() for part in re.split(r"(?m)^Summary\s*$", text)[1:]]
        if len(records) > MOST:
            raise Unexpected(f"{page.url}: expected at most {MOST} records of countries, found {len(records)}")
        countries: dict[str, list[Sequence[str]]] = {}
        for lines in records:
            countries.setdefault(_told(lines).get("EudraCT Number", ""), []).append(lines)
        yield from each(countries.items(), lambda row: study(*row), key=lambda row: row[0] or None)

    def wanted(self) -> tuple[str, ...]:
        """The trials asked for."""
        return tuple(dict.fromkeys(self.options.numbers))


def study(key: str, countries: Sequence[Sequence[str]]) -> Study:
    """One trial out of the records of its countries. Raises Unexpected at an unknown word or a missing line."""
    if not NUMBER.fullmatch(key):
        raise Unexpected(f"EudraCT Number: expected one such as 2012-003632-23, found {key[:40]!r}")
    told = [_told(lines) for lines in countries]
    first = min(told, key=_outside)
    stands = {
        _need(one, "A.1 Member State Concerned", key): _need(one, "Trial Status", key)
        for one in told
        if not _outside(one)
    }
    words = {word for word in stands.values() if word != LEFT} or {LEFT}
    found = {mapped(word, STATUSES, f"{key}.Trial Status") for word in words}
    ended = {day for one in told if (day := _day(one, "P. Date of the global end of the trial", key))}
    planned = _count(told, "F.4.2.2 In the whole clinical trial", key) or _count(told, "F.4.1 In the member state", key)
    others = [match[0] for one in told for label, form in OTHERS if (match := form.fullmatch(one.get(label, "")))]
    flags = {
        phase: mapped(_need(first, label, key, empty=True), FLAGS, f"{key}.{label}") for label, phase in PHASES.items()
    }
    return Study(
        key=key,
        title=_need(first, "A.3 Full title of the trial", key),
        url=f"https://www.clinicaltrialsregister.eu/ctr-search/search?query=eudract_number:{key}",
        acronym=first.get("A.3.2 Name or abbreviated title of the trial where available") or None,
        others=tuple(dict.fromkeys(others)),
        status=next((status for status in STANDS if status in found), StudyStatus.WITHDRAWN),
        status_text=_words(stands) or OUTSIDE,
        phases=tuple(phase for phase, yes in flags.items() if yes),
        sponsor=_need(first, "B.1.1 Name of Sponsor", key),
        conditions=_conditions(told, key),
        interventions=tuple(sorted({name for lines in countries for name in _tested(lines)})),
        enrollment=planned,
        enrollment_type=Counted.ESTIMATED if planned else None,
        completion=max(ended, default=None),
        completion_type=Counted.ACTUAL if ended else None,
        first_posted=min(
            (day for one in told if (day := _day(one, ENTERED, key, there=not _outside(one)))), default=None
        ),
        site_countries=tuple(sorted({_country(state) for state in stands})),
    )


def _told(lines: Sequence[str]) -> dict[str, str]:
    """Label to what stands behind it, where it stands first: what follows may be of another product or language."""
    told: dict[str, str] = {}
    for line in lines:
        label, colon, value = line.partition(":")
        if colon:
            told.setdefault(" ".join(label.split()), value.strip())
    return told


def _outside(told: Mapping[str, str]) -> bool:
    return told.get(TYPE) == OUTSIDE and not told.get("Trial Status")


def _need(told: Mapping[str, str], label: str, key: str, *, empty: bool = False) -> str:
    if label not in told or not (told[label] or empty):
        raise Unexpected(f"{key}: expected a line {label!r}, found none")
    return told[label]


def _day(told: Mapping[str, str], label: str, key: str, *, there: bool = False) -> str | None:
    written = _need(told, label, key) if there else told.get(label, "")
    if written and not DAY.fullmatch(written):
        raise Unexpected(f"{key}.{label}: expected a day such as 2022-08-30, found {written[:40]!r}")
    return written or None


def _count(told: Sequence[Mapping[str, str]], label: str, key: str) -> int | None:
    """The greatest number that a country gives."""
    written = [value for one in told if (value := one.get(label, ""))]
    if wrong := next((value for value in written if not value.isdecimal()), None):
        raise Unexpected(f"{key}.{label}: expected a number, found {wrong[:40]!r}")
    return max(map(int, written), default=None)


def _conditions(told: Sequence[Mapping[str, str]], key: str) -> tuple[str, ...]:
    """The condition in the words of the first country that gives it: to doctors, or else to everybody."""
    for label in CONDITIONS:
        if found := next((said for one in told if (said := _need(one, label, key, empty=True))), None):
            return (found,)
    return ()


def _country(state: str) -> str:
    return state.partition(" - ")[0].strip()


def _words(stands: Mapping[str, str]) -> str:
    """The register's words, each with its countries where they differ."""
    by_word: dict[str, list[str]] = {}
    for state, word in stands.items():
        by_word.setdefault(word, []).append(_country(state))
    if len(by_word) < 2:
        return next(iter(by_word), "")
    return "; ".join(f"{word} ({', '.join(sorted(by_word[word]))})" for word in sorted(by_word))


def _tested(lines: Sequence[str]) -> Iterator[str]:
    """The products under test by each of their names; comparators and placebo are none."""
    tests = False
    for line in lines:
        label, _, value = line.partition(":")
        if label == IMP:
            tests = False
        elif label == ROLE:
            tests = value.strip() == TESTED
        elif tests and label in NAMES and value.strip():
            yield f"DRUG: {value.strip()}"
