"""What the stories stand on: a world that can misbehave, an installation in a folder, receivers that keep all."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import col, select

from demo.answers import Answer
from demo.receivers import MailCatcher
from demo.story import Story, Told, Versioned
from demo.world import World
from monitor.path.assemble import assembled
from monitor.path.round import check_all
from monitor.service import Service
from monitor.settings import PREFIX, Settings
from monitor.telling.attempts import DeliveryLine
from monitor.telling.deliver import deliver
from monitor.telling.match import match
from monitor.watching.runs import Checked
from store.database import reading
from store.tables import Event, Evidence, Watch
from tests.forked import Forked
from tests.fresh import fresh

PATIENCE = 180
"""Seconds that a command may take on a machine that is busy with other things; alone it takes two."""
ROOT = Path(__file__).resolve().parents[2]

DISEASE = """
[pack]
name = "als-story"
condition = "amyotrophic lateral sclerosis"
synonyms = ["ALS", "motor neurone disease", "SOD1-ALS"]

[[therapies]]
name = "AMX0035"
brands = ["Relyvrio", "Albrioza"]
synonyms = ["sodium phenylbutyrate and taurursodiol"]
sponsors = ["Amylyx", "Amylyx Pharmaceuticals"]
trials = ["NCT03127514", "NCT05021536"]
acronyms = { CENTAUR = "NCT03127514", PHOENIX = "NCT05021536" }
applications = { fda = ["NDA216660"] }

[[therapies]]
name = "tofersen"
brands = ["Qalsody"]
codes = ["BIIB067"]
sponsors = ["Biogen"]
trials = ["NCT02623699", "NCT04856982"]
acronyms = { VALOR = "NCT02623699", ATLAS = "NCT04856982" }
applications = { fda = ["NDA215887"] }
"""
"""The head of every story's pack; `watch` adds to it."""


def watch(name: str, source: str, **keys: Any) -> str:
    """One watch as a pack writes it; `every` is 12h unless given, and a feed keeps all that it shows."""
    wishes = {"name": name, "source": source, "every": "12h", **keys}
    if source == "feed":
        wishes["options"] = {"keep": [], **keys.get("options", {})}
    return "\n[[watches]]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in wishes.items())


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value)


def tale(
    *, studies: tuple[Versioned, ...] = (), applications: tuple[Versioned, ...] = (), pages: tuple[Versioned, ...] = (),
    notices: tuple[Mapping[str, Any], ...] = (), told: tuple[Told, ...] = (),
) -> Story:  # fmt: skip
    """A story of just these things."""
    return Story(studies, applications, pages, notices, told, {one.feed: one.feed for one in told})


def versions(key: str, *moved: tuple[date, Mapping[str, Any]]) -> Versioned:
    """A thing and how it moves, each time with all that holds from that day on."""
    return Versioned(key, tuple((on, {"key": key, **facts}) for on, facts in moved))


def study(key: str, *moved: tuple[date, Mapping[str, Any]], **facts: Any) -> Versioned:
    """A study of ALS; the moves say from which day which facts hold."""
    lasting = {
        "title": f"Study {key} in ALS", "sponsor": "A University", "conditions": ["Amyotrophic Lateral Sclerosis"],
        "interventions": [{"type": "DRUG", "name": "a compound"}], "phases": ["PHASE2"], "status": "RECRUITING",
    }  # fmt: skip
    return versions(key, *((on, {**lasting, **facts, **moves}) for on, moves in moved))


def application(key: str, on: date, *submissions: tuple[str, str, str, str], **facts: Any) -> Versioned:
    """An application at the FDA as it stands from a day on; submissions are type, number, status and day of the act."""
    product = {
        "brand": "Qalsody", "form": "INJECTION", "route": "INTRATHECAL", "marketing": "Prescription",
        "ingredients": [{"name": "TOFERSEN", "strength": "100MG/15ML"}],
    }  # fmt: skip
    told: dict[str, Any] = {
        "sponsor": "BIOGEN",
        "products": [product],
        "submissions": [(*one, {}) for one in submissions],
    }
    return versions(key, (on, {**told, **facts}))


class Stage(World):
    """The replay registry of the demo, with accidents: answers given instead, answers edited, and a hand on the line.

    `instead` and `edits` go by path; `during` is called while a request waits for its answer.
    """

    lasting = False

    def __init__(self, story: Story, *, at: datetime) -> None:
        super().__init__(story, at=at)
        self.instead: dict[str, Answer] = {}
        self.edits: dict[str, Callable[[Any], Any]] = {}
        self.during: Callable[[], None] | None = None

    def answer(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        """What the world says to one request."""
        if self.during:
            self.during()
        if path in self.instead:
            return self.instead[path]
        said = super().answer(path, query)
        if path in self.edits and said.status == 200:
            return replace(said, body=json.dumps(self.edits[path](json.loads(said.body))).encode())
        return said

    def forget(self) -> None:
        """Everything is in order again."""
        self.instead, self.edits, self.during = {}, {}, None


@dataclass(frozen=True)
class Got:
    """One webhook as it arrived."""

    id: str
    headers: dict[str, str]
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        """The body, read."""
        found: dict[str, Any] = json.loads(self.body)
        return found


@dataclass
class Hook:
    """A receiver of webhooks. `answers` are given in order, the last one for ever; `before` and `after` are called
    once half the body is read, and once a call is kept but not yet answered."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=lambda: [(204, {})])
    got: list[Got] = field(default_factory=list)
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None

    def __enter__(self) -> "Hook":
        self._server = _Door(("127.0.0.1", 0), _Receiver)
        self._server.hook = self
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name="hook", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """The address to subscribe."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/hook"


class _Door(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    hook: Hook

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up in the middle: nothing is said of it, least of all where a command's stderr is read."""


class _Receiver(BaseHTTPRequestHandler):
    timeout = 10

    def do_POST(self) -> None:
        assert isinstance(self.server, _Door)
        hook = self.server.hook
        length = int(self.headers["content-length"])
        head = self.rfile.read(length // 2)
        if hook.before:
            hook.before()
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        hook.got.append(Got(headers.get("webhook-id", ""), headers, head + self.rfile.read(length - length // 2)))
        if hook.after:
            hook.after()
            return
        status, more = hook.answers.pop(0) if len(hook.answers) > 1 else hook.answers[0]
        self.send_response(status)
        for name, value in (more | {"Content-Length": "0"}).items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet: the hook keeps what arrived."""


class Postbox(MailCatcher):
    """A mail server. `answers` to DATA are given in order, the last one for ever: a mail is kept at 250 only.
    `after` is called once a mail is kept but not yet answered."""

    def __init__(self) -> None:
        super().__init__()
        self.answers = ["250 kept"]
        self.refused: list[str] = []
        """Message-ID of every mail that was not taken."""
        self.after: Callable[[], None] | None = None

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by the server when a mail is complete."""
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        await super().handle_DATA(server, session, envelope)
        if not answer.startswith("250"):
            self.refused.append(str(self.mails.pop()["Message-ID"]))
        elif self.after:
            self.after()
        return answer


@dataclass
class Installation:
    """A pack, a database and an environment in one folder, as an operator has them."""

    folder: Path
    world: Stage
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def database(self) -> Path:
        return self.folder / "watch.db"

    @property
    def pack(self) -> Path:
        return self.folder / "pack.toml"

    def write_pack(self, *watches: str, head: str = DISEASE) -> None:
        """Write the pack; `WORLD` in it stands for the address of the world."""
        self.pack.write_text((head + "".join(watches)).replace("WORLD", self.world.url), encoding="utf-8")

    def variables(self, **more: str) -> dict[str, str]:
        """The environment of a command; names without their prefix."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
        own = {
            "CONFIG": str(self.pack), "DATABASE_URL": f"sqlite:///{self.database}", "ALLOW_PRIVATE": "1",
            "PACE_SECONDS": "0", "NOW": self.world.moment.isoformat(),
        } | self.environ | more  # fmt: skip
        paths = os.pathsep.join([str(ROOT), *filter(None, [inherited.get("PYTHONPATH")])])
        return inherited | {"PYTHONPATH": paths} | {PREFIX + name: value for name, value in own.items() if value}

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start the command and return at once."""
        return subprocess.Popen(
            [sys.executable, "-m", "monitor", *arguments], cwd=self.folder, env=self.variables(**more),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def command(self, *arguments: str, **more: str) -> "Ran":
        """Run the command to its end."""
        with self.forked(*arguments, **more) as running:
            done = running.ended(PATIENCE)
        return Ran(done.returncode, done.stdout, done.stderr)

    def forked(self, *arguments: str, **more: str) -> Forked:
        """Start the command without its imports, and return at once."""
        return Forked(arguments, folder=self.folder, environ=self.variables(**more))

    @contextmanager
    def service(self, **settings: Any) -> Iterator[Service]:
        """The same installation in this process; its moment is the world's."""
        if "database_url" not in settings and not self.database.exists():
            fresh(self.database)
        own = {"config": self.pack, "database_url": f"sqlite:///{self.database}", "allow_private": True,
               "pace_seconds": 0, "now": self.world.moment}  # fmt: skip
        with assembled(Settings.from_environ({}, **(own | settings))) as service:
            yield replace(service, now=lambda: self.world.moment)


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it said."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What `--json` printed: every line of stdout is one object."""
        return [json.loads(line) for line in self.out.splitlines()]


def look(service: Service, *names: str) -> dict[str, Checked]:
    """Check everything, or the named watches, one after the other, so that whose word comes first is no chance; and
    match. What each watch said."""
    found = {one.watch: one for one in check_all(service, names, everything=not names, workers=1)}
    match(service)
    return found


def send(service: Service) -> list[DeliveryLine]:
    """Send what is due."""
    return list(deliver(service))


def events(service: Service) -> list[Event]:
    """All events in the order in which they were recorded."""
    with reading(service.engine) as session:
        return list(session.exec(select(Event).order_by(col(Event.sequence))))


def evidence(service: Service, event: Event) -> list[Evidence]:
    """What tells of an event, the first teller first."""
    with reading(service.engine) as session:
        return list(session.exec(select(Evidence).where(Evidence.event_id == event.id).order_by(col(Evidence.id))))


def watch_row(service: Service, name: str) -> Watch:
    """How a watch fares."""
    with reading(service.engine) as session:
        return session.exec(select(Watch).where(Watch.name == name)).one()
