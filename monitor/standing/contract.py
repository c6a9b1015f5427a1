"""The lines of contract.md: what commands print with `--json` and the interface answers, key by key.

What is not known is null. Dates are text as precise as they are known, moments text in UTC.
"""

from typing import Any

from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12


class EvidenceLine(TypedDict):
    """Who tells of it, where, in which words."""

    source: str
    tier: int
    url: str | None
    quote: str | None
    retrieved_at: str | None
    capture_sha256: str | None
    watch: str | None


class ProofLine(EvidenceLine):
    """Evidence of an answer: with the event it belongs to, and how well that one and its date stand."""

    event: str
    event_mark: str | None
    date_mark: str | None


class EventLine(TypedDict):
    """One real-world event. `known_to`: `day`, `month` or `year`, as precisely as the date of the act is known."""

    event: str
    type: str
    therapy: str | None
    place: str | None
    places: list[str]
    trial: str | None
    polarity: str
    occurred_on: str | None
    known_to: str | None
    detected_at: str | None
    level: str
    certainty: str
    tier: int
    thread: str
    title: str
    evidence: list[EvidenceLine]
    state: str


class RungLine(TypedDict):
    """A step of the matter an event belongs to."""

    event: str
    step: str | None
    on: str | None
    tier: int
    title: str
    state: str


class ReviewLine(TypedDict):
    """A maintainer's verdict."""

    verdict: str
    by: str
    at: str | None
    note: str


class EventInFull(EventLine):
    """An event with all that is known of it."""

    sequence: int
    drug: str | None
    agency: str | None
    kind: str | None
    subtype: str | None
    phase: str | None
    planned_start: str | None
    marketed_from: str | None
    step: str | None
    alert: bool
    level_reasons: list[str]
    note: str | None
    rule: str | None
    confidence: float | None
    held_because: str | None
    corrects: str | None
    released_at: str | None
    event_mark: str | None
    date_mark: str | None
    ladder: list[RungLine]
    reviews: list[ReviewLine]


class DifferenceLine(TypedDict):
    """One field of a record, before and after: our name of it and the source's own path."""

    field: str
    path: str
    before: Any  # JSON of the record
    after: Any


class RoutineLine(TypedDict):
    """A routine change in words."""

    kind: str
    words: str


class ChangeLine(TypedDict):
    """One difference of the log. `title` is the item's as it was then; `awaits_review`: an event of it is held."""

    change: int
    detected_at: str | None
    source: str
    watch: str
    item: str
    kind: str
    title: str
    url: str
    fields: list[DifferenceLine]
    event_ids: list[str]
    routine: list[Any]
    awaits_review: bool
    back_at: str | None  # when what had changed was as before again: changed and changed back


class Marks(TypedDict):
    """Which events made an answer, and how well the first of them and its date stand (null: seen live)."""

    events: list[str]
    event_mark: str | None
    date_mark: str | None
    certainty: str | None  # `reported`: a company says so, no regulator yet


class Covered(TypedDict):
    """`looked`: whether somebody looks there: `watched`, `late`, `record_missing`, `shrank`, `frozen`, `not_looked_yet`
    or `not_watched`. `data_of`: the day of which the source's data are, where it is `frozen`. `missing`: the records it
    rests on that the source does not show. `watched_by`: the watches whose word that is, by name. `by_hand`: where that
    is a doubt, the day on which a person looked and found the statement still true."""

    looked: str | None
    data_of: str | None
    missing: list[str]
    watched_by: list[str]
    by_hand: str | None


class _MadeBy(Marks, Covered):
    """What an answer rests on, and whether somebody looks there."""

    evidence: list[ProofLine]


class PlaceLine(_MadeBy):
    """The authorisation of a therapy in a place."""

    state: str
    kind: str | None
    market: str | None
    since: str | None
    condition: str | None  # what an approval of this kind hangs on, in words


class PipelineLine(_MadeBy):
    """How far a therapy is in trials."""

    phase: str | None
    state: str
    trial: str | None
    since: str | None


class SaidLine(TypedDict):
    """What one registry states in a field. `how`: `actual` or `planned`; `updated_on`: by its own word."""

    source: str
    registry: str
    key: str
    url: str
    value: str
    how: str | None
    updated_on: str | None


class DisagreementLine(TypedDict):
    """A field of a trial that its registries do not agree on: a fact of the trial, and no event."""

    field: str
    said: list[SaidLine]


class RecordLine(TypedDict):
    """A record of a trial in one registry, with its status in our words."""

    source: str
    registry: str
    key: str
    title: str
    url: str
    status: str
    updated_on: str | None


class TrialLine(TypedDict):
    """One trial, in however many registries it stands: the number by which it is told, all of its numbers."""

    trial: str
    therapy: str | None
    numbers: list[str]
    records: list[RecordLine]
    disagreements: list[DisagreementLine]


class RunLine(TypedDict):
    """One attempt to check a watch."""

    started_at: str | None
    finished_at: str | None
    outcome: str
    pages: int
    records: int
    changes: int
    events: int
    note: str | None
    ms: int


class WatchLine(TypedDict):
    """How a watch fares. `stale`: its last success is too old to vouch for anything, or there was none. `data_of`: what
    the source says of the age of its data, in its own words; `newest_entry`: of a feed, as last shown; `paused_at`:
    since when a maintainer lets it rest."""

    watch: str
    source: str
    title: str
    url: str | None
    therapies: list[str]
    every_seconds: int
    last_success_at: str | None
    health: str
    problem: str | None
    data_of: str | None
    newest_entry: str | None
    remarks: list[str]
    failures: int
    next_check_at: str | None
    stale: bool
    paused_at: str | None
    runs: list[RunLine]


class StatusLine(TypedDict):
    """Where one therapy stands, and for whom it is where that is not everybody with the disease."""

    therapy: str
    for_whom: str | None
    followed: bool
    places: dict[str, PlaceLine]
    pipeline: PipelineLine
    as_of: str


class NewestLine(_MadeBy):
    """The newest drug by a rule, for whom it is where that is not everybody, and what its approval hangs on."""

    therapy: str | None
    for_whom: str | None
    condition: str | None
    rule: str
    place: str | None
    since: str | None
    kind: str | None
    as_of: str
