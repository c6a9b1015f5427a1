"""What readers are told, event type by event type, in plain words: tables, and the functions that fill them.

Short sentences, everyday words (school grade 8 at most), no promise and no advice. `type/polarity` wins over `type`.
"""

from monitor.telling.compose.blanks import Blanks
from monitor.vocabulary.event_types import TYPES

HEADINGS = {
    "approval": "approved{where}",
    "accelerated_approval": "approved{where} with conditions",
    "emergency_authorization": "allowed for emergency use{where}",
    "full_approval_conversion": "{adj}approval made full",
    "label_expansion": "new use or form approved{where}",
    "tentative_generic_approval": "generic version approved{where}",
    "complete_response": "refused{where}",
    "refuse_to_file": "application not taken up{where}",
    "application_withdrawn": "company takes back its application{where}",
    "submission": "company asks for approval{where}",
    "filing_accepted": "application taken up{where}",
    "review_extended": "{adj}review takes longer",
    "adcomm_scheduled": "{adj}experts will meet",
    "adcomm_outcome/positive": "{adj}experts vote in favour",
    "adcomm_outcome/negative": "{adj}experts vote against",
    "adcomm_outcome": "{adj}experts have voted",
    "chmp_opinion/positive": "{adj}experts in favour",
    "chmp_opinion/negative": "{adj}experts against",
    "chmp_opinion": "{adj}experts give their view",
    "market_withdrawal": "leaves the market{where}",
    "authorization_revoked": "{adj}approval formally ended",
    "safety_label": "new safety warning{where}",
    "recall": "some packs called back{where}",
    "shortage/positive": "shortage over{where}",
    "shortage": "in short supply{where}",
    "designation": "special status granted{where}",
    "clinical_hold": "trials put on hold{where}",
    "clinical_hold_lifted": "hold on trials lifted{where}",
    "ind_cleared": "trial may start{where}",
    "trial_registered": "new trial registered",
    "trial_started": "trial has started",
    "enrollment_complete": "trial is full",
    "trial_status_change": "trial status changed",
    "trial_stopped": "trial stopped",
    "phase_advance": "moves to the next trial phase",
    "readout_met": "trial met its main goal",
    "readout_not_met": "trial missed its main goal",
    "readout_mixed": "mixed trial result",
    "interim_data": "early trial data",
    "futility_stop": "trial stopped, success unlikely",
    "results_posted": "trial results posted",
    "publication": "trial published in a journal",
    "expanded_access/negative": "early access ends{where}",
    "expanded_access": "early access{where}",
    "reimbursement/positive": "payers say yes{where}",
    "reimbursement/negative": "payers say no{where}",
    "reimbursement": "payment decision{where}",
    "program_discontinued": "company ends development",
    "deal": "rights change hands",
    "answer_changed": "the newest drug{where} is another one now",
    "start_overdue": "trial should have started",
    "results_overdue": "trial results are overdue",
    "record_stale": "trial entry not checked for a year",
    "decision_overdue": "{adj}decision date has passed",
}
"""What happened, after the name of the drug and a colon."""

SENTENCES = {
    "approval": "{name} was approved{where}{on}.",
    "accelerated_approval": "{name} was approved with conditions{where}{on}.",
    "emergency_authorization": "{name} may be used in an emergency{where}. This was decided{on_or_now}.",
    "full_approval_conversion": "The {adj}approval of {name} became a full one{on}.",
    "label_expansion": "A new use or form of {name} was approved{where}{on}.",
    "tentative_generic_approval": "A generic version of {name} was approved{where}{on}.",
    "complete_response": "The regulator did not approve {name}{where}{on}.",
    "refuse_to_file": "The regulator did not take up the application for {name}{where}{on}.",
    "application_withdrawn": "The company took back its application for {name}{where}{on}.",
    "submission": "The company asked for approval of {name}{where}{on}.",
    "filing_accepted": "The regulator took up the application for {name}{where}{on}.",
    "review_extended": "The regulator needs more time for {name}{where}. This was said{on_or_now}.",
    "adcomm_scheduled": "Outside experts will talk about {name}{where}.",
    "adcomm_outcome/positive": "Outside experts voted in favour of {name}{where}{on}.",
    "adcomm_outcome/negative": "Outside experts voted against {name}{where}{on}.",
    "adcomm_outcome": "Outside experts voted on {name}{where}{on}.",
    "chmp_opinion/positive": "The regulator's experts spoke in favour of {name}{where}{on}.",
    "chmp_opinion/negative": "The regulator's experts spoke against {name}{where}{on}.",
    "chmp_opinion": "The regulator's experts gave their view on {name}{where}{on}.",
    "market_withdrawal": "{name} is taken off the market{where}. This was made known{on_or_now}.",
    "authorization_revoked": "The {adj}approval of {name} formally ended{on}.",
    "safety_label": "The regulator added a safety warning for {name}{where}{on}.",
    "recall": "Some packs of {name} were called back{where}{on}.",
    "shortage/positive": "The shortage of {name}{where} is over{on}.",
    "shortage": "{name} is in short supply{where}{on}.",
    "designation": "{name} was given a special status{where}{on}.",
    "clinical_hold": "The regulator stopped trials of {name} for now{where}{on}.",
    "clinical_hold_lifted": "Trials of {name} may go on{where}. This was said{on_or_now}.",
    "ind_cleared": "The regulator lets a trial of {name} start{where}. This was said{on_or_now}.",
    "trial_registered": "A new trial of {name} was put on the register: {trial}.",
    "trial_started": "The trial {trial} of {name} has started{on}.",
    "enrollment_complete": "The trial {trial} of {name} took in the last person it needs{on}.",
    "trial_status_change": "The register shows a new status for the trial {trial} of {name}.",
    "trial_stopped": "The trial {trial} of {name} was stopped{on}.",
    "phase_advance": "{name} moves to the next trial phase. This was said{on_or_now}.",
    "readout_met": "{name} met the main goal of its trial {trial}. This was made known{on_or_now}.",
    "readout_not_met": "{name} missed the main goal of its trial {trial}. This was made known{on_or_now}.",
    "readout_mixed": "{name} met some goals of its trial {trial} and missed others. This was made known{on_or_now}.",
    "interim_data": "There are early data on {name} from the trial {trial}.",
    "futility_stop": "The trial {trial} of {name} was stopped{on}, because success had become unlikely.",
    "results_posted": "The results of the trial {trial} of {name} are now on the register.",
    "publication": "A trial of {name} was published in a journal{on}.",
    "expanded_access/negative": "Early access to {name} outside trials ends{where}.",
    "expanded_access": "People may get {name} outside trials{where}. This was made known{on_or_now}.",
    "reimbursement/positive": "A payer or its adviser said yes to {name}{where}{on}.",
    "reimbursement/negative": "A payer or its adviser said no to {name}{where}{on}.",
    "reimbursement": "There is a decision on who pays for {name}{where}{on}.",
    "program_discontinued": "The company ends its work on {name}. This was made known{on_or_now}.",
    "deal": "The rights to {name} go to another company. This was made known{on_or_now}.",
    "answer_changed": "The newest drug{where} is now {name}.",
    "start_overdue": "The trial {trial} of {name} should have started{planned}. It has not, says the register.",
    "results_overdue": "The trial {trial} of {name} should have shown its results by now.",
    "record_stale": "Nobody has checked the register entry of {trial} ({name}) for more than a year.",
    "decision_overdue": "A decision on {name}{where} was due. We have not seen one.",
}
"""One plain sentence."""

MEANINGS = {
    "approval": "Doctors there may prescribe it. When it can be bought, and who pays, is decided later.",
    "accelerated_approval": "Doctors there may prescribe it. The maker must still show more, or it can be taken back.",
    "emergency_authorization": "It may be used while the emergency lasts. It is not a normal approval.",
    "full_approval_conversion": "The conditions are met. The approval now stands like any other.",
    "label_expansion": "The drug itself is not new. It may now be used in one more way.",
    "tentative_generic_approval": "The drug itself is not new. Another maker may sell it, now or later.",
    "complete_response": "It cannot be sold there for now. The company may answer or ask again.",
    "refuse_to_file": "The review has not begun. The company may send a better application.",
    "application_withdrawn": "There will be no decision on this application.",
    "submission": "This is a request, not an approval. The review takes months.",
    "filing_accepted": "The review begins. This is not an approval.",
    "review_extended": "The decision comes later. It says nothing about yes or no.",
    "adcomm_scheduled": "Their advice does not bind the regulator.",
    "adcomm_outcome": "This is advice. The regulator decides later.",
    "chmp_opinion": "This is advice. The European Commission decides later, mostly in the same way.",
    "market_withdrawal": "It will no longer be sold there. If you take it, ask your doctor what comes next.",
    "authorization_revoked": "The drug may not be sold there any more.",
    "safety_label": "If you take it, your doctor can tell you what the warning means for you.",
    "recall": "If you have it at home, your pharmacist can check your pack.",
    "shortage/positive": "Pharmacies can order it again.",
    "shortage": "It may be hard to get. Your pharmacist can tell you more.",
    "designation": "It helps the company with rules and fees. It says nothing about how well the drug works.",
    "clinical_hold": "No new people may join until the questions are answered.",
    "clinical_hold_lifted": "The trial may start or go on.",
    "ind_cleared": "The trial may begin there. It need not have begun.",
    "trial_registered": "It may look for people now or later. The register says who can join.",
    "trial_started": "The first person has joined.",
    "enrollment_complete": "No new people are taken. Now the results are awaited.",
    "trial_status_change": "The register says who can join.",
    "trial_stopped": "No new people are taken. The reason may be about money, safety or the drug.",
    "phase_advance": "A larger trial is planned. It has not begun.",
    "readout_met": "This is good news, not an approval. Regulators look at all the data first.",
    "readout_not_met": "The trial did not show what it was made to show.",
    "readout_mixed": "It is not clear yet what this means. Regulators look at all the data.",
    "interim_data": "Early data can change. They do not prove that a drug works.",
    "futility_stop": "It is not about a new danger. The drug was not likely to help in this trial.",
    "results_posted": "The full figures are open to all.",
    "publication": "Other experts have read it before it was printed.",
    "expanded_access/negative": "People who get it this way should ask their doctor what comes next.",
    "expanded_access": "Your doctor can ask whether you can take part.",
    "reimbursement/positive": "More people may get it without paying the full price.",
    "reimbursement/negative": "It may be used, but the cost may not be paid for you.",
    "reimbursement": "It decides who can get the drug without paying the full price.",
    "program_discontinued": "No new trials are planned by this company.",
    "deal": "Another company will carry on the work.",
    "answer_changed": "The rule and the reasons are on the page.",
    "start_overdue": "The start may be late, or the register may be.",
    "results_overdue": "The results may be late, or kept back. The law often asks for them within a year.",
    "record_stale": "What the register says may no longer be true.",
    "decision_overdue": "The decision may be late, or not yet made public.",
}
"""What it means for a reader."""

AFTERS = {
    "approval": ("not approved", "approved{from}"),
    "accelerated_approval": ("not approved", "approved with conditions{from}"),
    "full_approval_conversion": ("approved with conditions", "fully approved{from}"),
    "complete_response": ("under review", "refused{from}"),
    "market_withdrawal": ("approved and sold", "to leave the market"),
    "authorization_revoked": ("approved", "approval withdrawn{from}"),
    "clinical_hold": ("trials allowed", "trials on hold{from}"),
    "clinical_hold_lifted": ("trials on hold", "trials allowed{from}"),
}
"""Before and after, where the type alone says it."""

STATES = {
    "approval": ("none", "approved"),
    "accelerated_approval": ("none", "approved"),
    "complete_response": ("applied", "refused"),
    "authorization_revoked": ("approved", "withdrawn"),
}
"""The same for machines: what becomes of `approval.state`."""

STEPS = {
    "applied": "application", "application_accepted": "application taken up", "authorised": "approved",
    "converted": "full approval", "opinion": "experts' view", "opinion_confirmed": "experts' view confirmed",
    "refused": "refused", "result": "result", "market_end_announced": "announced",
    "market_end_planned": "sales end planned", "market_ended": "sales end", "withdrawal_requested": "end asked for",
    "authorisation_ended": "ended in law", "review_extended": "review extended", "hold_placed": "hold placed",
    "hold_lifted": "hold lifted", "application_withdrawn": "application taken back", "registered": "registered",
    "started": "started", "enrolled": "full", "terminated": "stopped", "futility": "stopped, success unlikely",
    "results_posted": "results posted", "listed": "paid for", "recommended": "payment advice",
}  # fmt: skip
"""Rungs of a ladder in words; another step is shown with its underscores as blanks."""

TELLERS = {1: "regulator notice", 2: "register or legal filing", 3: "company statement", 4: "press or community report"}
SURE = {"stated": "certain", "reported": "reported", "disputed": "sources disagree"}
WAITING = frozenset({"start_overdue", "results_overdue", "record_stale", "decision_overdue"})
NEW_DRUG = frozenset({"approval", "accelerated_approval"})


def worded(table: dict[str, str], type_: str, polarity: str, blanks: Blanks) -> str | None:
    """The text of a table for this type, filled; None when the table has none."""
    text = table.get(f"{type_}/{polarity}") or table.get(type_)
    if text is None:
        return None
    filled = text.format_map(blanks.values())
    return filled[:1].upper() + filled[1:] if table is not HEADINGS else filled


def heading(type_: str, polarity: str, blanks: Blanks) -> str:
    """`Relyvrio: US approval formally ended`."""
    what = worded(HEADINGS, type_, polarity, blanks)
    return f"{blanks.name}: {what or (TYPES[type_].label if type_ in TYPES else type_.replace('_', ' '))}"


def how_sure(certainty: str, tier: int) -> str:
    """`certain (regulator notice)`."""
    return f"{SURE.get(certainty, certainty)} ({TELLERS.get(tier, 'other source')})"


def step_label(step: str) -> str:
    """A rung in words."""
    return STEPS.get(step) or step.replace("_", " ")
