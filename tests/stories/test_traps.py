"""Traps that the facts of the disease hold for whoever decides what an event is. Those of reading are tested there."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

import sources
from monitor.events.intents import Teller
from monitor.events.ledger import enter
from monitor.service import Service
from monitor.settings import BUNDLED_PACK
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import newest, table
from monitor.telling.match import match
from monitor.telling.subscriptions import subscribe
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack_faults import read_pack
from monitor.vocabulary.therapies import Therapies
from store.database import reading, writing
from store.tables import Change, Delivery, Enclosure, Event
from tests.stories.stage import Hook, Installation, Stage, application, events, look, send, study, tale, watch

ALS = ("Amyotrophic Lateral Sclerosis",)


@pytest.fixture(scope="module")
def therapies() -> Therapies:
    """Those of the bundled pack."""
    return Therapies(read_pack(BUNDLED_PACK, sources.load()))


# Whose trial is it? --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trap", "key", "content", "owner"),
    [
        ("riluzole as comparator", "NCT90000001",
         {"interventions": ["DRUG: Riluzole", "DRUG: XY-1"], "sponsor": "Somebody"}, None),
        ("riluzole as background", "NCT90000002",
         {"interventions": ["DRUG: Riluzole"], "sponsor": "A University"}, None),
        ("edaravone for stroke", "NCT90000003",
         {"interventions": ["DRUG: Edaravone"], "sponsor": "Mitsubishi Tanabe Pharma Corporation",
          "conditions": ["Acute Ischemic Stroke"]}, None),
        ("edaravone by an alias of its sponsor", "NCT90000004",
         {"interventions": ["DRUG: Edaravone"], "sponsor": "Mitsubishi Tanabe Pharma Development America, Inc."},
         "edaravone"),
        ("edaravone of the sponsor's new name", "NCT90000005",
         {"interventions": ["DRUG: Edaravone"], "sponsor": "Tanabe Pharma America, Inc."}, "edaravone"),
        ("somebody else's edaravone", "NCT90000006", {"interventions": ["DRUG: Edaravone"], "sponsor": "Ferrer"}, None),
        ("ADORE", "NCT05178810", {"interventions": ["DRUG: FAB122"], "sponsor": "Ferrer"}, "FAB122"),
        ("NurOwn in multiple sclerosis", "NCT03799718",
         {"interventions": ["BIOLOGICAL: NurOwn"], "sponsor": "Brainstorm-Cell Therapeutics",
          "conditions": ["Multiple Sclerosis, Chronic Progressive"]}, None),
        ("the other PARAGON", "NCT05591989",
         {"title": "PARAGON", "interventions": ["DEVICE: Nasal device"], "sponsor": "A maker",
          "conditions": ["Nasal Obstruction"]}, None),
        ("ATLAS, called a platform by some", "NCT04856982",
         {"interventions": ["DRUG: Tofersen"], "sponsor": "Biogen"}, "tofersen"),
        ("a number with a digit missing", "NCT0535790", {"interventions": ["DRUG: X"], "sponsor": "A maker"}, None),
    ],
)  # fmt: skip
def test_whose_trial_it_is(
    therapies: Therapies, trap: str, key: str, content: dict[str, Any], owner: str | None
) -> None:
    assert therapies.of_study({"conditions": list(ALS), **content}, key) == owner, trap


# Three alerts, never four --------------------------------------------------------------------------------------------

RELYVRIO = (
    ("2024-03-08", 3, False, {"type": "readout_not_met", "trial": "NCT05021536", "agency": None}),
    ("2024-03-09", 4, False, {"type": "readout_not_met", "trial": "NCT05021536", "agency": None}),
    ("2024-04-04", 3, False, {"type": "market_withdrawal"}),
    ("2024-04-05", 4, False, {"type": "market_withdrawal"}),
    ("2024-11-14", 1, True, {"type": "market_withdrawal", "step": "market_ended", "occurred_on": "2024-11-14"}),
    ("2025-02-28", 1, True, {"type": "market_withdrawal", "step": "withdrawal_requested"}),
    ("2025-08-29", 1, True, {"type": "authorization_revoked"}),
    ("2025-08-30", 4, False, {"type": "authorization_revoked", "occurred_on": "2025-08"}),
    ("2025-09-02", 3, False, {"type": "authorization_revoked", "occurred_on": "2025-08-29"}),
)
"""Day, tier, typed, and what is told: PHOENIX, the company's announcement, the end of sales, the request, the end in
law, and those who repeat it."""


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[tuple[Installation, Service]]:
    with Stage(tale(), at=datetime(2024, 3, 1, 12, tzinfo=UTC)) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(watch("company", "feed", url="WORLD/feeds/company.xml"))
        with installed.service() as service:
            yield installed, service


def test_relyvrio_ends_in_three_alerts(empty: tuple[Installation, Service], hook: Hook) -> None:
    installed, service = empty
    subscribe(service, channel="webhook", address=hook.url, level="info", confirmed=True)
    for day, tier, typed, said in RELYVRIO:
        installed.world.at(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC))
        fields = {"therapy": "AMX0035", "drug": "Relyvrio", "agency": "FDA", "place": "US", "occurred_on": day, **said}
        if fields["agency"] is None:
            fields |= {"place": None}
        spec = TYPES[fields["type"]]
        claim = Claim(polarity=spec.polarity or "", quote=f"told on {day}", rule="x", confidence=0.95, **fields)
        with writing(service.engine) as session:
            enter(
                session,
                claim,
                Teller(f"tier{tier}", "feed", tier, f"https://x.example/{day}", service.now(), typed),
                service.pack,
            )
        match(service)
        send(service)

    told = [got.told for got in hook.got]
    assert [(one["type"], one["occurred_on"]) for one in told] == [
        ("readout_not_met", "2024-03-08"), ("market_withdrawal", "2024-04-04"), ("authorization_revoked", "2025-08-29"),
    ]  # fmt: skip
    steps = [rung["step"] for rung in told[-1]["ladder"]]
    assert steps[-4:] == ["market_end_announced", "market_ended", "withdrawal_requested", "authorisation_ended"]


# Registers that drop, add and fill -----------------------------------------------------------------------------------


def test_a_generic_is_no_new_drug(tmp_path: Path, hook: Hook) -> None:
    applications = (
        application("NDA215887", date(2023, 4, 25), ("ORIG", "1", "AP", "2023-04-25")),
        application("ANDA217565", date(2024, 3, 1), ("ORIG", "1", "AP", "2024-02-28"), sponsor="XGEN"),
    )
    with Stage(tale(applications=applications), at=datetime(2024, 2, 1, 12, tzinfo=UTC)) as world:
        installed = Installation(tmp_path, world)
        wanted = {"applications": ["NDA215887", "ANDA217565"]}
        installed.write_pack(watch("us", "drugsfda", base_url="WORLD", options=wanted))
        with installed.service() as service:
            look(service)
            before = _newest(service)
            world.at(datetime(2024, 3, 2, 12, tzinfo=UTC))
            look(service)

            assert [e.type for e in events(service)] == ["approval", "tentative_generic_approval"]
            assert _newest(service) == before == "tofersen"


def test_a_register_that_drops_a_record_for_one_release_withdraws_nothing(tmp_path: Path) -> None:
    numbers = ["NDA216660", "NDA215887", "NDA020599", "NDA209176"]
    applications = tuple(application(n, date(2022, 9, 29), ("ORIG", "1", "AP", "2022-09-29")) for n in numbers)

    def without(said: Any) -> Any:
        kept = [row for row in said["results"] if row["application_number"] != "NDA216660"]
        said["meta"]["results"]["total"] = len(kept)
        return said | {"results": kept}

    with Stage(tale(applications=applications), at=datetime(2023, 1, 1, 12, tzinfo=UTC)) as world:
        installed = Installation(tmp_path, world)
        installed.write_pack(watch("us", "drugsfda", base_url="WORLD", options={"applications": numbers}))
        with installed.service() as service:
            look(service)
            before = [e.id for e in events(service)]
            for day in (2, 3, 4):
                world.at(datetime(2023, 1, day, 12, tzinfo=UTC))
                world.edits = {"/drug/drugsfda.json": without} if day == 3 else {}
                look(service)

            assert [e.id for e in events(service)] == before
            assert _state(service, "AMX0035")["state"] == "approved"
            with reading(service.engine) as session:
                assert session.exec(select(Change)).all() == []


def test_thousands_of_old_trials_are_no_news(tmp_path: Path, hook: Hook, postbox: Any) -> None:
    crowd = tuple(
        study(
            f"NCT{n:08}", (date(2012, 1, 1), {}), status="COMPLETED", primary_completion="2015-01",
            has_results=n % 2 == 0, sponsor="Biogen" if n % 10 == 0 else "A University",
            interventions=[{"type": "DRUG", "name": "tofersen" if n % 10 == 0 else "a compound"}],
        )
        for n in range(1, 3501)
    )  # fmt: skip
    with Stage(tale(studies=crowd), at=datetime(2024, 1, 1, 12, tzinfo=UTC)) as world:
        installed = Installation(tmp_path, world)
        options = {"condition": "amyotrophic lateral sclerosis", "page_size": 1000}
        installed.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=options))
        with installed.service(smtp_url=postbox.url) as service:
            subscribe(service, channel="webhook", address=hook.url, level="info", confirmed=True)
            subscribe(service, channel="email", address="reader@example.org", level="info", confirmed=True)
            for day in (1, 2):
                world.at(datetime(2024, 1, day, 12, tzinfo=UTC))
                look(service)
                send(service)

            assert {e.state for e in events(service)} <= {"imported"}
            with reading(service.engine) as session:
                assert session.exec(select(Change)).all() == []
                assert session.exec(select(Enclosure)).all() == []
                assert session.exec(select(Delivery)).all() == []
    assert (hook.got, postbox.mails) == ([], [])


# Words of the registry -----------------------------------------------------------------------------------------------


def test_not_yet_recruiting_never_counts_as_recruiting(tmp_path: Path) -> None:
    endurance = study(
        "NCT90000007", (date(2025, 5, 22), {}), status="NOT_YET_RECRUITING", phases=["PHASE3"], start="2025-06-30",
        start_type="ESTIMATED", first_posted="2025-05-22", sponsor="Biogen",
        interventions=[{"type": "DRUG", "name": "tofersen"}],
    )  # fmt: skip
    others = tuple(study(f"NCT0000000{n}", (date(2022, 1, 1), {})) for n in range(1, 9))
    found = {}
    with Stage(tale(studies=(endurance, *others)), at=datetime(2025, 5, 20, 12, tzinfo=UTC)) as world:
        installed = Installation(tmp_path, world)
        options = {"condition": "amyotrophic lateral sclerosis"}
        installed.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=options))
        with installed.service() as service:
            for day in ("2025-05-20", "2025-05-22", "2025-08-28", "2025-08-30"):
                world.at(datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC))
                look(service)
                found[day] = _pipeline(service)["state"]
            types = {e.type for e in events(service) if e.trial == "NCT90000007"}

    assert found == {
        "2025-05-20": "none", "2025-05-22": "not_yet_recruiting", "2025-08-28": "not_yet_recruiting",
        "2025-08-30": "stalled",
    }  # fmt: skip
    assert types == {"trial_registered", "start_overdue"}


def _lines(service: Service) -> dict[str, dict[str, Any]]:
    now = service.now()
    with reading(service.engine) as session:
        lines = table(*what_is_known(session.connection(), now), pack=service.pack, as_of=now.date())
    return {line["therapy"]: line for line in lines}


def _state(service: Service, therapy: str) -> dict[str, Any]:
    return dict(_lines(service)[therapy]["places"]["US"])


def _pipeline(service: Service) -> dict[str, Any]:
    return dict(_lines(service)["tofersen"]["pipeline"])


def _newest(service: Service) -> str | None:
    now = service.now()
    with reading(service.engine) as session:
        every = list(session.exec(select(Event).order_by(col(Event.sequence))))
    answer: str | None = newest(every, {}, place="US", as_of=now.date())["therapy"]
    return answer
