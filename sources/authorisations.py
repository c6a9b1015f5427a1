"""Marketing authorisations: one medicine at an authority, from the application to the end, as one row of its list."""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar

from sources.records import Official, Record


class AuthorisationStatus(StrEnum):
    """How a medicine stands at an authority."""

    IN_ASSESSMENT = "in_assessment"  # an opinion is given, or looked at again; nothing is decided
    AUTHORISED = "authorised"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"  # the firm took its application back
    ENDED = "ended"  # withdrawn, revoked, expired or lapsed


class AuthorisationAct(StrEnum):
    """What has been done about a medicine so far."""

    OPINION_FOR = "opinion_for"
    OPINION_AGAINST = "opinion_against"
    AUTHORISED = "authorised"
    GENERIC_AUTHORISED = "generic_authorised"  # a copy of another firm's drug
    EXTENDED = "extended"  # a new use or form of what is authorised
    REFUSED = "refused"
    TAKEN_BACK = "taken_back"
    SUSPENDED = "suspended"
    ENDED = "ended"


class Authorisation(Official):
    """One medicine at an authority. Days are as the source writes them, those in `days` as `2024-05-29`."""

    wordings: ClassVar[Mapping[str, str]] = {"status": "status_text"}
    loose: ClassVar[frozenset[str]] = frozenset({"title", "holder", "indication", "particulars"})
    columns: ClassVar[frozenset[str]] = frozenset({"particulars"})
    volatile: ClassVar[frozenset[str]] = Record.volatile | {"decider"}
    derived: ClassVar[frozenset[str]] = Official.derived | {"acts", "days", "kind"}

    decider: str | None = None  # who decides, where that is another than the authority: `EC`
    status: AuthorisationStatus
    status_text: str | None = None
    kind: str | None = None  # regular, conditional, exceptional_circumstances, noc_c, not_stated
    acts: tuple[AuthorisationAct, ...] = ()
    days: dict[str, str] = {}  # act to its day
    holder: str | None = None
    opinion: str | None = None
    indication: str | None = None
    opinion_on: str | None = None
    authorised_on: str | None = None
    taken_back_on: str | None = None
    refused_on: str | None = None
    ended_on: str | None = None
    suspended_on: str | None = None
    particulars: dict[str, str] = {}  # what else the source says, under its own names for it
