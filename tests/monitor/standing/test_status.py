"""What stood when: the reference answers, the rules one by one, and what must not matter."""

import json
import random
import tomllib
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.events.history import Row, intent_of_row, read_history
from monitor.events.record import event_of, evidence_of
from monitor.settings import BUNDLED_PACK
from monitor.standing.courses import standing
from monitor.standing.status import answers, known, newest, table
from monitor.vocabulary.pack import Pack
from store.tables import Event, Evidence

SHARED = Path(__file__).resolve().parents[3] / "../shared"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MISSING = "the reference table ../shared/{} is missing beside the checkout"


@cache
def als() -> tuple[Pack, tuple[Event, ...], dict[str, list[Evidence]]]:
    pack = Pack.model_validate(tomllib.loads(BUNDLED_PACK.read_text(encoding="utf-8")))
    rows = read_history(BUNDLED_PACK.with_name("als.events.toml"), pack)
    intents = [intent_of_row(row, f"EV{n:03}", NOW) for n, row in enumerate(rows, start=1)]
    events = tuple(event_of(intent, n, pack) for n, intent in enumerate(intents, start=1))
    return pack, events, {one.id: evidence_of(intent, one.id) for one, intent in zip(events, intents, strict=True)}


def reference(name: str) -> list[dict[str, Any]]:
    path = SHARED / name
    if not path.exists():
        pytest.skip(MISSING.format(name))
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [row for row in rows if row["determinable"]]


def day(text: str) -> date:
    return date.fromisoformat(text)


def within(found: str | None, expected: str | None) -> bool:
    """A date not given is not compared; a more precise one inside the given month or year is right."""
    return expected is None or (found is not None and (found == expected or found.startswith(expected + "-")))


@cache
def lines(as_of: str) -> dict[str, dict[str, Any]]:
    pack, events, evidence = als()
    return {line["therapy"]: line for line in table(events, evidence, pack=pack, as_of=day(as_of))}


def test_authorisations_are_those_of_the_reference():
    rows = [row for row in reference("als-status.jsonl") if "place" in row]
    wrong = []
    for row in rows:
        cell = lines(row["as_of"])[row["therapy"]]["places"][row["place"]]
        right = (
            cell["state"] == row["authorisation"]
            and (row["kind"] == "not_stated" or cell["kind"] == row["kind"])
            and (row["market"] == "unknown" or cell["market"] == row["market"])
            and within(cell["since"], row["since"])
        )
        if not right:
            wrong.append((row, cell))
    assert len(rows) > 450
    assert wrong == []


def test_pipelines_are_those_of_the_reference():
    rows = [row for row in reference("als-status.jsonl") if "pipeline" in row]
    wrong = []
    for row in rows:
        found = lines(row["as_of"])[row["therapy"]]["pipeline"]
        if {key: found[key] for key in row["pipeline"]} != row["pipeline"]:
            wrong.append((row, found))
    assert len(rows) > 60
    assert wrong == []


def test_the_newest_drugs_are_those_of_the_reference():
    _, events, evidence = als()
    rows = reference("als-newest.jsonl")
    wrong = []
    for row in rows:
        place = "US" if row["rule"] == "act" else row["place"]  # the answer to `act` says which place it was
        found = newest(events, evidence, place=place, as_of=day(row["as_of"]), rule=row["rule"])
        right = (
            found["therapy"] == row["therapy"]
            and found["place"] == row["place"]
            and (row["kind"] == "not_stated" or found["kind"] == row["kind"])
            and within(found["since"], row["since"])
        )
        if not right:
            wrong.append((row, found))
    assert len(rows) > 80
    assert wrong == []


def test_a_cell_names_what_made_it_and_how_well_it_stands():
    cell = lines("2024-06-01")["AMX0035"]["places"]["US"]
    _, events, _ = als()
    steps = {e.id: e.step for e in events}
    assert [steps[id_] for id_ in cell["events"]] == ["authorised", "market_end_announced"]
    assert [one["source"] for one in cell["evidence"]] == ["FDA novel approvals list", "company notice"]
    assert all(one["quote"] is None and one["capture_sha256"] is None for one in cell["evidence"])
    assert lines("2024-06-01")["riluzole"]["places"]["CA"]["date_mark"] == "M"
    assert lines("2024-06-01")["edaravone"]["places"]["CA"]["date_mark"] == "X"


def test_every_place_is_there_even_where_nothing_happened():
    cell = lines("2024-06-01")["VRG50635"]["places"]["AU"]
    assert (cell["state"], cell["kind"], cell["since"], cell["evidence"]) == ("none", None, None, [])


def made(step: str, when: str | None, *, type_: str = "approval", **more: Any) -> Event:
    fields = {
        "id": f"EV{step}{when}", "sequence": 1, "type": type_, "therapy": "demo", "place": "US", "polarity": "positive",
        "occurred_on": when, "detected_at": NOW, "level": "major", "certainty": "stated", "tier": 1,
        "thread": "us/demo/authorisation", "step": step, "title": "", "state": "released",
    }  # fmt: skip
    return Event(**fields | more)


def trial(step: str, when: str | None, **more: Any) -> Event:
    return made(step, when, **{"place": None, "trial": "NCT00000001", "phase": "3", **more})


DEMO = Pack.model_validate(
    {"pack": {"name": "demo", "condition": "als"}, "therapies": [{"name": "demo"}], "watches": []}
)


def us(events: list[Event], as_of: str) -> dict[str, Any]:
    return dict(table(events, {}, pack=DEMO, as_of=day(as_of))[0]["places"]["US"])


def stage(events: list[Event], as_of: str) -> dict[str, Any]:
    return dict(table(events, {}, pack=DEMO, as_of=day(as_of))[0]["pipeline"])


@pytest.mark.parametrize(("as_of", "state"), [("2024-09-29", "none"), ("2024-09-30", "approved")])
def test_a_month_counts_from_its_end(as_of, state):
    assert us([made("authorised", "2024-09")], as_of)["state"] == state


@pytest.mark.parametrize(("as_of", "state"), [("2024-12-30", "none"), ("2024-12-31", "approved")])
def test_a_year_counts_from_its_end(as_of, state):
    assert us([made("authorised", "2024")], as_of)["state"] == state


def test_a_supplement_does_not_turn_an_approved_drug_into_an_applicant():
    events = [made("authorised", "2020-01-01"), made("applied", "2021-01-01"), made("form_added", "2022-01-01")]
    assert (us(events, "2023-01-01")["state"], us(events, "2023-01-01")["since"]) == ("approved", "2020-01-01")


@pytest.mark.parametrize("end", ["refused", "application_withdrawn", "not_taken_up"])
def test_the_end_of_another_request_leaves_what_is_approved_as_it_is(end):
    events = [made("authorised", "2020-01-01"), made("applied", "2021-01-01"), made(end, "2022-01-01")]
    assert (us(events, "2023-01-01")["state"], us(events, "2023-01-01")["since"]) == ("approved", "2020-01-01")


@pytest.mark.parametrize(("end", "state"), [("refused", "refused"), ("application_withdrawn", "application_withdrawn")])
def test_after_its_approval_was_taken_back_a_request_has_its_own_end(end, state):
    events = [made("authorised", "2020-01-01"), made("authorisation_ended", "2021-01-01"), made(end, "2022-01-01")]
    assert us(events, "2023-01-01")["state"] == state


def test_an_application_sent_again_gives_a_new_date():
    events = [
        made("applied", "2020-01-01"), made("not_taken_up", "2020-03-01"),
        made("application_accepted", "2021-01-01"), made("applied", "2021-02-01"),
    ]  # fmt: skip
    assert us(events, "2020-02-01")["since"] == "2020-01-01"
    assert us(events, "2020-04-01")["state"] == "none"
    assert us(events, "2022-01-01")["since"] == "2021-01-01"


def test_a_conversion_changes_the_kind_and_not_the_date():
    events = [made("authorised", "2020-01-01", kind="accelerated"), made("converted", "2022-01-01")]
    assert (us(events, "2021-01-01")["kind"], us(events, "2023-01-01")["kind"]) == ("accelerated", "regular")
    assert us(events, "2023-01-01")["since"] == "2020-01-01"


def test_a_european_act_is_none_in_the_uk():
    events = [made("authorised", "2024-05-29", place="EU")]
    assert table(events, {}, pack=DEMO, as_of=day("2025-01-01"))[0]["places"]["UK"]["state"] == "none"


@pytest.mark.parametrize(("as_of", "state"), [("2025-08-28", "not_yet_recruiting"), ("2025-08-29", "stalled")])
def test_a_trial_stalls_sixty_days_after_its_planned_start(as_of, state):
    assert stage([trial("registered", "2025-05-22", planned_start="2025-06-30")], as_of)["state"] == state


def test_a_result_closes_a_trial_and_the_next_open_one_leads():
    events = [
        trial("started", "2020-01-01", trial="NCT00000001", phase="3"),
        trial("started", "2020-02-01", trial="NCT00000002", phase="2"),
        trial("result", "2022-01-01", trial="NCT00000001", phase="3", polarity="negative"),
        trial("started", "2019-01-01", trial="NCT00000003", phase=None),
    ]
    assert stage(events, "2021-01-01")["trial"] == "NCT00000001"
    assert (stage(events, "2023-01-01")["trial"], stage(events, "2023-01-01")["state"]) == ("NCT00000002", "recruiting")


def test_an_entry_met_after_the_end_of_its_trial_takes_it_not_back_to_its_beginning():
    events = [trial("completed", "2021-03-15", phase="2"), trial("registered", "2022-01-01", phase="2")]

    assert stage(events, "2023-01-01")["state"] == "completed"


def test_the_end_of_a_programme_overrides_until_a_new_trial_starts():
    events = [
        trial("started", "2020-01-01"), trial("programme_ended", "2021-01-01"), trial("terminated", "2021-02-01"),
        trial("started", "2022-01-01", trial="NCT00000002", phase="2"),
    ]  # fmt: skip
    assert stage(events, "2021-06-01")["state"] == "discontinued"
    assert stage(events, "2022-06-01")["trial"] == "NCT00000002"


def test_a_trial_found_begun_without_a_date_is_open_and_lifts_no_end_of_a_programme():
    found = trial("started", None, trial="NCT00000002", state="imported", detected_at=NOW)
    entry = trial("registered", "2020-03-01", trial="NCT00000002")

    assert stage([entry, found], "2027-01-01")["state"] == "recruiting"
    assert stage([entry, found, trial("programme_ended", "2021-01-01")], "2027-01-01")["state"] == "discontinued"


def test_only_what_was_believed_at_the_time_counts():
    early, late = made("authorised", "2024-01-01"), made("refused", "2024-02-01", detected_at=NOW + timedelta(days=9))
    held, gone = made("applied", "2023-01-01", state="held"), made("applied", "2023-02-01", state="dismissed")
    assert known([early, late, held, gone], NOW) == [early]
    assert known([early, late, held, gone]) == [early, late]


def test_what_was_dismissed_counted_until_its_correction_came():
    wrong = made("authorised", "2024-01-01", state="dismissed", released_at=NOW)
    correction = made("designated", "2024-01-01", corrects=wrong.id, detected_at=NOW + timedelta(days=5))
    assert known([wrong, correction], NOW + timedelta(days=4)) == [wrong]
    assert known([wrong, correction], NOW + timedelta(days=5)) == [correction]
    assert known([wrong, correction]) == [correction]


def test_what_is_corrected_by_another_event_is_left_out():
    wrong = made("refused", "2024-02-01", state="corrected")
    right = made("authorised", "2024-02-01", corrects=wrong.id)
    assert known([wrong, right]) == [right]


@pytest.mark.parametrize(
    ("steps", "market"),
    [
        (("market_end_announced", "market_ended"), "not_marketed"),
        (("market_ended", "market_end_announced"), "not_marketed"),
        (("market_ended", "sold_again"), "marketed"),
        (("market_ended", "sold_again", "market_ended"), "not_marketed"),
    ],
)
def test_what_is_sold_again_has_left_the_market_no_more(steps, market):
    acts = [made(step, f"2024-0{n}-01") for n, step in enumerate(("authorised", *steps), 1)]
    assert standing(acts, place="US").market == market


def test_an_answer_that_changes_is_told_once():
    _, events, evidence = als()
    before = answers(events, evidence, as_of=day("2023-04-24"), places=("US", "EU"))
    after = answers(events, evidence, as_of=day("2023-04-25"), places=("US", "EU"))
    told = [
        (*asked, before[asked]["therapy"], line["therapy"])
        for asked, line in after.items()
        if line["therapy"] != before[asked]["therapy"]
    ]
    assert told == [("substance", "US", "AMX0035", "tofersen"), ("act", "US", "AMX0035", "tofersen")]


DAYS = st.dates(date(1995, 1, 1), date(2027, 1, 1))


def everything(events: list[Event], as_of: date) -> tuple[object, object]:
    pack, _, evidence = als()
    return table(events, evidence, pack=pack, as_of=as_of), answers(events, evidence, as_of=as_of, places=("US", "JP"))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(), as_of=DAYS)
def test_the_order_of_events_does_not_matter(seed, as_of):
    events = list(als()[1])
    shuffled = random.Random(seed).sample(events, len(events))
    assert everything(shuffled, as_of) == everything(events, as_of)


@settings(max_examples=20, deadline=None)
@given(
    step=st.sampled_from(["authorised", "refused", "authorisation_ended", "market_ended", "form_added", "started"]),
    state=st.sampled_from(["dismissed", "held"]),
    as_of=DAYS,
)
def test_a_dismissed_or_held_event_changes_nothing(step, state, as_of):
    events = list(als()[1])
    extra = made(step, "2000-01-01", therapy="tofersen", trial="NCT04856982", phase="3", state=state)
    assert everything(known([*events, extra]), as_of) == everything(known(events), as_of)


@settings(max_examples=10, deadline=None)
@given(as_of=DAYS)
def test_the_future_changes_nothing(as_of):
    events = list(als()[1])
    past = [e for e in events if (e.occurred_on or "")[:4] <= str(as_of.year)]
    assert everything(past, as_of) == everything(events, as_of)


def test_rows_of_history_keep_their_fields_in_events():
    fields = set(Row.model_fields) - {"date", "precision", "source_tier", "source", "url"}
    assert fields <= set(Event.model_fields)
