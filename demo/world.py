"""A replay registry on loopback: what ClinicalTrials.gov, openFDA, the Federal Register, feeds and a page would have
answered at a moment that can be set, and the rest of the launch tier (`demo/launch.py`)."""

import hashlib
import re
import threading
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from socketserver import StreamRequestHandler, ThreadingTCPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlencode, urlsplit

from demo import launch, shapes
from demo.answers import Answer, as_html, as_json, as_text, as_xml
from demo.story import Story, Versioned

START = datetime(2022, 1, 1, 12, tzinfo=UTC)
MOST_OF_A_LINE = 65536
FEED_LENGTH = 15
"""How many items a feed shows; older ones have scrolled out, as they do in real ones."""
SERVICES = {
    "/api/v2/": "clinicaltrials", "/drug/drugsfda": "drugsfda", "/api/v1/": "federalregister", "/feeds/": "feeds",
    "/pages/": "pages", **launch.SERVICES,
}  # fmt: skip


@dataclass(frozen=True)
class _Reply:
    """What was answered last, how things stood then, and the bytes for who has it and for who has it not."""

    state: object
    tag: str | None
    short: bytes
    whole: bytes

    @classmethod
    def of(cls, answer: Answer, state: object) -> "_Reply":
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"' if answer.status == 200 else None
        head = f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\nContent-Type: {answer.kind}\r\n"
        head += f"ETag: {tag}\r\n" if tag else ""
        whole = f"{head}Content-Length: {len(answer.body)}\r\n\r\n".encode() + answer.body
        return cls(state, tag, f"HTTP/1.1 304 Not Modified\r\nETag: {tag}\r\n\r\n".encode(), whole)


class World:
    """The world as it stood at one moment, served over real HTTP while the context lasts."""

    def __init__(self, story: Story, *, at: datetime = START) -> None:
        self.story = story
        self.moment = at
        self.asked: list[str] = []
        """Path and query of every request, in order."""
        self._down: dict[str, int] = {}
        self._instants = story.instants()
        self._replies: dict[str, _Reply] = {}
        self._stands_at: datetime | None = None
        self._state: object = None
        """How things stand at that moment: what was answered when they stood so is answered again."""
        self._server: _Server | None = None

    lasting = True
    """Whether an answer stands until the story goes on; a world that is meddled with meanwhile answers anew."""

    def __enter__(self) -> Self:
        server = _Server(("127.0.0.1", 0), _Handler)
        server.world = self
        self._server = server
        threading.Thread(target=server.serve_forever, args=(0.05,), name="world", daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None) -> None:
        assert self._server, "the world was never entered"
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Address of the world, without a slash at the end."""
        assert self._server, "the world has an address only inside its context"
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def at(self, moment: datetime) -> "World":
        """Move the world to a moment."""
        self.moment = moment
        return self

    def down(self, service: str, status: int = 503) -> None:
        """Let a service (clinicaltrials, drugsfda, federalregister, feeds, pages, openfda, dailymed, ema, edgar, euctr)
        or one feed or page (`feeds/wire`) answer with an error until `up`."""
        self._down[service] = status

    def up(self, service: str) -> None:
        """End a fault."""
        self._down.pop(service, None)

    def reply(self, target: str, tag: str) -> bytes:
        """What goes over the wire for a path with its query, asked with a validator or without."""
        self.asked.append(target)
        if self._stands_at is not self.moment:
            self._stands_at = self.moment
            self._state = (bisect_right(self._instants, self.moment), self._monday(), self.moment.month)
        kept = self._replies.get(target)
        if self.lasting and kept is not None and kept.state == self._state and not self._down:
            return kept.short if tag == kept.tag else kept.whole
        parts = urlsplit(target)
        reply = _Reply.of(self.answer(parts.path, parse_qs(parts.query)), self._state)
        if not self._down:
            self._replies[target] = reply
        return reply.short if tag == reply.tag else reply.whole

    def answer(self, path: str, query: Mapping[str, list[str]]) -> Answer:
        """What the world says to one request."""
        service = next((name for prefix, name in SERVICES.items() if path.startswith(prefix)), None)
        single = path.strip("/").rsplit(".", 1)[0]
        for fault in (service, single):
            if fault in self._down:
                return as_text(self._down[fault], "out of order")
        asked = {name: values[-1] for name, values in query.items()}
        if service == "clinicaltrials":
            return self._registry(path, asked)
        if service == "drugsfda" and path == "/drug/drugsfda.json":
            return self._openfda(asked)
        if service == "federalregister" and path == "/api/v1/documents.json":
            return self._register(asked, query)
        if service == "feeds":
            return self._feed(single)
        if service == "pages":
            return self._page(single)
        if service in launch.SERVICES.values():
            return launch.launch_answer(self.story, path, asked, self.moment)
        return as_text(404, "not found")

    def _monday(self) -> date:
        """The day on which also a quiet registry has moved its date."""
        return self.moment.date() - timedelta(days=self.moment.weekday())

    def _seen(self, things: tuple[Versioned, ...]) -> list[tuple[Any, dict[str, Any]]]:
        return [seen for thing in things if (seen := thing.seen(self.moment))]

    def _registry(self, path: str, asked: Mapping[str, str]) -> Answer:
        studies = self._seen(self.story.studies)
        version = max(posted for posted, _ in studies)
        if path == "/api/v2/version":
            return as_json({"apiVersion": "2.0.5", "dataTimestamp": f"{max(version, self._monday())}T09:00:05"})
        if single := re.fullmatch(r"/api/v2/studies/(NCT\d{8})", path):
            answer = [shapes.study(f, posted=p, data_version=version) for p, f in studies if f["key"] == single[1]]
            return as_json(answer[0]) if answer else as_text(404, f"NCT number {single[1]} not found")
        if path != "/api/v2/studies":
            return as_text(404, "not found")
        rows = [
            shapes.study(facts, posted=posted, data_version=version)
            for posted, facts in studies
            if _wanted(facts, asked)
        ]
        token = asked.get("pageToken", f"{version}.0")
        if token.rsplit(".", 1)[0] != str(version):
            return as_text(400, "the page token belongs to another version of the data")
        first, size = int(token.rsplit(".", 1)[1]), min(int(asked.get("pageSize", "10")), 1000)
        body: dict[str, Any] = {"studies": rows[first : first + size]}
        if asked.get("countTotal") == "true" and "pageToken" not in asked:
            body["totalCount"] = len(rows)
        if first + size < len(rows):
            body["nextPageToken"] = f"{version}.{first + size}"
        return as_json(body)

    def _openfda(self, asked: Mapping[str, str]) -> Answer:
        wanted = set(re.findall(r"(?:NDA|ANDA|BLA)\d{6}", asked.get("search", "")))
        applications = self._seen(self.story.applications)
        rows = [shapes.application(facts) for _, facts in applications if not wanted or facts["key"] in wanted]
        if not rows:
            return as_json({"error": {"code": "NOT_FOUND", "message": "No matches found!"}}, status=404)
        skip, limit = int(asked.get("skip", "0")), int(asked.get("limit", "1"))
        built = max(*(posted for posted, _ in applications), self.moment.date().replace(day=1))
        return as_json(shapes.openfda(rows[skip : skip + limit], skip=skip, limit=limit, total=len(rows), built=built))

    def _register(self, asked: Mapping[str, str], query: Mapping[str, list[str]]) -> Answer:
        terms = [term.strip(' "()').lower() for term in re.split(r"\s(?:OR|\|)\s", asked.get("conditions[term]", ""))]
        rows = [
            shapes.notice(facts)
            for facts in self.story.notices
            if facts["publication_date"] <= self.moment.date()
            and any(term in f"{facts['title']} {facts['abstract']}".lower() for term in terms)
            and facts["publication_date"].isoformat() >= asked.get("conditions[publication_date][gte]", "")
        ]
        if asked.get("order", "newest") == "newest":
            rows.reverse()
        size, number = int(asked.get("per_page", "20")), int(asked.get("page", "1"))
        pages = -(-len(rows) // size)
        fields = query.get("fields[]")
        shown = [
            {name: row[name] for name in fields if name in row} if fields else row
            for row in rows[size * (number - 1) : size * number]
        ]
        following = urlencode({**query, "page": [str(number + 1)]}, doseq=True)
        onwards = f"{self.url}/api/v1/documents.json?{following}" if number < pages else None
        body = {"count": len(rows), "description": "Documents", "total_pages": pages, "next_page_url": onwards}
        return as_json(body | {"results": shown})

    def _feed(self, name: str) -> Answer:
        feed = name.removeprefix("feeds/")
        if feed not in self.story.feeds:
            return as_text(404, "no such feed")
        items = [item for item in self.story.told if item.feed == feed and item.at <= self.moment]
        newest = list(reversed(items))[:FEED_LENGTH]
        built = newest[0].at if newest else START
        text = shapes.feed(self.story.feeds[feed], newest, home=f"{self.url}/pages/{feed}", built=built)
        return as_xml(text, "application/rss+xml")

    def _page(self, name: str) -> Answer:
        key = name.removeprefix("pages/")
        version = next((s for page in self.story.pages if page.key == key and (s := page.seen(self.moment))), None)
        if version:
            return as_html(shapes.page(version[1]["title"], version[1]["sections"]))
        feed, _, slug = key.partition("/")
        for item in self.story.told:
            if (item.feed, item.slug) == (feed, slug) and item.at <= self.moment:
                heading = f"{self.story.feeds[feed]}, {item.at:%Y-%m-%d}"
                return as_html(shapes.page(item.title, [{"heading": heading, "lines": [item.text]}]))
        return as_text(404, "no such page")


class _Server(ThreadingTCPServer):
    """A thread for each connection."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64
    world: World


class _Handler(StreamRequestHandler):
    """One connection: reads requests as they come, asks the world, honours If-None-Match. It does no more than that:
    the library's own handler takes longer over a request than all the rest of a look."""

    timeout = 10
    disable_nagle_algorithm = True

    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        world = self.server.world
        with suppress(TimeoutError, ConnectionError):
            while asked := self.rfile.readline(MOST_OF_A_LINE).split():
                fields = self._fields()
                self.rfile.read(int(fields.get(b"content-length", 0)))  # a question is answered whatever it asks
                if len(asked) != 3 or asked[0] not in (b"GET", b"POST"):
                    self.wfile.write(b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                    return
                self.wfile.write(world.reply(asked[1].decode("ascii"), fields.get(b"if-none-match", b"").decode()))
                if fields.get(b"connection", b"").lower() == b"close":
                    return

    def _fields(self) -> dict[bytes, bytes]:
        fields = {}
        while line := self.rfile.readline(MOST_OF_A_LINE).strip():
            name, _, value = line.partition(b":")
            fields[name.lower()] = value.strip()
        return fields


def _wanted(facts: Mapping[str, Any], asked: Mapping[str, str]) -> bool:
    ids = re.split(r"[,|]", asked.get("filter.ids", ""))
    if any(ids) and facts["key"] not in ids:
        return False
    conditions = " ".join(facts["conditions"]).lower()
    if (condition := asked.get("query.cond")) and condition.strip('"').lower() not in conditions:
        return False
    names = " ".join(entry["name"] for entry in facts["interventions"]).lower()
    terms = asked.get("query.intr", "").split(" OR ")
    return any(term.strip(' "()').lower() in names for term in terms)
