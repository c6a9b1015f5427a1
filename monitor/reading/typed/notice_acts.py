"""Official notices to claims: what an act means, and which therapies of the pack it is about. Pure.

A notice that ends something is read with its object: the application numbers it names are compared with the pack's.
What ends less than all that a therapy rests on at an authority is never the end of its authorisation, and what a
person must look at says why.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from monitor.reading.typed.record_change import CERTAIN, Meaning, RecordChange, Rule
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.therapies import Therapies
from sources.moments import moment
from sources.notices import Notice, NoticeAct

ENDED = Meaning("authorization_revoked", "negative", "authorisation_ended")
USE_ENDED = Meaning("label_expansion", "negative", "use_ended")  # taxonomy rule 38
PROPOSED = Meaning("market_withdrawal", "negative", "withdrawal_proposed")
REINSTATED = Meaning("approval", "positive", "reinstated")

ACTS: Mapping[str, Meaning] = {
    NoticeAct.APPROVAL_WITHDRAWN: ENDED,
    NoticeAct.MANY_WITHDRAWN: ENDED,
    NoticeAct.USE_WITHDRAWN: USE_ENDED,
    NoticeAct.APPROVAL_SUSPENDED: ENDED,  # taxonomy rule 37
    NoticeAct.WITHDRAWAL_PROPOSED: PROPOSED,
    NoticeAct.WITHDRAWAL_UNDONE: REINSTATED,
    NoticeAct.APPROVED: Meaning("approval", "positive", "authorised", kind="not_stated"),
    NoticeAct.REFUSAL: Meaning("complete_response", "negative", "refused"),
    NoticeAct.SUPPLEMENT_REFUSED: Meaning("complete_response", "negative", "refused"),
    NoticeAct.REFUSAL_PROPOSED: Meaning("complete_response", "negative", "refusal_proposed"),
    NoticeAct.EMERGENCY_GRANTED: Meaning("emergency_authorization", "positive", "emergency_authorised"),
    NoticeAct.EMERGENCY_ENDED: Meaning("emergency_authorization", "negative", "emergency_ended"),
    NoticeAct.SALE_ENDED_FOR_CAUSE: Meaning("market_withdrawal", "negative", "market_ended"),
    NoticeAct.COMMITTEE_CALLED: Meaning("adcomm_scheduled", "neutral", "committee_called"),
    NoticeAct.COMMITTEE_CANCELLED: Meaning("adcomm_scheduled", "neutral", "committee_cancelled"),
    NoticeAct.ORPHAN_DESIGNATED: Meaning("designation", "positive", "orphan", subtype="orphan"),
    NoticeAct.RECALLED: Meaning("recall", "negative", "recalled"),
    NoticeAct.SHORTAGE_BEGAN: Meaning("shortage", "negative", "shortage_started"),
    NoticeAct.SHORTAGE_ENDED: Meaning("shortage", "positive", "shortage_ended"),
}
"""What an act means. A generic's withdrawal (rules 14, 31) and what is known to be routine are no events."""

DOUBTS: Mapping[str, str] = {
    NoticeAct.MANY_WITHDRAWN: "it stands in a list of withdrawals: is the whole application meant?",
    NoticeAct.USE_WITHDRAWN: "only a use, strength, form or supplement is withdrawn: which one, and what stands?",
    NoticeAct.APPROVAL_SUSPENDED: "an approval is suspended: which one, and until when?",
    NoticeAct.WITHDRAWAL_PROPOSED: "the authority proposes to end the approval; it stands until the decision",
    NoticeAct.WITHDRAWAL_UNDONE: "a withdrawal, or the proposal of one, is taken back: what stands now?",
    NoticeAct.APPROVED: "an approval told by a notice: of what, and is it the first one?",
    NoticeAct.REFUSAL: "the authority refuses to approve: which application?",
    NoticeAct.SUPPLEMENT_REFUSED: "a supplement is refused; the approval stands: which use or form was asked for?",
    NoticeAct.REFUSAL_PROPOSED: "the authority proposes to refuse an application; nothing is decided yet",
    NoticeAct.EMERGENCY_GRANTED: "an emergency authorisation: of what, and for whom?",
    NoticeAct.EMERGENCY_ENDED: "an emergency authorisation ends: does another approval stand?",
    NoticeAct.SALE_ENDED_FOR_CAUSE: "found to have left the market because of safety or effectiveness: which product?",
    NoticeAct.COMMITTEE_CANCELLED: "a committee meeting is cancelled or moved",
}
"""Why a person looks before an act is told."""

WORDS: tuple[tuple[re.Pattern[str], NoticeAct], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), act)
    for pattern, act in (
        (r"\breinstat|\brescind|\brescission\b|\bvacat", NoticeAct.WITHDRAWAL_UNDONE),
        (r"\bcancel|\bpostpone", NoticeAct.COMMITTEE_CANCELLED),
        (r"\bsuspen[ds]", NoticeAct.APPROVAL_SUSPENDED),
        (r"\bwithdr[ae]w|\brevo(?:k|c)|\bterminat|\bdiscontinu", NoticeAct.WITHDRAWAL_PROPOSED),
        (r"\brefus|\breject|\bdisapprov|\bden(?:y|ies|ied|ial)\b", NoticeAct.REFUSAL),
        (r"\bapprov|\blicens|\bauthori[sz]", NoticeAct.APPROVED),
    )
)
"""In a notice of no known kind, the words that make it worth a look, and the act they come nearest to."""
UNKNOWN = "a notice of no known kind names {therapy} and says {word!r}: what does it announce?"


@dataclass(frozen=True, slots=True)
class Concerned:
    """A therapy that a notice is about, whether the title names it, whether the numbers named are all that it rests
    on: True, False (some of them), or None (none of the pack's is named); and the numbers of others beside them."""

    therapy: str
    titled: bool
    whole: bool | None
    beside: tuple[str, ...] = ()


def _acts(change: RecordChange) -> Iterator[Claim]:
    """The act of a new notice, or another act that a notice states now (a shortage that is over)."""
    notice = change.record
    assert isinstance(notice, Notice)
    if change.before is not None and change.before.get("act") in (None, notice.act):
        return
    words = " ".join(filter(None, (*notice.names, notice.title, notice.abstract, notice.dates)))
    for concerned in _concerned(notice, words, change.therapies):
        if claim := _claim(notice, concerned, words):
            yield claim
            if claim.type == ENDED.type:
                yield from (replace(earlier, doubt=claim.doubt) for earlier in _recounted(claim, words))


NOTICE_RULES: tuple[Rule, ...] = (_acts,)


def _concerned(notice: Notice, words: str, therapies: Therapies) -> Iterator[Concerned]:
    """The therapies whose numbers are named, and those named in the title; where there is none, those in the text."""
    numbered = therapies.resting_on(notice.numbers)
    titled = {mention.therapy for mention in therapies.mentioned(" ; ".join((*notice.names, notice.title)))}
    others = [mention.therapy for mention in therapies.mentioned(words)]
    wanted = [name for name in others if name in titled or not numbered]
    for name in dict.fromkeys((*numbered, *wanted)):
        whole = therapies.covered(name, notice.authority, notice.numbers) if name in numbered else None
        beside = tuple(number for number in notice.numbers if therapies.of_application(number) != name)
        yield Concerned(name, name in titled, whole, beside)


def _claim(notice: Notice, concerned: Concerned, words: str) -> Claim | None:
    act, doubt, quote = notice.act, DOUBTS.get(notice.act or ""), notice.dates or notice.title
    if act is None:
        worded = next(((match[0], act) for pattern, act in WORDS if (match := pattern.search(words))), None)
        if worded is None:
            return None
        act, doubt, quote = (
            worded[1],
            UNKNOWN.format(therapy=concerned.therapy, word=worded[0]),
            notice.title,
        )
    if act == NoticeAct.MANY_WITHDRAWN and concerned.whole is None and not concerned.titled:
        return None  # taxonomy rule 14
    if act == NoticeAct.REFUSAL and concerned.whole is not None:
        doubt = None  # the letter names an application of the therapy
    if act == NoticeAct.APPROVAL_WITHDRAWN:
        act, doubt = _object(notice, concerned)
    meaning = ACTS.get(act)
    if meaning is None:
        return None
    return Claim(
        type=meaning.type,
        polarity=meaning.polarity,
        quote=quote,
        rule=f"notice.{meaning.step}",
        confidence=CERTAIN,
        therapy=concerned.therapy,
        drug=concerned.therapy,
        agency=notice.authority,
        place=notice.place,
        occurred_on=notice.acted_on or notice.published_on,
        published_on=notice.published_on,
        kind=meaning.kind,
        step=meaning.step,
        subtype=meaning.subtype,
        doubt=doubt,
    )


def _object(notice: Notice, concerned: Concerned) -> tuple[NoticeAct, str | None]:
    """Whether a withdrawal takes all that a therapy rests on at this authority; else why a person must look."""
    if concerned.whole:
        others = f"{', '.join(concerned.beside)} stand beside it: which of them is withdrawn?"
        return NoticeAct.APPROVAL_WITHDRAWN, others if concerned.beside else None
    named = ", ".join(notice.numbers) or "none"
    if concerned.whole is None:
        return NoticeAct.APPROVAL_WITHDRAWN, f"no application number of {concerned.therapy} is named (named: {named})"
    return NoticeAct.USE_WITHDRAWN, f"{named} is not all that {concerned.therapy} rests on: what stands?"


# Earlier steps that a notice recounts -----------------------------------------------------------------------------

_DAY = r"(?P<day>\b[A-Z][a-z]{2,8} \d{1,2}, \d{4}\b)"
EARLIER: tuple[tuple[str, str], ...] = (
    (
        "market_ended",
        r"(?i:\b(?:stopped|ceased|ended|discontinued|no longer)\b[^.;]{0,40}?\bmarket(?:ing|ed)?\b)[^.;,]{0,60}?"
        + _DAY,
    ),
    ("withdrawal_requested", r"(?i:\b(?:letter|request|asked)\b)[^.;]{0,60}?" + _DAY),
)
"""Earlier steps of the ladder that a notice of withdrawal recounts, each with its day."""


def _recounted(ended: Claim, words: str) -> Iterator[Claim]:
    for step, pattern in EARLIER:
        if (match := re.search(pattern, words)) and (day := moment(match["day"])):
            rule = f"notice.{step}"
            yield replace(ended, type="market_withdrawal", quote=match[0], rule=rule, occurred_on=day, step=step)
