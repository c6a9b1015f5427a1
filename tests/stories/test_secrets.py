"""No secret is shown anywhere: sources, mail server and receiver send back what they were shown, and we look at every
page, answer, line, file and message for it."""

import json
import re
import socketserver
import ssl
import subprocess
import sys
import threading
import time
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, quote_plus, urljoin, urlsplit

import httpx
import pytest
import trustme

from demo.receivers import free_port
from sources.http.client import Client
from tests.stories.stage import DISEASE, PATIENCE, Installation, Ran, Stage, tale, watch

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
PASSWORD, KEY, QUERY = "pw/7+Zq&x<Y>9", "k3y-of-a-site+/0", "qu3ry/k3y+in-address"
FDA, TOKEN, INSTALLATION = (
    "0penFDA-key-17+/x",
    "api-t0ken-of-20-signs-or-more",
    "installation-s3cret-of-forty-signs-abcdef",
)
MAIL, DATABASE = "m4il/p4ss+word", "d4tabase-p4ssword"
HOOK_PATH, SIGNING = "T0p3nsTh3Ho0k-99887766", "whsec_" + b64encode(b"signing secret of a receiver").decode()
HOSTS = ("password.test", "key.test", "query.test", "api.fda.gov")
SECRETS = (PASSWORD, KEY, QUERY, FDA, TOKEN, INSTALLATION, MAIL, DATABASE, HOOK_PATH, SIGNING)


def spellings() -> dict[str, str]:
    """Each secret as it may stand in a page, an address, a header or JSON."""
    found: dict[str, str] = {}
    pairs = (f"reader:{PASSWORD}", f"{KEY}:", f"{FDA}:", f"\0post:{MAIL}")
    for secret in SECRETS:
        quoted = quote(secret, safe="")
        forms = {secret, quoted, quote(secret), quote_plus(secret), escape(secret)}
        forms |= {json.dumps(secret)[1:-1], json.dumps(secret)[1:-1].replace("/", "\\/")}
        found |= dict.fromkeys(forms | {b64encode(secret.encode()).decode()}, secret)
    return found | {b64encode(pair.encode()).decode(): pair for pair in pairs}


def shown_in(text: str) -> set[str]:
    return {secret for form, secret in spellings().items() if form in text}


class Echo(BaseHTTPRequestHandler):
    """A source that sends back all it was shown: in errors, redirects, headers and contents."""

    protocol_version = "HTTP/1.1"
    seen: list[str]
    later: list[bool]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        sign = self.headers.get("authorization", "").removeprefix("Basic ")
        asked = parse_qs(parts.query).get("site_key", [""])[0]
        shown = asked or b64decode(sign).decode().removeprefix("reader:").rstrip(":")
        self.seen.append(shown)
        heard = f"{shown} {escape(shown)} {quote(shown, safe='')} {quote_plus(shown)} {sign} {self.path}"
        path, host = parts.path, self.headers["host"]
        if path == "/robots.txt":
            self._says(404, "none")
        elif path.startswith("/error"):
            self._says(int(path[6:]), heard)
        elif path == "/moved":
            self._says(302, "", Location=f"https://{host}/feed.xml?k={quote(shown, safe='')}&for={quote_plus(shown)}")
        elif path == "/elsewhere":
            self._says(302, "", Location=f"https://other.test:{host.rpartition(':')[2]}/error403?k={quote(shown)}")
        elif path == "/deep":
            self._says(302, "", Location=f"/session/{quote(shown, safe='')}/feed.xml#{sign}")
        elif path == "/circle" or path.startswith("/circle/"):
            self._says(302, "", Location=f"/circle/{quote(shown, safe='')}")
        elif path == "/astray":
            self._says(302, "", Location=f"https://reader:{quote(shown, safe='')}@{host}/x")
        elif path == "/coded":
            self._says(200, heard, **{"Content-Encoding": f"br-{shown}", "Content-Type": f"text/html; x={shown}"})
        elif path == "/page":
            self._says(200, f"<html><body><main><p>Trials of the day {heard}</p><p>{'words ' * 80}</p></main></body>")
        elif path.endswith(".json"):
            self._says(200, self._applications(shown, heard), **{"Content-Type": "application/json"})
        elif path.endswith("feed.xml"):
            self._says(200, self._feed(escape(heard)), **{"Content-Type": f"application/rss+xml; key={shown}"})
        else:
            self._says(200, f'{{"error": {json.dumps(heard)}}}')

    def _feed(self, heard: str) -> str:
        news = ("FDA approves Qalsody (tofersen) for SOD1-ALS",) if self.later else ()
        items = "".join(
            f"<item><title>{title} {heard}</title><guid>{title}</guid><link>https://{self.headers['host']}/a?{heard}"
            f"</link><description>Biogen said {title}. {heard}</description>"
            f"<pubDate>Mon, 02 Mar 2026 08:00:00 GMT</pubDate></item>"
            for title in ("A meeting takes place", *news)
        )
        return f"<rss version='2.0'><channel><title>News {heard}</title>{items}</channel></rss>"

    def _applications(self, shown: str, heard: str) -> str:
        new = {"submission_type": "SUPPL", "submission_number": "7", "submission_status": "AP",
               "submission_status_date": "20260301", "submission_class_code": "EFFICACY"}  # fmt: skip
        old = {**new, "submission_type": "ORIG", "submission_number": "1", "submission_class_code": "TYPE 1"}
        product = {"product_number": "001", "brand_name": f"QALSODY {shown}", "marketing_status": "Prescription",
                   "active_ingredients": [{"name": "TOFERSEN", "strength": heard}]}  # fmt: skip
        row = {"application_number": "NDA215887", "sponsor_name": f"BIOGEN {heard}", "products": [product],
               "submissions": [old, new] if self.later else [old]}  # fmt: skip
        return json.dumps({"meta": {"last_updated": shown, "results": {"total": 1}}, "results": [row]})

    def _says(self, status: int, body: str, **headers: str) -> None:
        payload = body.encode()
        self.send_response(status, body[:60] if status >= 400 else None)
        etag = f'"{self.seen[-1]}"' if self.seen[-1] else '"x"'
        for name, value in ({"Content-Type": "text/html", "ETag": etag} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def do_POST(self) -> None:
        """A receiver that refuses and says to whom, until it is good."""
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        self.seen.append(body)
        # a body that a 204 cannot have: whatever comes next on this line is no HTTP, and holds what we showed
        self._says(204 if self.later and "/good/" in self.path else 500, f"no {self.path} for {SIGNING}")

    def log_message(self, *_: object) -> None:
        """Nothing."""


@dataclass
class Mailbox:
    """A mail server that tells everybody the password it was shown; `lets_in` says whether it takes mail."""

    lets_in: bool = False
    mails: list[str] = field(default_factory=list)

    def serve(self, line: socketserver.StreamRequestHandler) -> None:
        line.wfile.write(b"220 here\r\n")
        while said := line.rfile.readline():
            verb = said.decode().strip()
            if verb.upper().startswith("EHLO"):
                answer = "250-here\r\n250 AUTH PLAIN LOGIN"
            elif verb.startswith("AUTH PLAIN"):
                plain = b64decode(verb[11:]).decode().rpartition("\0")[2]
                answer = "235 come in" if self.lets_in else f"535 no: {'x' * 176} {plain} {verb} {verb[11:]}"
            elif verb.startswith("AUTH"):
                answer = f"504 only PLAIN, {MAIL}"
            elif verb.upper() == "DATA":
                line.wfile.write(b"354 go on\r\n")
                mail = b""
                while (more := line.rfile.readline()) != b".\r\n":
                    mail += more
                self.mails.append(mail.decode())
                answer = "250 kept"
            else:
                answer = "250 yes"
            line.wfile.write(answer.encode() + b"\r\n")
            if verb.upper() == "QUIT":
                return


@dataclass
class Scene:
    home: Installation
    url: Callable[[str], str]
    hook: str
    mail: Mailbox
    handler: type[Echo]
    wrapper: Path


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*HOSTS, "other.test").configure_cert(context)
    handler = type("Handler", (Echo,), {"seen": [], "later": []})
    secure, plain = (ThreadingHTTPServer(("127.0.0.1", 0), handler) for _ in range(2))
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    mail = Mailbox()
    door = type("Door", (socketserver.StreamRequestHandler,), {"handle": lambda line: mail.serve(line)})
    post = socketserver.ThreadingTCPServer(("127.0.0.1", 0), door)
    post.daemon_threads = True
    for server in (secure, plain, post):
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    trusting = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    trusted = partial(Client, verify=trusting, resolve=lambda *_: ["127.0.0.1"])
    monkeypatch.setattr("monitor.path.assemble.Client", trusted)
    wrapper = tmp_path / "wrapped.py"
    wrapper.write_text(
        "import ssl, sys\nfrom functools import partial\nimport monitor.path.assemble as a\n"
        f"trusting = ssl.create_default_context(cafile={str(tmp_path / 'ca.pem')!r})\n"
        "a.Client = partial(a.Client, verify=trusting, resolve=lambda *_: ['127.0.0.1'])\n"
        "from monitor.cli import main\nmain()\n"
    )
    keys = f"password.test=reader:{PASSWORD},key.test={KEY},query.test=?site_key={QUERY}"
    with Stage(tale(), at=START) as world:
        home = Installation(
            tmp_path, world,
            {"SITE_KEYS": keys, "OPENFDA_KEY": FDA, "API_TOKEN": TOKEN, "SECRET_KEY": INSTALLATION,
             "SMTP_URL": f"smtp://post:{quote(MAIL, safe='')}@127.0.0.1:{post.server_address[1]}"},
        )  # fmt: skip
        port = secure.server_address[1]
        hook = f"http://127.0.0.1:{plain.server_address[1]}"
        yield Scene(home, lambda host: f"https://{host}:{port}", hook, mail, handler, wrapper)
    for server in (secure, plain, post):
        server.shutdown()
        server.server_close()


ASKED = {
    "feed": "/feed.xml", "moved": "/moved", "elsewhere": "/elsewhere", "deep": "/deep", "circle": "/circle",
    "astray": "/astray", "e401": "/error401", "e500": "/error500", "e429": "/error429", "none": "/other",
}  # fmt: skip


def write_pack(scene: Scene) -> None:
    watches = [
        watch(f"{host.partition('.')[0]}-{name}", "feed", url=scene.url(host) + path)
        for host in HOSTS[:3]
        for name, path in ASKED.items()
    ]
    watches += [watch(f"{host[:3]}-page", "page", url=scene.url(host) + "/page") for host in HOSTS[:3]]
    watches += [watch(f"{host[:3]}-coded", "page", url=scene.url(host) + "/coded") for host in HOSTS[:3]]
    wishes = {"applications": ["NDA215887"]}
    watches += [
        watch(f"{host.partition('.')[0]}-fda", "drugsfda", base_url=scene.url(host), options=wishes) for host in HOSTS
    ]
    scene.home.write_pack(*watches, head=DISEASE)


def crawl(base: str, starts: list[str]) -> dict[str, str]:
    """Every page that links lead to, and what it says, headers too."""
    told: dict[str, str] = {}
    queue = list(starts)
    headers = {"authorization": f"Bearer {TOKEN}", "connection": "close"}  # after a fault the server hangs up anyway
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=PATIENCE) as ask:
        while queue and len(told) < 150:
            path = queue.pop(0)
            if path in told:
                continue
            answer = ask.get(path)
            told[path] = f"{answer.status_code} {answer.headers} {answer.text}"
            for link in answer.text.split('href="')[1:]:
                onward = urlsplit(urljoin(base + path, link.partition('"')[0].replace("&amp;", "&")))
                if f"{onward.scheme}://{onward.netloc}" == base and not onward.path.startswith("/static"):
                    queue.append(onward.path + (f"?{onward.query}" if onward.query else ""))
            for page in re.findall(r"/events/\w+", answer.text):
                queue += [page, f"/api/v1{page}"]
    return told


def test_no_secret_is_shown_anywhere(scene: Scene, typed: Callable[..., Ran], tmp_path: Path) -> None:
    home, told = scene.home, dict[str, str]()
    write_pack(scene)

    def run(*arguments: str, name: str = "", **more: str) -> Ran:
        ran = typed(home, *arguments, **more)
        told[f"{name} {' '.join(arguments)}"] = ran.out + ran.err
        return ran

    subscribing = ("subscribe", "--confirmed", "--channel")
    for side in ("good", "bad"):
        hook = f"{scene.hook}/{side}/{HOOK_PATH}?token={HOOK_PATH}"
        assert typed(home, *subscribing, "webhook", "--to", hook, "--secret", SIGNING).status == 0
    run(*subscribing, "email", "--to", "reader@example.org")
    run("lint", str(home.pack))
    run("check")
    assert {PASSWORD, KEY, QUERY, FDA} <= set(scene.handler.seen), "the keys went to their hosts"
    scene.handler.later.append(True)
    home.world.at(START + timedelta(hours=13))
    run("check", "--json")
    run("deliver", name="refused")
    run("deliver", "--json", name="refused")
    run("doctor", "--live", name="refused")
    assert run("deliveries", "--json", name="refused").lines
    served(scene, told, "refused")
    scene.mail.lets_in = True
    home.world.at(START + timedelta(hours=30))
    run("deliver")
    run("resume")
    run("deliver", name="let in")
    for host in HOSTS:
        run("sample", f"{host.partition('.')[0]}-fda", "--to", str(tmp_path / "sample" / host))
    for name in ASKED:
        run("sample", f"query-{name}", "--to", str(tmp_path / "sample" / name))
    for arguments in ("events --json", "changes --json", "status --json", "doctor", "deliveries --json", "verify"):
        run(*arguments.split())
    run("export", str(tmp_path / "export"))
    run("backup", str(tmp_path / "backup.db"))
    served(scene, told, "later")
    told |= {f"mail {number}": mail for number, mail in enumerate(scene.mail.mails)}
    told |= {f"call {number}": call for number, call in enumerate(scene.handler.seen) if call.startswith("{")}
    for file in (*(tmp_path / "sample").rglob("*"), *(tmp_path / "export").rglob("*")):
        if file.is_file():
            told[str(file)] = file.read_text()

    assert any(name.startswith("mail") for name in told), told["let in deliver"]
    assert any(name.startswith("call") for name in told)
    leaks = {name: found for name, text in told.items() if (found := shown_in(text))}
    assert not leaks
    assert not shown_in((tmp_path / "backup.db").read_bytes().decode("latin-1")) - {HOOK_PATH}


STARTS = [
    "/", "/sources", "/events", "/changes", "/readyz", "/feeds/events.atom", "/feeds/events.json",
    "/api/openapi.json", "/api/v1/deliveries", "/api/v1/deliveries?since=x", "/api/v1/sources",
    "/api/v1/changes", "/api/v1/events", "/api/v1/status", "/api/v1/newest", "/none",
]  # fmt: skip


def served(scene: Scene, told: dict[str, str], name: str, starts: list[str] = STARTS, last: str = "") -> None:
    """What `serve` says on its lines and pages, with the clock on; for three seconds, and until it has said `last`."""
    lines = scene.home.folder / f"{name}.lines"
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    with lines.open("w") as written, subprocess.Popen(
        [sys.executable, str(scene.wrapper), "serve", "--port", str(port)], cwd=scene.home.folder,
        env=scene.home.variables(), stdout=written, stderr=written, text=True,
    ) as serving:  # fmt: skip
        try:
            until = time.monotonic() + PATIENCE
            while time.monotonic() < until:
                try:
                    httpx.get(base + "/healthz", trust_env=False)
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            pages = crawl(base, starts)
            assert len(pages) >= len(starts)
            told |= {f"{name} page {path}": text for path, text in pages.items()}
            time.sleep(3)
            while last not in lines.read_text() and time.monotonic() < until + PATIENCE:
                time.sleep(0.2)
        finally:
            serving.terminate()
            serving.wait(timeout=PATIENCE)
    told[f"{name} serve"] = lines.read_text()


OF_SETTINGS = (PASSWORD, KEY, QUERY, FDA, TOKEN, INSTALLATION, MAIL)
FAULTY = """
import logging, threading
from pathlib import Path
import monitor.commands.status as status
import monitor.web.server as server
told = Path("told").read_text()
create = server.create_app
def faulty(service, **more):
    app = create(service, **more)
    @app.get("/faulty")
    def fault():
        threading.Thread(target=lambda: {}[told]).start()
        logging.getLogger("uvicorn.access").error('%s - "GET %s"', "127.0.0.1", told)
        logging.getLogger("apscheduler").warning("job of %s", told)
        raise RuntimeError(told)
    return app
server.create_app = faulty
def fault(*_):
    raise RuntimeError(told)
status.what_is_known = fault
"""
"""A service with a page and a command that fail, the page with a thread and two libraries, all keys in their words."""


def faulty(scene: Scene) -> list[str]:
    """Write it; returns each secret of its settings as it may stand somewhere."""
    write_pack(scene)
    forms = [form for form, secret in spellings().items() if secret.endswith((*OF_SETTINGS, f"{KEY}:", f"{FDA}:"))]
    (scene.home.folder / "told").write_text(" ".join(forms))
    scene.wrapper.write_text(FAULTY + scene.wrapper.read_text())
    return forms


def test_lines_of_the_web_server_and_of_libraries_show_no_secret(scene: Scene) -> None:
    forms, told = faulty(scene), dict[str, str]()
    served(scene, told, "faulty", ["/faulty"], last="KeyError: ")
    said = told["faulty serve"]

    for line in ("Exception in ASGI application", "RuntimeError: ***", "uvicorn.access: ", "apscheduler: job of ***"):
        assert line in said, said
    assert "KeyError: '***" in said, "a thread says so too"
    quoted = [form.replace("\\", "\\\\") for form in forms]  # as Python quotes them in a fault
    assert not [form for form in [*forms, *quoted] if form in said]


def test_a_fault_that_nobody_catches_shows_no_secret(scene: Scene) -> None:
    forms = faulty(scene)
    ran = subprocess.run(
        [sys.executable, str(scene.wrapper), "status"], cwd=scene.home.folder, env=scene.home.variables(),
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert ran.returncode == 1
    assert "RuntimeError: ***" in ran.stderr
    assert not [form for form in forms if form in ran.stdout + ran.stderr]


WRONG = (
    "postgresql+psycopg://u:{}@127.0.0.1:9/x", "postgresql+psycopg://u:{}@127.0.0.1:port/x", "mongo://u:{}@h/x",
    "postgresql+psycopg://u:{}@@127.0.0.1:9/x?sslmode=never", "postgresql://u:{}@127.0.0.1/x?nonsense={}",
)  # fmt: skip


@pytest.mark.parametrize("address", WRONG)
@pytest.mark.parametrize("command", ["status", "doctor", "check", "serve", "migrate"])
def test_a_database_that_is_away_does_not_show_its_password(
    scene: Scene, typed: Callable[..., Ran], address: str, command: str
) -> None:
    write_pack(scene)
    ran = typed(scene.home, *command.split(), DATABASE_URL=address.format(DATABASE, DATABASE))

    assert ran.status != 0
    assert not shown_in(ran.out + ran.err)
    assert "THERAWATCH_DATABASE_URL" in ran.err
