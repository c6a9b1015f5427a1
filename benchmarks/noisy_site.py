"""A made-up registry whose pages move by themselves in every way we know, with true changes among the noise.

Deterministic by seed but for what differs at every fetch. Serves /p/<i>; `advance` starts the next round.
"""

import random
import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

STATUSES = ["Not yet recruiting", "Recruiting", "Active, not recruiting", "Suspended", "Terminated", "Withdrawn",
            "Completed", "Approved", "Refused", "Under review"]  # fmt: skip
PROSE = (
    "patients with a rare disease of motor neurons receive the study medicine by infusion every four weeks and "
    "are followed for safety and survival by the sponsor in agreement with the committee"
)
WORDS = PROSE.split()  # fmt: skip
LINKS = ["Guidance for sponsors", "How a study is registered", "Frequently asked questions", "Annual report",
         "Public consultations", "Contact the helpdesk", "Glossary of terms", "Training material", "Open data",
         "Approved medicines A to Z", "Recalls and warnings"]  # fmt: skip
SPOTS = [
    "Join our webinar on rare diseases",
    "Read the journal of neurology free for a month",
    "Register for the congress in spring",
    "Take part in our survey",
    "New: approved therapies at a glance",
]
START = datetime(2026, 1, 5, 8, 0, 0)


class Day:
    """What a fetch sees beside the page itself: the clock, the round and dice of its own."""

    def __init__(self, round_: int, dice: random.Random) -> None:
        self.round = round_
        self.dice = dice
        self.moment = START + timedelta(hours=7 * round_, seconds=dice.randint(0, 50))
        self.date: date = (START + timedelta(days=round_)).date()

    def number(self, most: int) -> int:
        """A number nobody foresees."""
        return self.dice.randint(1, most)

    def token(self) -> str:
        """Sixteen hexadecimal digits."""
        return f"{self.dice.getrandbits(64):016x}"


def _sampled(day: Day) -> str:
    items = "".join(f"<li><a href='/l'>{link}</a></li>" for link in day.dice.sample(LINKS, 4))
    return f"<div><h3>Related</h3><ul>{items}</ul></div>"


def _shuffled(day: Day) -> str:
    links = " | ".join(f"<a href='/l?s={day.token()}'>{link}</a>" for link in day.dice.sample(LINKS, len(LINKS)))
    return f"<div class='links'>{links}</div>"


def _ages(day: Day) -> str:
    items = f"<li>Newsletter sent out {day.round + 1} days ago</li><li>Helpdesk open {day.round + 3} days ago</li>"
    return f"<ul>{items}</ul>"


def _wrapped(day: Day) -> str:
    kind = day.dice.choice(["variant-a", "variant-b"])
    return f"<div class='{kind}'><p class='{kind}'>The register is free of charge.</p></div>"


Kind = Callable[[Day], str]
NOISES: dict[str, Kind] = {
    "stamp to the second": lambda d: f"<p>Page generated at {d.moment:%Y-%m-%d %H:%M:%S} UTC</p>",
    "stamp to the minute": lambda d: f"<p class='foot'>Last refreshed: {d.moment:%d/%m/%Y %H:%M}</p>",
    "stamp of the day": lambda d: f"<p>Page generated on {d.date:%d %B %Y}</p>",
    "today": lambda d: f"<div>Today is {d.date:%A, %d %B %Y}</div>",
    "stamp in French": lambda d: f"<p>Page générée le {d.date:%d/%m/%Y} à {d.moment:%Hh%M}</p>",
    "stamp in German": lambda d: f"<p>Abgerufen am {d.date:%d.%m.%Y} um {d.moment:%H:%M} Uhr</p>",
    "stamp in Spanish": lambda d: f"<p>Página consultada el {d.date:%d/%m/%Y} a las {d.moment:%H:%M}</p>",
    "page updated": lambda d: f"<p>Page last updated: {d.date:%d %b %Y}</p>",
    "bare clock": lambda d: f"<span class='clock'>{d.moment:%H:%M:%S}</span>",
    "token": lambda d: f"<p>Request ID: {d.token()}</p>",
    "nonce and asset": lambda d: f"<script nonce='{d.token()}' src='/a.js?v={d.token()}'>var t='{d.token()}'</script>",
    "hidden field": lambda d: f"<form><input type=hidden name=csrf value={d.token()}></form>",
    "visitors": lambda d: f"<p>Visitors on this page today: {d.number(9999)}</p>",
    "visitors in a table": lambda d: f"<table><tr><th>Page views</th><td>{d.number(99999):,}</td></tr></table>",
    "online": lambda d: f"<p>{d.number(90)} Besucher online</p>",
    "daily counter": lambda d: f"<p>Total downloads: {1000 + 17 * d.round}</p>",
    "few variants": lambda d: f"<p class='spot'>{d.dice.choice(SPOTS)}</p>",
    "three variants": lambda d: f"<aside>{d.dice.choice(SPOTS[2:])}</aside>",
    "advert": lambda d: f"<aside><p>Advertisement: {d.dice.choice(SPOTS)}, {d.number(99)} places left</p></aside>",
    "ages": _ages,
    "age": lambda d: f"<p>Updated {d.round + 2} hours ago</p>",
    "related": _sampled,
    "links in any order": _shuffled,
    "session in links": lambda d: f"<p><a href='/next;jsessionid={d.token()}'>Next record</a></p>",
    "cookie banner": lambda d: "<div>We use cookies to improve this site. Accept all</div>" if d.round % 3 else "",
    "copyright year": lambda d: f"<footer>© {2025 + d.round // 9} Made-up register. All rights reserved.</footer>",
    "timing": lambda d: f"<p>Page rendered in 0.{d.number(99):02d} s</p>",
    "server": lambda d: f"<p>Served by web-{d.number(4):02d}</p>",
    "wording A or B": lambda d: f"<p>{d.dice.choice(['Find a study near you', 'Studies close to where you live'])}</p>",
    "wrapper A or B": _wrapped,
    "entities and blanks": lambda d: d.dice.choice(
        ["<p>Caf&eacute; &amp; foyer, 2nd&nbsp;floor</p>", "<p>Café &#38;  foyer,\n 2nd floor</p>"]
    ),
    "attributes": lambda d: d.dice.choice(
        ["<p class='x' id='y' lang=en>Helpdesk hours</p>", "<p lang='en' id=y class=\"x\">Helpdesk hours</p>"]
    ),
    "now and then": lambda d: d.dice.choice(["", "<p>Help us improve: two questions about this site</p>"]),
    "weather": lambda d: f"<div class='weather'>{d.number(30)} °C at our office</div>",
    "random class": lambda d: f"<p class='c{d.token()[:6]}'>Tel. 00 000 00</p>",
}  # fmt: skip
"""One way to move by itself each: what it puts on the page at a fetch."""


class Study:
    """One page: its facts, its prose and the noise that lives on it."""

    def __init__(self, number: int, dice: random.Random) -> None:
        self.number = number
        self.dice = dice
        self.status = dice.randrange(len(STATUSES))
        self.count = dice.randint(20, 900)
        self.posted = date(2020, 1, 1) + timedelta(days=dice.randint(0, 1500))
        self.said = self.posted + timedelta(days=20)
        self.treated = dice.randint(10, 400)
        self.sites = [(dice.choice(["Lyon", "Milan", "Oslo", "Ghent"]), dice.randrange(5)) for _ in range(12)]
        self.prose = [" ".join(dice.choices(WORDS, k=dice.randint(8, 30))).capitalize() + "." for _ in range(25)]
        self.news = [f"Notice {dice.randint(100, 999)} to investigators" for _ in range(4)]
        self.noises = dice.sample(sorted(NOISES), dice.randint(1, 4))
        self.inline = dice.random() < 0.15  # a counter in the middle of a line of substance

    def change(self) -> str:
        """Change one line, and say which kind of change it was."""
        kind = self.dice.choice(sorted(CHANGES))
        CHANGES[kind](self)
        return kind

    def restate(self) -> None:
        """Another status."""
        self.status = (self.status + self.dice.randint(1, len(STATUSES) - 1)) % len(STATUSES)

    def html(self, day: Day | None) -> str:
        """The page at one fetch; without a day, quiet: as on the first day, without dice."""
        live = day or Day(0, random.Random(7))
        noise = [NOISES[name](live) for name in self.noises]
        views = f" (viewed {live.number(9999)} times)" if self.inline else ""
        rows = "".join(f"<tr><td>{n + 1}</td><td>{c}</td><td>{STATUSES[s]}</td></tr>"
                       for n, (c, s) in enumerate(self.sites))  # fmt: skip
        prose = "".join(f"<p>{text}</p>" for text in self.prose)
        return f"""<!DOCTYPE html><html><head><meta charset=utf-8><title>Study {self.number}</title></head><body>
<header><a href=/>Register</a></header>{noise[0]}<main><h1>Study {self.number}</h1>
<h2>Overview</h2><table><tr><th>Overall status</th><td>{STATUSES[self.status]}</td></tr>
<tr><th>Enrollment</th><td>{self.count}</td></tr><tr><th>First posted</th><td>{self.posted}</td></tr></table>
<p>The committee met on {self.said:%d %B %Y}.</p><p>So far {self.treated} people were treated{views}.</p>
<h2>Sites</h2><table><tr><th>No.</th><th>City</th><th>State</th></tr>{rows}</table>
<h2>Notices</h2><ul>{"".join(f"<li>{item}</li>" for item in self.news)}</ul>
<h2>Summary</h2>{prose}{"".join(noise[1:2])}</main>{"".join(noise[2:])}</body></html>"""


def _later(day: date) -> date:
    return day + timedelta(days=61)


CHANGES: dict[str, Callable[[Study], Any]] = {
    "status word": Study.restate,
    "status word again": Study.restate,
    "count in a table": lambda s: setattr(s, "count", s.count + 10),
    "date in a table": lambda s: setattr(s, "posted", _later(s.posted)),
    "date in a sentence": lambda s: setattr(s, "said", _later(s.said)),
    "count in a sentence": lambda s: setattr(s, "treated", s.treated + 3),
    "status of a site": lambda s: s.sites.__setitem__(3, (s.sites[3][0], (s.sites[3][1] + 1) % 5)),
    "notice added": lambda s: s.news.insert(0, f"Notice {s.dice.randint(1000, 9999)} to investigators"),
    "notice removed": lambda s: s.news.pop() if len(s.news) > 1 else s.news.append("Notice 1 to all"),
    "sentence": lambda s: s.prose.__setitem__(5, f"The dose was changed to {s.dice.randint(1, 900)} mg."),
}


class NoisySite:
    """All pages, and which of them changed in the running round."""

    def __init__(self, n: int, seed: int) -> None:
        self.dice = random.Random(seed)
        self.studies = [Study(i, random.Random(seed * 1000003 + i)) for i in range(n)]
        order = list(range(n))
        self.dice.shuffle(order)
        self.order = order
        self.noisy: frozenset[int] = frozenset()
        self.round = 0
        self.changed: dict[int, str] = {}
        self._live = random.Random()

    def advance(self, *, changed: float, noise: float) -> None:
        """The next round: this share of pages changes a line, this share of pages moves by itself."""
        self.round += 1
        n = len(self.studies)
        self.changed = {i: self.studies[i].change() for i in sorted(self.dice.sample(range(n), round(n * changed)))}
        self.noisy = frozenset(self.order[: round(n * noise)])

    def body(self, number: int) -> bytes:
        """One fetch of one page."""
        day = Day(self.round, self._live) if number in self.noisy else None
        return self.studies[number].html(day).encode()


def serve(site: NoisySite) -> tuple[ThreadingHTTPServer, Sequence[str]]:
    """Serve on a free loopback port; gives the server (call `shutdown`) and the addresses of the pages."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            number = self.path.rpartition("/")[2]
            found = self.path.startswith("/p/") and number.isdecimal() and int(number) < len(site.studies)
            body = site.body(int(number)) if found else b"not found"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """A line for each of thousands of requests helps nobody."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = server.server_address[1]
    return server, [f"http://127.0.0.1:{port}/p/{i}" for i in range(len(site.studies))]
