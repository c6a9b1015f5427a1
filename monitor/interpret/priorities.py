"""Which reading of one matter goes before another, kinds of designation, and the tone of data: tables."""

import re

BEATS: dict[str, tuple[str, ...]] = {
    "futility_stop": ("trial_stopped", "readout_not_met", "interim_data", "program_discontinued", "readout_met"),
    "readout_mixed": ("readout_met", "readout_not_met", "interim_data"),
    "readout_not_met": ("readout_met", "interim_data", "publication", "clinical_hold"),
    "readout_met": ("interim_data", "phase_advance"),
    "chmp_opinion": (
        "approval", "accelerated_approval", "label_expansion", "complete_response", "submission", "filing_accepted",
        "adcomm_outcome", "adcomm_scheduled", "authorization_revoked", "market_withdrawal", "designation",
        "reimbursement", "emergency_authorization", "full_approval_conversion", "ind_cleared", "tentative_generic_approval",
        "safety_label",
    ),
    "adcomm_outcome": (
        "approval", "accelerated_approval", "label_expansion", "complete_response", "adcomm_scheduled", "submission",
        "full_approval_conversion", "chmp_opinion", "ind_cleared", "safety_label",
    ),
    "adcomm_scheduled": ("approval", "submission", "complete_response"),
    "emergency_authorization": ("approval", "accelerated_approval", "label_expansion"),
    "full_approval_conversion": ("approval", "accelerated_approval", "label_expansion"),
    "accelerated_approval": ("approval", "label_expansion", "readout_met", "phase_advance"),
    "label_expansion": ("approval", "phase_advance"),
    "tentative_generic_approval": ("approval", "label_expansion"),
    "approval": ("readout_met", "phase_advance"),
    "refuse_to_file": ("complete_response", "filing_accepted", "submission", "review_extended"),
    "complete_response": ("approval", "accelerated_approval", "submission", "filing_accepted", "ind_cleared", "review_extended"),
    "filing_accepted": ("submission", "approval", "accelerated_approval", "label_expansion", "ind_cleared", "deal", "full_approval_conversion", "tentative_generic_approval"),
    "review_extended": ("filing_accepted", "submission", "approval", "adcomm_scheduled", "accelerated_approval", "adcomm_outcome"),
    "submission": ("approval", "accelerated_approval", "label_expansion", "emergency_authorization", "full_approval_conversion", "readout_met", "tentative_generic_approval"),
    "application_withdrawn": ("submission", "market_withdrawal", "approval", "authorization_revoked", "program_discontinued", "recall"),
    "authorization_revoked": ("market_withdrawal", "approval", "accelerated_approval", "complete_response", "application_withdrawn", "emergency_authorization", "recall", "program_discontinued"),
    "market_withdrawal": ("expanded_access", "approval", "program_discontinued", "recall", "authorization_revoked", "application_withdrawn"),
    "recall": ("safety_label", "application_withdrawn", "complete_response"),
    "clinical_hold": ("trial_stopped", "ind_cleared", "complete_response", "program_discontinued"),
    "clinical_hold_lifted": ("clinical_hold", "ind_cleared", "trial_started", "trial_stopped", "approval"),
    "ind_cleared": ("approval", "phase_advance", "accelerated_approval", "label_expansion", "submission", "trial_started"),
    "designation": ("approval", "accelerated_approval", "label_expansion", "ind_cleared", "chmp_opinion", "reimbursement", "emergency_authorization"),
    "trial_started": ("phase_advance", "approval"),
    "enrollment_complete": ("trial_started", "trial_stopped", "readout_met", "program_discontinued"),
    "reimbursement": ("approval", "complete_response", "label_expansion", "accelerated_approval", "adcomm_outcome", "program_discontinued", "full_approval_conversion"),
    "expanded_access": ("approval", "trial_started", "trial_stopped", "emergency_authorization", "accelerated_approval", "market_withdrawal", "label_expansion"),
    "deal": ("approval", "submission", "market_withdrawal"),
    "shortage": ("safety_label", "market_withdrawal"),
    "safety_label": ("label_expansion", "approval"),
    "publication": ("interim_data", "readout_met"),
    "program_discontinued": ("trial_stopped",),
    "results_posted": ("trial_registered",),
}  # fmt: skip
"""A type, and those that give way to it when one item seems to tell both."""

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
    r"underwhelm|only a small|disappoint|modest|worse|no (?:clear |significant )?(?:effect|benefit|difference)|concern|safety signal|fail|negative|weak",
    re.I,
)


def tone(text: str) -> str:
    """Whether data are told as good or bad."""
    return "negative" if BAD.search(text) else "positive"
