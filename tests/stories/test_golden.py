"""The golden story: the dated facts of 2022 to 2026, told through the replay registry by several sources each.

Every event once, in order, with its ladder, its evidence and its certainty; alerts only where the facts say so.
Every row of the collection of facts is compared with the log that comes of it.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from sqlalchemy import Engine
from sqlmodel import col, select

from demo.timelapse import READER, Step
from monitor.telling.compose.event_schema import event_schema
from monitor.vocabulary.claims import NETWORK
from monitor.vocabulary.dates import first_day, last_day
from monitor.vocabulary.event_types import TYPES, alerts, at_least, stated_from
from store.database import reading
from store.engine import open_engine
from store.states import EventState
from store.tables import Change, Delivery, Enclosure, Event, Evidence, Item, Subscription
from tests.stories.played import Played

pytestmark = pytest.mark.timeout(900)  # the first of them plays the demo, and the others wait for it

FACTS = Path(__file__).resolve().parents[2] / "../shared/als-events.jsonl"

TELLERS = """
2022-02-25 AMX0035     filing_accepted            EU          | amylyx wire
2022-03-30 AMX0035     adcomm_outcome             US          | amylyx news
2022-05    mecobalamin designation                JP          | news wire
2022-05-12 edaravone   label_expansion            US          | news us-applications wire
2022-06    AMX0035     accelerated_approval       CA          | amylyx news
2022-06-03 AMX0035     review_extended            US          | amylyx news
2022-07    tofersen    filing_accepted            US          | biogen news
2022-08    NurOwn      submission                 US          | news
2022-08-10 CNM-Au8     designation                EU          | ema-news news
2022-08-30 PrimeC      trial_registered           2022-002185-32 | eu-trials-older
2022-09-07 AMX0035     adcomm_outcome             US          | amylyx news
2022-09-29 AMX0035     approval                   US          | amylyx fda-press news us-applications wire
2022-10-17 tofersen    review_extended            US          | biogen news
2022-11-08 edaravone   label_expansion            CA          | news wire
2022-11-10 NurOwn      refuse_to_file             US          | brainstorm company-filings news
2022-12-05 tofersen    filing_accepted            EU          | biogen ionis
2022-12-23 edaravone   label_expansion            JP          | news wire
2023       ulefnersen  designation                EU          | ema-news
2023-01-23 tofersen    adcomm_scheduled           US          | news us-notices
2023-02-07 NurOwn      filing_accepted            US          | brainstorm news
2023-02-16 AMX0035     enrollment_complete        NCT05021536 | amylyx news
2023-03-22 tofersen    adcomm_outcome             US          | biogen news
2023-04-25 tofersen    accelerated_approval       US          | biogen fda-press ionis news us-applications wire
2023-06-22 AMX0035     reimbursement              CA          | amylyx news
2023-06-23 AMX0035     chmp_opinion               EU          | amylyx ema-news eu-medicines
2023-07-14 tofersen    filing_accepted            CN          | news wire
2023-09-27 NurOwn      adcomm_outcome             US          | brainstorm news
2023-10-12 AMX0035     chmp_opinion               EU          | amylyx ema-news eu-medicines
2023-11-03 NurOwn      application_withdrawn      US          | brainstorm news
2023-12    PrimeC      readout_met                NCT05357950 | neurosense news
2024-01    FAB122      readout_not_met            NCT05178810 | news wire
2024-01    mecobalamin submission                 JP          | news wire
2024-01-05 AMX0035     complete_response          EU          | ema-news eu-medicines news
2024-01-15 VRG50635    trial_started              NCT06215755 | news
2024-01-26 riluzole    shortage                   US          | fda-press news us-shortages
2024-02-22 tofersen    chmp_opinion               EU          | biogen ema-news eu-medicines
2024-03    VRG50635    deal                       -           | news verge
2024-03    edaravone   tentative_generic_approval US          | news wire
2024-03    tofersen    filing_accepted            CA          | biogen news
2024-03-08 AMX0035     readout_not_met            NCT05021536 | amylyx company-filings news wire
2024-04    PrimeC      interim_data               NCT05357950 | neurosense
2024-04-04 AMX0035     market_withdrawal          CA          | amylyx company-filings news wire
2024-04-04 AMX0035     market_withdrawal          US          | amylyx company-filings news wire
2024-05-02 AMX0035     application_withdrawn      CA          | news
2024-05-21 tofersen    submission                 JP          | biogen news
2024-05-29 tofersen    accelerated_approval       EU          | biogen ema-news eu-medicines ionis news
2024-06-07 AMX0035     market_withdrawal          CA          | news
2024-07    PrimeC      interim_data               NCT05357950 | neurosense news
2024-09    tofersen    accelerated_approval       CN          | news wire
2024-09-24 mecobalamin approval                   JP          | news wire
2024-10-31 AMX0035     market_withdrawal          US          | news us-applications us-notices
2024-11    VRG50635    enrollment_complete        NCT06215755 | news verge
2024-11-20 mecobalamin reimbursement              JP          | news wire
2024-12-13 NUZ-001     designation                EU          | ema-news
2024-12-27 tofersen    approval                   JP          | biogen news
2025       PrimeC      ind_cleared                US          | neurosense news
2025       ulefnersen  deal                       -           | ionis news
2025-02    NUZ-001     clinical_hold              US          | news wire
2025-02-28 AMX0035     market_withdrawal          US          | us-notices
2025-03    tofersen    trial_status_change        NCT04856982 | als-trials
2025-03    tofersen    reimbursement              JP          | news wire
2025-03-03 tofersen    accelerated_approval       CA          | biogen news
2025-04-29 pridopidine deal                       -           | news wire
2025-05    ulefnersen  publication                -           | ionis
2025-05-19 NurOwn      ind_cleared                US          | brainstorm news
2025-05-22 NurOwn      trial_registered           NCT06973629 | als-trials
2025-07-22 tofersen    approval                   UK          | biogen news
2025-08    ulefnersen  enrollment_complete        NCT04768972 | ionis news
2025-08-20 tofersen    approval                   KR          | news wire
2025-08-29 AMX0035     authorization_revoked      US          | news us-notices
2025-10-06 NUZ-001     clinical_hold_lifted       US          | news wire
2025-12    NUZ-001     ind_cleared                US          | wire
2025-12    VRG50635    program_discontinued       NCT06215755 | news verge
2025-12-11 pridopidine ind_cleared                US          | news wire
2025-12-11 tofersen    reimbursement              CA          | biogen news
2025-12-15 VRG50635    trial_stopped              NCT06215755 | als-trials
2026       PrimeC      publication                NCT05357950 | neurosense news
2026-09-22 ulefnersen  readout_met                NCT04768972 | ionis news wire
"""
"""Date, therapy, type and place (or trial) of each row, and the watches that tell of it."""

LATER = {
    "2022-08 NurOwn submission US": "the month is disputed: announced in August, sent in September",
    "2023 ulefnersen designation EU": "the year is that of the number; the entry was published on 2024-02-01",
    "2023-10-12 AMX0035 chmp_opinion EU": "published the day after",
    "2024-02-22 tofersen chmp_opinion EU": "published the day after",
    "2025-07-22 tofersen approval UK": "announced on 2025-07-28",
}
"""Rows that were told after the day of the act, and dated by the telling."""
LAG = 45

ELSEWHERE = {
    "2024-03-08 AMX0035 readout_not_met NCT05021536": "a readout belongs to its trial",
    "2025-12 NUZ-001 ind_cleared US": "a clearance belongs to its trial",
    "2026 PrimeC publication NCT05357950": "publications of a therapy are one thread",
}
"""Rows whose thread the scheme of this version puts otherwise."""

SILENCES = {"start_overdue", "results_overdue", "record_stale", "decision_overdue"}
"""What did not happen in time alerts too, and is no row of the collection."""

REPEATS = {
    "1996-06-10 riluzole approval UK": "the European decision of that day holds there too",
    "2021-08-31 AMX0035 filing_accepted CA": "confirms the submission told before",
    "2024-04-04 AMX0035 market_withdrawal CA": "one announcement, one alert that names both places",
}
"""Rows without an alert because another row says the same."""


def facts() -> list[dict[str, Any]]:
    if not FACTS.exists():
        pytest.skip("the collection of facts, ../shared/als-events.jsonl, is missing")
    return [json.loads(line) for line in FACTS.read_text(encoding="utf-8").splitlines()]


def name_of(row: Mapping[str, Any]) -> str:
    return " ".join((row["date"], row["therapy"], row["type"], row["place"] or row["trial"] or "-"))


@dataclass(frozen=True)
class Log:
    """What playing the demo has left: the steps of the play, and the database."""

    steps: list[Step]
    engine: Engine

    @cached_property
    def events(self) -> list[Event]:
        with reading(self.engine) as session:
            known = select(Event).where(Event.state != EventState.DISMISSED)
            return list(session.exec(known.order_by(col(Event.sequence))))

    @cached_property
    def dismissed(self) -> list[Event]:
        """What could not be excluded, until the maintainer looked."""
        with reading(self.engine) as session:
            return list(session.exec(select(Event).where(Event.state == EventState.DISMISSED)))

    @cached_property
    def evidence(self) -> dict[str, list[Evidence]]:
        found: dict[str, list[Evidence]] = {event.id: [] for event in self.events}
        with reading(self.engine) as session:
            for proof in session.exec(select(Evidence).order_by(col(Evidence.id))):
                if proof.event_id in found:  # and not of what was dismissed
                    found[proof.event_id].append(proof)
        return found

    def of(self, row: Mapping[str, Any]) -> list[Event]:
        """The events of the log that tell this row: therapy, type, step, place or trial, and a date that fits."""
        return [
            event
            for event in self.events
            if (event.therapy, event.type, event.step) == (row["therapy"], row["type"], row["step"])
            and (event.place == row["place"] if row["place"] else row["trial"] in (None, event.trial))
            and _fits(event.occurred_on, row)
        ]


def _fits(day: str | None, row: Mapping[str, Any]) -> bool:
    if day is None:
        return False
    if day.startswith(row["date"]) or row["date"].startswith(day):
        return True
    return name_of(row) in LATER and 0 < (first_day(day) - last_day(row["date"])).days <= LAG


@pytest.fixture(scope="module")
def log(request: pytest.FixtureRequest) -> Iterator[Log]:
    facts()  # skips before the play
    played: Played = request.getfixturevalue("played")
    engine = open_engine(f"sqlite:///{played.database}")
    yield Log(played.steps, engine)
    engine.dispose()


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    return [row for row in facts() if row["date"] >= "2022"]


@pytest.fixture(scope="module")
def told(log: Log, rows: list[dict[str, Any]]) -> list[tuple[dict[str, Any], Event]]:
    """Each row with its event, for the tests that come after the one that looks for them."""
    return [(row, found[0]) for row in rows if (found := log.of(row))]


# The log, row by row --------------------------------------------------------------------------------------------------


def test_every_golden_event_is_in_the_log_once(log: Log, rows: list[dict[str, Any]]) -> None:
    assert {name_of(row): len(log.of(row)) for row in rows if len(log.of(row)) != 1} == {}


def test_the_table_of_tellers_knows_every_row(rows: list[dict[str, Any]]) -> None:
    assert sorted(tellers()) == sorted(name_of(row) for row in rows)


def tellers() -> dict[str, list[str]]:
    lines = (line.split("|") for line in TELLERS.strip().splitlines())
    return {" ".join(row.split()): watches.split() for row, watches in lines}


def test_each_event_has_the_evidence_of_all_who_told_it(log: Log, told: list[tuple[dict[str, Any], Event]]) -> None:
    found = {name_of(row): sorted({str(proof.watch) for proof in log.evidence[event.id]}) for row, event in told}

    assert found == tellers()
    assert sum(len(watches) >= 2 for watches in found.values()) >= 0.8 * len(found)


def _best(log: Log, event: Event) -> int:
    return min(proof.tier for proof in log.evidence[event.id])


def test_what_a_regulator_or_registry_tells_is_stated_and_the_rest_reported(
    log: Log, told: list[tuple[dict[str, Any], Event]]
) -> None:
    wrong = {
        name_of(row): event.certainty
        for row, event in told
        if event.certainty != ("stated" if _best(log, event) <= stated_from(event.type, event.step) else "reported")
    }

    assert wrong == {}


def test_each_event_stands_on_its_rung_of_its_ladder(told: list[tuple[dict[str, Any], Event]]) -> None:
    wrong = {name_of(row): event.thread for row, event in told if event.thread != row["thread"]}

    assert wrong.keys() == ELSEWHERE.keys(), wrong


def test_each_ladder_is_in_the_order_of_the_facts(told: list[tuple[dict[str, Any], Event]]) -> None:
    ladders: dict[str, list[tuple[str, str, str]]] = {}
    for row, event in told:
        assert event.occurred_on
        ladders.setdefault(event.thread, []).append((row["date"], event.occurred_on, row["step"]))

    for thread, ladder in ladders.items():
        by_facts = [step for _, _, step in sorted(ladder, key=lambda rung: (last_day(rung[0]), rung[2]))]
        by_log = [step for _, _, step in sorted(ladder, key=lambda rung: (last_day(rung[1]), rung[2]))]
        assert by_log == by_facts, thread


def test_polarity_and_pathway_are_those_of_the_facts_or_not_stated(told: list[tuple[dict[str, Any], Event]]) -> None:
    assert {name_of(row): event.polarity for row, event in told if event.polarity != row["polarity"]} == {}
    assert {
        name_of(row): event.kind for row, event in told if event.kind not in (None, "not_stated", row["kind"])
    } == {}


# Alerts ---------------------------------------------------------------------------------------------------------------


def test_an_event_alerts_where_its_row_does(told: list[tuple[dict[str, Any], Event]]) -> None:
    assert {name_of(row): event.alert for row, event in told if event.alert != row["alert"]} == {}


def test_no_other_event_alerts_but_silences(log: Log, told: list[tuple[dict[str, Any], Event]]) -> None:
    golden = {event.id for _, event in told}
    others = [e for e in log.events if e.alert and e.state == "released" and e.id not in golden]

    assert {event.type for event in others} <= SILENCES, [event.title for event in others]


def test_who_wants_alerts_gets_each_once_and_nothing_else(log: Log) -> None:
    released = [e for e in log.events if e.state == "released" and e.alert and at_least(e.level, "major")]
    calls = Counter(body["id"] for step in log.steps for body in step.calls)

    assert calls == Counter(event.id for event in released)
    with reading(log.engine) as session:
        mailed = session.exec(
            select(Enclosure.event_id)
            .join(Subscription, col(Subscription.id) == col(Enclosure.subscription_id))
            .join(Delivery, col(Delivery.id) == col(Enclosure.delivery_id))
            .where(Subscription.address == READER, Delivery.state == "sent")
        ).all()
    assert Counter(mailed) == calls


def test_every_webhook_is_as_its_schema_says_and_the_steps_of_a_thread_are_in_order(log: Log) -> None:
    schema = jsonschema_rs.validator_for(event_schema("https://als.example"))
    bodies = [body for step in log.steps for body in step.calls]
    recorded = {event.id: event.sequence for event in log.events}

    assert len(bodies) > 40
    for body in bodies:
        assert not list(schema.iter_errors(body)), body["id"]
    of_thread: dict[str, list[tuple[int, int]]] = {}
    for body in bodies:
        of_thread.setdefault(body["thread"], []).append((recorded[body["id"]], body["sequence"]))
    for thread, steps in of_thread.items():
        places = [place for _, place in sorted(steps)]
        assert places == sorted(set(places)), thread


def test_nothing_imported_or_held_is_in_any_message(log: Log) -> None:
    with reading(log.engine) as session:
        enclosed = set(session.exec(select(Enclosure.event_id)).all())

    assert {event.state for event in log.events if event.id in enclosed} == {"released"}
    steps = {e.step for e in log.events if e.id in enclosed and not e.alert and at_least(TYPES[e.type].level, "major")}
    assert steps == set(), "a step that completes an alert was sent"


def test_the_rule_for_alerts_reproduces_the_column_of_the_facts() -> None:
    wrong = {name_of(row) for row in facts() if alerts(row["type"], row["step"]) != row["alert"]}

    assert wrong == REPEATS.keys()


# Traps ----------------------------------------------------------------------------------------------------------------


def test_the_end_of_relyvrio_is_three_alerts_never_four(log: Log) -> None:
    end = [e for e in log.events if e.therapy == "AMX0035" and e.alert and (e.occurred_on or "") >= "2024-03"]

    assert [(event.type, event.occurred_on, event.step) for event in end] == [
        ("readout_not_met", "2024-03-08", "result"),
        ("market_withdrawal", "2024-04-04", "market_end_announced"),
        ("authorization_revoked", "2025-08-29", "authorisation_ended"),
    ]
    assert end[1].title == "Relyvrio/Albrioza (AMX0035): leaves the market in the US and Canada"


def test_what_could_not_be_excluded_was_looked_at_and_reached_nobody(log: Log) -> None:
    assert 0 < len(log.dismissed) <= 6
    assert all((event.rule or "").endswith(NETWORK) and event.held_because for event in log.dismissed)
    with reading(log.engine) as session:
        sent = set(session.exec(select(Enclosure.event_id)))
    assert not sent & {event.id for event in log.dismissed}


def test_the_later_date_of_fusion_is_a_change_and_no_event(log: Log) -> None:
    with reading(log.engine) as session:
        changes = session.exec(
            select(Change).join(Item, col(Item.id) == col(Change.item_id)).where(Item.key == "NCT04768972")
        ).all()
    moved = {change.detected_at.date().isoformat(): {d["field"] for d in change.differences} for change in changes}

    assert "primary_completion" in moved["2023-03-28"]
    assert "primary_completion" in moved["2025-08-26"]
    trial = [e for e in log.events if e.trial == "NCT04768972" and e.detected_at.date().isoformat() in moved]
    assert {event.step for event in trial if event.alert} <= {"record_stale"}
    assert {event.step for event in trial} == {"enrolled", "recruitment_closed"}


def test_a_generic_is_never_a_new_drug(log: Log) -> None:
    generics = [e for e in log.events if e.type == "tentative_generic_approval"]

    assert [(e.therapy, e.occurred_on, e.alert) for e in generics] == [
        ("riluzole", "2003-01-29", False),
        ("edaravone", "2024-03-22", False),
    ]
    approved = [(e.place, e.occurred_on) for e in log.events if e.therapy == "riluzole" and e.type == "approval"]
    assert approved == [("US", "1995-12-12"), ("EU", "1996-06-10")]
