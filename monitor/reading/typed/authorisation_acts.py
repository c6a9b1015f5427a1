"""Rows of an authority's list of medicines to claims: what has been done about one that was not done before. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from monitor.reading.typed.application_acts import therapy_of
from monitor.reading.typed.record_change import CERTAIN, Meaning, RecordChange, Rule
from monitor.vocabulary.claims import Claim
from sources.authorisations import Authorisation, AuthorisationAct, AuthorisationStatus
from sources.records import Content

ENDED = Meaning("authorization_revoked", "negative", "authorisation_ended")
GRANTED = Meaning("approval", "positive", "authorised")
CONVERTED = Meaning("full_approval_conversion", "positive", "converted")
REINSTATED = Meaning("approval", "positive", "reinstated")
NEW_USE = Meaning("label_expansion", "neutral", "form_added")
ACTS: Mapping[str, Meaning] = {
    AuthorisationAct.OPINION_FOR: Meaning("chmp_opinion", "positive", "opinion"),
    AuthorisationAct.OPINION_AGAINST: Meaning("chmp_opinion", "negative", "opinion"),
    AuthorisationAct.AUTHORISED: GRANTED,
    AuthorisationAct.GENERIC_AUTHORISED: Meaning("tentative_generic_approval", "positive", "generic_approved"),
    AuthorisationAct.EXTENDED: Meaning("label_expansion", "positive", "form_added"),
    AuthorisationAct.REFUSED: Meaning("complete_response", "negative", "refused"),
    AuthorisationAct.TAKEN_BACK: Meaning("application_withdrawn", "negative", "application_withdrawn"),
    AuthorisationAct.SUSPENDED: ENDED,  # taxonomy rule 37
    AuthorisationAct.ENDED: ENDED,
}
LOOKED_AGAIN: Mapping[str, Meaning] = {
    AuthorisationAct.OPINION_FOR: Meaning("chmp_opinion", "positive", "opinion_confirmed"),
    AuthorisationAct.OPINION_AGAINST: Meaning("chmp_opinion", "negative", "opinion_confirmed"),
}
"""What it means that the same opinion is given anew."""
ADVICE = frozenset({AuthorisationAct.OPINION_FOR, AuthorisationAct.OPINION_AGAINST, AuthorisationAct.TAKEN_BACK})
"""Acts of the authority and of the firm; every other is of whoever decides."""
UNDER_CONDITIONS = frozenset({"conditional", "exceptional_circumstances", "noc_c"})
"""Kinds of authorisation that taxonomy rule 7 keeps apart from a plain one."""
BACK: Mapping[str, str] = {
    AuthorisationStatus.SUSPENDED: "a suspension is over: what stands now?",
    AuthorisationStatus.ENDED: "the list had it as ended: was that a mistake, or what stands now?",
}
"""How a medicine stood that stands as authorised now, and what a person has to find out."""
ANOTHER_OPINION = 14
"""Days by which the day of an opinion must move to be another opinion; less is a repair."""


def _acts(change: RecordChange) -> Iterator[Claim]:
    record = change.record
    assert isinstance(record, Authorisation)
    before = change.before or {}
    for act in record.acts:
        known = act in before.get("acts", ())
        if not known or (act in ADVICE and _again(act, before, record)):
            doubt = "an authorisation is suspended: until when?" if act == AuthorisationAct.SUSPENDED else None
            yield _claim(change, LOOKED_AGAIN.get(act, ACTS[act]) if known else ACTS[act], act=act, doubt=doubt)


def _again(act: str, before: Content, record: Authorisation) -> bool:
    was, now = before.get("days", {}).get(act), record.days.get(act)
    return bool(was and now) and (date.fromisoformat(now or "") - date.fromisoformat(was)).days > ANOTHER_OPINION


def _turns(change: RecordChange) -> Iterator[Claim]:
    """What a row says by having been another: conditions lifted, a suspension over, another use in its words."""
    record, before = change.record, change.before
    assert isinstance(record, Authorisation)
    standing = AuthorisationStatus.AUTHORISED
    if before is None or record.status != standing:
        return
    if doubt := BACK.get(before.get("status", "")):
        yield _claim(change, REINSTATED, doubt=doubt)
    if before.get("status") != standing:
        return
    if before.get("kind") == "conditional" and record.kind == "regular":
        yield _claim(change, CONVERTED)
    if before.get("indication") and any(difference.field == "indication" for difference in change.differences):
        doubt = "the words of its use have changed: is it another use?"
        yield _claim(change, NEW_USE, quote=f"indication: {record.indication or 'none'}"[:1000], doubt=doubt)


AUTHORISATION_RULES: tuple[Rule, ...] = (_acts, _turns)


def _claim(
    change: RecordChange,
    meaning: Meaning,
    *,
    act: str | None = None,
    quote: str | None = None,
    doubt: str | None = None,
) -> Claim:
    record = change.record
    assert isinstance(record, Authorisation)
    therapy = therapy_of(record, change.therapies)
    day = record.days.get(act or "")
    granted = meaning is GRANTED
    if granted and record.kind in UNDER_CONDITIONS:
        meaning = replace(meaning, type="accelerated_approval")
    owners = {change.therapies.of_application(number) for number in record.numbers}
    if therapy and therapy not in owners:
        doubt = doubt or f"it is known by its name alone ({record.key}): is it {therapy}, and of the same firm?"
    elif meaning is ENDED and therapy and not change.therapies.covered(therapy, record.authority, record.numbers):
        doubt = doubt or f"{record.key} is not all that {therapy} rests on: what stands?"
    return Claim(
        type=meaning.type,
        polarity=meaning.polarity,
        quote=quote or " ".join(filter(None, (record.key, f"status: {record.status_text or record.status}", day))),
        rule=f"authorisation.{meaning.step}",
        confidence=CERTAIN,
        therapy=therapy,
        drug=therapy or record.title,
        agency=record.authority if act in ADVICE else record.decider or record.authority,
        place=record.place,
        occurred_on=day,
        kind=record.kind if granted else None,
        step=meaning.step,
        doubt=doubt,
    )
