"""The options by which lists are narrowed to words of ours; their help names the words, so the tables come with it."""

from typing import Annotated

import typer

from monitor.reading.routine.kinds import KINDS
from monitor.standing.filter_values import STATES
from monitor.vocabulary.event_types import LEVELS, TIERS

Level = Annotated[str | None, typer.Option(help=f"This level or higher: {', '.join(LEVELS)}.")]
RoutineKind = Annotated[
    str | None, typer.Option("--routine", help=f"Only routine changes of this kind: {', '.join(KINDS)}.")
]
State = Annotated[str | None, typer.Option(help=f"Only events in this state: {', '.join(STATES)}.")]
Tier = Annotated[
    str | None,
    typer.Option(help=f"Only what is told best by this tier: {', '.join(f'{n} {who}' for n, who in TIERS.items())}."),
]
