"""What is foretold before a verdict: to how many it goes, and what the answers say afterwards. It is a look."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from bs4 import BeautifulSoup
from sqlmodel import col, select

from monitor.events.review_decisions import Wish
from monitor.service import Service
from monitor.telling.foretold import foretell
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from store.database import writing
from store.states import DeliveryKind, Verdict
from store.tables import Delivery
from tests.web.desk.conftest import Clock, Desk
from tests.web.desk.test_acts import owed, readers
from tests.web.test_lists import counted


def stands(desk: Desk, event: str) -> dict[str, str]:
    """What the page says of the answers."""
    found = BeautifulSoup(desk.get(f"/review/events/{event}").text, "lxml").select("dl.stands > *")
    texts = [" ".join(one.get_text(" ", strip=True).split()) for one in found]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def test_the_preview_is_a_look_that_waits_for_nobody(service: Service, desk: Desk, waits: Callable[..., str]) -> None:
    readers(service)
    event = waits()
    desk.get("/review")
    with ThreadPoolExecutor(1) as other, counted(service) as asked, writing(service.engine):  # somebody writes
        asked.clear()
        page = other.submit(desk.get, f"/review/events/{event}").result(timeout=60)
        sent = list(asked)
    assert page.status_code == 200 and "<strong>5 messages</strong>" in page.text
    assert [statement for statement in sent if not statement.startswith(("SELECT", "WITH"))] == []
    assert len(sent) < 45, "and it asks as much however many read"


def test_what_is_foretold_is_what_comes_whatever_was_sent_that_day(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    readers(service)
    subscribe(service, channel="email", address="rests@als.example", confirmed=True, quiet_days=["tue"])
    figures = []
    for number in range(9):  # more than anybody is told at once in a day
        event = waits(type_="shortage", polarity="negative", therapy="tofersen", place=["US", "CA", "EU"][number % 3],
                      minutes=600 - number, occurred_on=f"2026-11-{number + 10}")  # fmt: skip
        foretold = foretell(service, event, Wish(Verdict.CONFIRMED)).deliveries
        desk.act(event, "approve")
        clock.goes_on(minutes=10)
        match(service)
        figures.append((foretold, owed(service, event)))
        if number == 4:  # a digest that has begun takes nothing in any more
            with writing(service.engine) as session:
                for row in session.exec(select(Delivery).where(col(Delivery.kind) == DeliveryKind.DIGEST)):
                    row.attempts, row.body = 1, b"{}"
                    session.add(row)
    assert [foretold for foretold, _ in figures] == [came for _, came in figures]
    assert figures[0][0] >= 4


def test_the_page_says_what_the_answers_will_say_afterwards(
    service: Service, desk: Desk, waits: Callable[..., str]
) -> None:
    ends = waits(type_="authorization_revoked", therapy="tofersen", step="authorisation_ended", tier=1)
    said = stands(desk, ends)
    newest, drug = said["Newest drug in the United States"], said["Qalsody (tofersen) in the United States"]
    assert newest.startswith("In the United States it is Qalsody (tofersen), which got accelerated approval on 25 Apr")
    assert "Afterwards: In the United States it is" in newest
    assert drug.startswith("Approved, 25 Apr 2023; accelerated approval")
    assert drug.endswith("Afterwards: Approval ended, 20 Nov 2026; no longer sold.")

    kept = stands(desk, waits())  # trials are put on hold: no approval moves
    assert kept["Newest drug in the United States"].endswith("It stays so.")
    stopped = waits(type_="trial_stopped", place=None, trial="NCT04856982", step="terminated", tier=2)
    assert "Afterwards: Phase 3: Stopped early (NCT04856982)." in stands(desk, stopped)["Qalsody (tofersen) in trials"]
    assert stands(desk, waits(therapy=None, place=None, drug="a drug", trial=None)) == {}
