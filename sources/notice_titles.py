"""What a notice of the FDA in the Federal Register announces, read from its title and abstract: tables of words.

A notice is read with its object. The opposite word wins (a correction, a rescission, a proposal, a cancellation), and
what ends less than a whole application is USE_WITHDRAWN, whatever the title calls it. The kinds of titles are those
of the register of 2015 to 2026.
"""

import re

from sources.late_pattern import late
from sources.notices import NoticeAct

WITHDRAW = r"\bwithdraw\w*|\brevo[kc]\w*"
APPROVAL = r"\bapprovals?\b|\blicen[sc](?:e|es|ed|ing|ure)\b"
PROPOSED = (
    r"\bpropos\w+|\bintent\b|\bintends? to\b|\bopportunity for (?:a )?hearing|\bnotice of (?:a )?(?:public )?hearing"
    r"|(?<!following )(?<!after )(?<!a )\bpublic hearing|\brequests? (?:to|for|that) \w* ?withdraw"
)
DECIDED = r"(?<!proposed )(?<!tentative )\b(?:decisions?|orders?|ordering)\b"
UNDONE = (
    r"\bresci\w+|\breinstat\w*|\brestor(?:e|es|ed|ing|ation)\b|\bvacat\w+|\brevers(?:e|es|ed|al|ing)\b"
    r"|\bstay(?:s|ed|ing)?\b|\bset(?:s|ting)? aside\b|\bdelay\w*"
)
TAKEN_BACK = (
    r"(?:\bwithdraw\w*|\brevo[kc]\w*|\bterminat\w*)(?: of)?(?: (?:the|its|an?|our|prior|previous|earlier))*"
    r" (?:propos|notices?\b|orders?\b|requests?\b|intent)|\bpropos.*[;:] withdrawal\.?$"
)
COMMITTEE = r"\badvisory (?:committee|panel)"
CANCEL = (
    r"\bcancel\w*|\bpostpon\w*|\bresched\w*|\bamend\w*|\bwithdraw\w*|\bterminat\w*|\bsuspen[ds]\w*|\bdelay\w*"
    r"|\bchang(?:e|es|ed|ing)\b|\bmoved\b|\bnot (?:to )?(?:be )?(?:held|convened?|take place)\b"
)
REFUSE = r"\brefus\w+ (?:to approve|(?:of )?approval)|\bdisapprov\w+"
EMERGENCY = r"\bemergency use\b"

TITLES: tuple[tuple[NoticeAct, tuple[re.Pattern[str], ...]], ...] = tuple(
    (act, tuple(late(pattern, re.IGNORECASE) for pattern in patterns))
    for act, *patterns in (
        # repeats a notice that was already read
        (
            NoticeAct.ROUTINE,
            r"[;:,–—] (?:technical |further )?corrections?\.?$|^corrections?\b|\bcorrection (?:of|to)\b",
        ),
        (NoticeAct.ROUTINE, r"\banimal drugs?\b|\bmedicated feed|\b(?:food|color) additives?\b"),
        # what a notice is about beside the end of an approval does not make it routine
        (
            NoticeAct.ROUTINE,
            rf"^(?!.*(?:{WITHDRAW}).*(?:{APPROVAL})).*(?:\bguidances?\b|\binformation collection"
            r"|\bregulatory review period|\bpatent (?:term|ext)|\borphan\b|\bpriority review voucher|\bcharter\b"
            r"|\bnominations?\b|\buser fees?\b)",
        ),
        (
            NoticeAct.ROUTINE,
            r"\b(?:was|were|has|have) not (?:been )?(?:withdrawn|discontinued)\b|\breasons other than\b",
        ),
        (
            NoticeAct.SALE_ENDED_FOR_CAUSE,
            r"\b(?:was|were|has been|have been) (?:withdrawn|removed|discontinued) from (?:sale|the market)",
        ),
        (NoticeAct.WITHDRAWAL_UNDONE, UNDONE, rf"{WITHDRAW}|{APPROVAL}|{PROPOSED}"),
        (NoticeAct.WITHDRAWAL_UNDONE, TAKEN_BACK),
        (NoticeAct.WITHDRAWAL_PROPOSED, WITHDRAW, r"\bcomment period\b"),
        (NoticeAct.EMERGENCY_ENDED, EMERGENCY, rf"{WITHDRAW}|\bterminat\w*"),
        (NoticeAct.EMERGENCY_GRANTED, EMERGENCY),
        (NoticeAct.COMMITTEE_CANCELLED, COMMITTEE, CANCEL),
        (NoticeAct.COMMITTEE_CALLED, COMMITTEE, r"\bmeetings?\b"),
        (NoticeAct.ROUTINE, COMMITTEE, r"\brenewal\b|\b(?:re-?)?establishment\b|\btermination\b"),
        (NoticeAct.REFUSAL, REFUSE, DECIDED),
        (NoticeAct.REFUSAL_PROPOSED, REFUSE, PROPOSED),
        (NoticeAct.REFUSAL, REFUSE),
        (NoticeAct.APPROVAL_SUSPENDED, r"\bsuspen(?:d\w*|sion)\b", APPROVAL),
        # a decision names the proposal and the hearing before it
        (NoticeAct.APPROVAL_WITHDRAWN, WITHDRAW, DECIDED),
        (NoticeAct.WITHDRAWAL_PROPOSED, WITHDRAW, PROPOSED),
        # lists that clear out what nobody sells any more come before the single withdrawal
        (NoticeAct.MANY_WITHDRAWN, r"\bwithdrawal of (?:the )?approvals? of .*\bapplications\b(?! for\b)"),
        (NoticeAct.APPROVAL_WITHDRAWN, WITHDRAW, APPROVAL),
        (NoticeAct.APPROVED, r"^(?:notice of )?approvals? of\b|\bapprovals? of (?:an? )?(?:new drug|biologics) "),
    )
)
"""Act, and what must all stand in the title; the first row that fits wins."""

SEGMENTS = late(r"[;:]\s*|\s[–—-]\s")
STATED = late(
    r"(?:notice of |announcement of )?(?:the )?(?:(?:voluntary|final) )?(?:withdrawal|revocation) of (?:the )?"
    r"(?:(?:accelerated|conditional|tentative|marketing) )?(?:approvals?|(?:\w+ )?licen[sc]es?)\b"
    r"|(?:the )?(?:(?:commissioner['’]?s?|agency|final) )*(?:decisions?|orders?)\b"
    r"|.*\band (?:final )?orders? (?:withdrawing|revoking)\b",
    re.I,
)
"""How a part of a title begins that says that an approval has ended. Other titles with such words say something else of
it, and a person looks."""
UNDECIDED = late(
    r"\bnot (?:to )?(?:be )?(?:withdr|revo)|\bpetition|\bcomments?\b|\bdraft\b|\bwhether\b|\bdeclin|\bworkshop\b"
    r"|\b(?:den(?:y|ies|ied|ying|ial)|reject\w*)\b(?! of (?:(?:the|an?|its) )?(?:requests? for (?:a )?)?hearing)"
    r"|\brequest(?:s|ed|ing)? (?:for|to|that|of)\b(?! (?:a )?hearing)",
    re.I,
)
"""Words of a title beside which the end of an approval is asked for, refused or talked about."""
UNDECIDED_IN_ABSTRACT = late(
    r"\b(?:propos(?:es|ing)|intends?|consider(?:s|ing)|asks?|seeks?|whether) to (?:withdraw|revoke)"
    r"|\b(?:is|are|was|were|will|has|have|does|do|did) not (?:be |being |been )?(?:withdr|revok)"
    r"|\b(?:rescind|reinstat|reconsider)(?:s|ing)?\b|\bden(?:ies|ying) (?:the|a) \w*\s?petition"
    r"|\blisted drugs?\b|\breference (?:drugs?|products?)\b|\brel(?:y|ies|ied|ying) on\b|505\(b\)\(2\)",
    re.I,
)
"""Words of an abstract that say the same, or that another's application only refers to the numbers named."""

DECISION_ON = late(r"\b(?:decisions?|orders?) (?:on|regarding|concerning|about)\b", re.I)
AFFIRMED = late(
    r"\b(?:is|are|was|were|has|have)(?: been)? (?:hereby )?(?:withdraw(?:ing|n)|revok(?:ing|ed))\b"
    r"|\bapprovals? ends?\b|\bwithdraws\b|\brevokes\b"
    r"|\b(?:decisions?|orders?|letter)\b[^.;]{0,40}? (?:to withdraw|withdrawing|to revoke|revoking)\b",
    re.I,
)
"""A decision on a withdrawal may be for it or against it; the abstract says which."""

GENERIC = late(
    r"(?:approvals?|withdrawal) of (?:an? |the |its |\w+ )?(?:abbreviated new drug applications?|ANDAs?)\b", re.I
)
PART_IN_TITLE = late(
    r"\bindications?\b|\buses?\b|\bsupplement\w*\b|\bs(?:NDA|BLA)s?\b|\btentative\b|\bstrengths?\b|\bdosage forms?\b"
    r"|\bdosing\b|\bpopulations?\b|\bpatients?\b|\blabel(?:l?ing)?\b|\bportions?\b|\bpart of\b|\bpresentations?\b",
    re.I,
)
PART_IN_ABSTRACT = late(
    r"\bthe [^.;]{0,90}\bindications?\b|\bsupplement(?:s|al)?\b|\btentative approvals?\b|\bstrengths?\b"
    r"|\bdosage forms?\b|\b(?:not|un)[ -]?affected\b|\bnot affect\b|\bremain(?:s|ing)?\b|\bcontinues?\b"
    r"|\bother (?:approved )?(?:indications?|uses?|strengths?|forms?|formulations?|products?|applications?)\b"
    r"|\b(?:only|solely) (?:for|of|in|the)\b|\bportions? of\b",
    re.I,
)
"""Words that say that less than the whole application is meant, or that something of it stands."""

NUMBERS = late(
    r"\b(?P<kind>(?:supplemental |abbreviated )?(?:new drug|biologics licen[sc]e) applications?|s?A?NDAs?|s?BLAs?)"
    r"\W{0,3}(?:\(?\b(?:s?A?NDA|s?BLA)s?\)?\W{0,2})?(?:(?:Nos?|numbers?)\b\.?\s*)?"
    r"(?P<list>\d\d{1,2}[-–]?\d{3}\b(?:(?:,|;|,? and|,? or|\s*&)\s*\d\d{1,2}[-–]?\d{3}\b)*)",
    re.I,
)
DIGITS = late(r"\d\d{1,2}[-–]?\d{3}")


def act_of(title: str, abstract: str | None = None) -> NoticeAct | None:
    """What a notice announces, or None where its title is of no known kind or what it says is not plain."""
    act = next((act for act, patterns in TITLES if all(pattern.search(title) for pattern in patterns)), None)
    if act is not NoticeAct.APPROVAL_WITHDRAWN:
        return act
    if GENERIC.search(title):
        return NoticeAct.GENERIC_WITHDRAWN
    if not any(map(STATED.match, SEGMENTS.split(title))) or UNDECIDED.search(title):
        return None
    if abstract and (
        UNDECIDED_IN_ABSTRACT.search(abstract) or (DECISION_ON.search(title) and not AFFIRMED.search(abstract))
    ):
        return None
    partly = PART_IN_TITLE.search(title) or PART_IN_ABSTRACT.search(abstract or "")
    return NoticeAct.USE_WITHDRAWN if partly else act


def numbers_in(text: str) -> tuple[str, ...]:
    """The application numbers a text names, as `NDA123456`, in reading order."""
    numbers = []
    for match in NUMBERS.finditer(text):
        kind = _kind(match["kind"].lower())
        numbers += [f"{kind}{re.sub(r'[-–]', '', digits).zfill(6)}" for digits in DIGITS.findall(match["list"])]
    return tuple(dict.fromkeys(numbers))


def _kind(words: str) -> str:
    if "abbreviated" in words or "anda" in words:
        return "ANDA"
    return "BLA" if "bla" in words or "biologic" in words else "NDA"
