"""What an operator meets at the command line: exit statuses, refusals that say what to do, and clean output."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from urllib.request import urlopen

import pytest

from demo.answers import Answer
from demo.receivers import free_port
from tests.stories.stage import (
    DISEASE,
    PATIENCE,
    Hook,
    Installation,
    Postbox,
    Ran,
    Stage,
    application,
    look,
    study,
    tale,
    watch,
)

BEFORE = datetime(2023, 5, 1, 12, tzinfo=UTC)
AFTER = datetime(2023, 5, 5, 12, tzinfo=UTC)
TRIALS = watch("trials", "clinicaltrials", base_url="WORLD", options={"condition": "amyotrophic lateral sclerosis"})
APPLICATIONS = watch("applications", "drugsfda", base_url="WORLD", options={"applications": ["NDA020599", "NDA215887"]})


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """A pack of two watches on a world in which Qalsody is approved between BEFORE and AFTER; no database yet."""
    story = tale(
        studies=(study("NCT90000001", (date(2021, 1, 4), {})),),
        applications=(
            application("NDA020599", date(2021, 1, 4), ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        ),
    )
    with Stage(story, at=BEFORE) as world:
        found = Installation(tmp_path, world)
        found.write_pack(TRIALS, APPLICATIONS)
        yield found


Prompt = Callable[..., Ran]


@pytest.fixture
def prompt(home: Installation, typed: Prompt) -> Prompt:
    """The command within this process, for this installation."""
    return partial(typed, home)


def words(text: str) -> str:
    """A message without the frame and line breaks that a terminal gets."""
    return " ".join(text.translate(str.maketrans("│╭╮╰╯─", "      ")).split())


# One clock a database ------------------------------------------------------------------------------------------------


def ready(serving: "subprocess.Popen[str]") -> str:
    """What the service says once it runs."""
    assert serving.stderr
    for line in serving.stderr:
        if "watches" in line:
            return line
    raise AssertionError("the service ended before it was ready")


def test_a_second_clock_on_the_same_file_is_refused(home: Installation) -> None:
    with home.start("serve", "--no-web", "--quiet") as first:
        assert "2 watches, next check" in ready(first)

        second = home.command("serve", "--no-web")

        assert second.status == 2
        assert f"another instance runs the clock on {home.database}" in words(second.err)
        assert "--no-clock" in second.err
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=120) == 0
    with home.start("serve", "--no-web", "--quiet") as third:
        assert "next check" in ready(third), "the lock ends with its process"
        third.kill()


def test_pages_without_a_clock_may_run_beside_it(home: Installation) -> None:
    with home.start("serve", "--no-web", "--quiet") as clock:
        ready(clock)
        port = free_port()
        with home.start("serve", "--no-clock", "--port", str(port), "--quiet") as pages:
            assert "clock off" in ready(pages)
            assert _answers(f"http://127.0.0.1:{port}/healthz")
            for one in (pages, clock):
                one.send_signal(signal.SIGTERM)
                one.wait(timeout=120)


def _answers(url: str) -> bool:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urlopen(url, timeout=30) as answer:
                return bool(answer.status == 200)
        except OSError:
            time.sleep(0.05)
    return False


# Wrong configuration -------------------------------------------------------------------------------------------------

WRONG_PACKS = {
    "an unknown key": (
        DISEASE.replace("codes =", "code ="), TRIALS, ("therapies.1.code", "unknown key", "therawatch schema"),
    ),
    "an unknown source": (
        DISEASE, watch("trials", "clinicaltrails"),
        ("watches.trials.source", "expected one of ca_noc, ca_products, ca_shortages", "'clinicaltrails'"),
    ),
    "an unknown option": (
        DISEASE, watch("trials", "clinicaltrials", options={"conditions": "ALS"}),
        ("watches.trials.options.conditions", "unknown key"),
    ),
    "a feed without an address": (
        DISEASE, watch("news", "feed"), ("watches.news.url", "the source feed needs an address", "found none"),
    ),
    "an address that is none": (
        DISEASE, watch("news", "feed", url="example.org/feed"),
        ("watches.news.url", "starts with http:// or https://", "'example.org/feed'"),
    ),
    "a duration without a unit": (
        DISEASE, watch("trials", "clinicaltrials", every="12"),
        ("watches.0.every", "expected a number and m, h, d or w, such as 12h", "'12'"),
    ),
    "a therapy that is not in the pack": (
        DISEASE, watch("news", "feed", url="WORLD/feed", therapies=["aspirin"]),
        ("watches.news.therapies", "expected a therapy of this pack", "'aspirin'"),
    ),
    "a name used twice": (DISEASE, TRIALS + TRIALS, ("watches", "'trials' is used twice")),
    "no TOML": ("[pack\n", "", ("expected TOML in UTF-8",)),
}  # fmt: skip


@pytest.mark.parametrize("fault", WRONG_PACKS)
def test_a_wrong_pack_is_refused_by_file_key_and_accepted_form(home: Installation, prompt: Prompt, fault: str) -> None:
    head, watches, told = WRONG_PACKS[fault]
    home.write_pack(watches, head=head)

    _assert_refused(home, prompt("check", "--all"), str(home.pack), *told)


def test_the_command_itself_ends_with_2(home: Installation) -> None:
    home.write_pack(watch("trials", "clinicaltrails"))

    _assert_refused(home, home.command("check"), str(home.pack), "watches.trials.source", "found 'clinicaltrails'")


def test_a_pack_that_is_not_there_is_named(home: Installation, prompt: Prompt) -> None:
    missing = str(home.folder / "none.toml")

    _assert_refused(home, prompt("check", "--config", missing), missing, "expected a readable pack")


WRONG_VARIABLES = {
    "SMTP_URL": ("mail.example.org:587", "expected smtp://user:password@host:587?starttls=1"),
    "BASE_URL": ("example.org", "expected an address such as https://watch.example.org"),
    "NOW": ("yesterday", "expected a moment such as 2025-08-31T12:00:00Z"),
    "LEASE_SECONDS": ("0", "greater than 0"),
    "ALLOW_PRIVATE": ("perhaps", "valid boolean"),
    "SOURCES_FOLDER": ("/nowhere/at/all", "expected a folder of Python files, found /nowhere/at/all"),
    "NOTIFIERS_FOLDER": ("/nowhere/at/all", "expected a folder of Python files, found /nowhere/at/all"),
    "SMTP_URL_FILE": ("/nowhere/at/all", "expected a readable file, found /nowhere/at/all"),
}


SECRET = "hunter22"
WRONG_MAIL = (
    ("SMTP_URL", f"smtp://us:{SECRET}@", "no host"),
    ("SMTP_URL", "smtp://", "no host"),
    ("SMTP_URL", "smtp://:587", "no host"),
    ("SMTP_URL", f"mail://us:{SECRET}@mail.example.org", "the scheme 'mail'"),
    ("SMTP_URL", f"https://us:{SECRET}@mail.example.org", "the scheme 'https'"),
    ("SMTP_URL", f"smtp://us:{SECRET}@mail.example.org:submission", "the port is no number"),
    ("SMTP_URL", f"smtp://us:{SECRET}@mail.example.org:70000", "the port is no number"),
    ("SMTP_URL", f"smtp://us:{SECRET}/x@mail.example.org:587", "found"),
    ("SMTP_URL", f"smtp://us:{SECRET}@mail.example.org?tls=1", "more after the host"),
    ("SMTP_URL", f"smtp://us:{SECRET}@mail.example.org?starttls=yes", "starttls='yes'"),
    ("SMTP_URL", f"smtp://us:{SECRET}@mail example.org", "host"),
    ("MAIL_FROM", "Therawatch", "expected a mail address"),
    ("MAIL_FROM", "Therawatch <watch@>", "expected a mail address"),
)


@pytest.mark.parametrize(("variable", "value", "told"), WRONG_MAIL)
def test_a_wrong_mail_setting_is_named_in_one_line_and_shows_no_password(
    home: Installation, prompt: Prompt, variable: str, value: str, told: str
) -> None:
    ran = prompt("deliver", **{variable: value})
    _assert_refused(home, ran, f"THERAWATCH_{variable}: expected", told)
    assert len(ran.err.strip().splitlines()) == 1
    assert SECRET not in ran.err


@pytest.mark.parametrize("variable", WRONG_VARIABLES)
def test_a_wrong_variable_is_refused_by_name_and_accepted_form(
    home: Installation, prompt: Prompt, variable: str
) -> None:
    value, told = WRONG_VARIABLES[variable]

    _assert_refused(home, prompt("check", "--all", **{variable: value}), f"THERAWATCH_{variable}", told)


WRONG_OPTIONS = (
    (("status", "--as-of", "last week"), ("--as-of", "expected a day such as 2025-08-31", "'last week'")),
    (("status", "--known-at", "then"), ("--known-at", "expected a moment", "'then'")),
    (("status", "--place", "Atlantis"), ("--place", "expected one of US, EU", "'Atlantis'")),
    (("newest", "--as-of", "2025-02-30"), ("--as-of", "expected a day", "'2025-02-30'")),
    (("newest", "--rule", "best"), ("--rule", "expected one of substance, act, formulation", "'best'")),
    (("events", "--as-of", "13"), ("--as-of", "expected a day", "'13'")),
    (("changes", "--since", "soon"), ("--since", "expected a moment", "'soon'")),
    (("events", "--level", "huge"), ("--level", "expected one of info, minor, major, critical", "'huge'")),
)


@pytest.mark.parametrize(("arguments", "told"), WRONG_OPTIONS, ids=lambda value: " ".join(value[:2]))
def test_a_wrong_option_is_refused_by_name_and_accepted_form(
    home: Installation, prompt: Prompt, arguments: tuple[str, ...], told: tuple[str, ...]
) -> None:
    _assert_refused(home, prompt(*arguments), *told)


def _assert_refused(home: Installation, ran: Ran, *told: str) -> None:
    assert ran.status == 2, ran
    assert ran.out == ""
    assert "Traceback" not in ran.err
    for words_ in told:
        assert words_ in words(ran.err)
    assert not list(home.folder.glob("*.db*")), "nothing is written"
    assert home.world.asked == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--channel", "pigeon", "--to", "x"), ("channel", "expected one of email, webhook", "pigeon")),
        (("--channel", "email", "--to", "nobody"), ("expected a mail address", "nobody")),
        (("--channel", "webhook", "--to", "ftp://x"), ("expected a web address", "ftp://x")),
        (("--channel", "email", "--to", "r@example.org", "--therapy", "aspirin"), ("therapy", "aspirin")),
        (("--channel", "email", "--to", "r@example.org", "--timezone", "Mars"), ("timezone", "Mars")),
        (("--channel", "email", "--to", "r@example.org", "--hour", "25"), ("hour", "25")),
    ],
    ids=lambda value: " ".join(value),
)
def test_a_wrong_subscription_is_refused(prompt: Prompt, arguments: tuple[str, ...], told: tuple[str, ...]) -> None:
    ran = prompt("subscribe", *arguments)

    assert (ran.status, ran.out) == (2, "")
    for words_ in told:
        assert words_ in words(ran.err)
    assert prompt("subscriptions", "--json").lines == []


# Checking ------------------------------------------------------------------------------------------------------------


def test_an_unknown_watch_is_refused_before_anything_is_asked(home: Installation) -> None:
    ran = home.command("check", "trials", "trails", "--json")

    assert (ran.status, ran.out) == (2, "")
    assert "expected names of its watches, found 'trails'" in words(ran.err)
    assert str(home.pack) in words(ran.err)
    assert home.world.asked == []


def test_a_watch_that_fails_is_shown_and_the_others_are_checked(home: Installation) -> None:
    home.world.down("clinicaltrials")

    ran = home.command("check", "--all", "--json")

    assert ran.status == 1
    by_name = {line["watch"]: line for line in ran.lines}
    assert (by_name["trials"]["outcome"], by_name["applications"]["outcome"]) == ("failed", "baseline")
    assert "503" in by_name["trials"]["error"]
    assert "watch=trials" in ran.err and "503" in ran.err and "watch=applications" not in ran.err
    home.world.up("clinicaltrials")
    assert home.command("check", "--all").status == 0


def test_only_what_is_due_is_checked_unless_all_is_asked_for(prompt: Prompt) -> None:
    assert len(prompt("check", "--json").lines) == 2
    assert prompt("check", "--json").lines == []
    assert [line["watch"] for line in prompt("check", "trials", "--json").lines] == ["trials"]
    assert len(prompt("check", "--all", "--json").lines) == 2


def test_a_closed_address_fails_with_a_word_on_it(home: Installation) -> None:
    """Loopback is refused unless the operator allows it."""
    ran = home.command("check", "--all", "--json", ALLOW_PRIVATE="0")

    assert ran.status == 1
    assert all("refused" in line["error"] for line in ran.lines)
    assert home.world.asked == []


# Output --------------------------------------------------------------------------------------------------------------


def test_that_no_rule_has_read_anything_is_said(home: Installation) -> None:
    said = home.command("rules")
    assert (said.status, said.out, said.err) == (0, "", "no rule has read anything in the past year\n")
    asked = home.command("rules", "--json")
    assert (asked.status, asked.out, asked.err) == (0, "", "")


def test_with_json_every_line_of_stdout_is_an_object(
    home: Installation, prompt: Prompt, hook: Hook, postbox: Postbox
) -> None:
    home.environ |= {"SMTP_URL": postbox.url}
    with home.service() as service:
        look(service)
    made = prompt("subscribe", "--channel", "webhook", "--to", hook.url, "--json").lines
    assert str(made[0]["secret"]).startswith("whsec_")
    prompt("subscribe", "--channel", "email", "--to", "reader@example.org", "--confirmed", "--json")
    home.world.at(AFTER)
    home.world.instead["/api/v2/version"] = Answer(500, "text/plain", b"no")

    said = {
        name: (home.command if name in ("check --all", "deliver") else prompt)(*name.split(), "--json")
        for name in (
            "check --all", "changes", "events", "status", "newest", "subscriptions", "deliver", "digest 2 --preview",
            "verify", f"lint {home.pack}",
        )
    }  # fmt: skip

    assert {name: ran.status for name, ran in said.items() if ran.status} == {"check --all": 1}
    for name, ran in said.items():
        assert ran.lines, name
        assert all(isinstance(line, dict) for line in ran.lines), name
    assert "whsec_" not in json.dumps(said["subscriptions"].lines), "a secret is shown once"
    assert [line["state"] for line in said["deliver"].lines] == ["sent", "sent"]


def test_what_is_owed_waits_while_sending_is_paused(home: Installation, prompt: Prompt, hook: Hook) -> None:
    assert prompt("check", "--all").status == 0
    assert prompt("subscribe", "--channel", "webhook", "--to", hook.url).status == 0
    home.world.at(AFTER)
    assert prompt("check", "--all").status == 0

    assert prompt("pause").status == 0
    assert prompt("deliver", "--json").lines == []
    assert hook.got == []

    assert prompt("resume").status == 0
    assert [line["state"] for line in prompt("deliver", "--json").lines] == ["sent"]
    assert [got.told["type"] for got in hook.got] == ["approval"]


def test_what_failed_is_listed_and_sent_again_by_command(home: Installation, prompt: Prompt, hook: Hook) -> None:
    assert prompt("check", "--all").status == 0
    assert prompt("subscribe", "--channel", "webhook", "--to", hook.url).status == 0
    home.world.at(AFTER)
    assert prompt("check", "--all").status == 0
    hook.answers = [(410, {})]
    assert prompt("deliver").status == 1

    [line] = prompt("deliveries", "--state", "waiting", "--subscription", "1", "--since", "2023-05-01", "--json").lines
    assert list(line) == ["delivery", "subscription", "channel", "state", "due_at", "attempts", "error", "events"]
    assert (line["attempts"], line["channel"], len(line["events"])) == (1, "webhook", 1)
    assert "410" in line["error"]
    assert prompt("deliveries", "--state", "sent", "--json").lines == []
    [resumed] = prompt("resume", "1", "--owed", "all", "--json").lines
    assert resumed["paused_at"] is None
    hook.answers = [(204, {})]
    [again] = prompt("resend", line["delivery"], "--json").lines
    assert (again["delivery"], again["state"]) == (line["delivery"], "waiting")
    assert [line["state"] for line in prompt("deliver", "--json").lines] == ["sent"]
    assert [one["delivery"] for one in prompt("resend", "--since", "2023-05-01", "--json").lines] == [line["delivery"]]
    assert [line["state"] for line in prompt("deliver", "--json").lines] == ["sent"]
    assert len({(got.id, got.body) for got in hook.got}) == 1


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("deliveries --state gone", "--state"),
        ("deliveries --since tomorrow", "--since"),
        ("deliveries --subscription 77", "subscription"),
        ("resend", "--since"),
        ("resend 0a1b --since 2023-05-01", "--since"),
        ("resend 0a1b --subscription 1", "--subscription"),
        ("resend 0a1b", "delivery"),
        ("resend --since soon", "--since"),
        ("resend --since 2023-05-01 --subscription 77", "subscription"),
        ("resume 77", "subscription"),
        ("resume --owed some", "--owed"),
    ],
)
def test_a_slip_about_deliveries_is_named(prompt: Prompt, asked: str, names: str) -> None:
    ran = prompt(*asked.split())
    assert ran.status == 2
    assert names in ran.err
    assert "Traceback" not in ran.err
