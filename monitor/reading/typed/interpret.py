"""Typed records to claims: the rules of each type of record, walked. Pure.

What a register says in a field is certain; only its meaning is read here. A field without a rule is a routine change:
it stays in the change log and is no event. The rules follow the decision rules of the taxonomy.
"""

from collections.abc import Mapping
from dataclasses import replace

from monitor.reading.typed.application_acts import APPLICATION_RULES
from monitor.reading.typed.authorisation_acts import AUTHORISATION_RULES
from monitor.reading.typed.label_acts import LABEL_RULES
from monitor.reading.typed.notice_acts import NOTICE_RULES
from monitor.reading.typed.record_change import RecordChange, Rule
from monitor.reading.typed.study_acts import STUDY_RULES
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.dates import NEWS_AGE, last_day
from sources.authorisations import Authorisation
from sources.notices import Notice
from sources.product_labels import Label
from sources.records import Application, Record, Study

RULES: Mapping[type[Record], tuple[Rule, ...]] = {
    Study: STUDY_RULES,
    Application: APPLICATION_RULES,
    Notice: NOTICE_RULES,
    Authorisation: AUTHORISATION_RULES,
    Label: LABEL_RULES,
}


def interpret(change: RecordChange) -> list[Claim]:
    """The events that a change announces; at first sight, those that the record as a whole states."""
    rules = next((r for kind, r in RULES.items() if isinstance(change.record, kind)), ())
    claims = [claim for rule in rules for claim in rule(change)]
    return list({(c.type, c.therapy, c.trial, c.step): _aged(c, change) for c in claims}.values())


def _aged(claim: Claim, change: RecordChange) -> Claim:
    """Mark acts that were history already when the record was first seen."""
    if change.before is None and claim.occurred_on and last_day(claim.occurred_on) < change.on - NEWS_AGE:
        return replace(claim, history=True)
    return claim
