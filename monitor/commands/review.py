"""`therawatch review`: a maintainer's verdict on an event."""

import getpass
from typing import Annotated

import typer

from monitor.commands.shell import call_of, say
from monitor.events.review import AMENDABLE, Overruled, Verdict, confirm, correct, dismiss, merge
from monitor.settings import Misconfigured
from monitor.standing.answers import note_changed_answers
from monitor.telling.match import match
from store.database import writing
from store.tables import Event

VERDICTS = ("confirm", "correct", "dismiss", "merge")


def review(
    context: typer.Context,
    event: Annotated[str, typer.Argument(help="The event's id, such as EV7Q2M.")],
    verdict: Annotated[str, typer.Argument(help="confirm, correct, dismiss or merge.")],
    note: Annotated[str, typer.Option(help="Why, for the log.")] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="For correct: field=value, several times.")] = None,
    into: Annotated[str | None, typer.Option(help="For merge: the event that stays.")] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; default: the name of this account.")] = None,
) -> None:
    """A maintainer's verdict on an event; whoever was told something wrong gets the correction."""
    if verdict not in VERDICTS:
        raise typer.BadParameter(f"expected one of {', '.join(VERDICTS)}, found {verdict!r}", param_hint="VERDICT")
    with call_of(context).service() as service:
        with writing(service.engine) as session:
            known = _event(session.get(Event, event), event)
            decided = Verdict(by or getpass.getuser(), service.now(), note)
            try:
                if verdict == "confirm":
                    confirm(session, known, decided, service.pack)
                elif verdict == "dismiss":
                    dismiss(session, known, decided, service.pack)
                elif verdict == "merge":
                    merge(
                        session, known, _event(session.get(Event, into) if into else None, into), decided, service.pack
                    )
                else:
                    correct(session, known, decided, _fields(set_ or []), service.pack)
            except Overruled as problem:
                raise Misconfigured(str(problem)) from None
            note_changed_answers(service, session, service.now())
        match(service)  # who is owed a correction gets it with the next round of sending
    say(f"{event}: {verdict}")


def _event(known: Event | None, asked: str | None) -> Event:
    if known is None:
        raise Misconfigured(f"expected the id of an event in the log, found {asked!r}")
    return known


def _fields(pairs: list[str]) -> dict[str, str | None]:
    amended: dict[str, str | None] = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals:
            raise Misconfigured(f"--set: expected field=value with a field of {', '.join(AMENDABLE)}, found {pair!r}")
        amended[field] = value or None
    return amended
