"""The statements of the answers that have aged beyond their limit, together where the same watches owe an answer."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from monitor.standing.contract import PipelineLine, PlaceLine, StatusLine
from monitor.standing.coverage import Coverage, Looked, Lookout
from monitor.watching.freshness import in_time
from store.states import Health

ORDER = tuple(Looked)


@dataclass(frozen=True, slots=True)
class Statement:
    """One cell of the table, or where a drug stands in trials (no place); `leads`: the answer of its place rests on
    it."""

    therapy: str
    place: str | None
    line: PlaceLine | PipelineLine
    leads: bool = False


@dataclass(slots=True)
class Aged:
    """Statements that the same watches leave in doubt; `silent`: so often nothing is known, which has aged as well."""

    coverage: Coverage
    watches: tuple[str, ...]
    statements: list[Statement] = field(default_factory=list)
    silent: int = 0


def aged(
    lookout: Lookout, lines: Iterable[StatusLine], leading: Collection[tuple[str | None, str | None]]
) -> list[Aged]:
    """What nobody vouches for today, the most telling first. What a person has confirmed lately is not among it, nor
    that nothing is known where nothing is watched."""
    found: dict[tuple[Looked, tuple[str, ...], str | None], Aged] = {}
    for line in lines:
        therapy = line["therapy"]
        cells: list[tuple[str | None, PlaceLine | PipelineLine]] = [(None, line["pipeline"])]
        cells += line["places"].items()
        for place, cell in cells:
            coverage = lookout.saying(therapy, place, cell["state"])
            known = cell["state"] != "none"
            blind = coverage.looked == Looked.NOT_WATCHED and not known
            if coverage.doubt is None or coverage.by_hand or blind:
                continue
            watches = _in_trouble(lookout, coverage)
            row = found.setdefault((coverage.looked, watches, coverage.doubt), Aged(coverage, watches))
            if known:
                row.statements.append(Statement(therapy, place, cell, (therapy, place) in leading))
            else:
                row.silent += 1
    telling = [row for row in found.values() if row.statements]
    return sorted(telling, key=lambda row: (ORDER.index(row.coverage.looked), -len(row.statements)))


def _in_trouble(lookout: Lookout, coverage: Coverage) -> tuple[str, ...]:
    """The watches among those that could speak whose answer is missing, old or not believed; of those that answer in
    time all, where the record is what is missing."""
    near = [watch for watch in lookout.watches if watch.name in coverage.by]
    wrong: Sequence[str] = [
        watch.name
        for watch in near
        if not in_time(watch, lookout.now)
        or id(watch) in lookout.still
        or (coverage.looked == Looked.RECORD_MISSING and id(watch) in lookout.lacking)
        or (coverage.looked == Looked.SHRANK and watch.health == Health.SHRANK)
    ]
    return tuple(wrong)
