"""The sample digest out of events, hostile text, ladders, and the body machines get."""

import json
import re
from datetime import UTC, datetime

from monitor.telling.compose.event_body import SIZE_LIMIT, event_body
from monitor.telling.compose.message import Frame, compose
from monitor.telling.compose.news import News
from monitor.telling.deliver import preview
from notifiers.email import render
from store.database import writing
from store.states import DeliveryKind
from store.tables import Delivery, Evidence, Subscription

SUNDAY = datetime(2025, 8, 31, 7, 0, tzinfo=UTC)


def ladder(world):
    us = {"alert": False, "state": "imported"}
    world.event(type="approval", polarity="positive", step="authorised", occurred_on="2022-09-29", **us)
    world.event(type="readout_not_met", step="result", occurred_on="2024-03-08", tier=3, place=None, **us)
    world.event(type="market_withdrawal", step="market_end_announced", occurred_on="2024-04-04", tier=3, **us)
    world.event(type="market_withdrawal", step="market_ended", occurred_on="2024-10-31", **us)
    world.event(type="market_withdrawal", step="withdrawal_requested", occurred_on="2025-02-28", **us)


def sample(world):
    ladder(world)
    revoked = world.event()
    world.event(
        type="start_overdue", therapy="NurOwn", drug=None, place=None, trial="NCT06973629", level="minor", tier=2,
        planned_start="2025-06-30", occurred_on=None, thread="trial/nct06973629", step=None, title="Start overdue",
    )  # fmt: skip
    with writing(world.service.engine) as session:
        session.add(
            Evidence(
                event_id=revoked.id, source="federalregister", tier=1, at=world.moment,
                url="https://www.federalregister.gov/d/2025-16646",
                quote="Approval is withdrawn as of August 29, 2025.",
            )
        )  # fmt: skip
    world.moment = SUNDAY
    reader = world.reader(cadence="weekly", timezone="Europe/Madrid")
    return preview(world.service, reader.id)


def test_the_sample_digest(world):
    digest = sample(world)
    assert digest.subject == "ALS updates, week to 31 Aug 2025: 1 important, 1 waiting"
    text, page = render(digest)
    for line in (
        "THIS WEEK IN ONE LINE",
        "No new ALS drug.",
        "IMPORTANT (1)",
        "1. Relyvrio (AMX0035): US approval formally ended",
        "Before: approved, not sold",
        "After: approval withdrawn, from 29 Aug 2025",
        "Meaning: Legal follow-up to the 2024 decision.",
        "How sure: certain (regulator notice)",
        "Steps: result 8 Mar 2024, announced 4 Apr 2024, sales end 31 Oct 2024, end asked for 28 Feb 2025, "
        "ended in law 29 Aug 2025",
        "https://www.federalregister.gov/d/2025-16646",
        "More: https://als.example/events/EV0006",
        "WAITING (1)",
        "The trial NCT06973629 of NurOwn should have started on 30 June 2025.",
        "WE LOOKED: 0 of 0 sources",
        "Stop: https://als.example/subscriptions/",
        "Information, not medical advice.",
    ):
        assert line in text
    assert text.index("IMPORTANT") < text.index("WAITING") < text.index("WE LOOKED") < text.index("Stop:")
    assert len(page) < 90_000
    assert "<img" not in page
    assert "prefers-color-scheme: dark" in page
    assert [level for level in re.findall(r"<h(\d)", page)][:3] == ["1", "2", "3"]


def test_a_quiet_week_is_short_and_proves_that_we_looked(world):
    text, _ = render(preview(world.service, world.reader(cadence="weekly").id))
    assert "No change that matters" in text
    assert "WE LOOKED" in text
    assert len(text.splitlines()) < 16


FRAME_URL = "https://als.example"


def composed(world, news, kind=DeliveryKind.ALERT):
    frame = Frame(pack=world.service.pack, base_url=FRAME_URL, domain="als.example")
    reader = Subscription(id=1, channel="email", address="r@example.org", created_at=SUNDAY)
    delivery = Delivery(id="d1", subscription_id=1, kind=kind, slot="d1", created_at=SUNDAY, due_at=SUNDAY)
    return compose(news, subscription=reader, delivery=delivery, frame=frame)


def test_an_alert_states_the_news(world):
    digest = composed(world, [News(world.event(), "news")])
    assert digest.subject == "Relyvrio (AMX0035): US approval formally ended"
    assert digest.thread == "us/amx0035/authorisation"
    assert digest.message_id == "<d1@als.example>"


def test_a_correction_says_what_we_said_and_what_is_right(world):
    wrong, right = world.event(type="approval", polarity="positive"), world.event()
    digest = composed(world, [News(right, "correction", corrected=wrong)])
    text, _ = render(digest)
    assert digest.subject == "Correction: Relyvrio (AMX0035): US approval formally ended"
    assert text.index("We said: Relyvrio was approved") < text.index("Right is: The US approval") < text.index("How it")


def test_hostile_text_stays_text(world):
    nasty = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\r\nBcc: all@example.org'
    event = world.event(drug=nasty, therapy=None, title=nasty)
    evidence = Evidence(event_id=event.id, source=nasty, tier=4, quote=nasty, url="javascript:alert(1)", at=SUNDAY)
    text, page = render(composed(world, [News(event, "news", evidence=(evidence,))]))
    assert "<script>" not in page
    assert "<img" not in page
    assert "javascript:" not in page + text
    assert "\nBcc:" not in text


def test_at_most_seven_items_and_the_rest_counted(world):
    digest = composed(world, [News(world.event(), "news") for _ in range(10)], kind=DeliveryKind.DIGEST)
    assert (len(digest.entries), digest.more, digest.more_url) == (7, 3, "https://als.example/events")


def test_a_doubtful_date_says_so(world):
    [entry] = composed(world, [News(world.event(mark_date="M"), "news")]).entries
    assert entry.occurred_note == "date not confirmed"


def test_the_event_body_has_every_key(world):
    ladder(world)
    event = world.event()
    frame = Frame(pack=world.service.pack, base_url=FRAME_URL, domain="als.example")
    evidence = tuple(
        Evidence(event_id=event.id, source="federalregister", tier=1, quote="Approval is withdrawn. " * 900, at=SUNDAY,
                 url="https://www.federalregister.gov/d/2025-16646") for _ in range(60)
    )  # fmt: skip
    raw = event_body(News(event, "news", evidence=evidence), frame)
    body = json.loads(raw)
    assert len(raw) < SIZE_LIMIT
    keys = (
        "schema id type test thread sequence occurred_on source_published_on detected_at released_at place pack "
        "therapy change ladder level level_reasons certainty tier tellers disputed text evidence answer_changed "
        "corrects supersedes review links"
    )
    assert set(keys.split()) <= set(body)
    assert body["therapy"]["ids"] == {"nda": "216660"}
    assert body["change"][0]["after"] == "withdrawn"
    assert body["evidence"][0]["ref"] == "2025-16646"
    assert body["text"]["plain"]["en"] == "The US approval of Relyvrio formally ended on 29 August 2025."
