"""What an `event/1` body holds, key by key, and the JSON Schema that is published of it.   (pure)

Later versions of `event/1` only add keys, and words to lists that are not closed here: a receiver takes what it knows.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from store.states import Certainty, Level, Notice, Polarity

SCHEMA: Literal["event/1"] = "event/1"
ADDRESS = "/schemas/event-1.json"
"""Where the schema is published."""

Day = Annotated[str, Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$", examples=["2025-08-29", "2025-08", "2025"])]
Moment = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$", examples=["2025-08-29T12:41:07Z"])]
Tier = Annotated[
    int, Field(ge=1, le=4, description="1 regulator, 2 registry or legal filing, 3 sponsor, 4 press or community")
]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class TherapyLine(TypedDict):
    """A drug with all its names, and its application numbers by kind (`nda`) or agency."""

    id: str
    names: list[str]
    ids: dict[str, str]
    for_whom: str | None


class ChangeLine(TypedDict):
    """One field of the approval or of a record, before and after, each with the day from which it held."""

    field: str
    before: Any
    after: Any
    before_since: Day | None
    after_since: Day | None


class RungLine(TypedDict):
    """One step of the ladder."""

    step: str
    on: Day | None
    tier: Tier


class ProofLine(TypedDict):
    """One piece of evidence; `ref` is the number of the record or document."""

    source: str
    tier: Tier
    ref: str | None
    url: str | None
    retrieved_at: Moment | None
    capture_sha256: Hash | None
    locator: str | None
    quote: str | None


class ReviewLine(TypedDict):
    """Who let the event out: `automatic`, or a person of a role."""

    mode: Literal["automatic", "human"]
    by_role: str | None
    at: Moment | None


class Body(TypedDict):
    """`event/1`, key by key. Dates are text as precise as known, moments text in UTC; what is not known is null."""

    schema: Literal["event/1"]
    id: Annotated[str, Field(description="The event: the same on a retry, a confirmation and in every interface.")]
    type: Annotated[str, Field(description="A type of the list of events.", examples=["authorization_revoked"])]
    test: Annotated[bool, Field(description="True: made up, on request. Do nothing.")]
    notice: Annotated[Notice, Field(description="News, a regulator's confirmation of it, or a correction of it.")]
    title: str
    thread: Annotated[str, Field(description="The matter: the same for all steps of one ladder.")]
    sequence: Annotated[
        int,
        Field(
            ge=1,
            description="The place of the event among those of its thread, in the order in which they were recorded. "
            "It rises; what you did not ask for, what is held and history leave gaps.",
        ),
    ]
    occurred_on: Day | None
    source_published_on: Day | None
    detected_at: Moment | None
    released_at: Moment | None
    place: Annotated[str | None, Field(description="The first of the places; null for trials.")]
    places: list[str]
    agency: str | None
    trial: str | None
    polarity: Polarity
    kind: str | None
    pack: dict[str, str]
    therapy: TherapyLine | None
    change: list[ChangeLine]
    ladder: list[RungLine]
    level: Level
    level_reasons: list[str]
    certainty: Certainty
    tier: Tier
    tellers: Annotated[int, Field(ge=0, description="How many sources tell of it.")]
    disputed: bool
    text: dict[str, dict[str, str]]
    evidence: list[ProofLine]
    answer_changed: bool
    corrects: Annotated[str | None, Field(description="The event that was wrong, where this corrects one.")]
    supersedes: str | None
    review: ReviewLine
    links: dict[str, str]


def event_schema(base_url: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a body, with the address at which this installation publishes it."""
    described = TypeAdapter(Body).json_schema()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": base_url + ADDRESS,
        **described,
        "title": SCHEMA,
    }
