"""Who says so decides: a rumour moves nothing, a company's word is announced, a regulator's is stated; and an alert
for several places reaches who follows one of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlmodel import col, select

from demo.story import Told
from monitor.path.rederive import rederive
from monitor.path.verify import verify
from monitor.service import Service
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import newest, table
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app
from store.database import reading
from store.tables import Enclosure, Event
from tests.stories.stage import (
    Hook,
    Installation,
    Postbox,
    Stage,
    application,
    events,
    evidence,
    look,
    send,
    tale,
    watch,
)

QUIET = datetime(2023, 4, 20, 12, tzinfo=UTC)
NEWS = datetime(2023, 4, 26, 12, tzinfo=UTC)
LATER = datetime(2023, 5, 5, 12, tzinfo=UTC)
TITLE = "FDA grants accelerated approval for QALSODY (tofersen) for SOD1-ALS"
TEXT = "The FDA has granted accelerated approval to Qalsody (tofersen) for adults with ALS who have a SOD1 mutation."
GONE = "Amylyx discontinues Relyvrio and Albrioza in the United States and Canada"
GONE_TEXT = (
    "Amylyx will discontinue Relyvrio (AMX0035) and remove it from the market in the United States and Canada. "
    "New patients can no longer begin treatment in ALS."
)


def said(feed: str, title: str, text: str, at: datetime = datetime(2023, 4, 25, 18, tzinfo=UTC)) -> Told:
    return Told(feed, at, title, text, f"{feed}-{at:%Y-%m-%d}")


@contextmanager
def installed(tmp_path: Path, *told: Told, **feeds: dict[str, object]) -> Iterator[tuple[Installation, Service]]:
    """The register, which shows AMX0035 since 2022 and tofersen from 3 May on, and feeds that tell."""
    quiet = [said(feed, "Our plans", "What to expect.", datetime(2023, 1, 5, 12, tzinfo=UTC)) for feed in feeds]
    story = tale(
        applications=(
            application("NDA216660", date(2022, 9, 29), ("ORIG", "1", "AP", "2022-09-29"), sponsor="AMYLYX"),
            application("NDA215887", date(2023, 5, 3), ("ORIG", "1", "AP", "2023-04-25")),
        ),
        told=tuple(sorted((*quiet, *told), key=lambda one: one.at)),
    )
    with Stage(story, at=QUIET) as world:
        home = Installation(tmp_path, world)
        register = watch("us", "drugsfda", base_url="WORLD", options={"applications": ["NDA216660", "NDA215887"]})
        home.write_pack(register, *(watch(n, "feed", url=f"WORLD/feeds/{n}.xml", **keys) for n, keys in feeds.items()))
        with home.service() as service:
            look(service)
            world.at(NEWS)
            yield home, service


def acts(service: Service, type_: str, therapy: str = "tofersen") -> list[Event]:
    return [event for event in events(service) if event.type == type_ and event.therapy == therapy]


def standing_of(service: Service) -> tuple[str, str | None, str | None, str | None]:
    """State and certainty of tofersen in the US, and the newest drug there with its certainty."""
    now = service.now()
    with reading(service.engine) as session:
        known = what_is_known(session.connection(), now)
        lines = table(*known, pack=service.pack, as_of=now.date())
        answer = newest(*known, place="US", as_of=now.date())
    cell = next(line for line in lines if line["therapy"] == "tofersen")["places"]["US"]
    return cell["state"], cell["certainty"], answer["therapy"], answer["certainty"]


# Press alone ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"options": {"tier": 4}},
        {"options": {"tier": 3}, "therapies": ["AMX0035"]},  # the company, but not of this drug
    ],
)
def test_a_rumour_flips_neither_the_newest_drug_nor_the_table(
    tmp_path: Path, hook: Hook, keys: dict[str, object]
) -> None:
    with installed(tmp_path, said("forum", TITLE, TEXT), forum=keys) as (_, service):
        subscribe(service, channel="webhook", address=hook.url, level="info", confirmed=True)
        look(service)
        send(service)

        (rumour,) = acts(service, "accelerated_approval")
        assert (rumour.state, rumour.tier) == ("held", 4)
        assert str(rumour.held_because).startswith("press alone")
        assert standing_of(service) == ("none", None, "AMX0035", "stated")
        assert not [event for event in events(service) if event.type == "answer_changed"]
    assert hook.got == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FDA rejects tofersen for SOD1-ALS", "The FDA has issued a complete response letter for tofersen in ALS."),
        ("Relyvrio leaves the market", "Amylyx discontinued Relyvrio in ALS and ended its sale in the United States."),
    ],
)
def test_whatever_gives_or_takes_a_drug_waits_when_only_the_press_tells_it(
    tmp_path: Path, title: str, text: str
) -> None:
    with installed(tmp_path, said("forum", title, text), forum={}) as (_, service):
        before = standing_of(service)
        look(service)

        fresh = [event for event in events(service) if event.detected_at == NEWS]
        assert fresh
        assert {event.state for event in fresh} == {"held"}
        assert standing_of(service) == before


FAILED = "Relyvrio fails in the PHOENIX trial of ALS"
FAILED_TEXT = "The Phase 3 PHOENIX trial of Relyvrio (AMX0035) in ALS did not meet its primary endpoint."


@pytest.mark.parametrize(("tier", "state"), [(4, "held"), (3, "released")])
def test_a_rumour_of_a_trial_moves_the_pipeline_no_more_than_the_answer(tmp_path: Path, tier: int, state: str) -> None:
    keys = {"options": {"tier": tier}, "therapies": ["AMX0035"]}
    with installed(tmp_path, said("forum", FAILED, FAILED_TEXT), forum=keys) as (_, service):
        look(service)
        (result,) = acts(service, "readout_not_met", "AMX0035")
        with reading(service.engine) as session:
            known = what_is_known(session.connection(), service.now())
            lines = table(*known, pack=service.pack, as_of=service.now().date())
    stage = next(line for line in lines if line["therapy"] == "AMX0035")["pipeline"]["state"]
    assert (result.state, stage) == (state, "read_out_negative" if state == "released" else "none")


def test_the_register_releases_what_waited_for_a_better_teller(tmp_path: Path, hook: Hook) -> None:
    with installed(tmp_path, said("forum", TITLE, TEXT), forum={}) as (home, service):
        subscribe(service, channel="webhook", address=hook.url, confirmed=True)
        look(service)
        home.world.at(LATER)
        look(service)
        send(service)

        (approval,) = acts(service, "accelerated_approval")
        assert (approval.state, approval.certainty, approval.tier) == ("released", "stated", 1)
        assert [proof.tier for proof in evidence(service, approval)] == [4, 1]
        assert standing_of(service)[2:] == ("tofersen", "stated")
    assert [got.told["type"] for got in hook.got] == ["accelerated_approval"]


def test_a_maintainer_who_stands_for_a_rumour_moves_the_answer(tmp_path: Path) -> None:
    with installed(tmp_path, said("forum", TITLE, TEXT), forum={}) as (home, service):
        look(service)
        (rumour,) = acts(service, "accelerated_approval")
    ran = home.command(
        "review", rumour.id, "confirm", "--note", "seen on its own list", "--by", "maintainer", "--at-once"
    )
    assert ran.status == 0, ran.err
    with home.service() as service:
        assert standing_of(service) == ("approved", "reported", "tofersen", "reported")


# The company says so -------------------------------------------------------------------------------------------------

BIOGEN = {"options": {"tier": 3}, "therapies": ["tofersen"]}


@pytest.mark.parametrize("tier", [2, 3])  # a legal filing is the company's word too
def test_the_holders_word_is_announced_until_the_register_follows(tmp_path: Path, tier: int) -> None:
    keys = BIOGEN | {"options": {"tier": tier}}
    with installed(tmp_path, said("biogen", TITLE, TEXT), biogen=keys) as (home, service):
        look(service)
        assert standing_of(service) == ("approved", "reported", "tofersen", "reported")
        assert "no authority has yet" in TestClient(create_app(service)).get("/").text
        (answer,) = [event for event in events(service) if event.type == "answer_changed"]
        (approval,) = acts(service, "accelerated_approval")
        assert (answer.certainty, answer.tier, answer.cause) == ("reported", tier, approval.id)
        assert [proof.quote for proof in evidence(service, answer)] == [
            proof.quote for proof in evidence(service, approval)
        ]

        home.world.at(LATER)
        look(service)
        assert standing_of(service) == ("approved", "stated", "tofersen", "stated")
        (answer,) = [event for event in events(service) if event.type == "answer_changed"]
        assert (answer.certainty, answer.tier) == ("stated", 1)
        assert [proof.tier for proof in evidence(service, answer)] == [tier, 1]
        assert "no authority has yet" not in TestClient(create_app(service)).get("/").text


def test_who_asks_for_regulators_alone_hears_of_it_when_the_regulator_says_it(
    tmp_path: Path, hook: Hook, postbox: Postbox
) -> None:
    """By a tier nobody is told twice, and what somebody nearer says later is news to who waited for him."""
    with (
        installed(tmp_path, said("biogen", TITLE, TEXT), biogen=BIOGEN) as (home, _),
        home.service(smtp_url=postbox.url) as service,
    ):
        for name, tiers in (("all", []), ("company", [3]), ("both", []), ("both", [1, 2])):
            subscribe(service, channel="email", address=f"{name}@example.org", tiers=tiers, confirmed=True)
        asked = subscribe(
            service, channel="webhook", address=hook.url, tiers=[1], types=["accelerated_approval"], confirmations=True
        )[0]
        look(service)
        send(service)
        told = [str(mail["X-Recipient"]).partition("@")[0] for mail in postbox.mails]
        assert (sorted(told), hook.got) == (["all", "both", "company"], [])

        home.world.at(LATER)
        late, _ = subscribe(service, channel="webhook", address=f"{hook.url}/late", tiers=[1], level="info")
        look(service)
        for _ in range(2):
            match(service)
            send(service)
        assert len(postbox.mails) == len(told), "who has heard of it hears no more"
        (approval,) = acts(service, "accelerated_approval")
        assert [(got.told["id"], got.told["tier"]) for got in hook.got] == [(approval.id, 1)] * 2
        with reading(service.engine) as session:
            rows = session.exec(select(Enclosure).where(col(Enclosure.subscription_id).in_((asked.id, late.id)))).all()
        assert {row.notice for row in rows} == {"news"}, "it is their news, not its confirmation"
        assert [result.broken for result in verify(service) if result.broken] == []


@pytest.mark.parametrize("verdict", [("dismiss",), ("correct", "--set", "place=CA")])
def test_a_changed_answer_falls_with_its_cause(tmp_path: Path, verdict: tuple[str, ...]) -> None:
    with installed(tmp_path, said("biogen", TITLE, TEXT), biogen=BIOGEN) as (home, service):
        look(service)
        (approval,) = acts(service, "accelerated_approval")
    ran = home.command("review", approval.id, *verdict, "--note", "misread", "--by", "maintainer", "--at-once")
    assert ran.status == 0, ran.err
    with home.service() as service:
        answers = [e for e in events(service) if e.type == "answer_changed" and e.place == "US"]
        assert [answer.state for answer in answers] == ["dismissed"]
        assert standing_of(service)[2] == "AMX0035"


def test_a_changed_answer_is_corrected_with_its_cause(tmp_path: Path) -> None:
    with installed(tmp_path, said("biogen", TITLE, TEXT), biogen=BIOGEN) as (home, service):
        look(service)
        (approval,) = acts(service, "accelerated_approval")
    ran = home.command(
        "review", approval.id, "correct", "--set", "occurred_on=2023-04-24", "--by", "maintainer", "--at-once"
    )
    assert ran.status == 0, ran.err
    with home.service() as service:
        first, second = [event for event in events(service) if event.type == "answer_changed"]
        right = next(event for event in events(service) if event.corrects == approval.id)
        assert (first.state, second.state, second.corrects, second.cause) == (
            "corrected",
            "released",
            first.id,
            right.id,
        )


def test_what_a_rule_is_set_to_hold_waits_and_is_derived_again_as_it_was(tmp_path: Path) -> None:
    title = TITLE.replace("FDA", "Health Canada")
    again = said("biogen", title, TEXT.replace("The FDA", "Health Canada"), datetime(2023, 5, 4, 12, tzinfo=UTC))
    with installed(tmp_path, said("biogen", TITLE, TEXT), again, biogen=BIOGEN) as (home, service):
        look(service)
        (approval,) = acts(service, "accelerated_approval")
        home.world.at(datetime(2023, 5, 1, 12, tzinfo=UTC))
        (line,) = home.command("rule", approval.rule or "", "hold", "--note", "reads adverts", "--json").lines
        assert (line["way"], line["year"]["lost"], line["edits"]) == ("hold", 1, [
            "pass", "default", "major", "minor", "info", "undo",
        ])  # fmt: skip
        (line,) = home.command("rule", approval.rule or "", "major", "--note", "told by adverts", "--json").lines
        assert (line["way"], line["level"], line["levels"]["major"]["lowered"]) == ("hold", "major", 1)
        home.world.at(LATER)
        look(service)
        first, second = acts(service, "accelerated_approval")
        assert (first.state, second.place, second.state) == ("released", "CA", "held")
        assert second.held_because == f"the rule {approval.rule} is set to hold"
        assert (first.level, second.level) == ("critical", "major"), "what was detected before stays as it is"
        assert second.level_reasons[1] == "moved to major by a maintainer"
        assert rederive(service).differences == []
        refused = home.command("rule", "newest.substance", "hold")
        assert (refused.status, "its events follow from others" in refused.err) == (2, True)


# Several places ------------------------------------------------------------------------------------------------------


def test_who_follows_one_of_the_places_hears_of_all_of_them_once(tmp_path: Path, hook: Hook, postbox: Postbox) -> None:
    amylyx = {"options": {"tier": 3}, "therapies": ["AMX0035"]}
    with (
        installed(tmp_path, said("amylyx", GONE, GONE_TEXT), amylyx=amylyx) as (home, _),
        home.service(smtp_url=postbox.url) as service,
    ):
        for place in ("CA", "US", "JP"):
            address = f"{place.lower()}@example.org"
            subscribe(service, channel="email", address=address, places=[place], confirmed=True)
        subscribe(service, channel="webhook", address=hook.url, confirmed=True)
        look(service)
        send(service)
        lines = home.command("events", "--type", "market_withdrawal", "--json").lines

    assert sorted(str(mail["X-Recipient"]) for mail in postbox.mails) == ["ca@example.org", "us@example.org"]
    named = {str(mail["X-Recipient"]): "Canada" in str(mail["Subject"]) for mail in postbox.mails}
    assert named == {"ca@example.org": True, "us@example.org": False}  # each hears of the place that she follows
    assert [(got.told["place"], got.told["places"]) for got in hook.got] == [("US", ["US", "CA"])]
    assert [(line["place"], line["places"]) for line in lines] == [("US", ["US", "CA"]), ("CA", ["CA"])]


def test_a_verdict_on_an_alert_for_several_places_holds_in_all_of_them(tmp_path: Path) -> None:
    with installed(tmp_path, said("forum", GONE, GONE_TEXT), forum={}) as (home, service):
        look(service)
        held = [event for event in events(service) if event.type == "market_withdrawal"]
        assert [(event.place, event.state, event.alert) for event in held] == [
            ("US", "held", True),
            ("CA", "held", False),
        ]
    ran = home.command("review", held[0].id, "confirm", "--note", "on its own page", "--by", "maintainer", "--at-once")
    assert ran.status == 0, ran.err
    with home.service() as service:
        assert {event.state for event in acts(service, "market_withdrawal", "AMX0035")} == {"released"}
