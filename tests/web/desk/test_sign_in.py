"""Signing in: who may, how often, and that nobody else's cookie, form or token is worth anything."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from fastapi.testclient import TestClient
from sqlmodel import select

from monitor.people import maintainers as people
from monitor.people.audit import at_terminal
from monitor.people.sign_ins import IDLE, LONGEST, form_token
from monitor.service import Service
from monitor.web.desk.access import COOKIE
from monitor.web.desk.sign_in import FORM_COOKIE
from store.database import reading
from store.tables import Audit, Event, SignIn
from tests.web.desk.conftest import PASSWORD, Desk, browser_of, signs_in

PAGES = (
    "/review",
    "/review?view=sent",
    "/review?view=mine",
    "/review/stale",
    "/review/log",
    "/review/log.jsonl",
    "/review/events/{event}",
)


def test_signed_out_nothing_of_the_desk_is_seen(service: Service, waits: Callable[..., str]) -> None:
    event, client = waits(), browser_of(service)
    for page in PAGES:
        answer = client.get(page.format(event=event), follow_redirects=False)
        assert answer.status_code == 303, page
        assert answer.headers["location"].startswith("/review/sign-in?next="), page
        assert answer.headers["cache-control"] == "no-store"
    for path in (
        f"/review/events/{event}/approve",
        "/review/approve",
        "/review/undo",
        "/review/sign-out",
        *(f"/review/stale/{act}" for act in ("look", "confirm", "undo")),
    ):
        assert client.post(path, data={"event": event}).status_code == 401, path
    for public in ("/", "/events", f"/events/{event}", f"/api/v1/events/{event}", "/feeds/events.atom", "/changes"):
        said = client.get(public).text
        assert "hold" not in said.lower().replace("threshold", "") or event not in said, public
    with reading(service.engine) as session:
        assert session.get_one(Event, event).state == "held"


def test_who_signs_in_gets_a_cookie_that_goes_nowhere_else(service: Service) -> None:
    people.add(service, "An-Editor", PASSWORD, "maintainer", at_terminal("root"))
    client = browser_of(service)
    answer = signs_in(client, " an-editor", next="/review/log?below=9")
    assert (answer.status_code, answer.headers["location"]) == (303, "/review/log?below=9")
    kept = next(one for one in answer.headers.get_list("set-cookie") if one.startswith(COOKIE))
    for part in ("HttpOnly", "Secure", "SameSite=strict", "Path=/review", "Max-Age="):
        assert part in kept, part
    token = client.cookies[COOKIE]
    with reading(service.engine) as session:
        (row,) = session.exec(select(SignIn)).all()
        assert token not in str(row.model_dump()), "the database holds a hash alone"
    assert PASSWORD not in client.get("/review/log").text
    assert "argon2" not in client.get("/review/log.jsonl").text


@pytest.mark.parametrize(
    "next",
    [
        "//evil.example",
        "https://evil.example/review",
        "/review\\@evil",
        "/events",
        "/review/sign-in",
        "/review//evil.example",
    ],
)
def test_after_signing_in_one_stays_at_the_desk(service: Service, next: str) -> None:
    people.add(service, "an-editor", PASSWORD, "viewer", at_terminal("root"))
    assert signs_in(browser_of(service), "an-editor", next=next).headers["location"] == "/review"


def test_a_token_from_before_is_worth_nothing_after(service: Service, desk: Desk) -> None:
    """Session fixation: whatever somebody planted in the browser, signing in brings a token of its own."""
    for planted in ("planted-by-somebody-else", desk.client.cookies[COOKIE]):
        victim, thief = browser_of(service), browser_of(service)
        for client in (victim, thief):
            client.cookies.set(COOKIE, planted, domain="als.example", path="/review")
        victim.get("/review/sign-in")
        victim.cookies.delete(COOKIE)
        assert signs_in(victim, desk.name).status_code == 303
        assert victim.cookies[COOKIE] != planted
        assert ("Sign in" in thief.get("/review").text) == (planted.startswith("planted"))


def test_signing_out_ends_it_for_every_copy_of_the_cookie(service: Service, desk: Desk) -> None:
    copy = browser_of(service)
    copy.cookies.set(COOKIE, desk.client.cookies[COOKIE], domain="als.example", path="/review")
    assert copy.get("/review", follow_redirects=False).status_code == 200
    assert desk.post("/review/sign-out").url.path == "/review/sign-in"
    assert copy.get("/review", follow_redirects=False).status_code == 303
    assert desk.get("/review").url.path == "/review/sign-in"


def test_a_sign_in_ends_by_itself_by_a_new_password_and_with_its_maintainer(service: Service, desk: Desk) -> None:
    start = datetime.now(UTC)
    with time_machine.travel(start + IDLE - timedelta(minutes=1), tick=False):
        assert desk.get("/review").url.path == "/review"
    with time_machine.travel(start + 2 * IDLE - timedelta(minutes=2), tick=False):
        assert desk.get("/review").url.path == "/review", "it was used meanwhile"
    with time_machine.travel(start + 4 * IDLE, tick=False):
        assert desk.get("/review").url.path == "/review/sign-in", "nobody used it"
    assert LONGEST > 2 * IDLE
    client = browser_of(service)
    assert signs_in(client, desk.name).status_code == 303
    for hour in range(1, 12):
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            assert client.get("/review").url.path == "/review"
    with time_machine.travel(start + LONGEST + timedelta(minutes=1), tick=False):
        assert client.get("/review").url.path == "/review/sign-in", "it had lasted long enough"

    client = browser_of(service)
    assert signs_in(client, desk.name).status_code == 303
    people.new_password(service, desk.name, "another long one", at_terminal("root"))
    assert client.get("/review").url.path == "/review/sign-in"
    assert signs_in(client, desk.name).status_code == 403
    assert signs_in(client, desk.name, "another long one").status_code == 303
    people.remove(service, desk.name, at_terminal("root"))
    assert client.get("/review").url.path == "/review/sign-in"
    with reading(service.engine) as session:
        done = [(row.act, row.who, row.door, row.matter) for row in session.exec(select(Audit))]
    assert done[-2:] == [
        ("new password", "root", "command", "maintainer an-editor"),
        ("remove", "root", "command", "maintainer an-editor"),
    ]


def test_guessing_is_held_back_and_tells_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same answers for a name that is there and one that is not, and of many guesses hardly any is looked at."""
    people.add(service, "an-editor", PASSWORD, "maintainer", at_terminal("root"))
    looked: list[str] = []
    verify = people.HASHER.verify
    monkeypatch.setattr(
        type(people.HASHER), "verify", lambda self, kept, given: looked.append(kept) or verify(kept, given)
    )
    said: dict[str, list[tuple[int, str]]] = {}
    for name in ("an-editor", "nobody-here"):
        client = browser_of(service)
        answers = [signs_in(client, name, f"guess number {number}") for number in range(8)]
        said[name] = [
            (answer.status_code, answer.text.replace(client.cookies.get("therawatch-sign-in", ""), ""))
            for answer in answers
        ]
        client.close()
    statuses = {name: [status for status, _ in answers] for name, answers in said.items()}
    assert statuses["an-editor"] == statuses["nobody-here"] == [403] * 5 + [429] * 3
    assert "Name or password is wrong." in said["nobody-here"][0][1]
    assert len(looked) == 10, "the same work for a name that nobody has, none for who is held back"

    app = create = browser_of(service)
    codes = [signs_in(app, f"name-{number % 7}", f"guess {number}").status_code for number in range(40)]
    assert codes.count(403) == 30, "one address may fail thirty times, whatever the names"
    assert signs_in(create, "an-editor").status_code == 429, "the right password too has to wait"


NAMES = ["an-editor", *(f"name-{number}" for number in range(49))]


def test_a_thousand_guesses_from_everywhere_at_everybody_are_held_back(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is spread over addresses and accounts: before any hash is made the throttle has held it back, and who
    signs in from where she always does notices nothing."""
    people.add(service, "an-editor", PASSWORD, "maintainer", at_terminal("root"))
    looked: list[str] = []
    verify = people.HASHER.verify
    monkeypatch.setattr(
        type(people.HASHER), "verify", lambda self, kept, given: looked.append(kept) or verify(kept, given)
    )
    client, start = browser_of(service), datetime.now(UTC)
    tied = {"cookie": f"{FORM_COOKIE}=tied"}

    def tries(name: str, password: str, address: str) -> int:
        client._transport.client = (address, 50000)  # type: ignore[attr-defined]
        given = {"token": form_token("tied"), "name": name, "password": password}
        return client.post("/review/sign-in", data=given, headers=tied, follow_redirects=False).status_code

    ways = {
        "one address, every name": lambda n: (NAMES[n % 50], "192.0.2.1"),
        "every address, one name": lambda n: ("an-editor", f"198.51.100.{n}"),
        "one network of IPv6": lambda n: (NAMES[n % 50], f"2001:db8::{n + 1:x}"),
        "everything new each time": lambda n: (NAMES[n % 50], f"203.0.{n // 50}.{n}"),
    }
    with time_machine.travel(start, tick=False) as clock:
        assert tries("an-editor", PASSWORD, "192.0.2.200") == 303
        looked.clear()
        for way, guess in ways.items():
            before, answers = len(looked), [tries(*guess(number)[:1], f"guess {number}", guess(number)[1])
                                            for number in range(250)]  # fmt: skip
            assert set(answers) <= {403, 429}, way
            assert answers.count(403) == len(looked) - before <= 120, way
        assert len(looked) <= 120, "of a thousand guesses within a quarter of an hour, wherever they come from"
        assert tries("an-editor", PASSWORD, "203.0.113.77") == 429, "the right password from a new place waits as well"
        assert tries("an-editor", PASSWORD, "192.0.2.200") == 303, "from where she signed in before it does not"
        clock.shift(timedelta(minutes=61))
        assert tries("an-editor", PASSWORD, "203.0.113.77") == 303
    with reading(service.engine) as session:
        assert len(session.exec(select(SignIn)).all()) == 3, "and nobody else came in"


def test_forms_of_others_are_refused(
    service: Service, desk: Desk, at_desk: Callable[..., Desk], waits: Callable[..., str]
) -> None:
    event, other = waits(), at_desk("another-editor")
    path = f"/review/events/{event}/approve"
    own = {"token": desk.token()}
    for forged in ("", "0" * 64, other.token(), form_token("guess"), own["token"][:-1], own["token"].upper() + "x"):
        answer = desk.client.post(path, data={"token": forged})
        assert answer.status_code == 403, forged
        assert "That form was not made for you" in answer.text
    assert desk.client.post(path).status_code == 403
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ):
        assert desk.client.post(path, data=own, headers=headers).status_code == 403, headers
    for one in (service,):
        with reading(one.engine) as session:
            assert session.get_one(Event, event).state == "held"
            assert session.exec(select(Audit).where(Audit.act == "approve")).all() == []
    assert desk.client.get(path).status_code in (404, 405), "a link acts on nothing"
    good = desk.client.post(path, data=own, headers={"sec-fetch-site": "same-origin", "origin": "https://als.example"})
    assert good.status_code == 200
    with reading(service.engine) as session:
        assert len(session.exec(select(Audit).where(Audit.act == "approve")).all()) == 1


def test_nobody_is_signed_in_by_another_sites_form(service: Service) -> None:
    people.add(service, "an-editor", PASSWORD, "maintainer", at_terminal("root"))
    client: TestClient = browser_of(service)
    fields = {"name": "an-editor", "password": PASSWORD, "token": form_token("theirs")}
    assert client.post("/review/sign-in", data=fields).status_code == 403, "no cookie of the form"
    client.get("/review/sign-in")
    assert client.post("/review/sign-in", data=fields).status_code == 403, "another browser's form"
    assert COOKIE not in client.cookies


def test_a_viewer_sees_everything_and_acts_on_nothing(
    service: Service, at_desk: Callable[..., Desk], waits: Callable[..., str]
) -> None:
    event, viewer = waits(), at_desk("a-viewer", "viewer")
    page = viewer.get(f"/review/events/{event}").text
    assert "you may look at everything and act on nothing" in page
    assert f'action="/review/events/{event}/' not in page
    assert event in viewer.get("/review").text
    for act in ("approve", "reject", "correct", "merge", "snooze", "wording", "undo", "agree"):
        answer = viewer.act(event, act, reason="noise", note="x", until="day")
        assert answer.status_code == 403, act
        assert "you are signed in as a viewer" in answer.text
    assert viewer.post("/review/approve", event=event).status_code == 403
    with reading(service.engine) as session:
        assert session.get_one(Event, event).state == "held"
