"""Which reading of one matter goes before another, kinds of designation, and the tone of data: tables."""

import re

DECISIONS = (
    "approval", "accelerated_approval", "label_expansion", "full_approval_conversion", "tentative_generic_approval",
    "emergency_authorization",
)  # fmt: skip
REFUSAL = "complete_response"
OPINIONS = ("chmp_opinion", "adcomm_outcome", "adcomm_scheduled")
FINAL = frozenset({*DECISIONS, "complete_response", "authorization_revoked"})
"""Types that only a regulator can bring about."""
NOES = frozenset(
    {"complete_response", "refuse_to_file", "application_withdrawn", "authorization_revoked", "market_withdrawal"}
)
"""Ways of one no, which words tell alike."""
READOUTS = ("readout_met", "readout_not_met", "readout_mixed", "interim_data")

STORY = (
    "submission", "filing_accepted", "review_extended", "adcomm_scheduled", "adcomm_outcome", "chmp_opinion",
    "ind_cleared", "trial_registered", "trial_started", "enrollment_complete", "phase_advance", "interim_data",
    "readout_met", "results_posted", "publication", "clinical_hold_lifted", "deal", "complete_response",
    "trial_stopped", "expanded_access", "safety_label", "designation",
)  # fmt: skip
"""Steps that lie on the way to a decision; told below it without a day of their own, they are its story."""

PRECEDENCE: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("futility_stop", ("trial_stopped", "program_discontinued", *READOUTS)),
    (
        "chmp_opinion",
        (
            *DECISIONS,
            *READOUTS,
            "complete_response",
            "submission",
            "filing_accepted",
            "adcomm_outcome",
            "adcomm_scheduled",
            "authorization_revoked",
            "market_withdrawal",
            "designation",
            "reimbursement",
            "ind_cleared",
            "safety_label",
            "application_withdrawn",
        ),
    ),
    (
        "application_withdrawn",
        (
            *DECISIONS,
            *READOUTS,
            "submission",
            "market_withdrawal",
            "authorization_revoked",
            "program_discontinued",
            "recall",
            "complete_response",
            "adcomm_outcome",
        ),
    ),
    ("reimbursement", ("adcomm_outcome", "adcomm_scheduled")),
    (
        "adcomm_outcome",
        (*DECISIONS, *READOUTS, "complete_response", "adcomm_scheduled", "submission", "ind_cleared", "safety_label"),
    ),
    (
        "reimbursement",
        (*DECISIONS, *READOUTS, "complete_response", "program_discontinued", "expanded_access", "submission"),
    ),
    (
        "refuse_to_file",
        (*DECISIONS, *READOUTS, "complete_response", "filing_accepted", "submission", "review_extended"),
    ),
    ("clinical_hold_lifted", (*DECISIONS, "clinical_hold", "ind_cleared", "trial_started", "trial_stopped")),
    (
        "clinical_hold",
        (*DECISIONS, "trial_stopped", "ind_cleared", "complete_response", "program_discontinued", "review_extended"),
    ),
    (
        "authorization_revoked",
        (
            *DECISIONS,
            *READOUTS,
            "market_withdrawal",
            "complete_response",
            "recall",
            "program_discontinued",
        ),
    ),
    ("recall", ("safety_label", "complete_response", "market_withdrawal", *READOUTS)),
    ("market_withdrawal", (*DECISIONS, "expanded_access", "program_discontinued", "complete_response")),
    ("review_extended", (*DECISIONS, *OPINIONS, *READOUTS, "filing_accepted", "submission")),
    ("filing_accepted", (*DECISIONS, *READOUTS, "submission", "ind_cleared", "deal")),
    ("submission", (*DECISIONS, *READOUTS, "ind_cleared")),
    ("complete_response", (*DECISIONS, *READOUTS, "submission", "ind_cleared", "trial_started")),
    (
        "emergency_authorization",
        ("approval", "accelerated_approval", "label_expansion", "trial_started", "expanded_access"),
    ),
    (
        "expanded_access",
        (*DECISIONS, "ind_cleared", "trial_started", "trial_stopped", "program_discontinued", "market_withdrawal"),
    ),
    ("designation", (*DECISIONS, "ind_cleared")),
    ("ind_cleared", (*DECISIONS, "phase_advance", "trial_started")),
    ("shortage", ("safety_label", "market_withdrawal", "program_discontinued", *DECISIONS)),
    ("safety_label", DECISIONS),
    ("adcomm_scheduled", DECISIONS),
    ("readout_mixed", ("readout_met", "readout_not_met", "interim_data", *DECISIONS)),
    ("readout_not_met", ("readout_met", "interim_data", *DECISIONS)),
    ("publication", ("interim_data", "readout_met", "results_posted", "expanded_access")),
    ("interim_data", ("trial_started",)),
    ("readout_met", ("interim_data", "phase_advance")),
    ("enrollment_complete", ("trial_started", "readout_met", "trial_stopped", "program_discontinued", *DECISIONS)),
    ("trial_started", ("phase_advance", *DECISIONS)),
    ("deal", DECISIONS),
    ("results_posted", ("trial_registered",)),
)
"""Types in order of how exact their words are, and the looser readings of the same words that give way to them."""

SUBTYPES = tuple(
    (re.compile(pattern, re.I), name)
    for pattern, name in (
        (r"rare p(?:a?e)diatric", "rare_pediatric"),
        (r"priority review", "priority_review"),
        (r"breakthrough", "breakthrough"),
        (r"\bRMAT\b|regenerative", "rmat"),
        (r"fast[- ]track", "fast_track"),
        (r"\bPRIME\b|priority medicines", "prime"),
        (r"orphan|EU/3/", "orphan"),
    )
)

BAD = re.compile(
    r"underwhelm|only a small|disappoint|modest|worse|no (?:clear |significant )?(?:effect|benefit|difference)|"
    r"concern|safety signal|fail|negative|weak",
    re.I,
)


def tone(text: str) -> str:
    """Whether data are told as good or bad."""
    return "negative" if BAD.search(text) else "positive"


def subtype_of(text: str) -> str:
    """Which designation a text speaks of; `other` where it names none of the table."""
    return next((name for pattern, name in SUBTYPES if pattern.search(text)), "other")
