"""Official notices: what an authority announces of one drug, in one document, recall or shortage."""

from enum import StrEnum
from typing import Any, ClassVar

from pydantic import model_validator

from sources.records import Official, Record


class NoticeAct(StrEnum):
    """What an official notice announces."""

    APPROVAL_WITHDRAWN = "approval_withdrawn"  # of a whole application
    USE_WITHDRAWN = "use_withdrawn"  # of one use, strength, form or supplement; the rest stands
    GENERIC_WITHDRAWN = "generic_withdrawn"
    MANY_WITHDRAWN = "many_withdrawn"  # a list of products that nobody sells any more
    WITHDRAWAL_PROPOSED = "withdrawal_proposed"
    WITHDRAWAL_UNDONE = "withdrawal_undone"  # a withdrawal, or the proposal of one, taken back, stayed or struck down
    APPROVAL_SUSPENDED = "approval_suspended"
    APPROVED = "approved"
    REFUSAL = "refusal"
    SUPPLEMENT_REFUSED = "supplement_refused"  # what is approved already stands
    REFUSAL_PROPOSED = "refusal_proposed"
    EMERGENCY_GRANTED = "emergency_granted"
    EMERGENCY_ENDED = "emergency_ended"
    SALE_ENDED_FOR_CAUSE = "sale_ended_for_cause"  # found to have left the market because of safety or effectiveness
    COMMITTEE_CALLED = "committee_called"
    COMMITTEE_CANCELLED = "committee_cancelled"  # or moved
    ORPHAN_DESIGNATED = "orphan_designated"
    RECALLED = "recalled"
    SHORTAGE_BEGAN = "shortage_began"
    SHORTAGE_ENDED = "shortage_ended"
    ROUTINE = "routine"  # known to be none of these: corrections, patents, vouchers, lists


class Notice(Official):
    """An official notice: a document of a register, a recall, a shortage. `act` is None where it states none that
    the adapter knows, `acted_on` the day of the act where it is not the day of publication."""

    volatile: ClassVar[frozenset[str]] = Record.volatile | {"excerpt"}
    derived: ClassVar[frozenset[str]] = Official.derived | {"act", "acted_on"}
    columns: ClassVar[frozenset[str]] = frozenset({"particulars"})
    loose: ClassVar[frozenset[str]] = frozenset({"particulars"})

    act: NoticeAct | None = None
    acted_on: str | None = None
    published_on: str | None = None
    agency: str | None = None
    action: str | None = None
    dates: str | None = None  # the notice's own DATES sentence
    effective_on: str | None = None
    abstract: str | None = None
    dockets: tuple[str, ...] = ()
    excerpt: str | None = None
    particulars: dict[str, str] = {}  # what else the source says, under its own names for it

    @model_validator(mode="before")
    @classmethod
    def _kind_is_act(cls, fields: Any) -> Any:
        """Snapshots stored before December 2026 hold a `kind`, which said less than `act`."""
        if "kind" not in fields:
            return fields
        rest = {name: value for name, value in fields.items() if name != "kind"}
        return {"act": OLD_KINDS.get(fields["kind"]), **rest}


OLD_KINDS = {
    "withdrawal_of_approval": NoticeAct.APPROVAL_WITHDRAWN,
    "advisory_committee": NoticeAct.COMMITTEE_CALLED,
}
