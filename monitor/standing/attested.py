"""What a maintainer has looked up by hand: a statement that no watch vouches for today is still true. It stands in the
audit log, may be undone within ten minutes, and ends by itself (`coverage.BY_HAND`) or when the statement changes."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from monitor.events.review import Overruled
from monitor.events.review_decisions import UNDO
from monitor.people.audit import Who, acts, note_act
from store.tables import Attestation, Audit

ACT = "confirm still true"
Key = tuple[str, str | None, str]
"""Therapy, place (None: in trials) and what the statement says of it."""


def matter(therapy: str, place: str | None) -> str:
    """A statement as the audit log names it."""
    return f"statement {therapy}, {place or 'trials'}"


def attest(session: Session, statements: Sequence[Key], who: Who, now: datetime, note: str) -> list[Audit]:
    """Keep that these are still true. Raises Overruled without a note that says where she looked."""
    note = " ".join(note.split())
    if not note:
        raise Overruled("expected where you looked, such as an address, found nothing")
    if not statements:
        raise Overruled("expected at least one statement to be selected, found none")
    written = []
    for therapy, place, said in statements:
        stands = session.get(Attestation, (therapy, place or ""))
        before = _shown(stands)
        after = Attestation(therapy=therapy, place=place or "", said=said, by=who.name, at=now, note=note)
        shown = _shown(after)
        session.merge(after)
        about = matter(therapy, place)
        written.append(note_act(session, who, ACT, about, at=now, before=before, after=shown, note=note))
    return written


def take_back(session: Session, numbers: Sequence[int], who: Who, now: datetime) -> int:
    """Undo these acts, by their numbers in the audit log; returns how many there were. Raises Overruled where one is no
    such act, is not the last on its statement, or is too old."""
    rows = session.exec(select(Audit).where(col(Audit.id).in_(numbers), col(Audit.act) == ACT)).all()
    for row in rows:
        (last,) = acts(session, matter=row.matter, limit=1)
        if last.id != row.id or now - row.at > UNDO:
            raise Overruled(f"expected what was confirmed within {UNDO.seconds // 60} minutes, found {row.matter}")
        stands = session.get_one(Attestation, (row.after["therapy"], row.after["place"]))
        session.delete(stands)
        session.flush()
        if row.before:
            session.add(Attestation(**row.before | {"at": datetime.fromisoformat(row.before["at"])}))
        note_act(session, who, f"undo {ACT}", row.matter, at=now, before=row.after, after=row.before)
    if not rows:
        raise Overruled("expected what was just confirmed, found nothing")
    return len(rows)


def _shown(row: Attestation | None) -> dict[str, str]:
    return row.model_dump(mode="json") if row else {}
