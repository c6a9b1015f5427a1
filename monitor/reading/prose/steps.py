"""Which step of a ladder, which pathway and which places the words of a claim tell beside its type: tables."""

import re

from monitor.reading.prose.patterns import expand
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
        ("safety_label", expand("<UNWARN>"), "warning_removed"),
        ("reimbursement", r"\brecommend", "recommended"),
        ("reimbursement", r"\blist(?:s|ed|ing)?\b|formulary|\bis (?:now )?paid\b|\bpays\b", "listed"),
    )
)
"""Type, words of the proving sentence, step; the first that fits. Without one the step of the type stands."""

PATHWAYS = (
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
