"""Plain or technical words, and how a trial went told behind a link only."""

import pytest

from monitor.telling.compose.message import Frame, compose
from monitor.telling.compose.news import News, gather
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.topics import tells_outcome
from notifiers.email import compose as written
from notifiers.email import render
from store.database import reading, writing
from store.states import DeliveryKind
from store.tables import Delivery, Event, Evidence, Review, Subscription
from tests.monitor.conftest import START

LINKS = dict.fromkeys(("manage_url", "stop_url", "pause_url"), "https://als.example/subscriptions/x")
TELLING = ("missed", "failed", "did not meet", "not met", "negative", "futil", "unlikely", "met its", "success")
READOUT = {"type": "readout_not_met", "place": None, "trial": "NCT05021536", "tier": 3, "step": "result",
           "thread": "trial/nct05021536", "title": "PHOENIX did not meet its goal", "agency": None,
           "certainty": "reported", "occurred_on": "2024-03-08"}  # fmt: skip


def mail(world, news, **wishes):
    frame = Frame(pack=world.service.pack, base_url="https://als.example", domain="als.example")
    reader = Subscription(id=1, channel="email", address="r@example.org", created_at=START, **wishes)
    delivery = Delivery(id="d1", subscription_id=1, kind=DeliveryKind.ALERT, slot="d1", created_at=START, due_at=START)
    return compose(news, subscription=reader, delivery=delivery, frame=frame).model_copy(update=LINKS)


def told(world, event):
    with writing(world.service.engine) as session:
        session.add(
            Evidence(
                event_id=event.id, source="feed", tier=3, at=world.moment, quote="PHOENIX did not meet its goal.",
                url="https://company.example/phoenix-failed",
            )
        )  # fmt: skip
    return gathered(world, event)


def gathered(world, event, notice="news"):
    with reading(world.service.engine) as session:
        return gather(session, [(session.get_one(Event, event.id), notice)])


def test_technical_words_name_the_numbers_and_the_day(world):
    digest = mail(world, gathered(world, world.event(kind=None)), wording="technical")
    [entry] = digest.entries
    assert entry.sentence == "Approval formally ended: AMX0035 (Relyvrio, Albrioza), NDA216660; FDA, US; 2025-08-29."
    assert (entry.meaning, entry.after) == (None, "approval withdrawn, from 29 Aug 2025")
    stopped = world.event(**{**READOUT, "type": "trial_stopped", "phase": "3", "drug": None, "therapy": None})
    moved = [{"field": "sites", "path": "locations.count", "before": 3, "after": 40}] * 20
    digest = mail(world, [News(stopped, "news", differences=tuple(moved))], wording="technical")
    [entry] = digest.entries
    assert "NCT05021536; phase 3; 2024-03-08." in entry.sentence
    assert entry.differences[0].field == "locations.count"
    assert "locations.count: 3 -> 40" in render(digest)[0]


def test_a_correction_in_technical_words_says_both_in_them(world):
    wrong = world.event(type="approval", polarity="positive")
    news = News(world.event(), "correction", corrected=wrong)
    text, _ = render(mail(world, [news], wording="technical"))
    assert "We said: Approved: AMX0035 (Relyvrio, Albrioza), NDA216660; FDA, US; 2025-08-29." in text
    assert "Right is: Approval formally ended: AMX0035" in text


@pytest.mark.parametrize("type_", sorted(name for name in TYPES if tells_outcome(name)))
@pytest.mark.parametrize("wording", ["plain", "technical"])
def test_how_a_trial_went_is_in_neither_subject_nor_body(world, type_, wording):
    news = told(world, world.event(**{**READOUT, "type": type_, "polarity": TYPES[type_].polarity or "negative"}))
    digest = mail(world, news, hide_outcomes=True, wording=wording)
    text = written(digest, sender="Watch <watch@als.example>", now=START).decode() + "".join(render(digest))
    assert digest.subject == "Relyvrio (AMX0035): news on how a trial went"
    assert [word for word in (*TELLING, "stopped", "phoenix", "published") if word in text.lower()] == []
    assert f"https://als.example/events/{news[0].event.id}" in text, "it is told where the link leads"


def test_a_good_result_stands_in_the_same_part_as_a_bad_one(world):
    for type_ in ("readout_met", "readout_not_met"):
        event = world.event(**{**READOUT, "type": type_, "polarity": TYPES[type_].polarity})
        digest = mail(world, gathered(world, event), hide_outcomes=True)
        assert [len(digest.important), len(digest.entries)] == [1, 1]


def test_what_came_of_it_is_hidden_in_ladders_quotes_and_corrections_too(world):
    world.event(**{**READOUT, "type": "futility_stop", "step": "futility", "thread": "us/amx0035/authorisation"})
    ended = world.event()
    [plain] = mail(world, told(world, ended)).entries
    [hidden] = mail(world, told(world, ended), hide_outcomes=True).entries
    assert "stopped, success unlikely" in [rung.label for rung in plain.ladder]
    assert "result" in [rung.label for rung in hidden.ladder]
    assert {(proof.quote, proof.url) for proof in hidden.evidence} == {(None, None)}
    assert hidden.sentence == plain.sentence, "the end of an approval is no outcome of a trial"

    wrong = world.event(**{**READOUT, "type": "readout_met", "polarity": "positive", "state": "corrected"})
    right = world.event(**{**READOUT, "corrects": wrong.id})
    with writing(world.service.engine) as session:
        session.add(Review(event_id=right.id, verdict="corrected", by="m", at=START, note="It failed."))
    digest = mail(world, gathered(world, right, "correction"), hide_outcomes=True)
    assert digest.subject == "Correction: Relyvrio (AMX0035): news on how a trial went"
    assert "It failed" not in render(digest)[0]


def test_what_opens_a_door_stands_first_and_a_result_is_no_door(world):
    news = [
        *gathered(world, world.event(**{**READOUT, "type": "readout_met", "polarity": "positive"})),
        *gathered(world, world.event(type="trial_started", polarity="positive", level="minor", place=None, trial="N")),
    ]
    digest = mail(world, news)
    assert [len(digest.opens_a_door), len(digest.important)] == [1, 1]
    assert digest.opens_a_door[0].event == news[1].event.id
