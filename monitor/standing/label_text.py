"""What the labels of a therapy say today, heading by heading, and since which version of the label."""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

from sqlmodel import Session, col, select
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from monitor.reading.typed.application_acts import therapy_of
from monitor.service import Service
from monitor.standing.timeline import stamp
from monitor.vocabulary.therapies import Therapies
from monitor.watching.snapshots import unpack
from sources.product_labels import BREAK, SECTIONS, Label
from sources.records import Content
from store.tables import Capture, Item, Snapshot

NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2})?)\s+(\S.*)")
"""A heading with its number: `5.1 Myelitis`."""
LONGEST_HEADING = 200
RUN_ON = re.compile(r"(?<=\s)\d{1,2}\.\d{1,2}(?=\s[A-Z])")
AT_ONCE = 100
"""Versions of one label that are read back at most."""


class Heading(NamedTuple):
    """A numbered heading of a section with what stands below it."""

    section: str
    number: str | None
    title: str | None
    text: str

    @property
    def named(self) -> tuple[str, str | None]:
        """By what it is known again in another version, in which it may have another number."""
        return self.section, self.title or self.number


class SaidLine(TypedDict):
    """One heading of a label and what stands below it. `since`: the day of the oldest version kept here that has this
    heading, without a break; null where that is the oldest kept, which may not be the first."""

    therapy: str
    place: str
    section: str
    number: str | None
    heading: str | None
    text: str
    since: str | None
    label: str
    version: str
    effective_on: str
    source: str
    url: str
    retrieved_at: str | None
    capture_sha256: str


def said(service: Service, session: Session, therapy: str | None = None, section: str | None = None) -> list[SaidLine]:
    """What the labels of one therapy, or of all, say; in all their sections, or in one."""
    kinds = [name for name, kind in service.sources.items() if issubclass(kind.record, Label)]
    query = select(Item, Snapshot, Capture).join(Snapshot, col(Snapshot.id) == col(Item.snapshot_id))
    query = query.join(Capture, col(Capture.id) == col(Snapshot.capture_id))
    query = query.where(col(Item.source).in_(kinds), col(Item.present)).order_by(col(Item.title), col(Item.id))
    found: list[SaidLine] = []
    for item, snapshot, capture in session.exec(query):
        content = unpack(snapshot.packed)
        owner = _owner(item, content, service.therapies)
        if owner is None or therapy not in (None, owner):
            continue
        earlier = _versions(session, item)
        found += [
            _line(owner, item, content, capture, heading, _since(earlier, heading))
            for heading in _headings(content)
            if section in (None, heading.section)
        ]
    return found


def _owner(item: Item, content: Content, therapies: Therapies) -> str | None:
    """Whose label it is, as events of it are told: by application, else by name."""
    label = Label.model_validate({**content, "key": item.key, "title": item.title, "url": item.url})
    return therapy_of(label, therapies)


def _line(owner: str, item: Item, content: Content, capture: Capture, heading: Heading, since: str | None) -> SaidLine:
    return {
        "therapy": owner,
        "place": content["place"],
        "section": heading.section,
        "number": heading.number,
        "heading": heading.title,
        "text": heading.text,
        "since": since,
        "label": item.key,
        "version": content["version"],
        "effective_on": content["effective_on"],
        "source": item.source,
        "url": item.url,
        "retrieved_at": stamp(capture.fetched_at),
        "capture_sha256": capture.sha256,
    }


def by_label(lines: Sequence[SaidLine]) -> list[list[SaidLine]]:
    """The lines of each label together."""
    return [list(of_one) for _, of_one in groupby(lines, key=lambda line: (line["source"], line["label"]))]


def heading_of(line: SaidLine) -> str:
    """`5.1 Myelitis` as the label has it; the name of the section where it has none."""
    named = " ".join(filter(None, (line["number"], line["heading"])))
    return named or line["section"].replace("_", " ").capitalize()


def _versions(session: Session, item: Item) -> Sequence[Content]:
    """What is kept of a label, the newest first."""
    rows = select(Snapshot).where(Snapshot.item_id == item.id).order_by(col(Snapshot.id).desc()).limit(AT_ONCE)
    return [unpack(row.packed) for row in session.exec(rows)]


def _since(versions: Sequence[Content], wanted: Heading) -> str | None:
    """The day of the version with which a heading came in; None where the oldest that is kept has it."""
    day: str | None = None
    for content in versions:
        if wanted.named not in {heading.named for heading in _headings(content)}:
            return day
        day = content.get("effective_on")
    return None


def _headings(content: Content) -> Iterator[Heading]:
    """All that a label says in full, in the order of labels."""
    sections: Mapping[str, str] = content.get("sections", {})
    for name in SECTIONS.values():
        if name in sections:
            for number, title, text in _parts(sections[name]):
                yield Heading(name, number, title, text)


def _parts(text: str) -> Iterator[tuple[str | None, str | None, str]]:
    """A section by its numbered headings; one that has none comes out whole."""
    if BREAK not in text:
        yield from _run_on(text)
        return
    heading: tuple[str | None, str | None] = (None, None)
    below: list[str] = []
    for piece in text.split(BREAK):
        found = NUMBERED.fullmatch(piece) if len(piece) <= LONGEST_HEADING else None
        if found is None:
            below.append(piece)
            continue
        if below:
            yield *heading, BREAK.join(below)
        heading, below = (found[1], found[2]), []
    if below:
        yield *heading, BREAK.join(below)


def _run_on(text: str) -> Iterator[tuple[str | None, str | None, str]]:
    """A section in one line, in which a heading does not end before its text: by the numbers alone."""
    whole = text.partition(" ")[0]
    starts = [found.start() for found in RUN_ON.finditer(text) if found[0].startswith(f"{whole}.")]
    for start, end in pairwise([*starts, len(text)]):
        number, _, said = text[start:end].strip().partition(" ")
        yield number, None, said
    if not starts:
        yield None, None, text
