"""What a sound pack still lacks, for `lint` to say: a newcomer learns what to add next. None of it is a fault."""

from collections.abc import Iterator, Mapping

from monitor.vocabulary.agencies import place_of
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.places import PLACES
from sources.base import Source


def gaps(pack: Pack, catalog: Mapping[str, type[Source]], *, history: int, proposed: int) -> Iterator[str]:
    """Each gap as a place in the file and what could stand there."""
    if not pack.pack.synonyms:
        yield "pack.synonyms: none; without the short names of the disease many headlines are not recognised"
    if not history:
        yield "pack.history: none; what happened before the first look is not known"
    if proposed:
        yield f"pack.history: {proposed} of {history} rows are proposed by registers, and looked over by nobody"
    for therapy in pack.therapies:
        lacks = [
            words
            for words, there in (
                ("trials", therapy.trials), ("applications", therapy.applications), ("sponsors", therapy.sponsors),
            )
            if not there
        ]  # fmt: skip
        if therapy.followed and lacks:
            yield f"therapies.{therapy.name}: no {', no '.join(lacks)}"
    if pack.unconfirmed:
        yield f"watches: the addresses of {', '.join(sorted(pack.unconfirmed))} are not confirmed"
    kinds = [catalog[plan.source] for plan in pack.watches if plan.source in catalog]
    watched: set[str | None] = {place for kind in kinds for place in kind.places}
    watched |= {place_of(str(plan.options.get("agency"))) for plan in pack.watches}
    if unseen := [place for place in PLACES if place not in watched]:
        yield f"watches: approvals in {', '.join(unseen)} are not watched"
