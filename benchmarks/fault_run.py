"""Everything bad at once, for five simulated days: what is told is true, nothing is lost, the good ones are on time.

    python benchmarks/fault_run.py

Sixty-one watches, hourly rounds of looking and sending. One watch raises at every look; twelve pages are away for one
check, each in a manner of its own; six hooks take the call and never answer; one hook is down for three days; the mail
server says 421 for six hours. Meanwhile three trials stop. Exit 1 where something false is told, something is lost or
late, or a figure is not as promised.
"""

import logging
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlmodel import select

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from demo.answers import Answer  # noqa: E402
from demo.receivers import MailCatcher, hanging  # noqa: E402 - found once the root is on the path
from monitor.path.round import check_all  # noqa: E402
from monitor.service import Service  # noqa: E402
from monitor.telling.deliver import deliver  # noqa: E402
from monitor.telling.deliveries import deliveries  # noqa: E402
from monitor.telling.match import match  # noqa: E402
from monitor.telling.subscriptions import subscribe  # noqa: E402
from sources.http.client import Client  # noqa: E402
from sources.http.response import Response  # noqa: E402
from store.database import reading  # noqa: E402
from store.tables import Event, Run, Watch  # noqa: E402
from tests.stories.stage import Hook, Installation, Stage, study, tale, watch  # noqa: E402
from tests.stories.test_away import MANNERS  # noqa: E402
from tests.stories.test_islands import MADE_UP  # noqa: E402

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = 128
STOPS = {"NCT05021536": 39, "NCT02623699": 63, "NCT04856982": 87}
"""Trials and the hours at which they stop: at midnight."""

AWAY = 48
"""The hour of the check at which the pages are not there."""

DOWN = range(39, 39 + 72)
"""The hours in which one hook answers 503."""

TURNED_AWAY = range(63, 69)
PROMPT = 5.0
PAGES, FEEDS, HANGING, GOOD, READERS = 12, 47, 6, 10, 5
PATIENCE, FIRST_PATIENCE = 0.5, 15.0
"""Seconds until a call without an answer is given up: in the first round with news as long as in earnest."""


class Busy(MailCatcher):
    """A mail server that may be told to turn everybody away; counts who asks."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = False
        self.asked = 0

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Called by the server when a mail begins."""
        if self.busy:
            self.asked += 1
            return "421 too busy, try later"
        envelope.mail_from = address
        return "250 go on"


class Impatient(Client):
    """The client with a deadline for calls that can be made shorter."""

    patience = FIRST_PATIENCE

    def post(
        self, url: str, *, body: bytes, headers: Mapping[str, str], deadline: float = 15.0, read: int = 4096
    ) -> Response:
        return super().post(url, body=body, headers=headers, deadline=self.patience, read=read)


@dataclass
class Seen:
    """What the run has shown."""

    outcomes: Counter[str] = field(default_factory=Counter)
    away: Counter[str] = field(default_factory=Counter)
    waited: list[float] = field(default_factory=list)  # seconds from the start of the round, of good hooks
    late: dict[str, list[int]] = field(default_factory=dict)  # receiver -> hours between event and arrival
    looked: int = 0


def feed(number: int, hour: int) -> Answer:
    """News of no drug, one entry a day."""
    entries = "".join(
        f"<item><title>Notice {number}.{day}: the office has new opening hours</title><guid>{number}.{day}</guid>"
        f"<link>https://office{number}.example.org/{day}</link></item>"
        for day in range(hour // 24 + 1)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>Office {number}</title>{entries}</channel></rss>'
    return Answer(200, "application/rss+xml", body.encode())


def page(number: int, hour: int) -> Answer:
    """The page, or what is shown in its place at one check."""
    usual, other = list(MANNERS.values())[number]
    return Answer(200, "text/html; charset=utf-8", (other if hour == AWAY else usual).encode())


def installed(folder: Path, world: Stage) -> Installation:
    """The pack of sixty-one watches and the source that raises."""
    (folder / "sources").mkdir()
    (folder / "sources" / "madeup.py").write_text(MADE_UP)
    home = Installation(folder, world)
    home.write_pack(
        watch("raises", "madeup", every="1h", url="https://example.org/0", options={"fault": "pages"}),
        watch("trials", "clinicaltrials", every="1h", base_url="WORLD", options={"ids": list(STOPS)}),
        *(
            watch(f"page{n:02}", "page", url=f"WORLD/p{n}.html", options={"tier": 1}, therapies=["tofersen"])
            for n in range(PAGES)
        ),
        *(watch(f"feed{n:02}", "feed", url=f"WORLD/f{n}.xml") for n in range(FEEDS)),
    )
    return home


def play(service: Service, world: Stage, mail: Busy, hooks: dict[str, Hook]) -> Seen:
    """All the hours, one after the other."""
    seen, arrived = Seen(), Counter[str]()
    client = service.client
    assert isinstance(client, Impatient)
    for hour in range(HOURS):
        world.at(START + timedelta(hours=hour))
        world.instead |= {f"/p{n}.html": page(n, hour) for n in range(PAGES)}
        world.instead |= {f"/f{n}.xml": feed(n, hour) for n in range(FEEDS)}
        mail.busy = hour in TURNED_AWAY
        hooks["down"].answers = [(503, {"Retry-After": "1"}) if hour in DOWN else (204, {})]
        for one in check_all(service, workers=8):
            seen.outcomes[f"{one.watch.rstrip('0123456789')} {one.outcome}"] += 1
            seen.looked += 1
            if hour == AWAY and one.watch.startswith("page"):
                seen.away[one.outcome] += 1
        match(service)
        begun = time.monotonic()
        for line in deliver(service):
            if line["state"] == "sent" and line["channel"] == "webhook" and line["attempts"] == 1:
                seen.waited.append(time.monotonic() - begun)
        if any(hook.got for hook in hooks.values()):
            client.patience = PATIENCE
        for name, count in [*((name, len(hook.got)) for name, hook in hooks.items()), ("mail", len(mail.mails))]:
            for _ in range(count - arrived[name]):
                last = max((after for after in STOPS.values() if after <= hour), default=0)
                seen.late.setdefault(name, []).append(hour - last)
            arrived[name] = count
    return seen


Row = tuple[str, object, bool]
"""What was measured, the figure, and whether it is as promised."""


def of_looking(service: Service, seen: Seen) -> Iterator[Row]:
    """What the sixty-one watches saw."""
    with reading(service.engine) as session:
        events = list(session.exec(select(Event)))
        runs = Counter(session.exec(select(Watch.name).join(Run)))
    stopped = [event.trial for event in events if event.type == "trial_stopped" and event.state == "released"]
    false = [event.title for event in events if event.type != "trial_stopped" and event.state != "imported"]
    yield "looks", seen.looked, True
    yield "true events told, of 3", len(stopped), Counter(stopped) == Counter(STOPS.keys())
    yield "false events, released or held", false or 0, not false
    came = ", ".join(f"{count} {outcome}" for outcome, count in seen.away.items())
    yield "pages away for one check: what that look was", came, seen.away.total() == PAGES
    bad = [
        name for name in seen.outcomes
        if name.endswith(("failed", "refused")) and not name.startswith(("raises", "page"))
    ]  # fmt: skip
    yield "failed looks of the 48 others", bad or 0, not bad
    yield "runs of the watch that raises: it backs off", runs["raises"], 0 < runs["raises"] < HOURS / 4
    yield "runs of the hourly watch beside it, of 128", runs["trials"], runs["trials"] == HOURS


def of_hooks(service: Service, seen: Seen, hooks: Mapping[str, Hook]) -> Iterator[Row]:
    """What the hooks got."""
    with reading(service.engine) as session:
        wanted = {event.id for event in session.exec(select(Event)) if event.state == "released"}
        owed = [line for line in deliveries(session) if line["channel"] == "webhook"]
    each = [Counter(got.told["id"] for got in hook.got) for name, hook in hooks.items() if name != "down"]
    once = sum(got == Counter(wanted) for got in each)
    yield "good hooks that got each alert once, of 10", once, once == GOOD
    longest = max(seen.waited, default=0.0)
    yield "longest wait of a good hook for the six, seconds (promised 5)", f"{longest:.1f}", 0 < longest < PROMPT
    late = [hours for name, all_ in seen.late.items() if name.startswith("good") for hours in all_ if hours]
    yield "alerts of good hooks after their hour", len(late), not late
    calls = hooks["down"].got
    taken = [line for line in owed if line["state"] == "sent" and line["attempts"] > 1]
    same = {(got.id, got.body) for got in calls}
    yield "hook down for 72 hours: alerts it has in the end, of 3", len(taken), len(taken) == len(STOPS)
    yield "its calls, under 3 ids with the same bytes", len(calls), len(same) == len(STOPS)
    hung = [line for line in owed if line["state"] in ("waiting", "failed")]
    yield "owed still to the six that hang, of 18", len(hung), len(hung) == HANGING * len(STOPS)


def of_mail(seen: Seen, mail: Busy, readers: list[str]) -> Iterator[Row]:
    """What the readers got."""
    got = Counter(str(one["X-Recipient"]) for one in mail.mails)
    yield "mails, 3 to each of 5 readers", got.total(), got == dict.fromkeys(readers, len(STOPS))
    ids = {str(one["Message-ID"]) for one in mail.mails}
    yield "mails that came twice", len(mail.mails) - len(ids), len(ids) == len(mail.mails)
    longest = max(seen.late.get("mail", [0]))
    yield "longest from event to mail, hours (6 of them 421)", longest, longest <= len(TURNED_AWAY) + 1
    yield "times the server was asked in 6 hours of 421", mail.asked, 0 < mail.asked <= len(TURNED_AWAY)


def main() -> int:
    """Play and print; 0 when all is as promised."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    begun, used = time.monotonic(), time.process_time()
    stopped = {"status": "TERMINATED", "why_stopped": "The sponsor decided so."}
    studies = tuple(
        study(key, (START.date(), {}), ((START + timedelta(hours=hour)).date(), stopped)) for key, hour in STOPS.items()
    )
    world, mail = Stage(tale(studies=studies), at=START), Busy()
    with ExitStack() as stack, world, mail:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        hooks = {f"good{n}": stack.enter_context(Hook()) for n in range(GOOD)} | {"down": stack.enter_context(Hook())}
        home = installed(folder, world)
        service = stack.enter_context(home.service(sources_folder=folder / "sources", smtp_url=mail.url))
        client = Impatient(contact="fault run", allow_private=True, pace_seconds=0)
        stack.callback(client.close)
        service = replace(service, client=client)
        addresses = [stack.enter_context(hanging()) for _ in range(HANGING)] + [hook.url for hook in hooks.values()]
        readers = [f"reader{number}@example.org" for number in range(READERS)]
        for address in addresses:
            subscribe(service, channel="webhook", address=address)
        for reader in readers:
            subscribe(service, channel="email", address=reader, confirmed=True)
        seen = play(service, world, mail, hooks)
        rows = [*of_looking(service, seen), *of_hooks(service, seen, hooks), *of_mail(seen, mail, readers)]
    print("| what | figure | |\n|---|---|---|")
    for what, figure, good in rows:
        print(f"| {what} | {figure} | {'as promised' if good else '**WRONG**'} |")
    took, cpu = time.monotonic() - begun, time.process_time() - used
    print(f"| {HOURS} simulated hours, in seconds | {took:.0f}, {cpu:.0f} of CPU | |")
    return 0 if all(good for _, _, good in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
