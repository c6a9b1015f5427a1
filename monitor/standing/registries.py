"""One trial in several registries: which records are of the same trial, and where they do not agree.

That they disagree is a fact of the trial and no event: neither of them has said anything new. Only what two of them
state is compared; a date that is told more precisely is the same date, a number that was planned is not held against
the number that came, and a registry that does not say whether a trial recruits contradicts none that does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from sqlmodel import Session, col, select

from monitor.reading.typed.study_acts import NCT, number_of
from monitor.service import Service
from monitor.standing.contract import DisagreementLine, RecordLine, SaidLine, TrialLine
from monitor.watching.snapshots import in_lots, unpack
from sources.records import Content, Counted, Study, StudyStatus
from store.tables import Item, Snapshot

FIELDS: Mapping[str, str] = {
    "status": "Status",
    "enrollment": "Number of people",
    "start": "Start",
    "primary_completion": "Primary completion",
    "completion": "Completion",
}
"""What is compared, and what readers call it."""
MEANT = {
    StudyStatus.UNKNOWN: None,
    StudyStatus.WITHHELD: None,
    StudyStatus.ENROLLING_BY_INVITATION: StudyStatus.RECRUITING,
}
"""A status that says nothing, or the same as another."""
HOW = {Counted.ACTUAL: "actual", Counted.ESTIMATED: "planned"}


@dataclass(frozen=True)
class Registered:
    """A record of a trial in one registry, as last read."""

    item: Item
    content: Content

    @property
    def numbers(self) -> tuple[str, ...]:
        """Its own number, then those that it gives for other registries."""
        return (self.item.key, *(self.item.others or ()))


def trials(service: Service, session: Session, wanted: Iterable[str] | None = None) -> list[TrialLine]:
    """The trials of these numbers, or of all numbers of the pack, each with its records; by number. One that no
    registry has shown is left out."""
    if wanted is None:
        wanted = (number for therapy in service.pack.therapies for number in therapy.trials)
    lines: dict[str, TrialLine] = {}
    for records in _together(_records(service, session, set(wanted))):
        line = _line(service, records)
        lines[line["trial"]] = line
    return [lines[number] for number in sorted(lines)]


def _records(service: Service, session: Session, wanted: set[str]) -> list[Registered]:
    """The records of these trials: of their own numbers, and of those that lead to them or that they lead to."""
    registries = [name for name, kind in service.sources.items() if issubclass(kind.record, Study)]
    present = col(Item.source).in_(registries), col(Item.present).is_(True)
    known = select(Item).where(*present)
    linked = session.exec(select(Item.key, Item.others).where(*present, col(Item.others).is_not(None)))
    together = [{key, *(others or ())} for key, others in linked]
    more = True
    while more:
        found = set().union(*(numbers for numbers in together if not numbers.isdisjoint(wanted)))
        more = not found <= wanted
        wanted |= found
    items = [item for some in in_lots(sorted(wanted)) for item in session.exec(known.where(col(Item.key).in_(some)))]
    snapshots = {
        snapshot.id: snapshot
        for some in in_lots([item.snapshot_id for item in items if item.snapshot_id])
        for snapshot in session.exec(select(Snapshot).where(col(Snapshot.id).in_(some)))
    }
    return [Registered(item, unpack(snapshots[item.snapshot_id].packed)) for item in items if item.snapshot_id]


def _together(records: Sequence[Registered]) -> Iterator[list[Registered]]:
    """Records that lead to one another, the largest registry's first."""
    groups: list[list[Registered]] = []
    for record in records:
        same = [group for group in groups if any(_same(record, other) for other in group)]
        groups = [group for group in groups if group not in same]
        groups.append([record, *(other for group in same for other in group)])
    for group in groups:
        yield sorted(group, key=lambda one: (not NCT.fullmatch(one.item.key), one.item.key))


def _same(one: Registered, other: Registered) -> bool:
    return one.item.key in other.numbers or other.item.key in one.numbers


def _line(service: Service, records: Sequence[Registered]) -> TrialLine:
    numbers = list(dict.fromkeys(number for record in records for number in record.numbers))
    number = number_of(numbers, service.therapies)
    therapies = (service.therapies.of_study(record.content, each) for record in records for each in record.numbers)
    return TrialLine(
        trial=number,
        therapy=next(filter(None, therapies), None),
        numbers=numbers,
        records=[_record(service, record) for record in records],
        disagreements=list(_disagreements(service, records)),
    )


def _record(service: Service, record: Registered) -> RecordLine:
    return RecordLine(
        source=record.item.source,
        registry=service.sources[record.item.source].title,
        key=record.item.key,
        title=record.item.title,
        url=record.item.url,
        status=record.content["status"],
        updated_on=record.item.updated_on,
    )


def _disagreements(service: Service, records: Sequence[Registered]) -> Iterator[DisagreementLine]:
    for field in FIELDS:
        if any(_differ(field, one.content, other.content) for one, other in combinations(records, 2)):
            told = [_said(service, field, record) for record in records if record.content.get(field) is not None]
            yield DisagreementLine(field=field, said=told)


def _differ(field: str, one: Content, other: Content) -> bool:
    """Whether two records state two things that cannot both be so."""
    this, that = one.get(field), other.get(field)
    if field == "status":
        this, that = (MEANT.get(StudyStatus(word), word) if word else None for word in (this, that))
    if this is None or that is None or this == that:
        return False
    if field == "enrollment":
        return _how(field, one) == _how(field, other)
    if field == "status":
        return True
    return not (str(this).startswith(str(that)) or str(that).startswith(str(this)))


def _how(field: str, content: Content) -> str | None:
    kind = content.get(f"{field}_type")
    return HOW[Counted(kind)] if kind else None


def _said(service: Service, field: str, record: Registered) -> SaidLine:
    value = record.content[field]
    if field == "status":
        value = _readable(str(record.content.get("status_text") or value))
    return SaidLine(
        source=record.item.source,
        registry=service.sources[record.item.source].title,
        key=record.item.key,
        url=record.item.url,
        value=str(value),
        how=_how(field, record.content),
        updated_on=record.item.updated_on,
    )


def _readable(word: str) -> str:
    """A registry's own word; one that it writes in capitals as readers would."""
    return word.replace("_", " ").capitalize() if word.isupper() else word
