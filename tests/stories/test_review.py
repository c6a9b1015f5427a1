"""A maintainer's verdicts from the command line: what waited goes out, what was wrong is put right for whoever got it,
and the log keeps both."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from demo.story import Told
from monitor.events.review_decisions import UNDO
from monitor.standing import log as listing
from monitor.standing.filters import Filters
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import table
from monitor.telling.subscriptions import subscribe
from store.database import reading
from tests.stories.stage import Hook, Installation, Postbox, Stage, application, look, send, tale, watch

BEFORE = datetime(2023, 4, 20, 12, tzinfo=UTC)
AFTER = datetime(2023, 4, 26, 12, tzinfo=UTC)
EVERYTHING, OTHER_DRUG = "all@example.org", "amx@example.org"
WIRE = Told(
    feed="wire",
    at=datetime(2023, 4, 26, 9, tzinfo=UTC),
    title="FDA places clinical hold on trials of Relyvrio in ALS",
    text="The FDA has placed a clinical hold on the trials of Relyvrio in amyotrophic lateral sclerosis.",
    slug="hold",
)
OLD = Told("wire", datetime(2023, 4, 1, 9, tzinfo=UTC), "A month of walks for ALS", "Walks take place in May.", "old")


@dataclass
class Scene:
    """An installation that told three readers of an approval, and holds what only the press tells."""

    installed: Installation
    hook: Hook
    postbox: Postbox

    def events(self, **asked: Any) -> list[dict[str, Any]]:
        with self.installed.service() as service, reading(service.engine) as session:
            return [dict(line) for line in listing.events(session, Filters(**asked))]

    def one(self, **asked: Any) -> dict[str, Any]:
        (found,) = self.events(**asked)
        return found

    def review(self, *said: str) -> int:
        return self.installed.command("review", *said, "--by", "maintainer").status

    def next_day(self) -> tuple[list[EmailMessage], list[dict[str, Any]]]:
        """A day later: what the readers and the machine get."""
        mails, calls = len(self.postbox.mails), len(self.hook.got)
        self.installed.world.at(self.installed.world.moment.replace(day=self.installed.world.moment.day + 1))
        with self.installed.service(smtp_url=self.postbox.url) as service:
            look(service)
            send(service)
        return self.postbox.mails[mails:], [got.told for got in self.hook.got[calls:]]

    def next_round(self) -> tuple[list[EmailMessage], list[dict[str, Any]]]:
        """A round of sending by command once nothing can be undone any more, without a look at the sources: what the
        readers and the machine get."""
        self.installed.world.at(self.installed.world.moment + UNDO)
        mails, calls = len(self.postbox.mails), len(self.hook.got)
        assert self.installed.command("deliver", SMTP_URL=self.postbox.url).status == 0
        return self.postbox.mails[mails:], [got.told for got in self.hook.got[calls:]]

    def state(self) -> tuple[str, str | None]:
        """Where tofersen stands in the US."""
        today = self.installed.world.moment
        with self.installed.service() as service, reading(service.engine) as session:
            lines = table(*what_is_known(session.connection(), today), pack=service.pack, as_of=today.date())
        cell = next(line for line in lines if line["therapy"] == "tofersen")["places"]["US"]
        return cell["state"], cell["since"]


@pytest.fixture
def told(tmp_path: Path, hook: Hook, postbox: Postbox) -> Iterator[Scene]:
    applications = (
        application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
        application("NDA215887", date(2023, 4, 25), ("ORIG", "1", "AP", "2023-04-25")),
    )
    with Stage(tale(applications=applications, told=(OLD, WIRE)), at=BEFORE) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(
            watch("us", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]}),
            watch("press", "feed", url="WORLD/feeds/wire.xml", options={"tier": 4}, hold=True),
        )
        with installed.service(smtp_url=postbox.url) as service:
            subscribe(service, channel="email", address=EVERYTHING, confirmed=True)
            subscribe(service, channel="email", address=OTHER_DRUG, therapies=["AMX0035"], confirmed=True)
            subscribe(service, channel="webhook", address=hook.url, confirmed=True)
            look(service)
            world.at(AFTER)
            look(service)
            send(service)
        yield Scene(installed, hook, postbox)


def to(mails: list[EmailMessage]) -> list[str]:
    return sorted(str(mail["X-Recipient"]) for mail in mails)


def test_what_only_the_press_tells_waits_until_it_is_confirmed(told: Scene) -> None:
    (held,) = told.installed.command("events", "--state", "held", "--json").lines
    assert (held["type"], held["therapy"]) == ("clinical_hold", "AMX0035")
    assert to(told.postbox.mails) == [EVERYTHING]
    assert [got.told["type"] for got in told.hook.got] == ["approval"]

    assert told.review(held["event"], "confirm", "--note", "asked the company") == 0
    mails, calls = told.next_day()

    assert to(mails) == [EVERYTHING, OTHER_DRUG]
    assert [(call["id"], call["notice"]) for call in calls] == [(held["event"], "news")]
    assert told.events(state="held") == []


def test_what_is_dismissed_before_it_was_told_reaches_nobody(told: Scene) -> None:
    held = told.one(state="held")
    assert told.review(held["event"], "dismiss", "--note", "an old story") == 0

    assert told.next_day() == ([], [])
    assert told.one(state="dismissed")["event"] == held["event"]


def test_a_dismissed_alert_is_taken_back_from_those_who_got_it(told: Scene) -> None:
    wrong = told.one(type="approval")
    first = told.postbox.mails[0]
    assert told.state() == ("approved", "2023-04-25")

    assert told.review(wrong["event"], "dismiss", "--note", "a misread list") == 0
    mails, calls = told.next_round()

    assert to(mails) == [EVERYTHING]
    assert str(mails[0]["Subject"]).startswith("Correction:")
    assert str(mails[0]["References"]) == str(first["References"])
    assert mails[0]["Message-ID"] != first["Message-ID"]
    assert [(call["corrects"], call["notice"], call["thread"]) for call in calls] == [
        (wrong["event"], "correction", wrong["thread"])
    ]
    assert told.state() == ("none", None)
    assert {line["state"] for line in told.events(therapy="tofersen", type="approval")} == {
        "dismissed",
        "released",
    }


def test_a_corrected_alert_is_put_right_for_those_who_got_it(told: Scene) -> None:
    wrong = told.one(type="approval")

    assert told.review(wrong["event"], "correct", "--set", "occurred_on=2023-04-24", "--note", "a day off") == 0
    mails, calls = told.next_day()

    assert to(mails) == [EVERYTHING]
    assert [(call["corrects"], call["occurred_on"]) for call in calls] == [(wrong["event"], "2023-04-24")]
    assert told.state() == ("approved", "2023-04-24")
    kept = {line["occurred_on"]: line["state"] for line in told.events(type="approval")}
    assert kept == {"2023-04-25": "corrected", "2023-04-24": "released"}
    assert told.next_day() == ([], [])


def test_two_rows_of_one_event_become_one(told: Scene) -> None:
    held, approval = told.one(state="held"), told.one(type="approval")

    assert told.review(held["event"], "merge", "--into", approval["event"], "--note", "the same act") == 0
    assert told.one(type="clinical_hold")["state"] == "held", "it may still be undone"
    assert told.next_round() == ([], [])

    stays = told.one(type="approval")
    assert {proof["source"] for proof in stays["evidence"]} == {"drugsfda", "feed"}
    assert told.one(type="clinical_hold")["state"] == "dismissed"
    assert told.next_day() == ([], [])


def test_a_verdict_that_cannot_be_is_refused_and_changes_nothing(told: Scene) -> None:
    before = told.events()
    approval = told.one(type="approval")["event"]

    for said in (("confirm",), ("correct",), ("correct", "--set", "type=miracle"), ("merge",), ("applaud",)):
        assert told.review(approval, *said) == 2, said
    assert told.review("EVUNKNOWN", "dismiss") == 2
    assert told.events() == before


def test_a_second_verdict_is_refused(told: Scene) -> None:
    approval = told.one(type="approval")
    assert told.review(approval["event"], "dismiss", "--note", "wrong") == 0
    before = told.events()

    assert told.review(approval["event"], "dismiss", "--note", "wrong again") == 2
    assert told.review(approval["event"], "correct", "--set", "kind=regular") == 2
    assert told.review("EVUNKNOWN", "dismiss") == 2
    assert told.events() == before
