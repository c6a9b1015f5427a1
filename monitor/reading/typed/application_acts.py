"""Applications to claims: what an authority did about a submission, and that the last product left the market. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from monitor.reading.typed.record_change import CERTAIN, Meaning, RecordChange, Rule
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.therapies import Therapies
from sources.records import Application, Content, MarketAct, Official, SubmissionAct

SUBMISSIONS: Mapping[str, Meaning] = {
    # taxonomy rule 32: a register that states no pathway
    SubmissionAct.AUTHORISED: Meaning("approval", "positive", "authorised", kind="not_stated"),
    SubmissionAct.AUTHORISED_CONDITIONALLY: Meaning("accelerated_approval", "positive", "authorised"),
    SubmissionAct.CONVERTED: Meaning("full_approval_conversion", "positive", "converted"),
    SubmissionAct.EXTENDED: Meaning("label_expansion", "positive", "form_added"),
    SubmissionAct.GENERIC: Meaning("tentative_generic_approval", "positive", "generic_approved"),  # rule 31
    SubmissionAct.REFUSED: Meaning("complete_response", "negative", "refused"),
    SubmissionAct.WITHDRAWN: Meaning("application_withdrawn", "negative", "application_withdrawn"),
}
"""What an act about a submission means; a submission without an act is routine (labels, manufacturing)."""

MARKET_ENDED = Meaning("market_withdrawal", "negative", "market_ended")
SOLD_AGAIN = Meaning("market_withdrawal", "positive", "sold_again")
AGAIN = "the register said that its marketing had ended: is it sold again, or was that a mistake?"


def therapy_of(record: Official, therapies: Therapies) -> str | None:
    """The therapy that a record is about: by the application numbers it gives, else by the names of its drugs."""
    known = (therapies.of_application(number) for number in record.numbers)
    named = (mention.therapy for mention in therapies.mentioned(" ; ".join(record.names)))
    return next((therapy for therapy in (*known, *named) if therapy), None)


def _submissions(change: RecordChange) -> Iterator[Claim]:
    earlier = (change.before or {}).get("submissions", {})
    for key, row in change.after.get("submissions", {}).items():
        meaning = SUBMISSIONS.get(row.get("act", ""))
        if meaning and row.get("status") != earlier.get(key, {}).get("status"):
            on = iso_day(row.get("status_date"))
            quote = f"{key} {row.get('class_code', '')}: {row.get('status')} {row.get('status_date', '')}"
            yield _claim(change, meaning, on=on, quote=quote)


def _marketing(change: RecordChange) -> Iterator[Claim]:
    """All products of an application discontinued: marketing has ended. That is no withdrawal of the approval, and the
    register follows by weeks. Where a therapy rests on other applications too, it may be sold under those. One of them
    sold again is a mistake mended, or news; which of them, a person says."""
    record = change.record
    assert isinstance(record, Application)
    rows = list(change.after.get("products", {}).values())
    if record.generic or not rows:
        return
    on = change.on.isoformat() if change.before is not None else None
    sold = [row for row in rows if row.get("act") == MarketAct.SOLD]
    quote = f"marketing status: {(sold or rows)[0].get('marketing_status', '')}"
    if all(row.get("act") == MarketAct.ENDED for row in rows):
        if not _had_ended(change.before, words={row.get("marketing_status") for row in rows}):
            claim = _claim(change, MARKET_ENDED, on=on, quote=quote)
            yield replace(claim, at_latest=True, doubt=_another_stands(record, claim.therapy, change.therapies))
    elif sold and _all_ended(change.before):
        yield replace(_claim(change, SOLD_AGAIN, on=on, quote=quote), at_latest=True, doubt=AGAIN)


def _all_ended(before: Content | None) -> bool:
    """Whether the register said of every product before that its marketing had ended."""
    earlier = (before or {}).get("products", {}).values()
    return bool(earlier) and all(row.get("act") == MarketAct.ENDED for row in earlier)


def _another_stands(record: Official, therapy: str | None, therapies: Therapies) -> str | None:
    if therapy is None or therapies.covered(therapy, record.authority, record.numbers):
        return None
    return f"{record.key} is not all that {therapy} rests on: is it sold under another application?"


def _had_ended(before: Content | None, words: set[str | None]) -> bool:
    """Whether every product stood under one of these words before; snapshots of old have words and no acts."""
    earlier = (before or {}).get("products", {}).values()
    return bool(earlier) and all(row.get("marketing_status") in words for row in earlier)


APPLICATION_RULES: tuple[Rule, ...] = (_submissions, _marketing)


def _claim(change: RecordChange, meaning: Meaning, *, on: str | None, quote: str) -> Claim:
    record = change.record
    assert isinstance(record, Application)
    therapy = therapy_of(record, change.therapies)
    return Claim(
        type=meaning.type,
        polarity=meaning.polarity,
        quote=f"{record.key} {quote}".strip(),
        rule=f"application.{meaning.step}",
        confidence=CERTAIN,
        therapy=therapy,
        drug=therapy or record.title,
        agency=record.authority,
        place=record.place,
        occurred_on=on,
        kind=meaning.kind,
        step=meaning.step,
    )


def iso_day(day: str | None) -> str | None:
    """`20230425` as `2023-04-25`; anything else as it is."""
    return f"{day[:4]}-{day[4:6]}-{day[6:]}" if day and re.fullmatch(r"\d{8}", day) else day
