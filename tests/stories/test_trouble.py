"""Sources that fail and messages that do not arrive reach who looks after them by mail: once, once more after a day,
and when it is over. Readers hear nothing of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from demo.answers import Answer
from monitor.service import Service
from monitor.settings import Misconfigured
from monitor.telling.subscriptions import subscribe, unsubscribe
from monitor.telling.troubles import MAILS_A_DAY, tell_of_trouble
from store.database import reading, writing
from store.states import DeliveryKind, DeliveryState
from store.tables import Delivery, Flag, Watch
from tests.stories.stage import Installation, Postbox, Ran, Stage, look, send, study, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
AWAY = Answer(503, "text/html", b"away")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    moves = (date(2021, 1, 4), {}), (date(2023, 5, 9), {"status": "TERMINATED"})
    with Stage(tale(studies=(study("NCT90000000", *moves),)), at=START) as world:
        found = Installation(tmp_path, world)
        found.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": ["NCT90000000"]}))
        yield found
        world.forget()


@pytest.fixture
def service(home: Installation, postbox: Postbox) -> Iterator[Service]:
    with home.service(smtp_url=postbox.url, base_url="https://als.example") as opened:
        subscribe(opened, channel="email", address="reader@example.org", confirmed=True)
        subscribe(opened, channel="email", address="ops@example.org", confirmed=True, about="trouble")
        look(opened)
        yield opened


def goes_away(home: Installation) -> None:
    for path in ("/api/v2/studies", "/api/v2/version"):
        home.world.instead[path] = AWAY


def round_(service: Service, home: Installation, hours: float = 0) -> None:
    home.world.at(home.world.moment + timedelta(hours=hours))
    look(service)
    tell_of_trouble(service)
    send(service)


def told(postbox: Postbox) -> list[tuple[str, str]]:
    """To whom and with which subject every mail came."""
    return [(str(mail["To"]), " ".join(str(mail["Subject"]).split())) for mail in postbox.mails]


def text_of(postbox: Postbox, number: int = -1) -> str:
    part = postbox.mails[number].get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_source_that_is_away_is_told_reminded_of_and_told_to_be_back(
    service: Service, home: Installation, postbox: Postbox
) -> None:
    ops = "ops@example.org"
    title = "trials (ClinicalTrials.gov)"
    goes_away(home)
    for _ in range(2):
        round_(service, home, 1)
    assert told(postbox) == [], "one or two failures happen to every source"

    for _ in range(4):
        round_(service, home, 1)
    assert told(postbox) == [(ops, f"In trouble: {title}")]
    text = text_of(postbox)
    assert "not read 3 times in a row" in text and "503" in text and "https://als.example/sources" in text
    assert "you look after this installation" in text and "medical advice" not in text
    assert "Stop: https://als.example/subscriptions/" in text
    assert postbox.mails[-1]["List-Unsubscribe-Post"]

    round_(service, home, 24)
    round_(service, home, 48)
    round_(service, home, 24)
    assert told(postbox)[1:] == [(ops, f"Still in trouble: {title}")], "once more, and then not again"

    home.world.forget()
    round_(service, home, 1)
    round_(service, home, 1)
    assert told(postbox)[2:] == [(ops, f"Over: {title}")]
    assert "after 4 days" in text_of(postbox)
    with reading(service.engine) as session:
        assert session.exec(select(Flag).where(col(Flag.name).startswith("trouble/"))).all() == []


def test_many_troubles_at_once_are_one_mail_and_flapping_ones_are_few(
    service: Service, home: Installation, postbox: Postbox
) -> None:
    def ail(name: str, failures: int) -> None:
        with writing(service.engine) as session:
            ailing = session.get(Watch, int(name)) or Watch(
                id=int(name), name=f"w{name}", source="feed", options={}, every_seconds=3600, next_check_at=START,
                last_success_at=home.world.moment, baseline_at=START,
            )  # fmt: skip
            ailing.failures, ailing.problem = failures, "<b>no</b> answer" if failures else None
            session.add(ailing)

    for number in range(10, 40):
        ail(str(number), 3)
    assert tell_of_trouble(service) == 1
    send(service)
    ((_, subject),) = told(postbox)
    assert subject == "In trouble: w10 (Feed) and 29 more" or subject.endswith("and 29 more")
    assert "And 10 more." in text_of(postbox)
    html = postbox.mails[-1].get_body(("html",))
    assert html is not None and "&lt;b&gt;no" in html.get_content()

    for turn in range(20):
        ail("10", 0 if turn % 2 == 0 else 3)
        tell_of_trouble(service)
        home.world.at(home.world.moment + timedelta(minutes=10))
    send(service)
    assert len(told(postbox)) == MAILS_A_DAY
    home.world.at(home.world.moment + timedelta(days=1))
    tell_of_trouble(service)
    send(service)
    assert len(told(postbox)) == MAILS_A_DAY + 1, "what had waited is told the next day"


def test_messages_that_do_not_arrive_are_told_without_an_address(
    service: Service, home: Installation, postbox: Postbox
) -> None:
    hook, _ = subscribe(service, channel="webhook", address="https://hooks.example.net/T0p3nsTh3Ho0k-99887766")
    person, _ = subscribe(service, channel="email", address="somebody@example.org", confirmed=True)
    assert hook.id and person.id
    with writing(service.engine) as session:
        for number, owner in enumerate((hook.id, person.id)):
            session.add(
                Delivery(id=f"D{number}", subscription_id=owner, slot=f"{number}", kind=DeliveryKind.ALERT, body=b"{}",
                         state=DeliveryState.FAILED, due_at=home.world.moment, created_at=home.world.moment)
            )  # fmt: skip

    tell_of_trouble(service)
    send(service)

    text = text_of(postbox)
    assert f"Subscription {hook.id} (webhook at hooks.example.net): a message was given up" in text
    assert f"Subscription {person.id} (email): a message was given up" in text
    assert "T0p3ns" not in text and "somebody" not in text.replace("ops@", "")
    unsubscribe(service, hook.id)
    unsubscribe(service, person.id)
    tell_of_trouble(service)
    send(service)
    assert told(postbox)[-1][1].startswith("Over: Subscription")


def test_who_asked_for_trouble_gets_no_news_and_readers_no_trouble(
    service: Service, home: Installation, postbox: Postbox
) -> None:
    home.world.at(datetime(2023, 5, 9, 13, tzinfo=UTC))
    round_(service, home)
    assert {to for to, _ in told(postbox)} == {"reader@example.org"}
    goes_away(home)
    for _ in range(6):
        round_(service, home, 24)
    assert {to for to, subject in told(postbox) if "trouble" in subject} == {"ops@example.org"}


def test_trouble_is_subscribed_to_by_mail_and_by_command(
    home: Installation, postbox: Postbox, typed: Callable[..., Ran]
) -> None:
    home.environ["SMTP_URL"] = postbox.url
    to = ("--channel", "email", "--to", "ops@example.org", "--confirmed")

    (before,) = [row for row in typed(home, "doctor", "--json").lines if row["check"] == "trouble"]
    assert (before["state"], "--about trouble" in before["fix"]) == ("warn", True)
    assert typed(home, "subscribe", *to, "--about", "gossip").status == 2
    assert (
        typed(home, "subscribe", "--channel", "webhook", "--to", "https://a.example/x", "--about", "trouble").status
        == 2
    )
    assert "trouble of this installation" in typed(home, "subscribe", *to, "--about", "trouble").out
    (after,) = [row for row in typed(home, "doctor", "--json").lines if row["check"] == "trouble"]
    assert after["state"] == "pass"

    goes_away(home)
    for hour in range(6):
        home.world.at(START + timedelta(hours=hour))
        assert typed(home, "check", "--all").status == 1
    typed(home, "deliver")
    assert [subject for _, subject in told(postbox)] == ["In trouble: trials (ClinicalTrials.gov)"]


def test_a_webhook_is_told_of_no_trouble(service: Service) -> None:
    with pytest.raises(Misconfigured, match="about: expected news"):
        subscribe(service, channel="webhook", address="https://a.example/x", about="trouble")
