"""The fixed list of what can happen: tables, and the functions that read them.

Types, levels and polarities follow the event taxonomy of the project; the steps are the rungs of a thread's ladder.
"""

from dataclasses import dataclass

LEVELS = ("info", "minor", "major", "critical")
"""From least to most."""


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of event: how much it matters, which way it points, where it belongs."""

    name: str
    level: str
    polarity: str | None  # None: told by the item (vote, opinion, decision)
    family: str  # events of one family about one matter may tell of the same act
    scope: str  # place: an act in a jurisdiction; trial: in a study; therapy: of the company
    step: str | None
    label: str  # for readers: "US approval formally ended"


def _table() -> dict[str, EventType]:
    rows = """
approval | critical | positive | authorisation | place | authorised | approved
accelerated_approval | critical | positive | authorisation | place | authorised | approved on a conditional pathway
emergency_authorization | major | positive | emergency | place | emergency_authorised | authorised for emergency use
full_approval_conversion | major | positive | conversion | place | converted | conditional approval made full
label_expansion | major | positive | forms | place | form_added | new use or form approved
tentative_generic_approval | minor | positive | generics | place | generic_approved | generic approved
complete_response | critical | negative | refusal | place | refused | refused
refuse_to_file | major | negative | refuse_to_file | place | not_taken_up | application not taken up
application_withdrawn | major | negative | app_withdrawn | place | application_withdrawn | company withdraws application
submission | major | positive | submission | place | applied | application submitted
filing_accepted | major | positive | filing | place | application_accepted | application accepted for review
review_extended | major | negative | review | place | review_extended | review extended
adcomm_scheduled | minor | neutral | adcomm_call | place | committee_called | advisory committee called
adcomm_outcome | major |  | adcomm | place | opinion | advisory committee voted
chmp_opinion | major |  | chmp | place | opinion | European committee opinion
market_withdrawal | critical | negative | market | place | market_end_announced | leaves the market
authorization_revoked | critical | negative | revocation | place | authorisation_ended | approval formally ended
safety_label | critical | negative | safety | place | warning_added | safety warning
recall | major | negative | recall | place | recalled | lots recalled
shortage | major |  | supply | place | shortage_started | supply shortage
designation | minor | positive | designation | place | designated | special status granted
clinical_hold | critical | negative | hold | place | hold_placed | trials put on hold
clinical_hold_lifted | major | positive | hold_lifted | place | hold_lifted | hold on trials lifted
ind_cleared | minor | positive | clearance | place | trial_cleared | trial cleared to start
trial_registered | info | neutral | registration | trial | registered | trial registered
trial_started | minor | positive | start | trial | started | trial started
enrollment_complete | minor | positive | enrolment | trial | enrolled | enrolment complete
trial_status_change | info | neutral | trial_status | trial | status_changed | trial status changed
trial_stopped | major | negative | stop | trial | terminated | trial stopped
phase_advance | minor | positive | advance | therapy | advanced | moves to the next phase
readout_met | critical | positive | readout | trial | result | main goal met
readout_not_met | critical | negative | readout | trial | result | main goal missed
readout_mixed | major | mixed | readout | trial | result | mixed result
interim_data | minor |  | interim | trial | interim | interim data
futility_stop | critical | negative | stop | trial | futility | stopped for futility
results_posted | minor | neutral | results | trial | results_posted | results posted in the registry
publication | info | neutral | publication | therapy | published | published in a journal
expanded_access | major |  | access | therapy | access_opened | early access programme
reimbursement | major |  | reimbursement | place | recommended | payment decision
program_discontinued | major | negative | programme | therapy | programme_ended | development ended
deal | info | neutral | deal | therapy | licensed | rights deal
answer_changed | major | neutral | answer | place | answer_changed | the newest drug is another one now
start_overdue | minor | negative | start_overdue | trial | start_overdue | planned start passed
results_overdue | minor | negative | results_overdue | trial | results_overdue | results overdue
record_stale | info | negative | record_stale | trial | record_stale | registry entry not verified for a year
decision_overdue | minor | neutral | decision_overdue | place | decision_overdue | decision date passed
"""
    table = {}
    for row in rows.strip().splitlines():
        name, level, polarity, family, scope, step, label = (cell.strip() for cell in row.split("|"))
        table[name] = EventType(name, level, polarity or None, family, scope, step or None, label)
    return table


TYPES = _table()

THREADS = {
    "forms": "forms", "generics": "generics", "safety": "safety", "recall": "supply", "supply": "supply",
    "designation": "designation", "hold": "hold", "hold_lifted": "hold", "reimbursement": "reimbursement",
}  # fmt: skip
"""Second half of the thread for acts in a place; every other family belongs to `authorisation`."""


ALERTING = "major"
"""From this level of its type on, an event is worth an alert of its own; what lies below waits for a digest."""

COMPLETES = {
    "market_ended": "market_end_announced",
    "market_end_planned": "market_end_announced",
    "withdrawal_requested": "market_end_announced",
    "opinion_confirmed": "opinion",
}
"""Steps that end what an earlier step of the thread began, and that earlier step, which was the news."""

ASIDE = frozenset({"supplement_withdrawn"})
"""Steps that touch nothing a reader may use: of the ladder alone."""


def alerts(type_: str, step: str | None) -> bool:
    """Whether an event of this type and step is worth an alert of its own where its thread holds no other.

    A step of COMPLETES counts as completing: whether there was something to complete, the thread says.
    """
    return at_least(TYPES[type_].level, ALERTING) and step not in COMPLETES and step not in ASIDE


def thread_of(
    type_: str,
    *,
    therapy: str | None,
    place: str | None,
    trial: str | None,
    drug: str | None = None,
    step: str | None = None,
) -> str:
    """The matter an event belongs to: `us/amx0035/authorisation`, `trial/nct05021536`, `deal/pridopidine`."""
    spec = TYPES[type_]
    who = slug(therapy or drug or "unnamed")
    if spec.scope == "trial" or (spec.family in ("clearance", "programme") and trial):
        return f"trial/{slug(trial) if trial else who}"
    if spec.scope == "place":
        matter = "supplement" if step in ASIDE else THREADS.get(spec.family, "authorisation")
        return f"{(place or 'nowhere').lower()}/{who}/{matter}"
    if spec.family == "access" and place:
        return f"{place.lower()}/{who}/access"
    return f"{spec.family}/{who}"


def slug(name: str) -> str:
    """Lower case, with blanks as dashes: the form names take in threads and addresses."""
    return "-".join(name.lower().split())


def at_least(level: str, lowest: str) -> bool:
    """Whether a level matters at least as much as another."""
    return LEVELS.index(level) >= LEVELS.index(lowest)


STEP_LABELS = {
    "form_added": "new form or use approved",
    "opinion_confirmed": "negative opinion upheld",
    "supplement_withdrawn": "company withdraws a supplement",
    "market_end_planned": "date for leaving the market named",
    "market_ended": "marketing ended",
    "withdrawal_requested": "company asks to end the approval",
    "shortage_started": "supply shortage began",
    "shortage_ended": "supply shortage ended",
    "first_use": "first use outside a trial",
    "follow_up": "follow-up data",
    "recruitment_closed": "recruitment closed",
    "orphan": "orphan status granted",
    "fast_track": "fast track granted",
    "listed": "payment listed",
}
"""Steps that say more than the label of their type."""


def title_of(type_: str, *, drug: str | None, place: str | None, trial: str | None, step: str | None = None) -> str:
    """One line that states the news: `Relyvrio: US approval formally ended`, `VRG50635: trial stopped (NCT...)`."""
    spec = TYPES[type_]
    where = f"{place} " if place and spec.scope != "trial" else ""
    study = f" ({trial})" if trial and spec.scope == "trial" else ""
    return f"{drug or 'Unnamed drug'}: {where}{STEP_LABELS.get(step or '', spec.label)}{study}"
