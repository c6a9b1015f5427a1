"""The statements of the answers that have aged, and what a person does about one by whichever door: say that she has
looked and it is still true, or take that back within ten minutes."""

from datetime import datetime
from typing import Literal

from sqlmodel import Session
from typing_extensions import TypedDict

from monitor.events.review import Overruled
from monitor.events.review_decisions import UNDO
from monitor.people.audit import Who, acts
from monitor.service import Service
from monitor.standing.aged import Aged, aged
from monitor.standing.attested import ACT, attest, matter, take_back
from monitor.standing.coverage import lookout
from monitor.standing.kept_answers import KeptAnswers
from monitor.standing.timeline import stamp
from monitor.vocabulary.places import PLACES
from store.tables import Attestation

MOST = 200
"""Drugs whose statements are gone through."""
IN_TRIALS = "trials"
"""What stands for the place of a statement on where a drug stands in trials."""
Act = Literal["confirm", "undo"]
ACTS: tuple[Act, ...] = ("confirm", "undo")


class StaleLine(TypedDict):
    """A statement that nobody vouches for today; `place` null: in trials; `watches`: whose answer is owed; `leads`: the
    answer of its place rests on it."""

    therapy: str
    place: str | None
    state: str
    since: str | None
    doubt: str | None
    watches: list[str]
    leads: bool


class AttestedLine(TypedDict):
    """What a person stands for of a statement; `at` is null where nobody does, or no longer."""

    therapy: str
    place: str | None
    state: str | None
    by: str | None
    at: str | None
    note: str


def aged_statements(session: Session, service: Service, kept: KeptAnswers) -> list[Aged]:
    """What is said today and nobody vouches for, together where the same watches owe an answer."""
    connection, now = session.connection(), service.now()
    asked = (now.date(), None)
    watched = lookout(connection, service.sources, now, service.pack.therapies)
    lines = kept.lines(connection, asked, kept.shown(connection, asked)[:MOST])
    leading = {(kept.newest(connection, asked, place, "substance")["therapy"], place) for place in PLACES}
    return aged(watched, lines, leading)


def stale_lines(session: Session, service: Service, kept: KeptAnswers) -> list[StaleLine]:
    """The statements one by one, those first that a look may mend."""
    return [
        {
            "therapy": one.therapy,
            "place": one.place,
            "state": one.line["state"],
            "since": one.line["since"],
            "doubt": row.coverage.doubt,
            "watches": list(row.watches),
            "leads": one.leads,
        }
        for row in aged_statements(session, service, kept)
        for one in row.statements
    ]


def stand_for(session: Session, lines: list[StaleLine], asked: AttestedLine, who: Who, now: datetime) -> AttestedLine:
    """Keep that she has looked and found one of these still true, as `asked` says it: the state that she saw (None:
    whatever is said), and in the note where she looked. Raises Overruled where it has not aged or says something
    else."""
    therapy, place, seen = asked["therapy"], asked["place"], asked["state"]
    said = next((one["state"] for one in lines if (one["therapy"], one["place"]) == (therapy, place)), None)
    if said is None or seen not in (None, said):
        found = f"that it says {said}" if said else "none"
        raise Overruled(f"expected a statement on {_named(therapy, place)} that has aged, found {found}")
    attest(session, [(therapy, place, said)], who, now, asked["note"])
    return attested(session, therapy, place)


def stand_no_longer(session: Session, therapy: str, place: str | None, who: Who, now: datetime) -> AttestedLine:
    """Take back what was just confirmed. Raises Overruled where it is too late."""
    last = next(iter(acts(session, matter=matter(therapy, place), limit=1)), None)
    if last is None or last.act != ACT:
        minutes = UNDO.seconds // 60
        raise Overruled(f"expected what was confirmed of {_named(therapy, place)} within {minutes} minutes, found none")
    take_back(session, [last.id or 0], who, now)
    return attested(session, therapy, place)


def attested(session: Session, therapy: str, place: str | None) -> AttestedLine:
    """What a person stands for of a statement now."""
    session.flush()
    row = session.get(Attestation, (therapy, place or ""))
    return {
        "therapy": therapy,
        "place": place,
        "state": row.said if row else None,
        "by": row.by if row else None,
        "at": stamp(row.at) if row else None,
        "note": row.note if row else "",
    }


def _named(therapy: str, place: str | None) -> str:
    return f"{therapy}, {place or IN_TRIALS}"
