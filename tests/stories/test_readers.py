"""What readers of another disease are told, through every door: page, mail, feed, webhook, interface, export, command.

One story is played once. Its drugs, companies and trials are made up.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from demo.story import Told
from monitor.events.review import Verdict, dismiss
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app
from store.database import writing
from store.tables import Event
from tests.stories.stage import ROOT, Hook, Installation, Postbox, Stage, events, look, send, study, tale, watch

PACK = (ROOT / "tests/packs/dmd.toml").read_text(encoding="utf-8")
DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
DISEASE = "Duchenne Muscular Dystrophy"
FEEDS = {
    "gazette": ("q-gazette", "Payers' Gazette", {"tier": 1}),
    "agency": ("q-agency", "Agency notices", {"tier": 1}),
    "velora": ("q-velora", "Velora newsroom", {"tier": 3}),
    "daily": ("q-daily", "Dystrophy Daily", {"tier": 4}),
}
WATCHES = ("q-trials", *(name for name, _, _ in FEEDS.values()))
TOLD = [
    # feed, hours after the first look, title, text
    ("gazette", 24, "Payers in Canada on velorastat in Duchenne",
     "The CDA recommends reimbursement of Dystriva (velorastat) in Duchenne; INESSS does not recommend it."),
    ("gazette", 25, "Nervexa in France and Italy",
     "HAS backs the reimbursement of Nervexa (obelarsen) in Duchenne, but AIFA rejects it."),
    ("gazette", 26, "Japan adds Dystriko to its price list",
     "Dystriko (velorastat) for Duchenne was added to Japan's price list and is reimbursed from today."),
    ("gazette", 27, "NICE recommends Nervexa", "NICE recommends Nervexa (obelarsen) for people with Duchenne."),
    ("daily", 20, "Nervexa approved in Australia", "The TGA has approved Obelia's Nervexa (obelarsen) in Duchenne."),
    ("daily", 28, "Canada approves Dystriva", "Health Canada has approved Velora's Dystriva (velorastat) in Duchenne."),
    ("agency", 47, "Nervexa registered in Australia", "The TGA has approved Nervexa (obelarsen) for Duchenne."),
    ("gazette", 46, "Provinces of Canada on Nervexa",
     "Ontario and Quebec now pay for Nervexa (obelarsen) in Duchenne, but Alberta does not."),
    ("gazette", 47, "Dystriva in the UK", "NICE and the SMC recommend Dystriva (velorastat) for Duchenne."),
    ("agency", 46, "Mirabol leaves two markets",
     "The maker will withdraw Mirabol (mirabolin) from the market in Japan and China."),
    ("velora", 48, "Health Canada approves Dystriva",
     "Health Canada has approved Dystriva (velorastat) for the treatment of Duchenne, Velora said today."),
    ("velora", 50, "European Commission approves Dystriva",
     "The European Commission has granted Dystriva (velorastat) marketing authorisation for Duchenne."),
    ("agency", 51, "Nervexa gets accelerated approval from the FDA",
     "The FDA granted accelerated approval to Nervexa (obelarsen) for Duchenne."),
    ("daily", 52, "Nervexa approved in the US", "The FDA granted accelerated approval to Nervexa (obelarsen)."),
    ("daily", 53, "Nervexa approved in South Korea", "South Korea's MFDS has approved Nervexa in Duchenne."),
    ("daily", 54, "Swissmedic approves Dystriva", "Swissmedic has approved Dystriva (velorastat) in Duchenne."),
]  # fmt: skip


@dataclass
class Seen:
    """Everything that came out of one story."""

    pages: dict[str, str] = field(default_factory=dict)
    api: dict[str, Any] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    export: str = ""
    commands: dict[str, str] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)

    def event(self, type_: str, therapy: str, place: str | None) -> Event:
        (one,) = [e for e in self.events if (e.type, e.therapy, e.place) == (type_, therapy, place)]
        return one

    def letters(self, part: str = "plain") -> list[str]:
        """The parts of all mails, white space folded."""
        return [" ".join(mail.get_body((part,)).get_content().split()) for mail in self.mails]  # type: ignore[union-attr]

    def hook(self, event: Event) -> dict[str, Any]:
        return next(body for body in self.hooks if body["id"] == event.id)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seen]:
    """The story, played once."""
    folder = tmp_path_factory.mktemp("readers")
    told = tuple(
        Told(feed=feed, at=DAY + timedelta(hours=hours), title=title, text=text, slug=f"{feed}-{hours}")
        for feed, hours, title, text in TOLD
    )
    first = tuple(
        Told(feed=feed, at=DAY - timedelta(days=1), title="A run for children", text="It was dry.", slug=f"{feed}-0")
        for feed in FEEDS
    )
    trial = {"conditions": [DISEASE], "phases": ["PHASE3"], "sponsor": "Obelia"}
    studies = (
        study("NCT09000002", (date(2025, 1, 1), {"status": "NOT_YET_RECRUITING"}),
              (date(2026, 3, 4), {"status": "RECRUITING"}), title="GATEWAY: obelarsen in Duchenne",
              primary_completion="2026-11", primary_completion_type="ESTIMATED", **trial),
        study("NCT09000004", (date(2026, 1, 1), {"status": "NOT_YET_RECRUITING"}), title="Velorastat in small boys",
              start="2026-09", start_type="ESTIMATED", **trial),
        study("NCT09000003", (date(2025, 1, 1), {}), (date(2026, 3, 4), {"enrollment": 90}),
              title="A study of tarapuran in Duchenne", **trial),
    )  # fmt: skip
    with Stage(tale(studies=studies, told=(*first, *told)), at=DAY) as world, Postbox() as box, Hook() as hook:
        home = Installation(folder, world)
        (folder / "dmd.events.toml").write_text((ROOT / "tests/packs/dmd.events.toml").read_text(encoding="utf-8"))
        home.write_pack(
            watch("q-trials", "clinicaltrials", base_url="WORLD", options={"condition": DISEASE.lower()}),
            *(
                watch(name, "feed", title=title, url=f"WORLD/feeds/{feed}.xml", options=options)
                for feed, (name, title, options) in FEEDS.items()
            ),
            head=PACK,
        )
        with home.service(smtp_url=box.url, base_url="https://dmd.example") as service:
            look(service)
            wishes = {"channel": "email", "confirmed": True}
            subscribe(service, address="alert@example.org", **wishes)
            subscribe(service, address="weekly@example.org", cadence="weekly", **wishes)
            subscribe(service, channel="webhook", address=hook.url)
            for hours in (30, 60, 24 * 7):
                world.at(DAY + timedelta(hours=hours))
                look(service)
                if hours == 60:
                    with writing(service.engine) as session:
                        rumour = session.exec(select(Event).where(Event.place == "CH")).one()
                        dismiss(session, rumour, Verdict("a maintainer", service.now(), "No such act."), service.pack)
                send(service)
            yield _gathered(home, service, box, hook)


def _gathered(home: Installation, service: Any, box: Postbox, hook: Hook) -> Seen:
    seen = Seen(mails=list(box.mails), hooks=[got.told for got in hook.got], events=events(service))  # type: ignore[arg-type]
    with TestClient(create_app(service)) as pages:
        paths = [
            "/",
            "/?place=US",
            "/?place=CA",
            "/?place=JP",
            "/?place=KR",
            "/?place=CH",
            "/events",
            "/changes",
            "/sources",
        ]
        paths += [
            "/therapies/velorastat",
            "/therapies/obelarsen",
            "/trials/NCT09000002",
            "/therapies/mirabolin",
            "/events?therapy=Mirabol",
        ]
        paths += [f"/events/{event.id}" for event in seen.events]
        for path in [*paths, "/feeds/events.atom", "/feeds/events.json"]:
            answer = pages.get(path)
            seen.statuses[path] = answer.status_code
            seen.pages[path] = " ".join(answer.text.split()) if answer.status_code == 200 else ""
        asked = ["status", "newest?place=US", "newest?place=CA", "newest?place=KR", "events", "changes", "therapies"]
        for path in [*asked, *(f"events/{event.id}" for event in seen.events)]:
            answer = pages.get(f"/api/v1/{path}")
            seen.statuses[f"/api/v1/{path}"] = answer.status_code
            seen.api[path] = answer.json() if answer.status_code == 200 else None
    home.command("export", str(home.folder / "out"))
    seen.export = "".join(path.read_text(encoding="utf-8") for path in sorted((home.folder / "out").glob("*.jsonl")))
    for words in ("status", "newest", "events", "changes"):
        seen.commands[words] = home.command(words).out
    return seen


FACTS = ("released", "imported")


def heard(seen: Seen) -> list[Event]:
    """The events that were told at once, to readers and machines."""
    ids = {body["id"] for body in seen.hooks}
    return [event for event in seen.events if event.id in ids]


def cell_of(page: str, drug: str, place: str) -> str:
    """The cell of a drug and a place in the table of the front page."""
    (row,) = [
        row for row in page.partition('id="where"')[2].partition("</table>")[0].split("<tr ") if f">{drug}</a>" in row
    ]
    (cell,) = [cell for cell in row.split("<td ")[1:] if f'data-label="{place}"' in cell]
    return cell.partition("</td>")[0]


@pytest.mark.parametrize(
    ("therapy", "place", "headline"),
    [
        ("velorastat", "CA", "Dystriva (velorastat): payers do not agree in Canada (CDA yes, INESSS no)"),
        ("obelarsen", "EU", "Nervexa (obelarsen): payers do not agree in the EU (HAS yes, AIFA no)"),
        ("velorastat", "JP", "Dystriko (velorastat): now paid for in Japan (MHLW)"),
        ("obelarsen", "UK", "Nervexa (obelarsen): NICE says yes in the UK"),
        ("velorastat", "UK", "Velorastat: NICE and SMC say yes in the UK"),
        (
            "obelarsen",
            "CA",
            "Nervexa (obelarsen): payers do not agree in Canada (Ontario yes, Quebec yes, Alberta no)",
        ),
    ],
)
def test_a_payers_decision_says_who_said_what_for_whom(seen: Seen, therapy: str, place: str, headline: str) -> None:
    (event,) = [e for e in seen.events if (e.type, e.therapy, e.place) == ("reimbursement", therapy, place)
                and e.state == "released"]  # fmt: skip
    whom = "boys with Duchenne aged six and older" if therapy == "velorastat" else "people with a change in exon 44"
    assert event.title == headline
    assert f"<h1>{headline}</h1>" in seen.pages[f"/events/{event.id}"]
    for text in (*seen.letters(), seen.pages["/feeds/events.atom"], seen.pages["/feeds/events.json"]):
        if headline in text:
            assert re.search(rf"For whom: {whom}", text.partition(headline)[2])
    assert any(headline in text for text in seen.letters()), "at once; the digest of the week has room for seven"
    assert headline in seen.pages["/feeds/events.atom"] and headline in seen.pages["/feeds/events.json"]
    body = seen.hook(event)
    assert (body["title"], body["therapy"]["for_whom"]) == (headline, whom)
    assert headline in seen.commands["events"]


def test_the_status_in_words_has_no_empty_place(seen: Seen) -> None:
    assert "(," not in seen.commands["status"] and ", )" not in seen.commands["status"]


def test_a_payer_of_the_history_is_named_too(seen: Seen) -> None:
    assert "Dystriva (velorastat): now paid for in Canada (Ontario)" in seen.pages["/therapies/velorastat"]


@pytest.mark.parametrize("place", ["Canada", "European Union"])
def test_what_a_company_alone_says_stands_as_not_confirmed(seen: Seen, place: str) -> None:
    assert "not confirmed by an authority" in cell_of(seen.pages["/"], "Dystriva (velorastat)", place)
    for sure in ("United States", "Australia"):
        assert "not confirmed by an authority" not in cell_of(seen.pages["/"], "Nervexa (obelarsen)", sure)
    words = {line.split(":")[0].strip(): line for line in seen.commands["status"].splitlines()}
    assert "not confirmed by an authority" in words["CA"] and "not confirmed by an authority" in words["EU"]
    assert "not confirmed by an authority" not in words["US"] + words["AU"]


def test_reasons_for_a_level_are_words(seen: Seen) -> None:
    pages = "".join(seen.pages[f"/events/{event.id}"] for event in heard(seen))
    assert "Approved on a conditional pathway is critical; watched drug" in pages
    assert "Payment decision is major; watched drug" in pages
    assert not re.search(r"\b(?:accelerated_approval|reimbursement|approval) is (?:major|critical)", pages)


@pytest.mark.parametrize("plan", ["main goal of NCT09000002 (Nervexa) is planned", "NCT09000004 of Dystriva plans to"])
def test_dates_ahead_name_drugs_by_their_brands(seen: Seen, plan: str) -> None:
    assert [plan in letter for letter in seen.letters()].count(True) == 1
    assert [plan in letter for letter in seen.letters("html")].count(True) == 1


@pytest.mark.parametrize(
    ("therapy", "place", "first", "then"),
    [
        ("obelarsen", "AU", "Agency notices", "Dystrophy Daily"),
        ("velorastat", "CA", "Velora newsroom", "Dystrophy Daily"),
    ],
)
def test_the_better_teller_stands_first_though_it_came_later(
    seen: Seen, therapy: str, place: str, first: str, then: str
) -> None:
    event = seen.event("approval", therapy, place)
    letters = [text.partition(event.title)[2] for text in seen.letters() if event.title in text]
    feeds = [seen.pages[path].partition(event.title)[2] for path in ("/feeds/events.atom", "/feeds/events.json")]
    page = seen.pages[f"/events/{event.id}"].partition("Who says so</h2>")[2].partition('<ul class="proof">')[2]
    assert letters
    for text in (*letters, *feeds, page):
        assert 0 < text.find(first) < text.find(then)
    tiers = [
        [proof["tier"] for proof in seen.hook(event)["evidence"]],
        [proof["tier"] for proof in seen.api[f"events/{event.id}"]["evidence"]],
        *([proof["tier"] for proof in line["evidence"]] for line in seen.api["events"] if line["event"] == event.id),
        *([p["tier"] for p in line["places"][place]["evidence"]] for line in seen.api["status"]
          if line["therapy"] == therapy),
        *([p["tier"] for p in e["evidence"]] for e in map(json.loads, seen.export.splitlines())
          if e.get("event") == event.id),
    ]  # fmt: skip
    assert len(tiers) == 5
    assert all(told == sorted(told) and len(set(told)) == 2 for told in tiers)


def test_one_title_everywhere(seen: Seen) -> None:
    assert len(heard(seen)) >= 8
    feed = {
        item["url"].rpartition("/")[2]: item["title"] for item in json.loads(seen.pages["/feeds/events.json"])["items"]
    }
    listed = {line["event"]: line["title"] for line in seen.api["events"]}
    for event in heard(seen):
        title = event.title
        assert {title} == {
            seen.hook(event)["title"], feed[event.id], listed[event.id], seen.api[f"events/{event.id}"]["title"]
        }  # fmt: skip
        page = seen.pages[f"/events/{event.id}"]
        assert f"<h1>{title}</h1>" in page and f"<title>{title}" in page
        assert f">{title}</a>" in seen.pages["/events"]
        assert any(title in letter for letter in seen.letters())
        assert f"<title>{title}</title>" in seen.pages["/feeds/events.atom"]
        assert title in seen.commands["events"]


def test_the_change_log_calls_events_by_their_titles(seen: Seen) -> None:
    for path in ("/changes", "/trials/NCT09000002", f"/events/{seen.event('approval', 'velorastat', 'CA').id}"):
        text = seen.pages[path]
        links = re.findall(r"Told as:</span> <a href=\"/events/(\w+)\">([^<]*)</a>", text)
        assert links
        titles = {event.id: event.title for event in seen.events}
        assert all(titles[id] == told for id, told in links)
        assert not re.search(r">[^<]*\bEV[A-Z0-9]{10}\b", text), "a bare number"


def test_sources_are_called_by_their_public_names(seen: Seen) -> None:
    said = {**seen.pages, **seen.commands}
    said |= {f"mail {n}": text for n, text in enumerate(seen.letters() + seen.letters("html"))}
    for where, text in said.items():
        assert [name for name in WATCHES if re.search(rf"(?<![\w/]){name}(?![\w.])", text)] == [], where
    for title in ("ClinicalTrials.gov", *(title for _, title, _ in FEEDS.values())):
        assert title.replace("'", "&#39;") in seen.pages["/sources"]
        assert title in seen.commands["changes"]


@pytest.mark.parametrize("place", ["CA", "EU"])
def test_a_ladder_carries_the_result_of_the_trial(seen: Seen, place: str) -> None:
    event = seen.event("approval", "velorastat", place)
    rungs = [(rung["step"], rung["on"]) for rung in seen.hook(event)["ladder"]]
    assert rungs == [("result", "2024-06-03"), ("authorised", "2026-03-04")]
    assert [rung["step"] for rung in seen.api[f"events/{event.id}"]["ladder"]] == ["result", "authorised"]
    assert sum("Steps: result 3 Jun 2024, approved 4 Mar 2026" in letter for letter in seen.letters()) >= 2
    steps = seen.pages[f"/events/{event.id}"].partition("Steps of this matter")[2].partition("</ol>")[0]
    assert "Dystriva (velorastat): trial met its main goal" in steps


@pytest.mark.parametrize(
    "said",
    ["Nervexa was approved with conditions in the US", "The company says: Dystriva was approved in Canada",
     "NICE said yes to Nervexa in the UK"],
)  # fmt: skip
def test_a_feed_says_what_happened(seen: Seen, said: str) -> None:
    assert said in seen.pages["/feeds/events.atom"] and said in seen.pages["/feeds/events.json"]


def test_what_happened_last_is_no_routine(seen: Seen) -> None:
    recent = seen.pages["/"].partition('id="recent"')[2].partition("</section>")[0]
    routine = [event.title for event in seen.events if event.level == "info"]
    assert {"Nervexa (obelarsen): trial opens to new people", "Tarapuran: trial entry not checked for a year"} <= set(
        routine
    )
    assert [title for title in routine if title in recent] == []
    assert recent.count('<li class="entry">') == 8


def test_drugs_that_nobody_follows_stand_in_lists_and_tables(seen: Seen) -> None:
    assert "Approved" in cell_of(seen.pages["/"], "Mirabol (mirabolin)", "Japan")
    trials = seen.pages["/"].partition('id="pipeline"')[2].partition("</section>")[0]
    assert "Main goal missed" in trials.partition(">ostarigen</a>")[2].partition("</tr>")[0]
    assert "<strong>Mirabol (mirabolin)</strong>" in seen.pages["/?place=JP"]
    assert ">Mirabol (mirabolin): approved in Japan</a>" in seen.pages["/events?therapy=Mirabol"]
    assert {"mirabolin", "ostarigen"} <= {line["therapy"] for line in seen.api["status"]}
    assert "Mirabol (mirabolin), as of" in seen.commands["status"] and "\nostarigen, as of" in seen.commands["status"]


@pytest.mark.parametrize(
    ("path", "whom", "condition"),
    [("US", "people with a change in exon 44", "The maker must still show more."),
     ("CA", "boys with Duchenne aged six and older", None)],
)  # fmt: skip
def test_the_answer_and_each_drug_say_for_whom_and_on_what_it_hangs(
    seen: Seen, path: str, whom: str, condition: str | None
) -> None:
    answer = seen.pages[f"/?place={path}"].partition('class="answer"')[2].partition("</section>")[0]
    assert f", for {whom}" in answer
    assert ("<dt>Condition</dt>" in answer) == (condition is not None) and (condition or "") in answer
    line = seen.api[f"newest?place={path}"]
    assert line["for_whom"] == whom and (line["condition"] or "").startswith(condition or "")
    for drug, group in (
        ("Dystriva (velorastat)", "boys with Duchenne aged six"),
        ("Nervexa (obelarsen)", "people with"),
    ):
        row = next(row for row in seen.pages["/"].split("<tr ") if f">{drug}</a>" in row)
        assert f"for {group}" in row
    assert "for people with a change in exon 44" in seen.commands["newest"]


def test_one_act_in_two_places_stands_once_in_lists_and_feeds(seen: Seen) -> None:
    told = "Mirabol (mirabolin): leaves the market in "
    for path in ("/", "/events?therapy=Mirabol", "/therapies/mirabolin", "/feeds/events.atom", "/feeds/events.json"):
        assert seen.pages[path].count(f"{told}Japan and China") == 1, path
        assert f"{told}China" not in seen.pages[path], "the rung of the other place"
    assert {line["place"] for line in seen.api["events"] if line["title"].startswith(told)} == {"JP", "CN"}


@pytest.mark.parametrize(("place", "state"), [("KR", "held"), ("CH", "dismissed")])
def test_what_is_no_fact_is_shown_nowhere(seen: Seen, place: str, state: str) -> None:
    (event,) = [e for e in seen.events if e.place == place]
    assert event.state == state
    assert seen.statuses[f"/events/{event.id}"] == seen.statuses[f"/api/v1/events/{event.id}"] == 404
    public = {
        **seen.pages,
        "api": json.dumps(list(seen.api.values())),
        "export": seen.export,
        "hooks": json.dumps(seen.hooks),
    }
    public |= {f"mail {n}": text for n, text in enumerate(seen.letters() + seen.letters("html"))}
    for where, text in public.items():
        assert event.id not in text and event.title not in text, where
    assert "we cannot say" in seen.pages[f"/?place={place}"]
    assert f"{event.id}" in seen.commands["events"], "the operator sees it, and that it is no fact"
    assert re.search(rf"{event.id} .*(?:HELD, not confirmed|DISMISSED, it did not happen): ", seen.commands["events"])
