"""What the answers say today and would say after a decision, in the words of the public pages."""

from collections.abc import Callable, Iterator
from typing import Any, TypedDict

from monitor.standing.afterwards import Afterwards, Sides
from monitor.standing.courses import Standing
from monitor.standing.pipeline import Stage
from monitor.vocabulary.pack import Pack
from monitor.web import labels as words
from monitor.web.rendering import display_name
from store.columns import Act


class Sentence(TypedDict):
    """What one answer is about, what it says today, and what it would say; the same where it stays."""

    about: str
    before: str
    after: str


def sentences(stands: Afterwards, pack: Pack) -> list[Sentence]:
    """The sentences of the answers that an act is about."""
    return list(_sentences(stands, pack))


def _sentences(stands: Afterwards, pack: Pack) -> Iterator[Sentence]:
    place = stands.place or ""
    name = display_name(pack, stands.therapy, stands.place) or ""
    if stands.newest:
        yield _sides(f"Newest drug in {words.in_place(place)}", stands.newest, lambda it: _newest(it, place, pack))
    if stands.standing:
        yield _sides(f"{name} in {words.in_place(place)}", stands.standing, _standing)
    if stands.stage and (stands.place is None or stands.stage.before.state != stands.stage.after.state):
        yield _sides(f"{name} in trials", stands.stage, _stage)


def _sides(about: str, sides: Sides, said: Callable[[Any], str]) -> Sentence:
    return {"about": about, "before": said(sides.before), "after": said(sides.after)}


def _newest(found: tuple[Act, str | None] | None, place: str, pack: Pack) -> str:
    if found is None:
        return f"In {words.in_place(place)} we know of no drug that was approved and is still sold."
    act, kind = found
    name = display_name(pack, act.therapy, place)
    return (
        f"In {words.in_place(place)} it is {name}, which got {words.word(kind, 'kind_sentence')} "
        f"{words.on_day(act.occurred_on)}."
    )


def _standing(found: Standing) -> str:
    since = f", {words.day(found.since.occurred_on)}" if found.since and found.since.occurred_on else ""
    parts = [words.word(found.state, "authorisation") + since]
    parts += [words.word(found.kind, "kind")] if found.kind else []
    parts += [words.word(found.market, "market")] if found.market else []
    return "; ".join(parts) + "."


def _stage(found: Stage) -> str:
    phase = f"Phase {found.phase}: " if found.phase else ""
    trial = f" ({found.trial})" if found.trial else ""
    return f"{phase}{words.word(found.state, 'pipeline')}{trial}."
