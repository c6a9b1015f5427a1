"""`therawatch newest`: the newest drug."""

from typing import Annotated, Any, cast

import typer

from monitor.commands.shell import AsJson, AsOf, KnownAt, call_of, day, moment, one_of, show
from monitor.standing.log import what_is_known
from monitor.standing.status import RULES, Rule
from monitor.standing.status import newest as newest_of
from monitor.vocabulary.places import PLACES
from store.database import reading


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
