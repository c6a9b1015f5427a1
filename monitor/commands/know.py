"""Commands that answer: status, newest, classify."""

import json
import sys
from typing import Annotated, Any, cast

import typer

from monitor.commands.shell import AsJson, AsOf, KnownAt, call_of, day, moment, one_of, show
from monitor.reading.prose.items import classify_line
from monitor.settings import Misconfigured
from monitor.standing.log import what_is_known
from monitor.standing.status import RULES, Rule, table
from monitor.standing.status import newest as newest_of
from monitor.vocabulary.event_types import PLACES
from store.database import reading


def status(
    context: typer.Context,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    place: Annotated[str | None, typer.Option(help="Only this place, such as US.")] = None,
    as_json: AsJson = False,
) -> None:
    """The drug and pipeline status table."""
    places = [one_of(place, "--place", PLACES) or ""] if place else list(PLACES)
    call = call_of(context)
    asked, then = day(as_of, "--as-of", call.settings.moment().date()), moment(known_at, "--known-at")
    with call.service() as service, reading(service.engine) as session:
        events, evidence = what_is_known(session, then)
        show(
            table(events, evidence, pack=service.pack, as_of=asked, places=places),
            as_json=as_json,
            text=_status_in_words,
        )


def _status_in_words(row: Any) -> str:
    told = [f"{row['therapy']}, as of {row['as_of']}"]
    for place, cell in row["places"].items():
        if cell["state"] != "none":
            words = ", ".join(str(cell[key]) for key in ("kind", "market") if cell[key])
            told.append(f"  {place}: {cell['state']} since {cell['since'] or 'unknown'} ({words or 'no more known'})")
    line = row["pipeline"]
    told.append(f"  pipeline: phase {line['phase'] or '-'}, {line['state']} {line['trial'] or ''}".rstrip())
    return "\n".join(told)


def newest(
    context: typer.Context,
    place: Annotated[str, typer.Option(help="Place, such as US.")] = "US",
    as_of: AsOf = None,
    rule: Annotated[str, typer.Option(help="substance, act or formulation.")] = "substance",
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """The newest drug, with the rule that decided."""
    one_of(place, "--place", PLACES)
    one_of(rule, "--rule", RULES)
    call = call_of(context)
    asked, then = day(as_of, "--as-of", call.settings.moment().date()), moment(known_at, "--known-at")
    with call.service() as service, reading(service.engine) as session:
        events, evidence = what_is_known(session, then)
        answer = newest_of(events, evidence, place=place, as_of=asked, rule=cast(Rule, rule))
        show([answer], as_json=as_json, text=_newest_in_words)


def _newest_in_words(row: Any) -> str:
    if row["therapy"] is None:
        return f"none in {row['place']}, as of {row['as_of']} (rule: {row['rule']})"
    told = f"{row['therapy']}: {row['kind']} since {row['since']} in {row['place']}"
    return f"{told}, as of {row['as_of']} (rule: {row['rule']})"


def classify(context: typer.Context) -> None:
    """Reads items as JSON Lines on stdin and says which events they announce. No store, no network."""
    call = call_of(context)
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line)
            found = classify_line(item, call.therapies)
        except (ValueError, KeyError, TypeError) as problem:
            raise Misconfigured(
                f"standard input, line {number}: expected id, source_kind, title, text and published: {problem}"
            ) from None
        show([found], as_json=True, text=str)


COMMANDS = {"status": status, "newest": newest, "classify": classify}
