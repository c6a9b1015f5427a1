"""A pack: one TOML file for one disease, its therapies and what is watched of it."""

import pickle
import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from sys import intern
from typing import Annotated, Any, Literal, cast

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from monitor.settings import Misconfigured, text_of
from monitor.vocabulary.places import PLACES
from sources.http.transports import TRANSPORTS

UNREADABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Signs that XML, mails or PostgreSQL refuse; a tab and a new line are none of them."""
EVERY = re.compile(r"(\d+)\s*([mhdw])")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


LONGEST = timedelta(days=366)
"""Who looks more rarely than once a year need not look."""


def _interval(text: str) -> timedelta | None:
    """The interval that `12h` stands for; None for what is none, or longer than a year."""
    match = EVERY.fullmatch(text)
    if not match or len(match[1]) > 6:
        return None
    interval = timedelta(**{UNITS[match[2]]: int(match[1])})
    return interval if timedelta(0) < interval <= LONGEST else None


def _duration(text: str) -> str:
    if _interval(text) is None:
        raise ValueError("expected a number and m, h, d or w, such as 12h, and no more than a year")
    return text


def _shared(text: str) -> str:
    """The same text, once in memory. pydantic asks what a validator takes, which of `intern` itself takes its time."""
    return intern(text)


def _named(text: str) -> str:
    if not folded(text):
        raise ValueError("expected a name with a letter or a digit in it")
    return text


def folded(name: str) -> str:
    """A name without signs and case: how two spellings of one are told."""
    return re.sub(r"[\W_]+", "", name).casefold()


def _speaks(text: str) -> str:
    if text not in TRANSPORTS:
        raise ValueError(f"expected one of {', '.join(TRANSPORTS)}, found {text!r}")
    return text


Transport = Annotated[str, AfterValidator(_speaks)]
"""What speaks HTTP in place of our own way, for who refuses that."""

Name = Annotated[str, AfterValidator(_named)]
"""What something is called: a name of signs alone, or of nothing, would be found everywhere."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Disease(_Strict):
    """What the pack is about. `history` is a file of dated events beside the pack."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    condition: Name
    synonyms: tuple[Name, ...] = ()
    ambiguous: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Short synonym (up to five capitals) -> beginnings of words beside which it means something else.",
    )
    platforms: tuple[str, ...] = Field(
        default=(), description="Acronyms of trials that test several therapies; they name a trial, never a drug."
    )
    version: str = "0"
    history: str | None = None

    @property
    def short(self) -> str:
        """What readers call it: the first synonym in capitals (`DMD`), else the condition."""
        return next((word for word in self.synonyms if word.isupper()), self.condition)


class ForWhom(_Strict):
    """Who a drug is for, where that is not everybody with the disease: "infants with two copies of the SMN2 gene".

    `mark` says how well that stands: C two or more sources, C1 one, M from memory, X disputed.
    """

    text: str = Field(min_length=1, max_length=200)
    mark: Literal["C", "C1", "M", "X"]


class Therapy(_Strict):
    """A drug as the pack names it. `followed` therapies have a row in the status table; the others are known so that
    their news is recognised and "newest" is right."""

    name: Name
    brands: tuple[Name, ...] = ()
    brand_in: dict[str, str] = {}  # place -> the brand of it there; a place left out has none that is known
    codes: tuple[Name, ...] = ()
    synonyms: tuple[Name, ...] = ()
    sponsors: tuple[Name, ...] = ()
    trials: tuple[Name, ...] = ()
    acronyms: dict[Name, Name] = {}  # trial acronym -> trial id
    applications: dict[str, tuple[str, ...]] = {}
    needs_context: bool = False  # also used for something else: counts only beside a disease term or sponsor
    followed: bool = True
    for_whom: ForWhom | None = None

    @model_validator(mode="after")
    def _brands_fit(self) -> "Therapy":
        for place, brand in self.brand_in.items():
            if place not in PLACES:
                raise ValueError(f"brand_in: expected places of {', '.join(PLACES)}, found {place!r}")
            if brand not in self.brands:
                raise ValueError(
                    f"brand_in.{place}: expected one of the brands {', '.join(self.brands)}, found {brand!r}"
                )
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """Every way to write it, the pack's own name first."""
        return (self.name, *self.brands, *self.codes, *self.synonyms)


@dataclass(config=ConfigDict(extra="forbid"), frozen=True, slots=True, kw_only=True)
class WatchPlan:
    """One watch as the pack configures it; with slots, for a pack may hold ten thousand. `title` is what readers call
    what it looks at ("press releases"); `confirmed` is false where nobody has seen its address answer, or two have not
    named it."""

    name: Name
    title: str | None = None
    source: Annotated[str, AfterValidator(_shared)]
    every: Annotated[str, AfterValidator(_duration), AfterValidator(_shared)]
    url: str | None = None
    base_url: str | None = None
    transport: Transport | None = None
    confirmed: bool = True
    therapies: tuple[str, ...] = ()
    hold: bool = False
    options: dict[str, Any] = Field(default_factory=dict)

    @property
    def interval(self) -> timedelta:
        """How often it is checked."""
        interval = _interval(self.every)
        assert interval, self.every
        return interval


class KnownRecord(_Strict):
    """A record that stands in a source for good, by which `doctor --live` sees whether the source still says it.

    `says`: field of the record to words that stand in it. Without `key` any records will do, `at_least` so many.
    """

    source: str
    key: str | None = None
    url: str | None = None
    base_url: str | None = None
    transport: Transport | None = None
    options: dict[str, Any] = {}
    says: dict[str, str] = {}
    at_least: int = Field(default=1, ge=0)


class Pack(_Strict):
    """A disease, its therapies and its watches, and what is known to stand in its sources."""

    pack: Disease
    therapies: tuple[Therapy, ...] = ()
    watches: tuple[WatchPlan, ...] = ()
    known: tuple[KnownRecord, ...] = ()

    def digest(self) -> str:
        """By what a store knows the pack with which it was filled: the same for the same pack alone."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    @cached_property
    def by_name(self) -> dict[str, Therapy]:
        """The therapies by their names in lower case."""
        return {therapy.name.lower(): therapy for therapy in reversed(self.therapies)}

    @cached_property
    def transports(self) -> dict[str, str]:
        """What speaks for the watches that name a transport, by their names."""
        return {plan.name: plan.transport for plan in self.watches if plan.transport}

    @cached_property
    def unconfirmed(self) -> frozenset[str]:
        """The names of the watches of which the address is not confirmed."""
        return frozenset(plan.name for plan in self.watches if not plan.confirmed)

    def therapy(self, name: str) -> Therapy | None:
        """The therapy of this name, whatever the case."""
        return self.by_name.get(name.lower())

    def named(self, name: str) -> Therapy | None:
        """The therapy that bears this name among its names (brand, code, synonym), however it is written."""
        wanted = folded(name)
        return next((t for t in self.therapies if wanted in map(folded, t.names)), None) if wanted else None


BYTE_ORDER_MARK = "\ufeff"


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """What a TOML file holds. Raises Misconfigured with the file, what was expected and what was found."""
    try:
        text = text_of(path)
    except OSError as problem:
        raise Misconfigured(f"{path}: expected a readable {what}, found none ({problem.strerror})") from None
    except UnicodeDecodeError as problem:
        raise Misconfigured(f"{path}: expected TOML in UTF-8: {problem}") from None
    if text.startswith(BYTE_ORDER_MARK):
        raise Misconfigured(f"{path}: expected TOML in UTF-8 without a byte order mark, found one: save it without")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise Misconfigured(f"{path}: expected TOML in UTF-8: {problem}") from None
    except RecursionError:
        raise Misconfigured(f"{path}: expected TOML, found lists or tables within one another without end") from None


def parsed(path: Path) -> Pack:
    """A pack as its file says; whether it fits its sources is another question (`monitor.vocabulary.pack_faults`).

    Raises Misconfigured with the file, the key, what was expected and what was found.
    """
    raw = read_toml(path, "pack")
    if unreadable := list(unreadable_texts(raw)):
        raise Misconfigured("\n".join(f"{path}: {fault}" for fault in unreadable))
    try:
        read = pickle.dumps(Pack.model_validate(raw))
    except ValidationError as problem:
        raise Misconfigured("\n".join(f"{path}: {in_words(error)}" for error in problem.errors())) from None
    raw.clear()  # what is kept must not lie among what is thrown away, or of ten thousand watches nothing is given back
    return cast(Pack, pickle.loads(read))


def in_words(error: Any) -> str:
    """One fault that pydantic found: where, what was expected and what was found."""
    where = ".".join(str(part) for part in error["loc"])
    if error["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{where}: unknown key; see `therawatch schema` for the accepted ones"
    said = error["msg"].removeprefix("Value error, ")
    if error["type"] == "missing":
        return f"{where}: expected a value, found none"
    return f"{where}: {said}, found {error['input']!r}"


def unreadable_texts(node: Any, where: str = "") -> Iterator[str]:
    """The texts of a file in which nothing stands, or a sign that no page, mail or database can hold."""
    if isinstance(node, str):
        if not node.strip():
            yield f"{where}: expected a text, found none in {node!r}"
        elif UNREADABLE.search(node):
            yield f"{where}: expected text without control characters, found {node[:80]!r}"
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from unreadable_texts(value, f"{where}.{key}".lstrip("."))
            if not key.strip() or UNREADABLE.search(key):
                yield f"{where or 'the file'}: expected a key in words, found {key[:80]!r}"
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from unreadable_texts(value, f"{where}.{number}")
