"""The pages as a reader and as a machine find them."""

import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis.strategies import text
from sqlmodel import col, select

from monitor.service import Service
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import subscribe
from monitor.watching.roster import sync
from monitor.web.app import EXPLAINED, create_app
from monitor.web.labels import day, web_link
from store.database import reading, writing
from store.states import Certainty, EventState, Health, Level, Polarity
from store.tables import Event, Evidence, Subscription, Watch

PAGES = [
    "/", "/?place=JP&as_of=2024-10-01", "/?place=AU", "/?as_of=1990-01-01", "/?as_of=2030-01-01",
    "/events", "/events?before=2024-01-01.50&level=major&place=US&therapy=tofersen&type=&state=", "/changes",
    "/sources", "/changes?since=2024-01-01&source=drugsfda", "/therapies/tofersen", "/trials/NCT04856982", "/api/docs",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_and_says_that_it_is_no_medical_advice(pages: TestClient, address: str) -> None:
    answer = pages.get(address)
    assert answer.status_code == 200
    assert "Information, not medical advice." in answer.text
    assert answer.text.count("<h1") == 1
    assert 'href="#main"' in answer.text


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("/?place=XX", "place: expected one of US, EU"),
        ("/?as_of=2025-13-01", "as_of: expected a day such as 2025-08-31; found &#39;2025-13-01&#39;"),
        ("/?as_of=20250831", "as_of: expected a day"),
        ("/events?level=huge", "level: expected one of info, minor, major, critical"),
        ("/events?type=miracle", "type: expected one of approval"),
        ("/events?before=0.0.0", "before: expected a place in a list as its links give it"),
        ("/changes?after=%D9%A1", "after: expected a place in a list"),
        ("/events.csv?limit=501", "limit: expected a whole number from 1 to 500"),
        ("/changes?since=yesterday", "since: expected a moment"),
        ("/events?therapy=" + "x" * 300, "therapy: expected at most 200 characters"),
    ],
)
def test_a_wrong_question_is_answered_with_what_was_expected(pages: TestClient, address: str, told: str) -> None:
    answer = pages.get(address)
    assert answer.status_code == 400
    assert told in answer.text
    assert 'href="/"' in answer.text


def test_the_interface_answers_errors_in_json(pages: TestClient) -> None:
    wrong = pages.get("/api/v1/newest?rule=best")
    assert (wrong.status_code, wrong.headers["content-type"]) == (400, "application/json")
    assert wrong.json()["error"]["problems"] == ["rule: expected one of substance, act, formulation; found 'best'"]
    assert pages.get("/api/v1/events/EV0").json()["error"]["status"] == 404
    assert pages.get("/api/v1/nothing").json()["error"]["status"] == 404


def test_the_answer_names_drug_kind_day_and_source(pages: TestClient) -> None:
    told = " ".join(pages.get("/?place=US&as_of=2026-10-01").text.split())
    assert "<h1>What is the newest drug for ALS?</h1>" in told
    assert "<strong>Qalsody (tofersen)</strong>, which got accelerated approval on 25 Apr 2023, for adults with" in told
    assert "Relyvrio (AMX0035), United States" in told  # left the list
    assert "Waiting: the planned start has passed" in told  # NurOwn
    assert "Apr 2023, for adults with ALS and a change in the SOD1 gene." in told
    assert "Not for everybody with ALS." in told
    assert "If it does not, the approval can be taken back." in told


def without(service: Service, *names: str) -> TestClient:
    """The pages where the pack has no such watches."""
    pack = service.pack.model_copy(
        update={"watches": tuple(plan for plan in service.pack.watches if plan.name not in names)}
    )
    with writing(service.engine) as session:
        sync(session, pack, service.now())
    return TestClient(create_app(dataclasses.replace(service, pack=pack)), base_url="https://als.example")


def test_what_is_not_watched_is_never_no_drug(service: Service) -> None:
    pages = without(service, "ch-authorisations")
    told = " ".join(pages.get("/?place=CH&as_of=1990-01-01").text.split())
    assert (
        "We do not watch approvals in Switzerland, so <strong>we cannot say</strong> which drug is the newest" in told
    )
    assert "no drug for ALS" not in told
    assert "Not watched, or not looked at in time:" in " ".join(pages.get("/?place=CH").text.split())


def test_in_another_place_a_drug_goes_by_the_brand_it_has_there(pages: TestClient) -> None:
    gone = " ".join(pages.get("/?place=CA").text.split())
    assert "Albrioza (AMX0035), Canada" in gone
    assert "Relyvrio (AMX0035), United States" in gone


def test_what_happened_last_leaves_the_routine_of_registries_out(pages: TestClient) -> None:
    last = pages.get("/?as_of=2025-05-23").text.split('id="recent"')[1]
    assert "new trial registered" not in last
    assert "trial may start" in last
    assert "new trial registered" in pages.get("/events?as_of=2025-05-23").text


def test_where_nobody_looks_is_no_place_without_a_drug(service: Service) -> None:
    """Neither on the page nor in the data does "not watched" or "not looked yet" read as "no drug"."""
    pages = without(service, "cn-news", "ch-authorisations")
    for asked in ("place=CN&as_of=1990-01-01", "place=CH&as_of=1990-01-01"):
        page = " ".join(pages.get(f"/?{asked}").text.split())
        assert "We do not watch approvals in" in page
        assert "no drug for ALS" not in page
        assert pages.get(f"/api/v1/newest?{asked}").json()["looked"] == "not_watched"
    before = " ".join(pages.get("/?place=US&as_of=1990-01-01").text.split())
    assert "We have not looked at the United States yet" in before
    places = {line["therapy"]: line["places"] for line in pages.get("/api/v1/status").json()}["ulefnersen"]
    assert (places["CN"]["looked"], places["US"]["looked"]) == ("not_watched", "not_looked_yet")
    with writing(service.engine) as session:
        for watch in session.exec(select(Watch)):
            watch.last_success_at, watch.health = service.now(), "ok"
            session.add(watch)
    known = " ".join(pages.get("/?place=US&as_of=1990-01-01").text.split())
    assert "we know of <strong>no drug for ALS</strong>" in known


@pytest.mark.parametrize(
    ("sources", "said"),
    [(("clinicaltrials", "ctis", "euctr", "isrctn"), "not watched"), (("drugsfda",), "not checked yet")],
)
def test_where_no_trial_is_on_file_the_page_says_who_looked(
    service: Service, sources: tuple[str, ...], said: str
) -> None:
    """Without a watch of a trial register "no trial on file" says little, and the page says so."""
    watches = [plan for plan in service.pack.watches if plan.source not in sources]
    pack = service.pack.model_copy(update={"watches": watches})
    with writing(service.engine) as session:
        sync(session, pack, service.now())
    fewer = TestClient(create_app(dataclasses.replace(service, pack=pack)), base_url="https://als.example")
    text = " ".join(fewer.get("/?as_of=1990-01-01").text.split())
    assert "No trial of its own is on file for" in text
    assert f"That says little: trial registers are {said}." in text


def test_a_drug_of_history_that_nobody_follows_stands_in_the_table(service: Service) -> None:
    known = [
        therapy.model_copy(update={"followed": therapy.name != "mecobalamin"}) for therapy in service.pack.therapies
    ]
    pack = service.pack.model_copy(update={"therapies": tuple(known)})
    pages = TestClient(create_app(dataclasses.replace(service, pack=pack)), base_url="https://als.example")
    lines = {line["therapy"]: line for line in pages.get("/api/v1/status").json()}
    assert (lines["mecobalamin"]["followed"], lines["mecobalamin"]["places"]["JP"]["state"]) == (False, "approved")
    table = pages.get("/").text.split('id="where"')[1].split("</section>")[0]
    assert "Rozebalamin" in table


def test_what_no_watch_vouches_for_says_so(pages: TestClient, service: Service) -> None:
    assert "not checked yet" in pages.get("/").text
    count = len(service.pack.watches)
    assert f"{count} of {count} watched sources have not answered in time" in " ".join(pages.get("/").text.split())
    with writing(service.engine) as session:
        for watch in session.exec(select(Watch)):
            watch.last_success_at, watch.health = service.now(), "ok"
            session.add(watch)
    told = pages.get("/").text
    assert "not checked yet" not in told
    assert "have not answered in time" not in told
    assert "not watched" in told  # Japan has no watch in this pack
    with writing(service.engine) as session:
        for watch in session.exec(select(Watch)):
            watch.last_success_at = service.now() - timedelta(days=30)
            session.add(watch)
    assert "not checked since 25 Oct 2026" in pages.get("/").text


def test_pages_and_interface_tell_the_same(pages: TestClient) -> None:
    newest = pages.get("/api/v1/newest", params={"place": "US", "as_of": "2025-09-01"}).json()
    assert (newest["therapy"], newest["since"], newest["kind"]) == ("tofersen", "2023-04-25", "accelerated")
    lines = {line["therapy"]: line for line in pages.get("/api/v1/status?as_of=2025-09-01").json()}
    assert lines["AMX0035"]["places"]["US"]["state"] == "withdrawn"
    event = pages.get("/api/v1/events?type=authorization_revoked").json()[0]
    page = pages.get(f"/events/{event['event']}")
    assert event["title"] in page.text
    assert "29 Aug 2025" in page.text
    assert pages.get(f"/api/v1/events/{event['event']}").json()["thread"] == "us/amx0035/authorisation"


def older(page: str) -> str | None:
    found = re.search(r'rel="next" href="([^"]+)"', page)
    return unescape(found[1]) if found else None


def test_lists_page_through_everything_once_and_back(pages: TestClient) -> None:
    """Nothing twice and nothing left out, though rows come in between; the interface and the data of a page agree."""
    address: str | None = "/events"
    seen: list[str] = []
    told: list[str] = []
    while address:
        page = pages.get(address).text
        seen += (found := re.findall(r'<h2><a href="/events/(EV\w+)"', page))
        rows = pages.get(address.replace("/events", "/events.json")).json()["events"]
        assert [row["event"] for row in rows] == found
        newer = re.search(r'rel="prev" href="([^"]+)"', page)
        if newer:
            assert told[-1] in pages.get(unescape(newer[1])).text
        told, address = found, older(page)
    assert len(seen) == len(set(seen))
    assert set(seen) <= set(listed := list(_imported(pages)))
    assert len(listed) - len(seen) <= 5, "rungs that an alert of another place tells of"


def _imported(pages: TestClient) -> Iterator[str]:
    address: str | None = "/api/v1/events?limit=40"
    while address:
        answer = pages.get(address)
        yield from (line["event"] for line in answer.json())
        address = answer.links.get("next", {}).get("url")


def test_a_date_that_is_not_confirmed_says_so(pages: TestClient, service: Service) -> None:
    with reading(service.engine) as session:
        doubtful = session.exec(select(Event).where(Event.mark_date == "M")).first()
    assert doubtful
    assert "date not confirmed" in pages.get(f"/events/{doubtful.id}").text


def test_every_answer_carries_the_guards(pages: TestClient) -> None:
    for address in ("/", "/nothing", "/static/style.css", "/api/v1/status", "/feeds/events.atom", "/?place=XX"):
        headers = pages.get(address).headers
        assert headers["content-security-policy"] == (
            "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
        )
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
    bare = pages.head("/events")
    assert (bare.status_code, bare.content) == (200, b"")


def test_a_fault_shows_a_calm_page_without_its_inside(service: Service) -> None:
    app = create_app(service)
    app.state.clock = lambda: 1 / 0
    answer = TestClient(app, raise_server_exceptions=False).get("/sources")
    assert answer.status_code == 500
    assert "ZeroDivisionError" not in answer.text
    assert "Something went wrong on our side" in answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_readiness_turns_red_with_the_reason(service: Service) -> None:
    app = create_app(service)
    assert TestClient(app).get("/healthz").json() == {"state": "alive"}
    assert TestClient(app).get("/readyz").status_code == 200
    app.state.clock = lambda: ["the job check last finished 90 s ago"]
    red = TestClient(app).get("/readyz")
    assert (red.status_code, red.json()["reasons"]) == (503, ["the job check last finished 90 s ago"])
    assert "The clock is behind." in TestClient(app).get("/sources").text


def test_feeds_carry_published_events_and_survive_any_text(pages: TestClient, service: Service) -> None:
    assert pages.get("/feeds/events.json").json()["items"] == []  # history is not news
    with writing(service.engine) as session:
        event = session.exec(select(Event).where(Event.type == "authorization_revoked")).one()
        event.state = EventState.RELEASED
        session.add(event)
        session.add(
            Event.model_validate(
                event.model_dump()
                | {
                    "id": "EVODD",
                    "sequence": 999,
                    "therapy": None,
                    "drug": None,
                    "title": "Ended \x00\x08 <b>&]]> \ufffe",
                }
            )
        )
    atom = ElementTree.fromstring(pages.get("/feeds/events.atom").content)
    titles = [node.text for node in atom.iter("{http://www.w3.org/2005/Atom}title")]
    assert titles[1:] == ["Ended    <b>&]]>  ", "Relyvrio (AMX0035): US approval formally ended"]
    item = pages.get("/feeds/events.json").json()["items"][1]
    assert item["content_text"].startswith(
        "The US approval of Relyvrio formally ended on 29 August 2025. Legal follow-up"
    )
    assert "How sure: certain (regulator notice)." in item["content_text"]
    assert item["url"] == f"https://als.example/events/{event.id}"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "data:text/html,x", "//evil.example", "file:///etc/passwd",
     "http://[::1", "https:///x", "", None, 7],
)  # fmt: skip
def test_only_web_addresses_become_links(url: object) -> None:
    assert web_link(url) is None


def test_web_addresses_stay_as_they_are() -> None:
    assert web_link("https://www.ema.europa.eu/en?a=1&b=2") == "https://www.ema.europa.eu/en?a=1&b=2"


@given(text())
def test_a_date_filter_never_fails(told: str) -> None:
    assert day(told)


def _link(service: Service, purpose: str, **wanted: Any) -> tuple[str, int]:
    made, _ = subscribe(service, channel="email", address="reader@als.example", **wanted)
    assert made.id is not None
    return f"/subscriptions/{open_keyring(service.settings).token(purpose, made.id)}", made.id


def _subscription(service: Service, identity: int) -> Subscription:
    with reading(service.engine) as session:
        return session.get_one(Subscription, identity)


def test_following_a_link_changes_nothing(pages: TestClient, service: Service) -> None:
    for purpose in ("manage", "stop", "confirm"):
        link, identity = _link(service, purpose)
        before = _subscription(service, identity).model_dump()
        for end in ("", "/stop", "/pause", "/resume", "/confirm"):
            answer = pages.get(link + end)
            assert answer.status_code == 200
            assert "reader@als.example" not in answer.text
            assert answer.headers["cache-control"] == "no-store"
            pages.head(link + end)  # as scanners of mail do before anybody reads it
            pages.get(link + end, headers={"sec-purpose": "prefetch"})
            pages.options(link + end)
        assert _subscription(service, identity).model_dump() == before


def test_one_click_stops_from_anywhere_with_its_token_alone(pages: TestClient, service: Service) -> None:
    link, identity = _link(service, "stop", confirmed=True)
    answer = pages.post(
        f"{link}/stop", data={"List-Unsubscribe": "One-Click"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert answer.status_code == 200
    assert _subscription(service, identity).ended_at is not None
    assert "had ended before" in pages.post(f"{link}/stop").text


def test_a_reader_pauses_resumes_and_confirms(pages: TestClient, service: Service) -> None:
    link, identity = _link(service, "manage", confirmed=True)
    assert pages.post(f"{link}/pause").status_code == 200
    assert _subscription(service, identity).paused_at is not None
    assert pages.post(f"{link}/resume").status_code == 200
    assert _subscription(service, identity).paused_at is None
    link, identity = _link(service, "confirm")
    assert pages.post(f"{link}/confirm").status_code == 200
    assert _subscription(service, identity).confirmed_at is not None


def test_no_other_token_is_taken(pages: TestClient, service: Service) -> None:
    link, identity = _link(service, "stop", confirmed=True)
    for place in range(len("/subscriptions/"), len(link)):
        bent = link[:place] + ("A" if link[place] != "A" else "B") + link[place + 1 :]
        assert pages.post(f"{bent}/stop").status_code == 404
    assert pages.post(f"{link}/pause").status_code == 400  # a link for stopping does not pause
    assert pages.post(f"{link}/explode").status_code == 404
    assert _subscription(service, identity).ended_at is None


@pytest.mark.parametrize("verb", ["pause", "resume", "confirm"])
def test_other_sites_cannot_press_our_buttons(pages: TestClient, service: Service, verb: str) -> None:
    link, identity = _link(service, "manage", confirmed=True)
    for site in ("cross-site", "same-site"):
        assert pages.post(f"{link}/{verb}", headers={"sec-fetch-site": site}).status_code == 403
    assert _subscription(service, identity).paused_at is None


def test_the_interface_describes_itself_without_foreign_scripts(pages: TestClient) -> None:
    schema = pages.get("/api/openapi.json").json()
    assert {f"/api/v1/{name}" for name in ("status", "newest", "events", "changes", "sources", "therapies")} <= set(
        schema["paths"]
    )
    told = pages.get("/api/docs").text
    assert "/api/v1/newest" in told
    assert "<script" not in told


def test_page_interface_and_feed_narrow_alike(pages: TestClient, service: Service) -> None:
    """An act known to the month counts from the first day of it, wherever it is listed, and says so."""
    month = {"therapy": "Rozebalamin", "type": "submission"}
    for as_of, shown in (("2023-12-31", False), ("2024-01-01", True)):
        listed = pages.get("/api/v1/events", params={**month, "as_of": as_of}).json()
        page = pages.get("/events", params={**month, "as_of": as_of}).text
        assert [line["known_to"] for line in listed] == (["month"] if shown else [])
        assert ("(known to the month)" in page) is shown
        assert ("Nothing on file fits" in page) is not shown
    with writing(service.engine) as session:
        for event in session.exec(select(Event).where(Event.therapy == "mecobalamin")):
            event.state = EventState.RELEASED
    assert "known to the month" in pages.get("/feeds/events.json", params=month).text
    assert pages.get("/feeds/events.json", params={"therapy": "Qalsody"}).json()["items"] == []


@pytest.mark.parametrize("address", ["/events", "/changes", "/api/v1/events", "/api/v1/changes", "/feeds/events.atom"])
@pytest.mark.parametrize("wrong", ["therapy=aspirin", "source=nobody", "type=miracle", "level=huge", "state=held"])
def test_an_unknown_filter_is_refused_by_every_list(pages: TestClient, address: str, wrong: str) -> None:
    answer = pages.get(f"{address}?{wrong}")
    assert answer.status_code == 400
    assert f"{wrong.partition('=')[0]}: expected" in answer.text


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01"])
@pytest.mark.parametrize("path", ["/", "/events", "/api/v1/status", "/api/v1/newest", "/api/v1/events"])
def test_the_ends_of_the_calendar_are_days_like_others(pages: TestClient, path: str, day: str) -> None:
    assert pages.get(path, params={"as_of": day}).status_code == 200
    assert pages.get(path, params={"known_at": day}).status_code == 200


def test_how_a_text_was_read_stands_on_the_page_of_its_event(pages: TestClient, service: Service) -> None:
    told = "The FDA granted accelerated approval to Qalsody today."
    with writing(service.engine) as session:
        event, compiled = session.exec(select(Event).where(Event.therapy == "tofersen").limit(2)).all()
        event.rule, event.confidence = "accelerated_approval.approval-is-granted", 0.971
        session.add(Evidence(event_id=event.id, source="feed", tier=3, quote=told, at=service.now()))
        read, by_hand = event.id, compiled.id
    shown = pages.get(f"/events/{read}").text
    assert "97 % sure that this is news here." in shown
    assert "accelerated_approval.approval-is-granted" in shown
    assert "Of our own labelled examples these are most like the first quote:" in shown
    assert "How it was read" not in pages.get(f"/events/{by_hand}").text


def test_what_is_held_or_dismissed_is_shown_to_nobody(pages: TestClient, service: Service) -> None:
    with writing(service.engine) as session:
        held, dismissed, right = session.exec(select(Event).where(Event.therapy == "tofersen").limit(3)).all()
        held.state, dismissed.state = EventState.HELD, EventState.DISMISSED
        right.corrects, right.state = dismissed.id, EventState.RELEASED
        names = {held.id: held.title, dismissed.id: dismissed.title}
    for path in ("/", "/events", "/changes", "/therapies/tofersen", "/api/v1/events", "/feeds/events.atom"):
        shown = pages.get(path).text
        assert not [id for id in names if id in shown], path
    assert pages.get(f"/events/{held.id}").status_code == 404
    assert pages.get(f"/api/v1/events/{held.id}").status_code == 404
    for base in ("/events/", "/api/v1/events/"):
        answer = pages.get(base + dismissed.id, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (307, base + right.id)
    assert f'href="/events/{dismissed.id}"' not in pages.get(f"/events/{right.id}").text


def test_a_redirect_does_not_believe_the_host_header(pages: TestClient) -> None:
    for path in ("/static", "/sources/", "/api/v1/events/"):
        answer = pages.get(path, headers={"host": "evil.example"}, follow_redirects=False)
        assert "evil.example" not in answer.headers.get("location", ""), path
        assert "evil.example" not in answer.text, path


def test_the_key_in_a_watched_address_is_shown_nowhere(pages: TestClient, service: Service) -> None:
    with writing(service.engine) as session:
        watch = session.exec(select(Watch).where(Watch.source == "feed")).first()
        assert watch
        watch.url = "https://example.org/news.xml?token=s3cr3t&lang=en"
    for path in ("/sources", "/api/v1/sources", "/", "/changes"):
        shown = pages.get(path).text
        assert "s3cr3t" not in shown
    assert "https://example.org/news.xml?lang=en" in pages.get("/sources").text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:81", "a@evil.example", "evil.example/x", "[::1]", ""])
@pytest.mark.parametrize("path", ["/static", "/events/", "/sources/?x=//evil.example", "/api/v1/status/"])
def test_a_redirect_stays_here_whatever_host_is_claimed(pages: TestClient, host: str, path: str) -> None:
    """Also for a header that is no host: a browser sends none, a cache before us may keep the answer."""
    claimed = {"host": host, "x-forwarded-host": "evil.example"}
    answer = pages.get(path, headers=claimed, follow_redirects=False)

    assert answer.status_code == 307
    assert answer.headers["location"].partition("?")[0].strip("/") == path.partition("?")[0].strip("/")
    assert re.match(r"/(?![/\\])", answer.headers["location"])


def test_a_page_of_an_error_says_what_to_do_and_leads_on(pages: TestClient) -> None:
    lead = {"/nothing": "/", "/events?type=nothing": "/events", "/review/events/EVNOTHING": "/review/sign-in"}
    for address, way_on in lead.items():
        answer = pages.get(address)
        assert answer.url.path == way_on or f'class="action" href="{way_on}"' in answer.text, address
    refused = pages.post("/review/approve", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403 and 'class="action" href="/review">Go to the desk' in refused.text
    assert "type: none of the words that are taken" in pages.get("/events?type=nothing").text
    assert set(EXPLAINED) >= {400, 401, 403, 404, 405, 409, 413, 429, 500, 503}


def test_what_does_not_answer_stands_first_in_words_that_keep_their_addresses(
    pages: TestClient, service: Service
) -> None:
    with writing(service.engine) as session:
        last = session.exec(select(Watch).where(col(Watch.active)).order_by(col(Watch.name).desc())).first()
        assert last
        last.health, last.problem = Health.FAILING, "https://a.example/list: no answer since 2026-11-02 09:20 UTC"
        for other in session.exec(select(Watch).where(col(Watch.id) != last.id)):
            other.health, other.last_success_at = Health.OK, service.now()
    text = pages.get("/sources").text
    assert text.index("https://a.example/list: no answer since 2 Nov 2026, 09:20 UTC") < text.index(
        "Answers as it should"
    )


def test_the_list_of_a_past_moment_is_as_sure_as_those_who_had_told_by_then(
    pages: TestClient, service: Service
) -> None:
    told = [(3, service.now() - timedelta(days=9)), (1, service.now() - timedelta(days=2))]
    with writing(service.engine) as session:
        session.add(
            Event(
                id="EVTHEN", sequence=900_000, type="approval", step="authorised", therapy="tofersen", place="CH",
                polarity=Polarity.POSITIVE, occurred_on="2025-01-02", detected_at=told[0][1], released_at=told[0][1],
                level=Level.CRITICAL, certainty=Certainty.STATED, tier=1, thread="ch/tofersen/authorisation",
                title="Told twice", state=EventState.RELEASED,
            )
        )  # fmt: skip
        session.flush()
        session.add_all(
            Evidence(event_id="EVTHEN", source=f"s{tier}", tier=tier, quote="q", at=at) for tier, at in told
        )
    asked = {"therapy": "tofersen", "type": "approval", "place": "CH"}

    for days, certain in ((5, False), (1, True)):
        known_at = (service.now() - timedelta(days=days)).isoformat()
        text = pages.get("/events", params=asked | {"known_at": known_at}).text
        assert ("Certain: a regulator" in text, "Reported by a company" in text) == (certain, not certain), days
