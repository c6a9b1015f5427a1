"""`therawatch review`: a maintainer's verdict on an event."""

from typing import Annotated

import typer

from monitor.commands.shell import call_of, say
from monitor.events import review_decisions as decisions
from monitor.events.review import AMENDABLE, Overruled
from monitor.events.review_decisions import Rules, Wish
from monitor.people.audit import at_terminal
from monitor.settings import Misconfigured
from monitor.telling.match import match
from store.database import writing
from store.states import Verdict
from store.tables import Decision, Event

VERDICTS = {
    "confirm": Verdict.CONFIRMED,
    "correct": Verdict.CORRECTED,
    "dismiss": Verdict.DISMISSED,
    "merge": Verdict.MERGED,
}
UNDO = "undo"


def review(
    context: typer.Context,
    event: Annotated[str, typer.Argument(help="The event's id, such as EV7Q2M.")],
    verdict: Annotated[str, typer.Argument(help="confirm, correct, dismiss, merge, or undo what was decided.")],
    note: Annotated[str, typer.Option(help="Why, for the log; readers of a correction see it.")] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="For correct: field=value, several times.")] = None,
    into: Annotated[str | None, typer.Option(help="For merge: the event that stays.")] = None,
    by: Annotated[str | None, typer.Option(help="Who decides; default: the name of this account.")] = None,
    at_once: Annotated[bool, typer.Option("--at-once", help="Without the time in which it may be undone.")] = False,
) -> None:
    """A maintainer's verdict on an event; whoever was told something wrong gets the correction. It takes effect after
    10 minutes, what is critical after 2; until then it can be undone."""
    if verdict not in (*VERDICTS, UNDO):
        raise typer.BadParameter(
            f"expected one of {', '.join((*VERDICTS, UNDO))}, found {verdict!r}", param_hint="VERDICT"
        )
    with call_of(context).service() as service:
        rules = Rules(two_people=service.settings.two_people, at_once=at_once)
        with writing(service.engine) as session:
            if (known := session.get(Event, event)) is None:
                raise Misconfigured(f"expected the id of an event in the log, found {event!r}")
            amended = {"into": into} if verdict == "merge" else _fields(set_ or [])
            who, now = at_terminal(by), service.now()
            try:
                if verdict == UNDO:
                    decisions.undo(session, known, who, now)
                    said = "undone"
                else:
                    wish = Wish(VERDICTS[verdict], note, amended)
                    said = _then(verdict, decisions.decide(session, known, wish, who, now, rules), at_once)
            except Overruled as problem:
                raise Misconfigured(str(problem)) from None
        match(service)  # who is owed a correction gets it with the next round of sending
    say(f"{event}: {said}")


def _then(verdict: str, decision: Decision, at_once: bool) -> str:
    """What was decided, and when it takes effect."""
    if decision.due_at is None:
        return f"{verdict}, once a second person has said the same"
    if at_once:
        return verdict
    then = f"{decision.due_at:%Y-%m-%d %H:%M} UTC"
    return f"{verdict}; takes effect {then}, until then: therawatch review {decision.event_id} undo"


def _fields(pairs: list[str]) -> dict[str, str | None]:
    amended: dict[str, str | None] = {}
    for pair in pairs:
        field, equals, value = pair.partition("=")
        if not equals:
            raise Misconfigured(f"--set: expected field=value with a field of {', '.join(AMENDABLE)}, found {pair!r}")
        amended[field] = value or None
    return amended
