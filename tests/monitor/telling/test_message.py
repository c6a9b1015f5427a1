"""The sample digest out of events, hostile text, ladders, and the body machines get."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from monitor.telling.compose.event_body import SIZE_LIMIT, event_body
from monitor.telling.compose.manner import Manner
from monitor.telling.compose.message import Frame, compose, entry_of
from monitor.telling.compose.news import News, gather
from monitor.telling.preview import preview
from monitor.vocabulary.pack import Pack
from notifiers.email import render
from store.database import reading, writing
from store.states import DeliveryKind, Notice, Wording
from store.tables import Delivery, Event, Evidence, Subscription, Watch

SUNDAY = datetime(2025, 8, 31, 7, 0, tzinfo=UTC)


def ladder(world):
    us = {"alert": False, "state": "imported"}
    world.event(type="approval", polarity="positive", step="authorised", occurred_on="2022-09-29", **us)
    world.event(type="readout_not_met", step="result", occurred_on="2024-03-08", tier=3, place=None, **us)
    world.event(type="market_withdrawal", step="market_end_announced", occurred_on="2024-04-04", tier=3, **us)
    world.event(type="market_withdrawal", step="market_ended", occurred_on="2024-10-31", **us)
    world.event(type="market_withdrawal", step="withdrawal_requested", occurred_on="2025-02-28", **us)


def watched(world, *names, last=SUNDAY):
    """Watches that answered last at a moment (None: never)."""
    with writing(world.service.engine) as session:
        for name in names:
            session.add(Watch(name=name, source="feed", options={}, every_seconds=3600, next_check_at=SUNDAY,
                              last_success_at=last))  # fmt: skip


def sample(world):
    watched(world, "news")
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
        "WE LOOKED: 1 of 1 sources",
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
    watched(world, "news", last=world.moment)
    text, page = render(preview(world.service, world.reader(cadence="weekly").id))
    said = [line for line in text.splitlines() if line]
    assert [line.split()[0] for line in said] == ["No", "WE", "Pause"]
    assert said[0] == "No change that matters to what you follow. No new ALS drug."
    assert "Stop: https://als.example/subscriptions/" in said[2]
    assert said[2].endswith("   Information, not medical advice.")
    lines = [" ".join(line.split()) for line in re.findall(r"<p.*?>(.*?)</p>", page, re.DOTALL)]
    assert [line.split()[0] for line in lines] == ["No", "We", "<a"], "the same three lines"
    assert lines[2].endswith("Information, not medical advice.")
    assert "<h2>" not in page


@pytest.mark.parametrize(
    ("good", "line"),
    [
        (1, "As far as we could see: no change that matters to what you follow. No new ALS drug."),
        (0, "We do not know of this time: no source showed us anything new."),
    ],
)
def test_a_week_in_which_we_were_blind_is_not_called_quiet(world, good, line):
    watched(world, *["news"][:good], last=world.moment)
    watched(world, "trials", "fda", last=None)
    digest = preview(world.service, world.reader(cadence="weekly").id)
    assert digest.one_line == line
    assert digest.subject.endswith(": nothing new" if good else ": nothing seen"), "blind is not quiet"
    assert f"WE LOOKED: {good} of {good + 2} sources" in render(digest)[0]
    world.event()
    told = preview(world.service, world.reader(cadence="weekly", address="b@example.org").id).one_line
    first = "The US approval of Relyvrio formally ended on 29 August 2025."
    assert told == (f"{first} As far as we could see, no new ALS drug." if good else first)


FRAME_URL = "https://als.example"


def frame_of(world):
    return Frame(pack=world.service.pack, base_url=FRAME_URL, domain="als.example")


def composed(world, news, kind=DeliveryKind.ALERT, frame=None):
    frame = frame or frame_of(world)
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


def test_what_was_no_event_is_taken_back_and_not_said_again(world):
    wrong = world.event(type="approval", polarity="positive", state="dismissed")
    said = world.event(
        type="approval", polarity="neutral", step=None, corrects=wrong.id, title="Correction: it was wrong"
    )
    news = News(said, "correction", corrected=wrong)
    digest = composed(world, [news])
    text, _ = render(digest)
    assert digest.subject == "Correction: Relyvrio (AMX0035): approved in the US (taken back)"
    assert "We said: Relyvrio was approved in the US" in text
    assert "Right is: We do not say so any more" in text
    body = json.loads(event_body(news, frame_of(world)))
    assert body["text"]["plain"]["en"].startswith("We do not say so any more")


def test_who_says_so_is_said_until_an_authority_does(world):
    approved = {"type": "approval", "polarity": "positive", "step": "authorised", "certainty": "reported"}
    [entry] = composed(world, [News(world.event(tier=3, **approved), "news")]).entries
    assert entry.sentence.startswith("The company says: Relyvrio was approved in the US")
    assert entry.meaning.startswith("Once the authority confirms it: doctors")
    assert entry.how_sure == "the company says so, no authority has yet"
    [entry] = composed(world, [News(world.event(tier=4, **approved), "news")]).entries
    assert entry.sentence.startswith("Press or community say: ")
    [entry] = composed(world, [News(world.event(**{**approved, "certainty": "stated"}), "news")]).entries
    assert entry.sentence == "Relyvrio was approved in the US on 29 August 2025."


def test_what_a_company_does_itself_needs_no_authority(world):
    filed = world.event(type="submission", polarity="positive", step="applied", certainty="reported", tier=3)
    [entry] = composed(world, [News(filed, "news")]).entries
    assert entry.sentence == "The company asked for approval of Relyvrio in the US on 29 August 2025."
    assert entry.how_sure == "reported (company statement)"


def test_the_page_of_what_is_not_checked_says_so_first(world):
    held = entry_of(News(world.event(state="held"), "news"), frame_of(world))
    assert held.sentence.startswith("Not checked yet, it may be wrong: The US approval")
    assert held.meaning is None


def test_a_ladder_carries_the_trial_result_it_rests_on(world):
    ladder(world)
    world.event(
        type="readout_met",
        step="result",
        occurred_on="2026-01-01",
        place=None,
        trial="NCT2",
        state="imported",
        thread="trial/nct2",
    )
    revoked = world.event()
    with reading(world.service.engine) as session:
        [news] = gather(session, [(session.get_one(Event, revoked.id), Notice.NEWS)])
    steps = [rung.label for rung in entry_of(news, frame_of(world)).ladder]
    assert steps == ["result", "announced", "sales end", "end asked for", "ended in law"]


def test_for_whom_a_drug_is_stands_in_the_mail(world):
    pack = world.service.pack.model_dump()
    pack["therapies"][1]["for_whom"] = {"text": "adults with ALS and a change in the SOD1 gene", "mark": "M"}
    frame = replace(frame_of(world), pack=Pack.model_validate(pack))
    news = News(world.event(type="approval", polarity="positive", therapy="tofersen", drug="Qalsody"), "news")
    text, page = render(composed(world, [news], frame=frame))
    for said in (text, page):
        assert "adults with ALS and a change in the SOD1 gene (not confirmed)" in said


def test_a_source_is_called_by_its_public_name(world):
    frame = replace(
        frame_of(world), titles={"feed": "News feed", "wire-1": "Release wire", "federalregister": "Federal Register"}
    )
    event = world.event()
    proofs = tuple(
        Evidence(event_id=event.id, source=source, watch=watch, tier=1, at=SUNDAY)
        for source, watch in (("federalregister", "us-notices"), ("feed", "wire-1"), ("feed", "gone"))
    )
    [entry] = composed(world, [News(event, "news", evidence=proofs)], frame=frame).entries
    assert [proof.source for proof in entry.evidence] == ["Federal Register", "Release wire", "News feed"]


def test_a_registers_field_is_said_in_words_and_kept_as_it_is_for_who_wants_that(world):
    quote = "status: ACTIVE_NOT_RECRUITING -> TERMINATED; why stopped: Lack of data"
    event = world.event(type="trial_stopped", place=None, trial="NCT06215755")
    proof = Evidence(event_id=event.id, source="clinicaltrials", tier=2, quote=quote, at=SUNDAY)
    news = News(event, "news", evidence=(proof,))
    (entry,) = composed(world, [news]).entries
    assert entry.evidence[0].quote == quote, "what machines are told stays the register's own"
    for part in render(composed(world, [news])):
        assert "status changed from “active, not recruiting” to “terminated”, why stopped “Lack of data”" in part
        assert "ACTIVE_NOT_RECRUITING" not in part
    exact = entry_of(news, frame_of(world), Manner(Wording.TECHNICAL)).evidence[0]
    assert (exact.quote, exact.said) == (quote, None)
    veiled = entry_of(news, frame_of(world), Manner(hide_outcomes=True))
    assert not any(one.said or one.quote for one in veiled.evidence)


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
        "schema id type test thread sequence occurred_on source_published_on detected_at released_at place places pack "
        "therapy change ladder level level_reasons certainty tier tellers disputed text evidence answer_changed "
        "corrects supersedes review links"
    )
    assert set(keys.split()) <= set(body)
    assert body["therapy"]["ids"] == {"nda": "216660"}
    assert body["change"][0]["after"] == "withdrawn"
    assert body["evidence"][0]["ref"] == "2025-16646"
    assert body["text"]["plain"]["en"] == "The US approval of Relyvrio formally ended on 29 August 2025."
