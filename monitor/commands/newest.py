"""`therawatch newest`: the newest drug."""

from functools import partial
from typing import Annotated, cast

import typer

from monitor.commands.shell import AsJson, AsOf, KnownAt, call_of, one_of, show
from monitor.standing.contract import NewestLine
from monitor.standing.coverage import Looked, doubt_in_words, lookout
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import RULES, Rule
from monitor.standing.status import newest as newest_of
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.wording import called


def newest(
    context: typer.Context,
    place: Annotated[str, typer.Option(help="Place, such as US.")] = "US",
    as_of: AsOf = None,
    rule: Annotated[str, typer.Option(help="substance, act or formulation.")] = "substance",
    known_at: KnownAt = None,
    as_json: AsJson = False,
) -> None:
    """The newest drug, with the rule that decided."""
    call = call_of(context)
    decides = cast(Rule, one_of(rule, "--rule", RULES))
    asked = call.filters(as_of=as_of, known_at=known_at, place=place)
    with call.answering() as log:
        events, evidence = what_is_known(log.connection, asked.known_at)
        day = asked.as_of or call.today()
        answer = newest_of(events, evidence, place=place, as_of=day, rule=decides, pack=log.pack)
        watched = lookout(log.connection, log.sources, log.now, log.pack.therapies).over_newest(answer)
        show([watched], as_json=as_json, text=partial(_newest_in_words, log.pack))


BLIND = (Looked.NOT_WATCHED, Looked.NOT_YET)
"""Where nobody has looked, no drug on file says nothing."""


def _newest_in_words(pack: Pack, row: NewestLine) -> str:
    why = doubt_in_words(row)
    if row["therapy"] is None and row["looked"] in BLIND:
        return f"not known: {row['place']} is {why}, as of {row['as_of']} (rule: {row['rule']})"
    doubt = f" [{why}]" if why else ""
    if row["therapy"] is None:
        return f"none in {row['place']}, as of {row['as_of']} (rule: {row['rule']}){doubt}"
    therapy = pack.therapy(row["therapy"])
    name = called(therapy, (row["place"] or "",)).full if therapy else row["therapy"]
    whom = f" for {row['for_whom']}," if row["for_whom"] else ""
    answer = f"{name}:{whom} {row['kind']} since {row['since']} in {row['place']}"
    answer += ", as the company says" if row["certainty"] == "reported" else ""
    condition = f". {row['condition']}" if row["condition"] else ""
    return f"{answer}, as of {row['as_of']} (rule: {row['rule']}){condition}{doubt}"
