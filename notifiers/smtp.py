"""The conversation with a mail server: one connection for many mails, each verb judged by the mail policy."""

import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Lock, Timer

from notifiers.base import Undeliverable
from notifiers.mail_parts import one_line
from notifiers.mail_server import server_address

TIMEOUT = 20.0
"""Seconds for one step of the conversation."""

DEADLINE = 60.0
"""Seconds for a whole mail: a server that sends one byte a second keeps within every timeout."""

FAREWELL = 1.0
"""Seconds for QUIT: what was accepted stays accepted whatever is said afterwards."""

AT_ONCE = 2.0
"""A server that ends a used connection ends it within so many seconds; what takes longer is a fault."""

CLOSING = 421


class _Discreet(smtplib.SMTP):
    """A conversation of which nobody hears the password, whatever the server says back."""

    hidden: tuple[bytes, ...] = ()

    def getreply(self) -> tuple[int, bytes]:
        """What the server answers."""
        code, said = super().getreply()
        for secret in self.hidden:
            said = said.replace(secret, b"***")
        return code, said


class _DiscreetTls(_Discreet, smtplib.SMTP_SSL):
    """The same, encrypted from its start."""


def _spellings(user: str, password: str) -> tuple[bytes, ...]:
    """How a password goes over the line."""
    plain = password.encode()
    return (b64encode(f"\0{user}\0{password}".encode()), b64encode(plain), plain) if len(plain) > 3 else ()


class MailServer:
    """A mail server and the connections that are open to it. Safe in threads; `close` when done.

    Once the server as a whole turned us away, nothing more is asked of it by this object.
    """

    def __init__(self, url: str, *, name: str) -> None:
        """`name` is what we call ourselves in EHLO. Raises ValueError when the URL names no server."""
        self._address = server_address(url)
        self._name = name
        self._idle: list[smtplib.SMTP] = []
        self._lock = Lock()
        self._door = Lock()  # one connects at a time: whoever waits learns how it went
        self._shut: Undeliverable | None = None
        self._hurried: set[str] = set()  # recipients at whom the server hung up since it last took a mail

    def send(self, sender: str, recipient: str, mail: bytes) -> None:
        """Hand over one mail, on an open connection if there is one.

        Raises Undeliverable; of the channel when the server greets, signs in or starts nobody.
        """
        with self._lock:
            used = self._idle.pop() if self._idle else None
        if used is not None:
            with suppress(_Ended):
                self._converse(used, sender, recipient, mail, fresh=False)
                return
        self._converse(self._connect(), sender, recipient, mail, fresh=True)

    def greet(self) -> None:
        """Be let in and say nothing more. Raises Undeliverable."""
        self._put_back(self._connect(), keep=True)

    def close(self) -> None:
        """Say farewell on every open connection."""
        with self._lock:
            idle, self._idle = self._idle, []
        for server in idle:
            with suppress(smtplib.SMTPException, OSError):
                if server.sock is not None:
                    server.sock.settimeout(FAREWELL)
                server.docmd("QUIT")
            server.close()

    def _connect(self) -> smtplib.SMTP:
        with self._door:
            if self._shut is not None:
                raise self._shut
            try:
                return self._greeted()
            except (smtplib.SMTPException, OSError) as problem:
                host = f"{self._address.host}:{self._address.port}"
                said = _in_words(problem)
                self._shut = Undeliverable(
                    f"the mail server {host} did not let us in: {said}",
                    channel=True,
                    status=getattr(problem, "smtp_code", None),
                )
                raise self._shut from None

    def _greeted(self) -> smtplib.SMTP:
        """A connection, greeted, encrypted and signed in."""
        here = self._address
        server = (
            _DiscreetTls(timeout=TIMEOUT, local_hostname=self._name, context=ssl.create_default_context())
            if here.tls
            else _Discreet(timeout=TIMEOUT, local_hostname=self._name)
        )
        server.hidden = _spellings(here.user, here.password)
        server._host = here.host  # type: ignore[attr-defined]  # what connect() of the constructor notes for TLS
        with ExitStack() as unless_greeted:
            unless_greeted.callback(server.close)
            with _hang_up_after(DEADLINE, server):
                code, said = server.connect(here.host, here.port)
                if code != 220:
                    raise smtplib.SMTPConnectError(code, said)
                server.ehlo_or_helo_if_needed()
                if here.starttls:
                    server.starttls(context=ssl.create_default_context())
                if here.user:
                    server.login(here.user, here.password)
            unless_greeted.pop_all()
        return server

    def _converse(self, server: smtplib.SMTP, sender: str, recipient: str, mail: bytes, *, fresh: bool) -> None:
        """MAIL, RCPT, DATA. Raises _Ended when a used connection turns out to be over, Undeliverable otherwise."""
        keep = False
        try:
            with _hang_up_after(DEADLINE, server):
                _say_mail(server, sender, fresh=fresh)
                self._say(lambda: server.rcpt(recipient), "RCPT", recipient, accepted=(250, 251))
                self._say(lambda: server.data(mail), "DATA", recipient, accepted=(250,))
            self._hurried.clear()
            keep = True
        except Undeliverable as refused:
            if refused.channel:
                self._shut = refused
            keep = refused.status not in (None, CLOSING) and _reset(server)
            raise
        finally:
            self._put_back(server, keep=keep)

    def _say(
        self, verb: Callable[[], tuple[int, bytes]], name: str, recipient: str, *, accepted: tuple[int, ...]
    ) -> None:
        """One verb about one mail: a refusal counts for this mail, hanging up at a second recipient for the server."""
        code, said = _ask(verb, name)
        if code in accepted:
            return
        if code == CLOSING:
            self._hurried.add(recipient)
        channel = len(self._hurried) > 1
        raise _refused(name, code, said, channel=channel, permanent=name == "RCPT" and code >= 500)

    def _put_back(self, server: smtplib.SMTP, *, keep: bool) -> None:
        if keep:
            with self._lock:
                self._idle.append(server)
        else:
            server.close()


class _Ended(Exception):
    """The server has had enough of a connection that served before; nothing was said yet of the mail at hand."""


def _say_mail(server: smtplib.SMTP, sender: str, *, fresh: bool) -> None:
    """MAIL. On a used connection, being hung up at once only means that it is over; 421 on a fresh one is meant for
    all; any other refusal counts for the mail at hand, so that it is given up in the end and shown."""
    started = time.monotonic()
    try:
        code, said = _ask(lambda: server.mail(sender), "MAIL")
    except Undeliverable:
        if not fresh and time.monotonic() - started < AT_ONCE:
            raise _Ended from None
        raise
    if code == CLOSING and not fresh:
        raise _Ended
    if code != 250:
        raise _refused("MAIL", code, said, channel=code == CLOSING)


@contextmanager
def _hang_up_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    def hang_up() -> None:
        with suppress(OSError):  # it may have hung up by itself just now
            if server.sock is not None:
                server.sock.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _reset(server: smtplib.SMTP) -> bool:
    """Whether the connection may be used for another mail after a refusal."""
    try:
        return server.rset()[0] == 250
    except (smtplib.SMTPException, OSError):
        return False


def _ask(verb: Callable[[], tuple[int, bytes]], name: str) -> tuple[int, bytes]:
    try:
        return verb()
    except smtplib.SMTPResponseException as problem:  # data() raises it when the server wants no data at all
        said = problem.smtp_error
        return problem.smtp_code, said if isinstance(said, bytes) else said.encode()
    except (smtplib.SMTPException, OSError) as problem:
        raise Undeliverable(f"the conversation broke off at {name}: {_in_words(problem)}") from None


def _refused(verb: str, code: int, said: bytes, *, channel: bool = False, permanent: bool = False) -> Undeliverable:
    text = one_line(said.decode("utf-8", "replace"))[:200]
    return Undeliverable(f"{verb} answered {code}: {text}", channel=channel, permanent=permanent, status=code)


def _in_words(problem: Exception) -> str:
    """The problem; SMTPAuthenticationError and its like carry code and text, never the password."""
    return one_line(str(problem))[:200] or type(problem).__name__
