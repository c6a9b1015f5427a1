"""Maintainers' verdicts as labelled items: the texts that events were read from, and what they announce by verdict.

The form is that of `benchmarks/items`, so that a reader of prose can be fitted and scored on them. What registers say
in their fields is no text and not among them. Who gave a verdict is left out.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlmodel import Session, col, select

from monitor.reading.prose.entries import added, as_text
from monitor.service import Service
from monitor.vocabulary.differences import Difference
from monitor.vocabulary.texts import KINDS, PAGE
from monitor.watching.snapshots import unpack
from sources.records import Announcement, Content, Passage
from store.states import EventState, Verdict
from store.tables import Change, Event, Evidence, Item, Review, Snapshot

Label = dict[str, Any]
Told = tuple[Event, Evidence]


def labels(service: Service, session: Session) -> Iterator[Label]:
    """One line for each text of which at least one event has a verdict, oldest first.

    `expected` is what the verdicts say that the text announces. `read` is what was read from it, each reading with its
    verdict, null where nobody has given one: only where none is null is `expected` all that the text announces.
    """
    verdicts = _last_verdicts(session)
    query = select(Evidence.change_id).where(col(Evidence.event_id).in_(verdicts), col(Evidence.change_id).is_not(None))
    for change_id in session.exec(query.distinct().order_by(col(Evidence.change_id))).all():
        rows = select(Change, Item, Snapshot).join(Item, col(Item.id) == col(Change.item_id))
        rows = rows.join(Snapshot, col(Snapshot.id) == col(Change.after_id))
        found = session.exec(rows.where(Change.id == change_id)).first()
        kind = service.sources.get(found[1].source) if found else None
        if found is None or kind is None or not issubclass(kind.record, Announcement | Passage):
            continue
        told = _told(session, change_id)
        yield _text(
            *found, before=session.get(Snapshot, found[0].before_id), tier=min(evidence.tier for _, evidence in told)
        ) | _sayings(service, session, told, verdicts)


def _last_verdicts(session: Session) -> Mapping[str, Review]:
    return {review.event_id: review for review in session.exec(select(Review).order_by(col(Review.id)))}


def _told(session: Session, change_id: int | None) -> Sequence[Told]:
    """The events that one text tells of, those aside that only speak for another: rungs of the ladder, corrections."""
    query = select(Event, Evidence).join(Evidence, col(Evidence.event_id) == col(Event.id))
    rows = session.exec(query.where(Evidence.change_id == change_id).order_by(col(Evidence.id))).all()
    return [(event, evidence) for event, evidence in rows if event.alert]


def _text(change: Change, item: Item, after: Snapshot, *, before: Snapshot | None, tier: int) -> Label:
    """The text as it was read, named by its hash."""
    content = unpack(after.packed)
    published: str | None
    if "blocks" in content:
        kind, published = PAGE, change.detected_at.date().isoformat()
        was, now = (tuple((p, t) for p, t in known.get("blocks", ())) for known in (_content(before), content))
        text = as_text(added([Difference(**difference) for difference in change.differences], was, now))
    else:
        kind, published = KINDS[tier], content.get("published_on") or content.get("updated_on")
        text = str(content.get("summary") or "")
    title = str(content.get("title") or item.title)
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16]
    return {"id": f"log-{digest}", "source_kind": kind, "title": title, "text": text, "published": published}


def _content(snapshot: Snapshot | None) -> Content:
    return unpack(snapshot.packed) if snapshot else {}


def _sayings(service: Service, session: Session, told: Sequence[Told], verdicts: Mapping[str, Review]) -> Label:
    """What the verdicts say of a text, and what had been read from it."""
    expected: list[Label] = []
    read: list[Label] = []
    for event, evidence in told:
        if event.corrects:
            continue  # not read from the text, but said by a maintainer: the corrected event brings it
        review = verdicts.get(event.id)
        right = _right(session, event, evidence, review)
        if right is not None and right not in expected:
            expected.append(right)
        read.append(
            {
                "type": evidence.told_type or event.type,
                "drug": event.drug or event.therapy,
                "verdict": review.verdict if review else None,
                "note": review.note if review else None,
            }
        )
    return {"expected": expected, "read": read}


def _right(session: Session, event: Event, evidence: Evidence, review: Review | None) -> Label | None:
    """What the verdict says that the text announces; None where it says that it did not happen, or nothing."""
    if review is None or review.verdict == Verdict.DISMISSED:
        return None
    if review.verdict == Verdict.CONFIRMED:
        return _expected(event, evidence.told_type or event.type)
    if review.verdict == Verdict.MERGED:
        into = session.get(Event, review.amended["into"])
        return _expected(into, into.type) if into is not None else None
    return _corrected(session, event)


def _corrected(session: Session, event: Event) -> Label | None:
    """What stands now in place of a corrected event, itself perhaps corrected once more."""
    right: Event | None = event
    while right is not None and right.state == EventState.CORRECTED:
        query = select(Event).where(Event.corrects == right.id).order_by(col(Event.sequence).desc())
        right = session.exec(query).first()
    return _expected(right, right.type) if right is not None and right.state != EventState.DISMISSED else None


def _expected(event: Event, type_: str) -> Label:
    said = {"type": type_, "drug": event.drug or event.therapy, "agency": event.agency, "trial": event.trial}
    return {name: value for name, value in said.items() if value is not None} | {"polarity": event.polarity}
