"""What a notifier is, and the one exception it may raise."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict

from notifiers.digest import Digest, EventBody


class Undeliverable(Exception):
    """The message was not accepted.

    `permanent` pauses the subscription; `channel` says the whole channel is down, not this address;
    `retry_after` is in seconds, when the other side named it; `status` is its code.
    """

    def __init__(
        self,
        reason: str,
        *,
        permanent: bool = False,
        channel: bool = False,
        retry_after: float | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.permanent = permanent
        self.channel = channel
        self.retry_after = retry_after
        self.status = status


class Answer(BaseModel):
    """What a POST got back: status, headers, and at most 4 KB of body."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    status: int
    headers: dict[str, str]
    text: str


class Post(Protocol):
    """How a notifier speaks HTTP: guarded addresses, one deadline for the whole exchange, no redirects.

    Raises Undeliverable when the address is refused or nobody answers.
    """

    def __call__(self, url: str, *, body: bytes, headers: Mapping[str, str]) -> Answer: ...


@dataclass(frozen=True)
class Channel:
    """What the installation gives every notifier: its way out, its mail server, its own name."""

    post: Post
    base_url: str
    mail_from: str
    smtp_url: str | None = None
    allow_private: bool = False


class Options(BaseModel):
    """Base of every notifier's options: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Notifier(ABC):
    """One channel. It sends once and reports; retries are the delivery's business."""

    name: ClassVar[str] = ""
    payload: ClassVar[Literal["digest", "event"]] = "digest"
    retries: ClassVar[tuple[float, ...]] = (300, 900, 3600, 14400, 43200, 86400, 86400, 86400)
    """Seconds to wait after the first, second ... failed attempt, 75 hours or more in all; when they run out the
    delivery has failed."""
    at_once: ClassVar[bool] = False  # True: no digests on this channel
    refusal_days: ClassVar[int] = 1  # on how many different days a permanent refusal must come to be believed
    at_a_time: ClassVar[int] = 32  # how many sends may be under way at once, not counting those that drag on
    Options: ClassVar[type[Options]] = Options

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    @abstractmethod
    def check_address(self, address: str) -> str:
        """The address in canonical form; ValueError says what was expected and what was found."""

    @abstractmethod
    def send(self, message: Digest | EventBody, now: datetime) -> None:
        """Send it, or raise Undeliverable. `now` is real time: signatures and Date headers carry it.

        Called from several threads, `at_a_time` of them and a few more when one drags on.
        """

    def close(self) -> None:  # noqa: B027 - most have nothing to close
        """Part from whoever is still connected: the round of sending is over."""
