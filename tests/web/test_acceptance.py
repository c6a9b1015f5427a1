"""Acceptance checks taken from real failures of similar services: those of a reader's mails, pages and follows.

Each test is named after a line of the product's list and quotes it. `LINES` says for every line of that list which
tests hold it, here and elsewhere.
"""

import dataclasses
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from demo.receivers import MailCatcher
from monitor.service import Service
from monitor.telling.attempts import DeliveryLine
from monitor.telling.deliver import deliver
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import subscribe, subscriptions, unsubscribe
from notifiers import email, mail_parts
from store.database import reading, writing
from store.states import DeliveryState
from store.tables import Delivery, Evidence, Subscription
from tests.web.test_follow import told

ROOT = Path(__file__).resolve().parents[2]
LINES = {
    "Baseline import of thousands of old records": [
        "tests/stories/test_traps.py::test_thousands_of_old_trials_are_no_news",
        "tests/stories/test_doorman.py::test_a_baseline_of_many_records_tells_nobody_anything",
    ],
    "Registry words map by table": [
        "tests/stories/test_doorman.py::test_an_unknown_word_is_a_visible_problem_and_no_event",
    ],
    "A render error sends nothing": [
        "tests/web/test_acceptance.py::test_a_render_error_sends_nothing_and_marks_nothing_as_sent",
    ],
    "Oversized digest is trimmed": [
        "tests/web/test_acceptance.py::test_an_oversized_digest_is_trimmed_says_so_and_the_next_week_is_not_blocked",
    ],
    "Unsubscribe at each scope changes rows": [
        "tests/web/test_acceptance.py::test_unsubscribe_at_each_scope_changes_rows_states_the_number_and_the_next_run_proves_it",
    ],
    "Permanent bounce": [
        "tests/monitor/telling/test_mail_policy.py::test_an_address_is_given_up_after_refusals_on_two_days",
        "tests/monitor/telling/test_deliver.py::test_gone_pauses_the_subscription_and_keeps_what_is_owed",
    ],
    "Same event in two follows": [
        "tests/web/test_acceptance.py::test_the_same_event_in_two_follows_is_one_line_in_one_mail_and_absent_next_week",
    ],
    "One recipient's network error": [
        "tests/web/test_acceptance.py::test_one_recipients_network_error_does_not_touch_the_others",
        "tests/stories/test_clock.py::test_one_clock_leads_and_another_takes_over",
        "tests/monitor/telling/test_deliver.py::test_two_senders_at_once_send_each_delivery_once",
    ],
    "Recipient count on the confirm screen": [
        "tests/web/desk/test_acts.py::test_what_is_approved_waits_and_then_reaches_as_many_as_were_foretold",
        "tests/web/desk/test_acts.py::test_what_was_told_wrongly_is_corrected_for_whoever_got_it",
    ],
    "Source returns 200 with a block page": [
        "tests/stories/test_doorman.py::test_what_is_not_the_page_changes_nothing_and_recovery_is_silent",
        "tests/stories/test_doorman.py::test_a_list_that_is_half_as_long_removes_nothing",
    ],
    "Source's own data timestamp stands still": [
        "tests/stories/test_frozen.py::test_a_registry_whose_own_date_stands_still_is_frozen",
        "tests/stories/test_frozen.py::test_what_rests_on_a_frozen_source_says_of_which_day_it_is",
    ],
    "Identical content after a filtered change": [
        "tests/monitor/watching/test_compare.py::test_equal_fingerprints_mean_no_difference",
    ],
    "Every mail and page passes": [
        "tests/web/test_acceptance.py::test_every_mail_passes",
        "tests/web/test_reader_walk.py::test_every_page_of_a_reader_passes",
        "tests/monitor/vocabulary/test_event_types.py::test_the_plain_text_reads_at_grade_eight_or_below",
    ],
}
"""The beginning of each line to the tests that hold it."""


@pytest.fixture
def box() -> Iterator[MailCatcher]:
    """A real mail server."""
    with MailCatcher() as catcher:
        yield catcher


@pytest.fixture
def service(service: Service, box: MailCatcher) -> Service:
    """The service with a mail server, and a clock that tests may move."""
    settings = service.settings.model_copy(update={"smtp_url": box.url})
    return dataclasses.replace(service, settings=settings)


def later(service: Service, **time: float) -> Service:
    """The same installation after a while."""
    moment = service.now() + timedelta(**time)
    return dataclasses.replace(service, now=lambda: moment)


def reader(service: Service, address: str = "reader@als.example", **wishes: Any) -> Subscription:
    made, _ = subscribe(service, channel="email", address=address, confirmed=True, **wishes)
    return made


def sent(service: Service) -> list[DeliveryLine]:
    return list(deliver(service))


def text_of(mail: EmailMessage) -> str:
    """The text part."""
    return str(mail.get_body(("plain",)).get_content()).replace("\r\n", "\n")  # type: ignore[union-attr]


def test_every_line_is_held_by_a_test_that_is_there(shared: Path) -> None:
    part = (shared / "product.md").read_text(encoding="utf-8").partition("## 10.")[2].partition("## 11.")[0]
    asked = re.findall(r"^- (.+)$", part, re.M)
    assert [line for line in asked if not any(line.startswith(known) for known in LINES)] == []
    for file, _, name in (test.partition("::") for tests in LINES.values() for test in tests):
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), name


def test_a_render_error_sends_nothing_and_marks_nothing_as_sent(
    service: Service, box: MailCatcher, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A render error sends nothing, marks nothing as sent, raises an incident."""
    reader(service)
    told(service, 0, 1)
    whole = mail_parts.render

    def broken(_: Any) -> tuple[str, str]:
        raise KeyError("a word that the template wants and nobody has")

    monkeypatch.setattr(email, "render", broken)
    [line] = sent(service)
    assert (box.mails, line["state"]) == ([], "waiting")
    assert "a fault of this service" in (line["error"] or "")
    assert "delivery failed by a fault" in capsys.readouterr().out, "it is logged in full"
    assert subscriptions(service)[0].paused_at is None, "and not held against the reader"
    monkeypatch.setattr(email, "render", whole)
    assert [line["state"] for line in sent(later(service, hours=1))] == ["sent"]
    assert len(box.mails) == 1


def test_an_oversized_digest_is_trimmed_says_so_and_the_next_week_is_not_blocked(
    service: Service, box: MailCatcher
) -> None:
    """Oversized digest is trimmed, says so, and next week is not blocked."""
    reader(service, cadence="weekly")
    for number in range(7):
        told(service, 0, number, therapy=["tofersen", "PrimeC"][number % 2])
        with writing(service.engine) as session:
            for proof in range(3):
                quote = "承認された。" * 100  # three bytes a letter, nine as mail writes them
                session.add(Evidence(event_id=f"EV{number}", source=f"s{proof}", tier=1, at=service.now(), quote=quote))
    sent(service)
    assert [line["state"] for line in sent(later(service, days=7))] == ["sent"]
    [mail] = box.mails
    assert len(mail.as_bytes()) <= email.SIZE_LIMIT
    text = text_of(mail)
    shown, [rest] = len(re.findall(r"^\d+\. ", text, re.M)), re.findall(r"AND (\d+) MORE: https://als.example/", text)
    assert shown >= 3 and shown + int(rest) == 7
    assert [line["state"] for line in sent(later(service, days=14))] == ["sent"], "the next week is told"


def test_unsubscribe_at_each_scope_changes_rows_states_the_number_and_the_next_run_proves_it(
    pages: TestClient, service: Service, box: MailCatcher
) -> None:
    """Unsubscribe at each scope changes rows, states the number, and the next run proves it."""
    follows = [reader(service, therapies=[name]) for name in ("tofersen", "PrimeC", "riluzole", "edaravone")]
    reader(service, "other@als.example")
    link = f"/subscriptions/{open_keyring(service.settings).token('manage', follows[0].id or 0)}"
    number = 0

    def going_on() -> list[str]:
        """To which of these a piece of news about each drug is sent in the next run."""
        nonlocal number
        for follow in follows:
            number += 1
            told(service, 0, number, therapy=follow.therapies[0])
        before = len(box.mails)
        sent(later(service, days=number))
        return [str(mail["To"]) for mail in box.mails[before:]]

    assert going_on().count("reader@als.example") == 4
    assert "1 subscription has ended. 3 others" in pages.post(f"{link}/stop").text
    assert (going_on().count("reader@als.example"), len(subscriptions(service))) == (3, 4)
    unsubscribe(service, follows[1].id or 0)
    assert (going_on().count("reader@als.example"), len(subscriptions(service))) == (2, 3)
    assert "2 subscriptions have ended." in pages.post(f"{link}/stop-all").text
    assert (going_on().count("reader@als.example"), len(subscriptions(service))) == (0, 1)
    assert "other@als.example" in going_on()


def test_the_same_event_in_two_follows_is_one_line_in_one_mail_and_absent_next_week(
    service: Service, box: MailCatcher
) -> None:
    """Same event in two follows: one line in one mail. Same event next week: absent."""
    reader(service, cadence="weekly", therapies=["tofersen"])
    reader(service, cadence="weekly", places=["US"])
    told(service, 0, 1)
    sent(service)
    for week in (1, 2):
        sent(later(service, weeks=week))
    texts = [text_of(mail) for mail in box.mails]
    [told_in] = [text for text in texts if "/events/EV1" in text]
    assert len(texts) == 4
    assert re.findall(r"^\d+\. .+", told_in, re.M) == ["1. Qalsody (tofersen): approved in the US"]


def test_one_recipients_network_error_does_not_touch_the_others(service: Service, box: MailCatcher) -> None:
    """One recipient's network error does not touch the others."""
    hook, _ = subscribe(service, channel="webhook", address="https://nobody.invalid/hook")
    addresses = [f"reader{number}@als.example" for number in range(3)]
    for address in addresses:
        reader(service, address)
    told(service, 0, 1)
    states = {line["subscription"]: line["state"] for line in sent(service)}
    assert states.pop(hook.id or 0) == "waiting"
    assert set(states.values()) == {"sent"}
    assert sorted(str(mail["To"]) for mail in box.mails) == addresses


def test_every_mail_passes(service: Service, box: MailCatcher) -> None:
    """Every mail and page passes: no remote images, no tracking, heading order, 60 px targets, no hover-only,
    text-only reading order."""
    reader(service, cadence="weekly")
    reader(service, "alert@als.example", level="info")
    subscribe(service, channel="email", address="asked@als.example")
    told(service, 0, 1)
    told(service, 0, 2, type="start_overdue", level="minor", place=None, trial="NCT06973629", polarity="negative")
    told(service, 0, 3, type="complete_response", polarity="negative")
    for days in (0, 7, 14):
        sent(later(service, days=days))
    assert len(box.mails) >= 6
    with reading(service.engine) as session:
        assert {row.state for row in session.exec(select(Delivery))} <= {DeliveryState.SENT, DeliveryState.WAITING}
    for mail in box.mails:
        text = text_of(mail)
        page = str(mail.get_body(("html",)).get_content())  # type: ignore[union-attr]
        assert (
            re.findall(r"<(?:img|script|iframe|link|form|video|object)\b|url\(|:hover|@import|@font-face", page) == []
        )
        links = re.findall(r'href="([^"]*)"', page)
        assert all(re.match(r"https://(als\.example|[^/]+)/", link) and "utm_" not in link for link in links), links
        headings = [int(level) for level in re.findall(r"<h(\d)", page)]
        assert headings[0] == 1 and all(b - a <= 1 for a, b in pairwise(headings)), headings
        acts = re.findall(r'<p class="act"[^>]*>(.*?)</p>', page, re.S)
        assert acts and all("min-height: 60px" in act for act in acts if "<a" in act), "links to act on are 60 px high"
        told_in_text = [text.find(title) for title in re.findall(r"<h3[^>]*>(\d+\. [^<]+)</h3>", page)]
        assert told_in_text == sorted(told_in_text) and -1 not in told_in_text, "the text alone reads in the same order"
