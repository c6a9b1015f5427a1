"""Webhooks: signed for the receiver's own check, judged by their answer."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from standardwebhooks import Webhook as Verifier

from notifiers.base import Answer, Channel, Undeliverable
from notifiers.digest import EventBody
from notifiers.webhook import Webhook

SECRETS = ("whsec_" + "QUJD" * 8, "whsec_" + "REVG" * 8)
BODY = EventBody(id="d1", subscription=1, address="https://hook.example/x", secrets=SECRETS, body='{"a":"ü"}'.encode())


def posting(status=200, headers=None, seen=None):
    given = headers or {}

    def answer(url, *, body, headers):
        if seen is not None:
            seen.append((url, body, headers))
        return Answer(status=status, headers=given, text="line one\r\nline two" + "x" * 4000)

    return Webhook(Channel(post=answer, base_url="", mail_from=""))


def test_both_secrets_verify_while_they_change():
    seen, now = [], datetime.now(UTC)
    posting(seen=seen).send(BODY, now)
    [(url, body, headers)] = seen
    assert (url, body, headers["webhook-id"]) == (BODY.address, BODY.body, "d1")
    for secret in SECRETS:
        assert Verifier(secret).verify(body, headers) == {"a": "ü"}


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410, 429, 500, 503])
def test_all_but_success_is_failure_and_only_gone_is_final(status):
    with pytest.raises(Undeliverable) as told:
        posting(status).send(BODY, datetime.now(UTC))
    assert (told.value.status, told.value.permanent) == (status, status == 410)
    assert len(str(told.value)) < 300
    assert "\n" not in str(told.value)


def test_retry_after_in_seconds_as_a_date_or_absurd():
    now = datetime.now(UTC).replace(microsecond=0)
    for text, seconds in (("90", 90), (format_datetime(now + timedelta(minutes=5), usegmt=True), 300), ("soon", None)):
        with pytest.raises(Undeliverable) as told:
            posting(503, {"Retry-After": text}).send(BODY, now)
        assert told.value.retry_after == seconds


def test_addresses():
    hook = posting()
    assert hook.check_address("HTTPS://Hook.Example/a?b=c#d") == "https://hook.example/a?b=c"
    assert hook.check_address("http://[::1]:8080") == "http://[::1]:8080/"
    for wrong in ("", "hook.example", "ftp://a.org", "file:///etc/passwd", "https://user:pw@a.org/", "https://a.org:x/",
                  "https://", "https://a.org/ b"):  # fmt: skip
        with pytest.raises(ValueError, match="expected a web address"):
            hook.check_address(wrong)
