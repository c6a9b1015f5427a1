"""What a feed is asked to keep where its watch names no words: the names of the pack. The one place that decides it."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from monitor.vocabulary.pack import Pack, WatchPlan
from sources.base import Source

KEEP = "keep"
"""Option of a source that keeps only what mentions a word; an empty list keeps everything."""
SHORTEST = 3  # letters: shorter names are words of too much else


def keeps_by_default(plan: WatchPlan, catalog: Mapping[str, type[Source]]) -> bool:
    """Whether the source of a watch keeps by words, and the watch names none."""
    kind = catalog.get(plan.source)
    return kind is not None and KEEP in kind.Options.model_fields and plan.options.get(KEEP) is None


def filled(pack: Pack, catalog: Mapping[str, type[Source]]) -> Pack:
    """The pack with what its watches keep by default written into them."""
    plans = [
        replace(plan, options={**plan.options, KEEP: list(names(pack, plan))})
        if keeps_by_default(plan, catalog)
        else plan
        for plan in pack.watches
    ]
    return pack.model_copy(update={"watches": tuple(plans)})


def names(pack: Pack, plan: WatchPlan) -> tuple[str, ...]:
    """The disease by all of its names, and the drugs that the watch follows (all, where it names none): by all of their
    names, their trials, and who makes them."""
    return tuple(dict.fromkeys(name for name in _all(pack, plan) if len(name) >= SHORTEST))


def _all(pack: Pack, plan: WatchPlan) -> Iterator[str]:
    yield from (pack.pack.condition, *pack.pack.synonyms)
    for therapy in pack.therapies:
        if not plan.therapies or therapy.name in plan.therapies:
            yield from (*therapy.names, *therapy.acronyms, *therapy.trials, *therapy.sponsors)
