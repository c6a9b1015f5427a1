"""Mail: text and HTML from the same entries, one recipient a message, one-click unsubscribe."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from pathlib import Path
from threading import Timer
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import css_inline
import jinja2

from notifiers.base import Notifier, Options, Undeliverable
from notifiers.digest import Digest, EventBody

POLICY = SMTP.clone(max_line_length=998)
"""The default length rewrites long List-Unsubscribe addresses, and one-click then fails."""

SIZE_LIMIT = 90_000
"""Bytes of a whole message; mail programs cut longer ones."""

TIMEOUT = 20.0
"""Seconds for one step of the conversation."""

DEADLINE = 60.0
"""Seconds for all of it: a server that sends one byte a second keeps within every timeout."""

PORTS = {"smtp": 25, "smtps": 465}
STARTTLS_PORT = 587


class Mail(Options):
    """What a reader may choose. A neutral subject tells nothing to who looks over a shoulder."""

    neutral_subject: bool = False


class Email(Notifier):
    """One calm message, complete in its text part."""

    name: ClassVar[str] = "email"
    refusal_days: ClassVar[int] = 2  # the first refusal of an address may be a policy against unknown senders
    Options: ClassVar[type[Options]] = Mail

    def check_address(self, address: str) -> str:
        """`name@host`, ASCII, the host in lower case (other scripts as IDNA)."""
        return check_address(address)

    def send(self, message: Digest | EventBody, now: datetime) -> None:
        """Hand the message to the mail server. A cut after the final dot is unknown, so it counts as not sent and
        the same Message-ID comes again."""
        assert isinstance(message, Digest), type(message)
        if not self.channel.smtp_url:
            raise Undeliverable("expected a mail server in THERAWATCH_SMTP_URL, found none", channel=True)
        mail = compose(message, sender=self.channel.mail_from, now=now)
        if len(mail) > SIZE_LIMIT:
            raise Undeliverable(f"the message has {len(mail)} bytes, expected at most {SIZE_LIMIT}")
        _, sender = parseaddr(self.channel.mail_from)
        with _connected(self.channel.smtp_url, name=sender.rpartition("@")[2] or "localhost") as server:
            _converse(server, sender, message.address, mail)


def check_address(address: str) -> str:
    """The canonical form of a mail address. Raises ValueError with what was expected and found."""
    expected = "expected a mail address such as reader@example.org"
    local, _, host = address.strip().rpartition("@")
    try:
        host = host.lower().encode("idna").decode("ascii")
        parsed = Address(username=local, domain=host)
    except (ValueError, IndexError) as problem:
        raise ValueError(f"{expected}, found {address!r} ({problem})") from None
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}", local) or not re.fullmatch(r"[a-z0-9.-]+", host):
        raise ValueError(f"{expected}, found {address!r}")
    if len(parsed.addr_spec) > 254 or local.startswith(".") or local.endswith(".") or ".." in local:
        raise ValueError(f"{expected}, found {address!r}")
    return f"{local}@{host}"


def compose(digest: Digest, *, sender: str, now: datetime) -> bytes:
    """The message as bytes. Raises Undeliverable when a template cannot be filled: better no mail than half a one."""
    options = Mail.model_validate(digest.options)
    name, address = parseaddr(sender)
    domain = address.rpartition("@")[2] or "localhost"
    mail = EmailMessage(policy=POLICY)
    mail["From"] = sender
    mail["To"] = digest.address
    mail["Subject"] = _line("News you asked for" if options.neutral_subject else digest.subject)
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = digest.message_id
    if digest.thread:
        mail["References"] = f"<{_token(digest.thread)}.{digest.subscription}@{domain}>"
    mail["List-Id"] = f"{_line(name) or 'Therawatch'} <updates.{domain}>"
    mail["List-Unsubscribe"] = f"<{digest.stop_url}>"
    mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    try:
        text, page = render(digest)
    except jinja2.TemplateError as problem:
        raise Undeliverable(f"the message could not be written: {problem}") from problem
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(page, subtype="html", cte="quoted-printable")
    return mail.as_bytes()


def render(digest: Digest) -> tuple[str, str]:
    """The text part and the HTML part, both complete."""
    text = _templates(escape=False).get_template("digest.txt").render(digest=digest)
    page = _templates(escape=True).get_template("digest.html").render(digest=digest)
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return text, css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(page)


@cache
def _templates(*, escape: bool) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["web"] = _web
    environment.filters["line"] = _line
    environment.filters["day"] = _day
    return environment


def _web(address: str | None) -> str:
    """An address a reader may follow, or nothing: escaping alone lets `javascript:` through."""
    return address if address and re.match(r"https?://[^\s<>\"]+\Z", address) else ""


def _line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _day(text: str | None) -> str:
    """`2025-08-29` as 29 Aug 2025, `2024-09` as Sep 2024: as precise as it is told."""
    year, _, rest = (text or "").partition("-")
    if not rest:
        return year or "day not known"
    month, _, day = rest.partition("-")
    moment = date(int(year), int(month), int(day or 1))
    return (f"{moment.day} " if day else "") + f"{moment:%b %Y}"


def _token(thread: str) -> str:
    return "thread." + re.sub(r"[^a-z0-9]+", ".", thread.lower()).strip(".")


@contextmanager
def _connected(url: str, *, name: str) -> Iterator[smtplib.SMTP]:
    """A session with the mail server, greeted, encrypted and signed in; what fails here stops the whole channel."""
    parts = urlsplit(url)
    starttls = parse_qs(parts.query).get("starttls", ["0"])[-1] == "1"
    host, port = parts.hostname or "localhost", parts.port or (STARTTLS_PORT if starttls else PORTS[parts.scheme])
    context = ssl.create_default_context()
    server: smtplib.SMTP | None = None
    timer: Timer | None = None
    try:
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, port, local_hostname=name, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, port, local_hostname=name, timeout=TIMEOUT)
        timer = _hang_up_after(DEADLINE, server)
        server.ehlo_or_helo_if_needed()
        if starttls:
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except (smtplib.SMTPException, OSError) as problem:
        _stop(server, timer)
        raise Undeliverable(
            f"the mail server {host}:{port} did not let us in: {_told(problem)}",
            channel=True,
            status=getattr(problem, "smtp_code", None),
        ) from None
    try:
        yield server
    finally:
        _stop(server, timer)


def _hang_up_after(seconds: float, server: smtplib.SMTP) -> Timer:
    def hang_up() -> None:
        with suppress(OSError):  # it may have hung up by itself just now
            if server.sock is not None:
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    return timer


def _stop(server: smtplib.SMTP | None, timer: Timer | None) -> None:
    """Part without waiting for a farewell: what was accepted stays accepted whatever is said afterwards."""
    if timer is not None:
        timer.cancel()
    if server is not None:
        server.close()


def _converse(server: smtplib.SMTP, sender: str, recipient: str, mail: bytes) -> None:
    """MAIL, RCPT, DATA, each judged by the mail policy."""
    code, said = _ask(lambda: server.mail(sender), "MAIL")
    if code != 250:
        raise _refused("MAIL", code, said, channel=code == 421 or code >= 500)
    code, said = _ask(lambda: server.rcpt(recipient), "RCPT")
    if code not in (250, 251):
        raise _refused("RCPT", code, said, channel=code == 421, permanent=code >= 500)
    code, said = _ask(lambda: server.data(mail), "DATA")
    if code != 250:
        raise _refused("DATA", code, said, channel=code == 421)
    try:
        server.docmd("QUIT")
    except (smtplib.SMTPException, OSError):
        return  # accepted already


def _ask(verb: Callable[[], tuple[int, bytes]], name: str) -> tuple[int, bytes]:
    try:
        return verb()
    except smtplib.SMTPResponseException as problem:  # data() raises it when the server wants no data at all
        return problem.smtp_code, _bytes(problem.smtp_error)
    except (smtplib.SMTPException, OSError) as problem:
        raise Undeliverable(f"the conversation broke off at {name}: {_told(problem)}") from None


def _bytes(text: bytes | str) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _refused(verb: str, code: int, said: bytes, *, channel: bool, permanent: bool = False) -> Undeliverable:
    text = _line(said.decode("utf-8", "replace"))[:200]
    return Undeliverable(f"{verb} answered {code}: {text}", channel=channel, permanent=permanent, status=code)


def _told(problem: Exception) -> str:
    """The problem in words; SMTPAuthenticationError and its like carry code and text, never the password."""
    return _line(str(problem))[:200] or type(problem).__name__
