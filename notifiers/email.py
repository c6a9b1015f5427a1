"""Mail: text and HTML from the same entries, one recipient a message, one-click unsubscribe."""

import re
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from threading import Lock
from typing import Any, ClassVar
from uuid import uuid4

from notifiers.base import Channel, Notifier, Options, Undeliverable
from notifiers.digest import Digest, EventBody
from notifiers.mail_address import check_address
from notifiers.mail_parts import one_line, render
from notifiers.smtp import MailServer

WORDED = frozenset({"subject", "from", "list-id"})
"""Headers that hold words of people. They are folded; any other stays whole, since a folded List-Unsubscribe address
is rewritten on its way, and one-click then fails."""

LINE = 76


class Folding(EmailPolicy):
    """Headers of words in lines and encoded words as short as RFC 2047 wants them (75), all others in one line."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        """As it is given where it is one plain line, as ours are: to take it apart would be a third of a mail's cost.
        Anything else is looked at by the library, which refuses what would break out of its line."""
        if isinstance(value, str) and value.isprintable() and (value.isascii() or name.lower() == "subject"):
            return name, value
        return super().header_store_parse(name, value)

    def header_fetch_parse(self, name: str, value: Any) -> Any:
        """As it was stored."""
        return value

    def header_max_count(self, name: str) -> int:
        """Each of our headers comes once. The library makes a class of each to learn that."""
        return 1

    def fold_binary(self, name: str, value: Any) -> bytes:
        """One header as bytes, its line ends included."""
        if name.lower() not in WORDED:
            return super().fold_binary(name, value)
        words, bracket, address = str(value).rpartition("<") if name.lower() != "subject" else (str(value), "", "")
        charset = "us-ascii" if words.isascii() else "utf-8"
        if charset == "utf-8":
            words = words.strip().strip('"')
        folded = Header(words.strip(), charset, maxlinelen=LINE, header_name=name).encode(linesep=self.linesep)
        return f"{name}: {folded}{' ' if folded and bracket else ''}{bracket}{address}{self.linesep}".encode("ascii")


POLICY = Folding(linesep="\r\n", max_line_length=998)

SIZE_LIMIT = 90_000
"""Bytes of a whole message; mail programs cut longer ones. What does not fit is counted and left to a link."""


class Mail(Options):
    """What a reader may choose. A neutral subject tells nothing to who looks over a shoulder."""

    neutral_subject: bool = False


class Email(Notifier):
    """One calm message, complete in its text part."""

    name: ClassVar[str] = "email"
    refusal_days: ClassVar[int] = 2  # the first refusal of an address may be a policy against unknown senders
    at_a_time: ClassVar[int] = 1  # one connection for many mails; a mail that drags on makes room for another
    Options: ClassVar[type[Options]] = Mail

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._server: MailServer | None = None
        self._lock = Lock()

    def check_address(self, address: str) -> str:
        """`name@host`, ASCII, the host in lower case (other scripts as IDNA)."""
        return check_address(address)

    def send(self, message: Digest | EventBody, now: datetime) -> None:
        """Hand the message to the mail server. A cut after the final dot is unknown, so it counts as not sent and
        the same Message-ID comes again. Raises Undeliverable."""
        assert isinstance(message, Digest), type(message)
        _, sender = parseaddr(self.channel.mail_from)
        mail = compose(message, sender=self.channel.mail_from, now=now)
        while len(mail) > SIZE_LIMIT and message.entries:
            message = message.shortened(f"{self.channel.base_url}/events")
            mail = compose(message, sender=self.channel.mail_from, now=now)
        if len(mail) > SIZE_LIMIT:
            raise Undeliverable(f"the message has {len(mail)} bytes, expected at most {SIZE_LIMIT}")
        self._server_of(sender).send(sender, message.address, mail)

    def close(self) -> None:
        """Part from the mail server."""
        if self._server is not None:
            self._server.close()

    def _server_of(self, sender: str) -> MailServer:
        """The mail server, one object for all mails of this notifier. Raises Undeliverable when none is named."""
        if not self.channel.smtp_url:
            raise Undeliverable("expected a mail server in THERAWATCH_SMTP_URL, found none", channel=True)
        with self._lock:
            if self._server is None:
                try:
                    self._server = MailServer(self.channel.smtp_url, name=sender.rpartition("@")[2] or "localhost")
                except ValueError as problem:
                    raise Undeliverable(f"THERAWATCH_SMTP_URL: {problem}", channel=True) from None
            return self._server


def compose(digest: Digest, *, sender: str, now: datetime) -> bytes:
    """The message as bytes. Where a template cannot be filled what is wrong is raised as it is, a fault of ours: better
    no mail than half a one, and nothing that is held against its reader."""
    options = Mail.model_validate(digest.options)
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    subject = one_line("News you asked for" if options.neutral_subject else digest.subject)
    from_whom = one_line(name) or "Therawatch"
    text, page = render(digest)
    mail = EmailMessage(policy=POLICY)
    mail["From"] = sender
    mail["To"] = digest.address
    mail["Subject"] = subject
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = digest.message_id
    if digest.thread:
        mail["References"] = f"<{_token(digest.thread)}.{digest.subscription}@{domain}>"
    mail["List-Id"] = f"{from_whom} <updates.{domain}>"
    mail["List-Unsubscribe"] = f"<{digest.stop_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    mail.set_boundary(f"{'=' * 15}{uuid4().int:039}==")  # to draw one the library would search the text by a pattern
    return mail.as_bytes()


def _token(thread: str) -> str:
    return "thread." + re.sub(r"[^a-z0-9]+", ".", thread.lower()).strip(".")
