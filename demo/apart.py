"""The world and those who are told, in a process of their own, as they really are: what is known of them is their
addresses. The moment at which the world stands is set from here, and what arrived is asked for."""

import json
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from demo.outbox import Outbox
from demo.receivers import Mail, MailCatcher, WebhookEcho, read_mail
from demo.story import read_story
from demo.world import START, World

ROOT = Path(__file__).resolve().parents[1]
PATIENCE = 10.0  # seconds for the process to end
THERE = "there"
ARRIVED = "arrived?"


@dataclass
class Arrived:
    """What came since it was last asked for."""

    envelopes: list[tuple[str, str]] = field(default_factory=list)
    """Recipient, and the mail as it came, a character a byte."""
    calls: list[dict[str, Any]] = field(default_factory=list)
    """Bodies of webhooks."""
    refused: list[str] = field(default_factory=list)
    """Why webhooks were refused."""

    @property
    def mails(self) -> list[Mail]:
        """The mails, read."""
        return [read_mail(content.encode("latin-1"), to) for to, content in self.envelopes]


class WorldApart:
    """Serves the world over HTTP and takes mails and webhooks while the context lasts, and spares our own process the
    work of it. All that arrives is kept in the folder `sent`, if one is named."""

    def __init__(self, secret: str, sent: Path | None = None) -> None:
        self.moment = START
        self.url = self.mail = self.hook = ""
        self._arguments = [secret, *([str(sent.resolve())] if sent else [])]
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> "WorldApart":
        command = [sys.executable, "-m", "demo.apart", *self._arguments]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        self.url, self.mail, self.hook = json.loads(self._said())
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        assert self._process and self._process.stdin and self._process.stdout, "the world was never entered"
        self._process.stdin.close()  # it ends with its input
        ended = self._process.wait(PATIENCE)
        self._process.stdout.close()
        assert kind or ended == 0, "what arrived could not be kept; the fault stands above"

    def at(self, moment: datetime) -> "WorldApart":
        """Move the world to a moment."""
        assert (said := self._ask(moment.isoformat())) == THERE, f"the world: expected {THERE!r}, found {said!r}"
        self.moment = moment
        return self

    def arrived(self) -> Arrived:
        """What came since this was last asked."""
        return Arrived(**json.loads(self._ask(ARRIVED)))

    def _ask(self, line: str) -> str:
        assert self._process and self._process.stdin, "the world hears only inside its context"
        self._process.stdin.write(f"{line}\n")
        return self._said()

    def _said(self) -> str:
        assert self._process and self._process.stdout, "the world speaks only inside its context"
        said = self._process.stdout.readline().strip()
        assert said, "the process of the world has ended; its fault stands above"
        return said


class _Letterbox(MailCatcher):
    """Reads no mail: that can wait until nobody does."""

    def __init__(self) -> None:
        super().__init__()
        self.envelopes: list[tuple[str, str]] = []

    def keep(self, content: bytes, recipient: str) -> None:
        self.envelopes.append((recipient, content.decode("latin-1")))


def main(secret: str, sent: str = "") -> None:
    """Serve: addresses of world, mail server and webhook on stdout, then a line for each on stdin, until that ends."""
    outbox = Outbox(Path(sent)) if sent else None
    with World(read_story()) as world, _Letterbox() as box, WebhookEcho(secret) as echo, ThreadPoolExecutor(1) as clerk:
        print(json.dumps([world.url, box.url, echo.url]), flush=True)
        filed: list[Future[None]] = []
        for line in map(str.strip, sys.stdin):
            if line != ARRIVED:
                world.at(datetime.fromisoformat(line))
                print(THERE, flush=True)
                continue
            print(json.dumps(asdict(arrived := _taken(box, echo))), flush=True)
            if outbox and (arrived.envelopes or arrived.calls):
                filed.append(clerk.submit(outbox.keep, world.moment, arrived.mails, arrived.calls))
    for done in filed:
        done.result()


def _taken(box: _Letterbox, echo: WebhookEcho) -> Arrived:
    """What the two hold, out of their hands."""
    arrived = Arrived(box.envelopes[:], [call.body for call in echo.calls], echo.refused[:])
    for held in (box.envelopes, echo.calls, echo.refused):
        held.clear()
    return arrived


if __name__ == "__main__":
    main(*sys.argv[1:])
