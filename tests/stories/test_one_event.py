"""However many tell of it, what happened once in the world is one event: one alert, and one confirmation if asked."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from demo.story import Told
from monitor.telling.subscriptions import subscribe
from tests.stories.stage import (
    Hook,
    Installation,
    Postbox,
    Ran,
    Stage,
    application,
    events,
    evidence,
    look,
    send,
    tale,
    watch,
)

SECRET = "whsec_b25lLWV2ZW50LWhvd2V2ZXItbWFueS10ZWxsLW9mLWl0"
OTHER_SECRET = "whsec_dGhlLXNlY29uZC1ob29rLXdhbnRzLWNvbmZpcm1hdGlvbnM="
READER = "reader@example.org"

APPLICATIONS = watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]})
NOTICES = watch("notices", "federalregister", base_url="WORLD", options={"terms": ["Relyvrio"]})
BIOGEN = watch("biogen", "feed", url="WORLD/feeds/biogen.xml", therapies=["tofersen"], options={"tier": 3})
AMYLYX = watch("amylyx", "feed", url="WORLD/feeds/amylyx.xml", therapies=["AMX0035"], options={"tier": 3})
WIRE = watch("wire", "feed", url="WORLD/feeds/wire.xml")
NEWS = watch("news", "feed", url="WORLD/feeds/news.xml", options={"tier": 4})
FDA_PRESS = watch("fda-press", "feed", url="WORLD/feeds/fda-press.xml", options={"tier": 1, "agency": "FDA"})


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


def told(feed: str, moment: str, title: str, text: str) -> Told:
    return Told(feed, at(moment), title, text, f"{feed}-{moment[:10]}")


EARLIER = tuple(
    told(feed, "2023-01-05T12:00", "Our plans for the year", "What to expect of this page.")
    for feed in ("biogen", "amylyx", "wire", "news", "fda-press")
)
APPROVAL = (
    told(
        "biogen", "2023-04-25T18:30", "FDA grants accelerated approval for QALSODY (tofersen) for SOD1-ALS",
        "The FDA has granted accelerated approval to Qalsody (tofersen) for adults with ALS who have a mutation in the "
        "SOD1 gene. Continued approval may depend on the confirmatory trial ATLAS.",
    ),
    told(
        "wire", "2023-04-25T19:30", "Biogen's Qalsody wins accelerated approval from the FDA",
        "The FDA granted accelerated approval to Biogen's tofersen, sold as Qalsody, for ALS with a SOD1 mutation.",
    ),
    told(
        "news", "2023-04-26T07:00", "FDA grants accelerated approval to tofersen for SOD1-ALS",
        "The FDA granted accelerated approval to Qalsody (tofersen) on April 25. In 2021 VALOR, its Phase 3 trial, "
        "missed its primary endpoint.",
    ),
    told(
        "fda-press", "2023-04-25T18:00", "FDA approves treatment of ALS associated with a mutation in the SOD1 gene",
        "Today the FDA granted accelerated approval to Qalsody (tofersen) for adults with ALS who have a mutation in "
        "the SOD1 gene. The approval was granted to Biogen.",
    ),
)  # fmt: skip
WITHDRAWN = {
    "document_number": "2025-16646", "publication_date": date(2025, 8, 29), "effective_on": date(2025, 8, 29),
    "title": "Amylyx Pharmaceuticals, Inc.; Withdrawal of Approval of New Drug Application for RELYVRIO",
    "abstract": "The Food and Drug Administration is withdrawing approval of NDA 216660 for RELYVRIO (sodium "
    "phenylbutyrate and taurursodiol), held by Amylyx.",
    "action": "Notice.", "dates": "Approval is withdrawn as of August 29, 2025.",
}  # fmt: skip
REPORTED = told(
    "news", "2025-09-01T07:00", "FDA formally withdraws approval of Relyvrio",
    "The FDA has withdrawn the approval of Relyvrio (AMX0035) at the request of Amylyx, effective August 29, 2025.",
)  # fmt: skip


@pytest.fixture
def home(tmp_path: Path, postbox: Postbox) -> Iterator[Installation]:
    """A world in which tofersen is approved in April 2023 and Relyvrio's approval ends in August 2025."""
    story = tale(
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        ),
        notices=(WITHDRAWN,),
        told=tuple(sorted((*EARLIER, *APPROVAL, REPORTED), key=lambda one: one.at)),
    )
    with Stage(story, at=at("2023-04-20T12:00")) as world:
        yield Installation(tmp_path, world, {"SMTP_URL": postbox.url})


# The register and a feed tell of one act -----------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["register", "feed"])
def test_an_approval_told_by_register_and_feed_is_one_event_whoever_is_first(
    home: Installation, hook: Hook, postbox: Postbox, first: str
) -> None:
    home.write_pack(APPLICATIONS, BIOGEN)
    with home.service(smtp_url=postbox.url) as service:
        look(service)
        subscribe(service, channel="webhook", address=hook.url, secret=SECRET)
        subscribe(service, channel="email", address=READER, confirmed=True)
        order = ["applications", "biogen"] if first == "register" else ["biogen", "applications"]
        home.world.at(at("2023-05-05T12:00"))
        for hours, name in enumerate(order):
            home.world.at(at("2023-05-05T12:00") + timedelta(hours=hours))
            assert look(service, name)[name].outcome == "changed"
            send(service)

        event = _only(service)
        tellers = [one.watch for one in evidence(service, event)]

    assert tellers == order
    assert (event.type, event.kind, event.place, event.occurred_on) == (
        "accelerated_approval", "accelerated", "US", "2023-04-25",
    )  # fmt: skip
    assert (event.state, event.level, event.certainty) == ("released", "critical", "stated")
    body = Webhook(SECRET).verify(hook.got[0].body, hook.got[0].headers)
    assert len(hook.got) == 1
    assert body["id"] == event.id
    assert len(postbox.mails) == 1


def test_a_notice_of_the_federal_register_and_a_headline_are_one_event(
    home: Installation, hook: Hook, postbox: Postbox
) -> None:
    home.write_pack(NOTICES, NEWS)
    home.world.at(at("2025-08-01T12:00"))
    with home.service(smtp_url=postbox.url) as service:
        look(service)
        subscribe(service, channel="webhook", address=hook.url, secret=SECRET)
        subscribe(service, channel="email", address=READER, confirmed=True)
        for moment in ("2025-08-29T14:00", "2025-09-01T08:00"):
            home.world.at(at(moment))
            look(service)
            send(service)

        event = _only(service)
        tellers = [one.watch for one in evidence(service, event)]

    assert (event.type, event.therapy, event.place) == ("authorization_revoked", "AMX0035", "US")
    assert (event.occurred_on, event.level, event.certainty) == ("2025-08-29", "critical", "stated")
    assert tellers == ["notices", "news"]
    assert [Webhook(SECRET).verify(got.body, got.headers)["id"] for got in hook.got] == [event.id]
    assert len(postbox.mails) == 1
    assert "US approval formally ended" in str(postbox.mails[0]["Subject"])


def _only(service):  # type: ignore[no-untyped-def]
    """The one event that is an alert; that the newest drug is another one now is a line of the log."""
    found = [event for event in events(service) if event.alert]
    assert len(found) == 1, [(event.type, event.state, event.occurred_on, event.title) for event in found]
    return found[0]


# A company announces, a wire repeats, the press explains, the register follows, the regulator confirms ---------------

STEPS = (  # when a watch sees it, and what then holds: tellers so far, certainty
    ("2023-04-25T19:00", "biogen"),
    ("2023-04-25T20:00", "wire"),
    ("2023-04-26T08:00", "news"),
    ("2023-05-03T12:00", "applications"),
    ("2023-05-08T12:00", "fda-press"),
)
MOMENTS = (  # known at, as of, state in the US, how many tellers, certainty
    ("2023-04-20T12:30", "2023-04-20", "none", 0, None),
    ("2023-04-25T18:45", "2023-04-25", "none", 0, None),  # told by the company, and not yet seen by us
    ("2023-04-25T19:00", "2023-04-24", "none", 1, "reported"),  # known, but on the day before it had not happened
    ("2023-04-25T19:00", "2023-04-25", "approved", 1, "reported"),
    ("2023-04-25T19:59", "2023-04-25", "approved", 1, "reported"),
    ("2023-04-25T20:00", "2023-04-25", "approved", 2, "reported"),
    ("2023-04-26T08:00", "2023-04-26", "approved", 3, "reported"),
    ("2023-05-03T11:59", "2023-05-03", "approved", 3, "reported"),
    ("2023-05-03T12:00", "2023-05-03", "approved", 4, "stated"),
    ("2023-05-08T11:59", "2023-05-08", "approved", 4, "stated"),
    ("2023-05-08T12:00", "2023-05-08", "approved", 5, "stated"),
    ("2023-05-09T12:00", "2023-04-24", "none", 5, "stated"),
)


@pytest.fixture
def told_by_all(home: Installation, hook: Hook, postbox: Postbox) -> Iterator[tuple[Installation, Hook]]:
    """The story, played to its end; the first hook wants news, the second and the reader confirmations too."""
    home.write_pack(APPLICATIONS, BIOGEN, WIRE, NEWS, FDA_PRESS)
    with Hook() as second, home.service(smtp_url=postbox.url) as service:
        assert {one.outcome for one in look(service).values()} == {"baseline"}
        subscribe(service, channel="webhook", address=hook.url, secret=SECRET)
        subscribe(service, channel="webhook", address=second.url, secret=OTHER_SECRET, confirmations=True)
        subscribe(service, channel="email", address=READER, confirmed=True, confirmations=True)
        for moment, name in STEPS:
            home.world.at(at(moment))
            assert look(service, name)[name].outcome == "changed", name
            assert all(line["error"] is None for line in send(service))
        home.world.at(at("2023-05-09T12:00"))
        send(service)
        yield home, second


def test_five_tellers_make_one_thread_and_one_critical_alert(
    told_by_all: tuple[Installation, Hook], hook: Hook, typed: Callable[..., Ran]
) -> None:
    home, _ = told_by_all
    lines = typed(home, "events", "--json", "--therapy", "tofersen").lines
    alerts = [line for line in lines if line["type"] != "answer_changed" and line["state"] == "released"]

    assert [(line["type"], line["level"], line["thread"]) for line in alerts] == [
        ("accelerated_approval", "critical", "us/tofersen/authorisation")
    ]
    assert {one["watch"] for one in alerts[0]["evidence"]} == {name for _, name in STEPS}
    assert [one["tier"] for one in alerts[0]["evidence"]] == sorted(one["tier"] for one in alerts[0]["evidence"])
    assert all(one["quote"] and one["capture_sha256"] for one in alerts[0]["evidence"])
    assert [got.told["notice"] for got in hook.got] == ["news"]
    assert Webhook(SECRET).verify(hook.got[0].body, hook.got[0].headers)["level"] == "critical"


def test_who_asked_gets_one_confirmation_when_the_register_says_so(
    told_by_all: tuple[Installation, Hook], postbox: Postbox
) -> None:
    _, second = told_by_all

    assert [got.told["notice"] for got in second.got] == ["news", "confirmation"]
    assert len({got.id for got in second.got}) == 2
    assert len({got.told["id"] for got in second.got}) == 1, "one event, told and confirmed"
    assert second.got[1].told["certainty"] == "stated"
    for got in second.got:
        Webhook(OTHER_SECRET).verify(got.body, got.headers)
    assert len(postbox.mails) == 2
    assert postbox.mails[0]["Message-ID"] != postbox.mails[1]["Message-ID"]


def test_the_background_of_a_news_story_is_no_news(
    told_by_all: tuple[Installation, Hook], typed: Callable[..., Ran]
) -> None:
    """What the press tells of 2021 is history: at most imported, never alarming."""
    home, _ = told_by_all
    lines = typed(home, "events", "--json").lines

    assert {line["state"] for line in lines if line["type"] == "readout_not_met"} <= {"imported", "held"}
    assert len([line for line in lines if line["state"] == "released"]) == 2, "the approval, and the newest drug"


@pytest.mark.parametrize(("known_at", "as_of", "state", "tellers", "certainty"), MOMENTS)
def test_what_was_known_then_is_what_is_told(
    told_by_all: tuple[Installation, Hook], typed: Callable[..., Ran],
    known_at: str, as_of: str, state: str, tellers: int, certainty: str | None,
) -> None:  # fmt: skip
    home, _ = told_by_all

    asked = ("--json", "--known-at", f"{known_at}+00:00")
    status = typed(home, "status", *asked, "--as-of", as_of, "--place", "US").lines
    lines = typed(home, "events", *asked, "--type", "accelerated_approval").lines

    cell = next(line for line in status if line["therapy"] == "tofersen")["places"]["US"]
    assert cell["state"] == state
    if state == "approved":
        assert (cell["kind"], cell["since"], len(cell["evidence"])) == ("accelerated", "2023-04-25", tellers)
    assert [(len(line["evidence"]), line["certainty"]) for line in lines] == ([(tellers, certainty)] if tellers else [])
