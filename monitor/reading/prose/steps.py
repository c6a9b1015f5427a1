"""Which step of a ladder, which pathway and which places the words of a claim tell beside its type: tables. Pure."""

import re
from dataclasses import replace

from monitor.vocabulary.claims import Claim
from monitor.vocabulary.places import BY_CODE

SHIPMENTS = r"\b(?:shipments?|shipping|deliver(?:y|ies)|distribution|supply|supplies|sales?|dispensing)"
PAUSED = r"\b(?:paus\w+|suspen\w+|temporar\w+|halt\w*|on hold)"
STEPS = tuple(
    (type_, re.compile(pattern, re.IGNORECASE), step)
    for type_, pattern, step in (
        ("chmp_opinion", r"\bconfirm\w*", "opinion_confirmed"),
        ("application_withdrawn", r"\bsupplement\w*|\bvariation\b|type II", "supplement_withdrawn"),
        ("market_withdrawal", rf"{SHIPMENTS}\b[^.;]*\bresum\w+|\bresum\w+[^.;]*{SHIPMENTS}", "shipments_resumed"),
        ("market_withdrawal", rf"{PAUSED}[^.;]*{SHIPMENTS}|{SHIPMENTS}\b[^.;]*{PAUSED}", "shipments_paused"),
        ("market_withdrawal", r"\b(?:asks?|asked|request\w*)\b.*\bapproval\b", "withdrawal_requested"),
        ("market_withdrawal", r"\bby (?:the end of )?(?:[A-Z][a-z]+ )?(?:\d{1,2}, )?20\d\d\b", "market_end_planned"),
        (
            "market_withdrawal",
            r"\b(?:stopped|ended|ceased) (?:the )?(?:marketing|sales?|sell\w+)|\bno longer (?:sold|marketed|on sale)|"
            r"\b(?:marketing|sales?) (?:has |have )?(?:stopped|ended|ceased)",
            "market_ended",
        ),
        ("reimbursement", r"\brecommend", "recommended"),
        ("reimbursement", r"\blist(?:s|ed|ing)?\b|formulary|\bis (?:now )?paid\b|\bpays\b", "listed"),
    )
)
"""Type, words of the proving sentence, step; the first that fits. Without one the step of the type stands."""

KINDS = (
    ("EU", re.compile(r"exceptional circumstances", re.IGNORECASE), "exceptional_circumstances"),
    ("UK", re.compile(r"exceptional circumstances", re.IGNORECASE), "exceptional_circumstances"),
    (None, re.compile(r"\bconditional(?:ly)?\b|\bwith conditions\b", re.IGNORECASE), "conditional"),
)
"""Place (None: any whose pathways have no name of their own), words, pathway of an accelerated approval."""

OWN_NAMES = frozenset({"US", "CA"})
"""Places where the type alone says the pathway."""

COMPANY_ACTS = frozenset({"market_withdrawal", "recall"})
"""An agency acts in its own place; a company may act in several at once."""


def _named(group: str) -> str:
    return "|".join(f"(?P<{group}{place.code}>{place.words})" for place in BY_CODE.values())


SEVERAL = re.compile(rf"\bin (?:the )?(?:{_named('a')})(?:,| and) (?:in )?(?:the )?(?:{_named('b')})")


def staged(claim: Claim, title: str) -> list[Claim]:
    """The claim with its step and pathway; one claim for each place where its words name several."""
    step = claim.step or next((s for t, words, s in STEPS if t == claim.type and words.search(claim.quote)), None)
    if claim.type == "designation" and claim.subtype not in (None, "other"):
        step = claim.subtype
    claim = replace(claim, step=step, kind=claim.kind or _kind(claim))
    if step == "shipments_resumed":
        claim = replace(claim, polarity="positive")
    places = _places(f"{claim.quote} {title}") if claim.type in COMPANY_ACTS else ()
    if len(places) < 2:
        return [claim]
    return [
        replace(
            claim,
            place=place,
            agency=claim.agency if place == claim.place else None,
            beside=tuple(other for other in places if other != place),
            first=place == places[0],
        )
        for place in places
    ]


def _kind(claim: Claim) -> str | None:
    if claim.type != "accelerated_approval" or claim.place in OWN_NAMES:
        return None
    return next(
        (kind for place, words, kind in KINDS if place in (None, claim.place) and words.search(claim.quote)), None
    )


def _places(text: str) -> tuple[str, ...]:
    match = SEVERAL.search(text)
    codes = [name[1:] for name, value in match.groupdict().items() if value] if match else []
    return tuple(dict.fromkeys(codes))
