"""Differences of typed records to claims: tables of rules per record type. Pure.

What a registry or register says in a field is certain; only its meaning is read here. A field without a rule is a
routine change: it stays in the change log and is no event. The rules follow the decision rules of the taxonomy.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import ANY_MONTH, NEWS_AGE, last_day, month_number
from monitor.vocabulary.differences import Difference
from monitor.vocabulary.therapies import Therapies
from sources.records import Application, Content, Notice, Record, Study

CERTAIN = 1.0


@dataclass(frozen=True)
class Seen:
    """What a rule may look at: the record as it is now, as it was, and when this was noticed."""

    record: Record
    before: Content | None  # None: first sight
    after: Content
    differences: Sequence[Difference]
    on: date
    therapies: Therapies


def interpret(seen: Seen) -> list[Claim]:
    """The events that these differences announce; at first sight, those that the record as a whole states."""
    rules: tuple[Rule, ...] = next((r for kind, r in RULES.items() if isinstance(seen.record, kind)), ())
    claims = [claim for rule in rules for claim in rule(seen)]
    return list({(c.type, c.therapy, c.trial, c.step): _aged(c, seen) for c in claims}.values())


Rule = Callable[[Seen], Iterator[Claim]]


def _aged(claim: Claim, seen: Seen) -> Claim:
    """Mark acts that were history already when the record was first seen."""
    if seen.before is None and claim.occurred_on and last_day(claim.occurred_on) < seen.on - NEWS_AGE:
        return replace(claim, history=True)
    return claim


# Studies: clinicaltrials.gov -----------------------------------------------------------------------------------------

STOPPED = {"TERMINATED": "terminated", "SUSPENDED": "suspended", "WITHDRAWN": "withdrawn"}
SILENT = {"UNKNOWN", "WITHHELD"}
"""Set by the registry itself, not by the sponsor: no event (taxonomy rule 20)."""
OPENING = {"RECRUITING": "started", "ENROLLING_BY_INVITATION": "started"}
STEPS = {
    **OPENING,
    "ACTIVE_NOT_RECRUITING": "recruitment_closed",
    "COMPLETED": "completed",
    "NOT_YET_RECRUITING": "not_yet_recruiting",
}
ACCESS = {
    "AVAILABLE": ("positive", "access_opened"),
    "NO_LONGER_AVAILABLE": ("negative", "access_closed"),
    "TEMPORARILY_NOT_AVAILABLE": ("negative", "access_paused"),
    "APPROVED_FOR_MARKETING": ("negative", "access_closed"),
}
PHASES = {"EARLY_PHASE1": "1", "PHASE1": "1", "PHASE2": "2", "PHASE3": "3", "PHASE4": "4"}


def phase_of(content: Content) -> str | None:
    """Our word for a study's phase: `2/3` for a combined one, None where the registry gives none."""
    words = sorted({PHASES[p] for p in content.get("phases", ()) if p in PHASES})
    return "/".join(words) or None


def study_status_claim(before: str | None, after: str) -> tuple[str, str, str] | None:
    """Type, polarity and step of a registry status change, or None where it is no event (taxonomy rule 20)."""
    if after in SILENT or before == after:
        return None
    if after in STOPPED:
        return "trial_stopped", "negative", STOPPED[after]
    if after in ACCESS:
        polarity, step = ACCESS[after]
        return "expanded_access", polarity, step
    return "trial_status_change", "positive" if after in OPENING else "neutral", STEPS.get(after, "status_changed")


def _study_registered(seen: Seen) -> Iterator[Claim]:
    if seen.before is None:
        first = seen.after.get("first_posted")
        yield _study_claim(seen, "trial_registered", "neutral", "registered", on=first, quote=_says(seen, "status"))


def _study_status(seen: Seen) -> Iterator[Claim]:
    before = (seen.before or {}).get("status")
    after = seen.after["status"]
    if seen.before is None and after not in STOPPED:
        return  # how a record stands at first sight is no change of status; that it was stopped is worth knowing
    if reading := study_status_claim(before, after):
        kind, polarity, step = reading
        quote = _says(seen, "status", before)
        if reason := seen.after.get("why_stopped"):
            quote += f"; why stopped: {reason}"
        yield _study_claim(seen, kind, polarity, step, on=_posted(seen), quote=quote)


def _study_results(seen: Seen) -> Iterator[Claim]:
    earlier = (seen.before or {}).get("results_posted")
    posted = seen.after.get("results_posted")
    if posted and not earlier:
        quote = f"results first posted: {posted}"
        yield _study_claim(seen, "results_posted", "neutral", "results_posted", on=posted, quote=quote)


def _posted(seen: Seen) -> str:
    """When the registry posted the state we see; without its word for it, the day we saw it."""
    assert isinstance(seen.record, Study)
    return seen.record.last_update_posted or seen.on.isoformat()


def _says(seen: Seen, field: str, before: str | None = None) -> str:
    now = seen.after.get(field)
    return f"{field}: {before} -> {now}" if before else f"{field}: {now}"


def _study_claim(seen: Seen, kind: str, polarity: str, step: str, *, on: str | None, quote: str) -> Claim:
    therapy = seen.therapies.of_study(seen.after, seen.record.key)
    return Claim(
        type=kind,
        polarity=polarity,
        quote=quote,
        rule=f"study.{step}",
        confidence=CERTAIN,
        therapy=therapy,
        drug=therapy or _first_intervention(seen.after),
        trial=seen.record.key,
        occurred_on=on,
        phase=phase_of(seen.after),
        step=step,
        planned_start=seen.after.get("start") if seen.after.get("start_type") == "ESTIMATED" else None,
    )


def _first_intervention(content: Content) -> str | None:
    for line in content.get("interventions", ()):
        kind, _, name = line.partition(": ")
        if kind in ("DRUG", "BIOLOGICAL", "GENETIC", "COMBINATION_PRODUCT") and "placebo" not in name.lower():
            return str(name)
    return None


# Applications: Drugs@FDA ---------------------------------------------------------------------------------------------


def _submissions(seen: Seen) -> Iterator[Claim]:
    earlier = (seen.before or {}).get("submissions", {})
    for key, submission in seen.after.get("submissions", {}).items():
        status = submission.get("status")
        if status != earlier.get(key, {}).get("status") and (
            found := submission_decision(seen.record.key, key, submission)
        ):
            kind, step = found
            on = iso_day(submission.get("status_date"))
            quote = f"{key} {submission.get('class_code', '')}: {status} {submission.get('status_date', '')}"
            yield _fda_claim(seen, kind, "positive", step, on=on, quote=quote)


def submission_decision(application: str, key: str, submission: Mapping[str, Any]) -> tuple[str, str] | None:
    """Type and step of a submission's status, or None where it is routine (labels, manufacturing)."""
    status, original = submission.get("status"), key.startswith("ORIG")
    if status == "TA" or (status == "AP" and original and application.startswith("ANDA")):
        return "tentative_generic_approval", "generic_approved"  # taxonomy rule 31: never `approval`
    if status == "AP" and original:
        return "approval", "authorised"
    if status == "AP" and "EFFICACY" in str(submission.get("class_code", "")).upper():
        return "label_expansion", "form_added"
    return None


def _marketing(seen: Seen) -> Iterator[Claim]:
    """All products of an application discontinued: marketing has ended. That is no withdrawal of the approval."""
    if seen.record.key.startswith("ANDA"):
        return
    before = [p.get("marketing_status") for p in (seen.before or {}).get("products", {}).values()]
    after = [p.get("marketing_status") for p in seen.after.get("products", {}).values()]
    ended = bool(after) and all(status == "Discontinued" for status in after)
    if ended and not (before and all(status == "Discontinued" for status in before)):
        on = seen.on.isoformat() if seen.before is not None else None
        quote = "marketing status: Discontinued"
        claim = _fda_claim(seen, "market_withdrawal", "negative", "market_ended", on=on, quote=quote)
        yield replace(claim, at_latest=True)  # the register follows by weeks


def _fda_claim(seen: Seen, kind: str, polarity: str, step: str, *, on: str | None, quote: str) -> Claim:
    therapy = seen.therapies.of_application(seen.record.key)
    return Claim(
        type=kind,
        polarity=polarity,
        quote=f"{seen.record.key} {quote}".strip(),
        rule=f"application.{step}",
        confidence=CERTAIN,
        therapy=therapy,
        drug=therapy or seen.record.title,
        agency="FDA",
        place="US",
        occurred_on=on,
        kind="not_stated" if kind == "approval" else None,  # taxonomy rule 32: the register states no pathway
        step=step,
    )


def iso_day(day: str | None) -> str | None:
    """`20230425` as `2023-04-25`; anything else as it is."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day and re.fullmatch(r"\d{8}", day) else day


# Notices: Federal Register -------------------------------------------------------------------------------------------

NOTICES = {
    "withdrawal_of_approval": ("authorization_revoked", "negative", "authorisation_ended"),
    "advisory_committee": ("adcomm_scheduled", "neutral", "committee_called"),
}
_LONG_DAY = rf"\b({ANY_MONTH}) (\d{{1,2}}), (\d{{4}})\b"
LONG_DAY = re.compile(_LONG_DAY)
EARLIER = (
    (
        "market_ended",
        rf"\b(?:stopped|ceased|ended|discontinued|no longer)\b[^.;]{{0,40}}?\bmarket(?:ing|ed)?\b[^.;,]{{0,60}}?"
        rf"{_LONG_DAY}",
    ),
    ("withdrawal_requested", rf"\b(?:letter|request|asked)\b[^.;]{{0,60}}?{_LONG_DAY}"),
)
"""Earlier steps of the ladder that a notice of withdrawal recounts, each with its day."""


def _notice(seen: Seen) -> Iterator[Claim]:
    """A new notice that withdraws the approval of a named drug, or calls a committee. Bulk withdrawals of products
    that nobody markets any more are no events (taxonomy rule 14)."""
    assert isinstance(seen.record, Notice)
    if seen.before is not None or seen.record.kind not in NOTICES:
        return
    kind, polarity, step = NOTICES[seen.record.kind]
    told = " ".join(filter(None, (seen.record.title, seen.record.abstract, seen.record.dates)))
    therapies = list(dict.fromkeys(mention.therapy for mention in seen.therapies.mentioned(told)))
    for therapy in therapies:
        yield Claim(
            type=kind,
            polarity=polarity,
            quote=seen.record.dates or seen.record.title,
            rule=f"notice.{step}",
            confidence=CERTAIN,
            therapy=therapy,
            drug=therapy,
            agency="FDA",
            place="US",
            occurred_on=_effective(seen.record) if kind == "authorization_revoked" else seen.record.published_on,
            published_on=seen.record.published_on,
            step=step,
        )
        if kind == "authorization_revoked":
            yield from _recounted(seen.record, told, therapy)


def _recounted(notice: Notice, told: str, therapy: str) -> Iterator[Claim]:
    for step, pattern in EARLIER:
        if match := re.search(pattern, told, re.IGNORECASE):
            yield Claim(
                type="market_withdrawal",
                polarity="negative",
                quote=match[0],
                rule=f"notice.{step}",
                confidence=CERTAIN,
                therapy=therapy,
                drug=therapy,
                agency="FDA",
                place="US",
                occurred_on=_iso(match),
                published_on=notice.published_on,
                step=step,
            )


def _iso(match: re.Match[str]) -> str:
    return f"{match[3]}-{month_number(match[1]):02d}-{int(match[2]):02d}"


def _effective(notice: Notice) -> str | None:
    if notice.effective_on:
        return notice.effective_on
    if named := LONG_DAY.search(notice.dates or ""):
        return _iso(named)
    return notice.published_on


RULES: Mapping[type[Record], tuple[Rule, ...]] = {
    Study: (_study_registered, _study_status, _study_results),
    Application: (_submissions, _marketing),
    Notice: (_notice,),
}
