"""The main stories with the bundled pack of another disease: an approval, a failure, a withdrawal, from the sources to
what readers get. The history of the pack is cut at the day before, so that each is news again."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from demo.story import Told
from monitor.reading.prose.items import Item, read
from monitor.service import Service
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import table
from monitor.telling.subscriptions import subscribe
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from tests.stories.stage import (
    ROOT,
    Hook,
    Installation,
    Postbox,
    Stage,
    application,
    events,
    evidence,
    look,
    send,
    study,
    tale,
    watch,
)

BUNDLED = ROOT / "monitor/packs/sma.toml"
PACK, _, _ = BUNDLED.read_text(encoding="utf-8").partition("# --- watches")
THERAPIES = Therapies(Pack.model_validate(tomllib.loads(PACK)))
DISEASE = "Spinal Muscular Atrophy"
BEFORE = datetime(2020, 8, 5, 12, tzinfo=UTC)
APPROVED = datetime(2020, 8, 10, 6, tzinfo=UTC)
PRODUCT = {
    "brand": "Evrysdi", "form": "FOR SOLUTION", "route": "ORAL", "marketing": "Prescription",
    "ingredients": [{"name": "RISDIPLAM", "strength": "0.75MG/ML"}],
}  # fmt: skip
NEVER_WAS = {
    "document_number": "2020-99999", "publication_date": date(2020, 8, 10), "effective_on": date(2020, 8, 10),
    "title": "Biogen Inc.; Withdrawal of Approval of New Drug Application for SPINRAZA (nusinersen) Injection",
    "abstract": "The approval of new drug application 209531 for SPINRAZA (nusinersen) is withdrawn. The company asked "
    "for it and waived a hearing.",
    "action": "Notice.", "dates": "Approval is withdrawn as of August 10, 2020.",
}  # fmt: skip
"""A notice that was never published: no approval in this disease has been withdrawn."""
HEADLINE = Told(
    feed="wire",
    at=datetime(2020, 8, 8, 9, tzinfo=UTC),
    title="FDA approves Evrysdi for spinal muscular atrophy",
    text="The Food and Drug Administration approved risdiplam on August 7, 2020. It is the first medicine by mouth.",
    slug="evrysdi",
)
EARLIER = Told(
    feed="wire", at=datetime(2020, 8, 1, 9, tzinfo=UTC), title="A charity run for children with weak muscles",
    text="Some hundred people ran through the old town.", slug="run",
)  # fmt: skip
STUDY = {
    "title": "Olesoxime in Patients With Spinal Muscular Atrophy", "sponsor": "Hoffmann-La Roche",
    "conditions": [DISEASE], "interventions": [{"type": "DRUG", "name": "Olesoxime"}],
}  # fmt: skip


MISSED = Told(
    feed="biohaven",
    at=datetime(2024, 11, 25, 12, tzinfo=UTC),
    title="Biohaven reports that taldefgrobep alfa missed the primary endpoint of RESILIENT in spinal muscular atrophy",
    text="Biohaven announced today that the Phase 3 RESILIENT trial of taldefgrobep alfa in SMA did not meet its "
    "primary endpoint at week 48.",
    slug="resilient",
)


def history(folder: Path, before: str) -> None:
    """The history of the pack beside it, up to a day."""
    head, *rows = BUNDLED.with_name("sma.events.toml").read_text(encoding="utf-8").split("[[events]]")
    known = [row for row in rows if tomllib.loads(row)["date"] < before]
    (folder / "sma.events.toml").write_text("[[events]]".join([head, *known]), encoding="utf-8")


@dataclass
class Scene:
    """An installation that follows another disease, after its first look."""

    service: Service
    world: Stage

    def comes(self, moment: datetime) -> None:
        """Time passes; everything is looked at and sent."""
        self.world.at(moment)
        look(self.service)
        send(self.service)


@pytest.fixture
def scene(tmp_path: Path, postbox: Postbox) -> Iterator[Scene]:
    """A study that will stop, an application that will be approved, a wire that will tell of it."""
    story = tale(
        studies=(
            study(
                "NCT02628743",
                (date(2020, 1, 1), {}),
                (date(2020, 8, 9), {"status": "TERMINATED", "why_stopped": "Development was ended"}),
                **STUDY,
            ),
        ),
        applications=(
            application("NDA209531", date(2020, 1, 1), ("ORIG", "1", "AP", "2016-12-23"), sponsor="BIOGEN"),
            application(
                "NDA213535", date(2020, 8, 9), ("ORIG", "1", "AP", "2020-08-07"),
                sponsor="GENENTECH INC", products=[PRODUCT],
            ),
        ),
        told=(EARLIER, HEADLINE),
        notices=(NEVER_WAS,),
    )  # fmt: skip
    with Stage(story, at=BEFORE) as world:
        home = Installation(tmp_path, world)
        home.write_pack(
            watch("trials", "clinicaltrials", base_url="WORLD", options={"condition": DISEASE.lower()}),
            watch("fda", "drugsfda", base_url="WORLD", options={"applications": ["NDA209531", "NDA213535"]}),
            watch("notices", "federalregister", base_url="WORLD", options={"terms": ["nusinersen"]}),
            watch("wire", "feed", url="WORLD/feeds/wire.xml", options={"tier": 4}),
            head=PACK,
        )
        history(tmp_path, "2020-08-05")
        with home.service(smtp_url=postbox.url) as service:
            look(service)
            assert {event.state for event in events(service)} == {"imported"}
            yield Scene(service, world)


def test_a_stopped_study_and_an_approval_reach_a_webhook(scene: Scene, hook: Hook) -> None:
    subscribe(scene.service, channel="webhook", address=hook.url)
    scene.comes(APPROVED)
    heard = {(body["type"], body["therapy"]["id"], body["place"]) for body in (got.told for got in hook.got)}
    assert heard == {
        ("trial_stopped", "olesoxime", None),
        ("approval", "risdiplam", "US"),
        ("authorization_revoked", "nusinersen", "US"),
    }


def test_a_withdrawal_is_told_with_its_notice_and_moves_the_status(scene: Scene, postbox: Postbox) -> None:
    subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True, level="critical")
    scene.comes(APPROVED)

    (gone,) = [event for event in events(scene.service) if event.type == "authorization_revoked"]
    assert (gone.therapy, gone.occurred_on, gone.state) == ("nusinersen", "2020-08-10", "released")
    assert evidence(scene.service, gone)[0].quote == "Approval is withdrawn as of August 10, 2020."
    with scene.service.engine.connect() as connection:
        log, proofs = what_is_known(connection)
        lines = {line["therapy"]: line for line in table(log, proofs, pack=scene.service.pack, as_of=APPROVED.date())}
    cells = {name: line["places"]["US"] for name, line in lines.items()}
    assert (cells["nusinersen"]["state"], cells["nusinersen"]["since"]) == ("withdrawn", "2020-08-10")
    assert (cells["risdiplam"]["state"], cells["risdiplam"]["since"]) == ("approved", "2020-08-07")
    assert lines["nusinersen"]["places"]["EU"]["state"] == "approved"
    assert any("Spinraza" in str(mail["Subject"]) for mail in postbox.mails)


def test_a_failure_is_told_as_the_company_says_it(tmp_path: Path, hook: Hook) -> None:
    """The Phase 3 trial of an add-on drug misses its goal: as it was on 25 November 2024."""
    earlier = replace(EARLIER, feed="biohaven", at=datetime(2024, 11, 18, 9, tzinfo=UTC))
    with Stage(tale(told=(earlier, MISSED)), at=datetime(2024, 11, 20, 12, tzinfo=UTC)) as world:
        home = Installation(tmp_path, world)
        options = {"tier": 3}
        home.write_pack(
            watch("biohaven", "feed", url="WORLD/feeds/biohaven.xml", options=options, therapies=["taldefgrobep alfa"]),
            head=PACK,
        )
        history(tmp_path, "2024-11-20")
        with home.service() as service:
            look(service)
            subscribe(service, channel="webhook", address=hook.url)
            Scene(service, world).comes(datetime(2024, 11, 25, 18, tzinfo=UTC))
            with service.engine.connect() as connection:
                log, proofs = what_is_known(connection)
                lines = table(log, proofs, pack=service.pack, as_of=date(2024, 11, 26))
    (body,) = [got.told for got in hook.got]
    assert (body["type"], body["therapy"]["id"], body["occurred_on"]) == (
        "readout_not_met", "taldefgrobep-alfa", "2024-11-25",
    )  # fmt: skip
    (line,) = [one for one in lines if one["therapy"] == "taldefgrobep alfa"]
    assert (line["pipeline"]["state"], line["pipeline"]["trial"]) == ("read_out_negative", "NCT05337553")


def test_a_headline_and_the_register_tell_of_one_approval(scene: Scene) -> None:
    scene.comes(APPROVED)
    (approval,) = [event for event in events(scene.service) if event.type == "approval" and event.state == "released"]
    assert (approval.therapy, approval.place, approval.occurred_on) == ("risdiplam", "US", "2020-08-07")
    assert {proof.source for proof in evidence(scene.service, approval)} == {"drugsfda", "feed"}


def test_a_digest_names_the_drugs_of_the_disease(scene: Scene, postbox: Postbox) -> None:
    subscribe(scene.service, channel="email", address="reader@example.org", confirmed=True, cadence="daily")
    scene.comes(APPROVED)
    scene.comes(APPROVED.replace(day=11, hour=12))
    (mail,) = postbox.mails
    text = mail.as_string()
    assert "Evrysdi" in text
    assert "olesoxime" in text
    assert "SMA" in text


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("SUNFISH meets its primary endpoint", "Roche said so of the Phase 3 trial of risdiplam in SMA.",
         ("readout_met", "risdiplam", "SUNFISH")),
        ("CHMP backs Zolgensma", "The committee adopted a positive opinion today.",
         ("chmp_opinion", "onasemnogene abeparvovec", None)),
        ("FDA places OAV101 on partial clinical hold", "The hold concerns AVXS-101 given into the spine.",
         ("clinical_hold", "onasemnogene abeparvovec", None)),
    ],
)  # fmt: skip
def test_headlines_of_the_disease_are_read(title: str, text: str, expected: tuple[str, str, str | None]) -> None:
    item = Item(id="1", source_kind="press_release", title=title, text=text, published="2020-08-10")
    assert [(claim.type, claim.therapy, claim.trial) for claim in read(item, THERAPIES)] == [expected]


@pytest.mark.parametrize("word", ["SMA", "SMN1-SMA", "SMA 12"])
def test_the_disease_is_no_drug(word: str) -> None:
    item = Item(id="1", source_kind="news", title=f"FDA approves first drug for {word}", text="It was today.")
    assert [(claim.type, claim.drug, claim.therapy) for claim in read(item, THERAPIES)] == [("approval", None, None)]


def test_a_short_word_of_the_disease_may_mean_something_else() -> None:
    assert THERAPIES.context("Children with SMA")
    assert not THERAPIES.context("Stenosis of the superior mesenteric artery (SMA)")
    assert not THERAPIES.context("An SMA connector for antennas")
