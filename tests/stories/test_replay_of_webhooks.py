"""A receiver was away and lost its database: it sees what was tried, has all that followed its last message sent again
under the same ids, and changes its secret while both are valid."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from tests.stories.stage import Got, Hook, Installation, Ran, Stage, study, tale, watch

START = datetime(2023, 5, 1, 12, tzinfo=UTC)
TRIALS = tuple(f"NCT9000000{number}" for number in range(4))
Typed = Callable[..., Ran]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """Four trials, which are stopped on four days."""
    story = tale(
        studies=tuple(
            study(key, (date(2021, 1, 4), {}), (date(2023, 5, 2 + number), {"status": "TERMINATED"}))
            for number, key in enumerate(TRIALS)
        )
    )
    with Stage(story, at=START) as world:
        found = Installation(tmp_path, world)
        found.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": list(TRIALS)}))
        yield found
        world.forget()


def signed_with(got: Got, secret: str) -> bool:
    try:
        Webhook(secret).verify(got.body, got.headers)
    except WebhookVerificationError:
        return False
    return True


def test_what_followed_the_last_message_is_sent_again_under_the_same_ids(
    home: Installation, hook: Hook, typed: Typed
) -> None:
    typed(home, "check")
    (subscription,) = typed(home, "subscribe", "--channel", "webhook", "--to", hook.url, "--json").lines
    for number in range(4):
        home.world.at(datetime(2023, 5, 2 + number, 13, tzinfo=UTC))
        typed(home, "check", "--all")
        if number == 2:
            hook.answers = [(500, {}), (204, {})]
        typed(home, "deliver")
    home.world.at(datetime(2023, 5, 5, 14, tzinfo=UTC))
    typed(home, "deliver")
    first = list(hook.got)
    ids = list(dict.fromkeys(got.id for got in first))
    assert len(ids) == 4
    refused = next(got.id for got in first if [other.id for other in first].count(got.id) == 2)

    (log,) = typed(home, "deliveries", refused, "--json").lines
    assert [(one["accepted"], one["said"]) for one in log["log"]] == [(False, "status 500"), (True, None)]
    assert "status 500" in typed(home, "deliveries", refused).out

    listed = [row["delivery"] for row in typed(home, "deliveries", "--json").lines]
    again = typed(home, "resend", "--after", listed[0], "--json")
    assert [row["delivery"] for row in again.lines] == listed[1:]
    hook.got.clear()
    typed(home, "deliver")

    bodies = {got.id: got.body for got in first}
    assert {got.id for got in hook.got} == set(listed[1:])
    assert all(got.body == bodies[got.id] for got in hook.got)
    assert typed(home, "resend", "--after", "none-of-ours").status == 2
    assert typed(home, "resend", listed[0], "--after", listed[0]).status == 2
    assert typed(home, "deliveries", "none-of-ours").status == 2
    assert subscription["secret"] not in "".join(got.body.decode() for got in first)


def test_both_secrets_are_valid_for_a_while(home: Installation, hook: Hook, typed: Typed) -> None:
    (subscription,) = typed(home, "subscribe", "--channel", "webhook", "--to", hook.url, "--json").lines
    number, old = str(subscription["subscription"]), subscription["secret"]

    def tested() -> Got:
        assert typed(home, "send-test", number).status == 0
        return hook.got[-1]

    assert signed_with(tested(), old)
    (changed,) = typed(home, "rotate", number, "--hours", "24", "--json").lines
    new = changed["secret"]
    both = tested()
    assert signed_with(both, old) and signed_with(both, new)
    home.world.at(START + timedelta(hours=25))
    later = tested()
    assert signed_with(later, new) and not signed_with(later, old)

    (third,) = typed(home, "rotate", number, "--hours", "0", "--json").lines
    at_once = tested()
    assert signed_with(at_once, third["secret"]) and not signed_with(at_once, new)
    assert not set(typed(home, "subscriptions").out.split()) & {old, new, third["secret"]}
    mail = typed(home, "subscribe", "--channel", "email", "--to", "a@example.org", "--confirmed", "--json").lines[0]
    assert typed(home, "rotate", str(mail["subscription"])).status == 2


def test_one_subscription_is_paused_and_resumed_at_the_command_line(
    home: Installation, hook: Hook, typed: Typed
) -> None:
    (subscription,) = typed(home, "subscribe", "--channel", "webhook", "--to", hook.url, "--json").lines
    number = str(subscription["subscription"])

    assert typed(home, "pause", number).status == 0
    assert typed(home, "subscriptions", "--json").lines[0]["paused_at"]
    assert typed(home, "resume", number).status == 0
    assert typed(home, "pause", "99").status == 2
