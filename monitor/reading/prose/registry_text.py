"""Differences of registry records told as text (`field: before -> after`) to claims: tables and pure functions."""

import re

from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.drugs import BRAND, GUESS
from monitor.reading.typed.study_acts import status_meaning
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.therapies import STUDY_ID, Therapies

STATUS_FIELDS = frozenset(
    {
        "overallstatus",
        "status",
        "recruitmentstatus",
        "statusofthetrial",
        "trialstatus",
        "studystatus",
        "overallrecruitmentstatus",
    }
)
RESULT_FIELDS = frozenset(
    {
        "resultsfirstposted",
        "resultsposted",
        "resultsfirstposteddate",
        "hasresults",
        "results",
        "resultsfirstpostdate",
        "resultssection",
    }
)
STATUSES = {
    "prematurely ended": "TERMINATED", "terminated": "TERMINATED", "stopped": "TERMINATED", "halted": "SUSPENDED",
    "temporarily halted": "SUSPENDED", "suspended": "SUSPENDED", "withdrawn": "WITHDRAWN", "unknown": "UNKNOWN",
    "unknown status": "UNKNOWN", "recruiting": "RECRUITING", "enrolling by invitation": "ENROLLING_BY_INVITATION",
    "active not recruiting": "ACTIVE_NOT_RECRUITING", "completed": "COMPLETED", "ongoing": "RECRUITING",
    "ongoing recruiting": "RECRUITING", "authorised recruiting": "RECRUITING", "ended": "COMPLETED",
    "cancelled": "WITHDRAWN",
    "not yet recruiting": "NOT_YET_RECRUITING", "available": "AVAILABLE", "no longer available": "NO_LONGER_AVAILABLE",
    "approved for marketing": "APPROVED_FOR_MARKETING", "temporarily not available": "TEMPORARILY_NOT_AVAILABLE",
    "discontinued": "TERMINATED", "abandoned": "WITHDRAWN", "not authorised": "WITHDRAWN",
}  # fmt: skip
"""A registry's word for a status, punctuation dropped, to the enumeration of the largest registry."""

ABSENT = frozenset({"", "null", "none", "false", "no", "absent", "empty", "n/a", "-", "not posted", "no results"})

LINE = re.compile(r"[;\n]+")
PAIR = re.compile(r"^\s*([^:]{2,50}?)\s*:\s*(.*?)\s*(?:->|→|=>)\s*(.*)$")
CHANGED = re.compile(
    r"^\s*(?:the )?([\w .]{3,40}?)(?: has)?(?: was| is)?(?: changed| moved| went| updated|"
    r" set)? from (.+?) to (.+?)(?: on .*|, reason.*)?$",
    re.I,
)
BARE = re.compile(r"^\s*([\w, ]{4,40}?)\s*(?:->|→|=>)\s*([\w, ]{4,40})")
NEW_RECORD = re.compile(
    r"^new\b|\bnew (?:record|study|trial|entry|registration)|\bappeared\b|first (?:posted|entered|"
    r"registered) (?:today|on)|newly registered|record (?:created|added)|"
    r"\bregistered today\b|\(record\): (?:absent|none|null) ->",
    re.I,
)
DAY = re.compile(r"\b(?:19|20)\d\d-\d\d(?:-\d\d)?\b")


def status_word(text: str) -> str:
    """A status as the enumeration: `Active, not recruiting` becomes `ACTIVE_NOT_RECRUITING`."""
    plain = re.sub(r"\([^)]*\)", "", text)
    plain = " ".join(re.sub(r"[\W_]+", " ", plain).lower().split())
    return STATUSES.get(plain, plain.upper().replace(" ", "_"))


def status_claim(before: str | None, after: str) -> tuple[str, str] | None:
    """Type and polarity of a status change told in words, by the table that serves the typed records too."""
    new = status_word(after)
    meaning = status_meaning(status_word(before or ""), new) if new else None
    return (meaning.type, meaning.polarity) if meaning else None


def results_claim(before: str | None, after: str) -> tuple[str, str] | None:
    """Results that appear where none were."""
    was, now = (before or "").strip().lower() in ABSENT, after.strip().lower() not in ABSENT
    return ("results_posted", "neutral") if was and now else None


def difference_claim(field: str, before: str, after: str) -> tuple[str, str] | None:
    """Type and polarity of one difference; every other field is routine (rule 20)."""
    name = re.sub(r"[\W_]+", "", field.rsplit(".", 1)[-1]).lower()
    if name in STATUS_FIELDS:
        return status_claim(None if before.strip().lower() in ABSENT else before, after)
    if name in RESULT_FIELDS:
        return results_claim(before, after)
    return None


def read_differences(title: str, text: str, published: str | None, therapies: Therapies | None) -> list[Claim]:
    """The events of a registry difference: a new record alone, else one for each field that means something."""
    number = STUDY_ID.search(f"{title}\n{text}")
    trial = number[0].upper() if number else None
    readings: list[tuple[str, str, str]] = []
    if NEW_RECORD.search(title) or NEW_RECORD.search(text):
        readings.append(("trial_registered", "neutral", f"{title}; {text}"))
    for line in LINE.split(text) if not readings else ():
        if "(unchanged)" not in line and (parts := _parts(line)) and (reading := difference_claim(*parts)):
            readings.append((*reading, line.strip()))
    drug, therapy = _drug(title, text, trial, therapies)
    return [
        Claim(
            type=type_,
            polarity=polarity,
            quote=quote,
            rule=f"registry.{type_}",
            confidence=0.97,
            drug=drug,
            therapy=therapy,
            trial=trial,
            occurred_on=_day(type_, quote, published),
            published_on=published,
        )
        for type_, polarity, quote in dict((reading[0], reading) for reading in readings).values()
    ]


def _parts(line: str) -> tuple[str, str, str] | None:
    """Field, before and after of one told difference."""
    if match := PAIR.match(line) or CHANGED.match(line):
        return match[1], match[2], match[3]
    if (bare := BARE.match(line)) and " ".join(re.sub(r"[\W_]+", " ", bare[1]).lower().split()) in STATUSES:
        return "status", bare[1], bare[2]
    return None


def _drug(title: str, text: str, trial: str | None, therapies: Therapies | None) -> tuple[str | None, str | None]:
    drugs = find_drugs([title, *LINE.split(text)], therapies)
    owner = therapies.of_trial(trial) if therapies and trial else None
    drugs.sort(key=lambda d: d.kind in (BRAND, GUESS))  # a substance or code before a mere capital letter
    first = next((d for d in drugs if d.therapy == owner), None) if owner else next(iter(drugs), None)
    if first:
        return first.written, first.therapy or owner
    return owner, owner


def _day(type_: str, quote: str, published: str | None) -> str | None:
    day = DAY.findall(quote.rsplit("->", 1)[-1]) if type_ == "results_posted" else []
    return day[0] if day else published
