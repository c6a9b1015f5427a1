"""Where the demo's messages arrive: a mail catcher, and a webhook echo that checks every signature. Beside them a
receiver that never answers, for those who measure what it holds up."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import choice
from socket import create_server, socket
from types import TracebackType
from typing import Any, Self, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from standardwebhooks import Webhook, WebhookVerificationError

LOOPBACK = "127.0.0.1"
PATIENCE = 60.0
"""Seconds that a mail server may take to start where much else runs."""

OURS = range(20_000, 32_000)
"""Ports that no system hands out by itself, so that nobody is given one between our look at it and its use."""


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    while True:
        port = choice(OURS)
        with socket() as probe, suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port


class Mail(EmailMessage):
    """A mail as it was read, and as it came."""

    as_it_came: bytes = b""


def read_mail(content: bytes, recipient: str) -> Mail:
    """A mail as a server was given it, with whom it is for."""
    mail = cast(Mail, message_from_bytes(content, _class=Mail, policy=default))
    mail.as_it_came = content
    mail["X-Recipient"] = recipient
    return mail


class MailCatcher:
    """An SMTP server that keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.port = free_port()  # aiosmtpd wants to be told one
        self._controller = Controller(self, hostname=LOOPBACK, port=self.port, ready_timeout=PATIENCE)

    @property
    def url(self) -> str:
        """What THERAWATCH_SMTP_URL takes."""
        return f"smtp://{LOOPBACK}:{self.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._controller.stop()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the server when a mail is complete."""
        content = envelope.content
        assert isinstance(content, bytes), type(content)
        self.keep(content, ", ".join(envelope.rcpt_tos))
        return "250 kept"

    def keep(self, content: bytes, recipient: str) -> None:
        """Keep a mail as it came."""
        self.mails.append(read_mail(content, recipient))


@dataclass(frozen=True)
class Call:
    """One webhook as it arrived."""

    id: str
    body: dict[str, Any]


class WebhookEcho:
    """An HTTP receiver that accepts what is signed with its secret and refuses everything else."""

    def __init__(self, secret: str) -> None:
        self.calls: list[Call] = []
        self.refused: list[str] = []
        self._verifier = Webhook(secret)
        self._server = ThreadingHTTPServer((LOOPBACK, 0), _Receiver)
        self._server.daemon_threads = True
        self._server.echo = self  # type: ignore[attr-defined]

    @property
    def url(self) -> str:
        """The address to subscribe."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/hook"

    def __enter__(self) -> "WebhookEcho":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="echo", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def take(self, headers: dict[str, str], body: bytes) -> int:
        """Check and keep one call; the status to answer with."""
        try:
            self._verifier.verify(body, headers)
        except WebhookVerificationError as problem:
            self.refused.append(str(problem))
            return 401
        self.calls.append(Call(headers["webhook-id"], json.loads(body)))
        return 204


class _Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 10

    def do_POST(self) -> None:
        echo: WebhookEcho = self.server.echo  # type: ignore[attr-defined]
        body = self.rfile.read(min(int(self.headers.get("Content-Length", "0")), 1_000_000))
        self.send_response(echo.take({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the echo keeps what arrived."""


@contextmanager
def hanging() -> Iterator[str]:
    """A webhook that takes every connection and never answers; its address."""
    held: list[socket] = []
    over = threading.Event()
    with create_server((LOOPBACK, 0), backlog=50) as server:
        server.settimeout(0.1)

        def hold() -> None:
            while not over.is_set():
                try:
                    held.append(server.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=hold, name="hanging")
        thread.start()
        try:
            yield f"http://{LOOPBACK}:{server.getsockname()[1]}/hook"
        finally:
            over.set()
            thread.join()
            for connection in held:
                connection.close()
