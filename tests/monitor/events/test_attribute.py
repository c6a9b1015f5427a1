"""One event however many tell of it; what they disagree on is kept and shown."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine

from monitor.events.attribute import Candidates, attribute
from monitor.events.intents import Amendment, NewEvent, Teller
from monitor.events.record import event_of
from monitor.vocabulary.claims import HOLD, Claim
from store.database import writing
from store.tables import Event, Policy
from tests.monitor.events.told import COMPANY, NOW, PACK, PRESS, REGISTER, claim, events, evidence, tell, teller


def test_the_register_says_approved_the_company_says_accelerated_one_event(engine: Engine) -> None:
    tell(engine, (claim(kind="not_stated"), REGISTER), (claim("accelerated_approval"), COMPANY))
    (event,) = events(engine)
    assert (event.type, event.kind, event.state, event.certainty) == (
        "accelerated_approval",
        "accelerated",
        "released",
        "stated",
    )
    assert [proof.source for proof in evidence(engine)] == ["register", "company"]


def test_the_company_announces_and_the_register_follows_two_weeks_later(engine: Engine) -> None:
    tell(engine, (claim("accelerated_approval"), COMPANY))
    assert events(engine)[0].certainty == "reported"
    later = teller("register", 1, typed=True, after=timedelta(days=14))
    tell(engine, (claim(kind="not_stated"), later))
    (event,) = events(engine)
    assert (event.type, event.certainty, event.tier) == ("accelerated_approval", "stated", 1)


def test_the_same_words_on_the_same_page_are_no_new_evidence(engine: Engine) -> None:
    tell(engine, (claim(), COMPANY), (claim(), COMPANY))
    assert len(evidence(engine)) == 1


def test_what_the_press_tells_must_be_surer_and_waits_until_the_company_says_so(engine: Engine) -> None:
    tell(engine, (claim(confidence=0.85), PRESS))
    assert events(engine)[0].state == "held"
    tell(engine, (claim(confidence=0.85), COMPANY))
    (event,) = events(engine)
    assert (event.state, event.held_because, event.matched_at) == ("released", None, None)


def test_a_claim_with_a_doubt_is_held_until_somebody_tells_it_without(engine: Engine) -> None:
    tell(engine, (claim(doubt="the entry's date cannot be read"), COMPANY))
    (event,) = events(engine)
    assert (event.state, event.held_because) == ("held", "the entry's date cannot be read")

    tell(engine, (claim(), REGISTER))
    assert [event.state for event in events(engine)] == ["released"]


def test_what_a_rule_reads_that_is_set_to_hold_changes_nothing_by_itself(engine: Engine) -> None:
    with writing(engine) as session:
        session.add(Policy(rule="rule", way="hold", by="an-editor", at=NOW))
    baseline = teller("register", 1, typed=True, baseline=True)
    tell(
        engine, (claim(place="EU", agency="EMA", occurred_on="2020-01-05"), baseline), (claim(confidence=1.0), REGISTER)
    )
    assert [(event.state, event.held_because) for event in events(engine)] == [
        ("imported", None), ("held", "the rule rule is set to hold"),
    ]  # fmt: skip
    tell(engine, (claim(), COMPANY))
    assert events(engine)[1].state == "held", "nor does another teller by the same rule"
    tell(engine, (claim(rule="another", quote="in other words"), COMPANY))
    assert events(engine)[1].state == "released"


def test_an_unsure_reading_is_held_and_says_why(engine: Engine) -> None:
    tell(engine, (claim(confidence=0.6, decision="hold", because="unsure: perhaps approved"), COMPANY))
    assert (events(engine)[0].state, events(engine)[0].held_because) == ("held", "unsure: perhaps approved")


def test_a_watch_set_to_hold_holds_what_is_certain(engine: Engine) -> None:
    tell(engine, (claim(), teller("register", 1, typed=True, hold=True)))
    assert events(engine)[0].state == "held"


def test_tellers_who_disagree_on_a_result_are_both_kept(engine: Engine) -> None:
    trial = {"place": None, "agency": None, "trial": "NCT02623699", "occurred_on": "2023-04-20"}
    tell(engine, (claim("readout_met", **trial), COMPANY))
    tell(engine, (claim("readout_not_met", polarity="negative", **trial), PRESS))
    (event,) = events(engine)
    assert (event.type, event.certainty) == ("readout_met", "disputed")
    assert [proof.told_type for proof in evidence(engine)] == ["readout_met", "readout_not_met"]


def test_a_wrong_kind_told_by_the_press_does_not_move_the_regulators(engine: Engine) -> None:
    regulator = teller("regulator", 1)
    tell(engine, (claim(kind="regular"), regulator), (claim("accelerated_approval"), PRESS))
    (event,) = events(engine)
    assert (event.type, event.kind, event.certainty) == ("approval", "regular", "disputed")


def test_an_act_of_long_ago_is_history(engine: Engine) -> None:
    tell(engine, (claim(occurred_on="2022-04-25"), REGISTER))
    assert events(engine)[0].state == "imported"


def test_a_baseline_alarms_nobody(engine: Engine) -> None:
    first = teller("register", 1, typed=True, baseline=True)
    tell(engine, (claim(occurred_on="2017-05-05", therapy="edaravone"), first), (claim(), first))
    old, recent = events(engine)
    assert old.state == "imported"
    assert (recent.state, recent.held_because) == ("held", "found at first check")


def test_a_baseline_that_shows_a_later_state_than_the_history_is_held(engine: Engine) -> None:
    tell(engine, (claim(occurred_on="2017-05-05"), REGISTER))
    first = teller("notices", 1, typed=True, baseline=True, after=timedelta(days=1))
    tell(engine, (claim("authorization_revoked", polarity="negative", occurred_on="2020-01-01"), first))
    assert [event.state for event in events(engine)] == ["imported", "held"]


def test_a_second_original_approval_of_a_substance_is_a_new_form(engine: Engine) -> None:
    tell(engine, (claim(), REGISTER))
    oral = teller("register", 1, typed=True, after=timedelta(days=900))
    tell(engine, (claim(occurred_on="2025-10-10", quote="NDA 2"), oral))
    first, second = events(engine)
    assert (second.type, second.step, second.thread) == ("label_expansion", "form_added", "us/tofersen/forms")
    assert first.thread == "us/tofersen/authorisation"


def test_the_end_of_sales_completes_its_announcement(engine: Engine) -> None:
    gone = {"polarity": "negative", "occurred_on": "2023-04-25"}
    tell(engine, (claim("market_withdrawal", **gone), COMPANY))
    ended = claim("market_withdrawal", step="market_ended", polarity="negative", occurred_on="2023-04-26")
    tell(engine, (ended, REGISTER))
    assert [(event.step, event.alert) for event in events(engine)] == [
        ("market_end_announced", True),
        ("market_ended", False),
    ]


def test_the_end_of_sales_alerts_when_nobody_announced_it(engine: Engine) -> None:
    ended = claim("market_withdrawal", step="market_ended", polarity="negative", occurred_on="2023-04-26")
    tell(engine, (ended, REGISTER))
    assert [event.alert for event in events(engine)] == [True]


def test_a_register_that_follows_later_does_not_move_the_day_of_an_act(engine: Engine) -> None:
    ended = claim("market_withdrawal", step="market_ended", polarity="negative", occurred_on="2023-04-10")
    tell(engine, (ended, PRESS), (replace(ended, occurred_on="2023-04-26", at_latest=True, quote="gone"), REGISTER))
    (event,) = events(engine)
    assert (event.occurred_on, event.certainty, len(evidence(engine))) == ("2023-04-10", "stated", 2)


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_a_day_of_publication_replaces_no_day_that_is_stated(engine: Engine, order: tuple[int, ...]) -> None:
    stated = claim(occurred_on="2023-04-24", quote="on 24 April")
    release = claim(occurred_on="2023-04-25", announced=True, quote="has approved")
    later = claim(occurred_on="2023-04-26", announced=True, quote="approves")
    told = [(stated, COMPANY), (release, COMPANY), (later, teller("agency", 1))]
    tell(engine, *(told[which] for which in order))
    (event,) = events(engine)
    assert (event.occurred_on, event.mark_date, event.certainty) == ("2023-04-24", None, "stated")


def test_a_regulator_who_tells_it_otherwise_moves_no_day_that_is_stated(engine: Engine) -> None:
    told = claim("accelerated_approval", kind="accelerated", occurred_on="2023-04-24", quote="accelerated")
    regular = claim(kind="regular", occurred_on="2023-04-26", announced=True, quote="regular")
    tell(engine, (told, COMPANY), (regular, teller("agency", 1)))
    assert [(event.kind, event.occurred_on) for event in events(engine)] == [("regular", "2023-04-24")]


def test_of_two_reports_of_one_rank_the_earlier_day_stands_whoever_is_read_first(engine: Engine) -> None:
    late, early = claim(occurred_on="2023-04-26", announced=True), claim(quote="other words", announced=True)
    tell(engine, (late, PRESS), (early, teller("paper", 4)), (replace(late, quote="again"), teller("weekly", 4)))
    (event,) = events(engine)
    assert (event.occurred_on, event.mark_date, event.dated_by) == ("2023-04-25", "P", 4)


DAYS = st.sampled_from([None, "2023", "2023-04", "2023-04-20", "2023-04-24", "2023-04-25", "2023-05-01"])
TOLD = st.builds(
    lambda tier, on, mark: (tier, claim(occurred_on=on, at_latest=mark == "L", announced=mark == "P")),
    st.integers(1, 4), DAYS, st.sampled_from([None, "P", "L"]),
)  # fmt: skip


@given(st.lists(TOLD, min_size=2, max_size=4))
def test_what_becomes_of_an_act_does_not_depend_on_who_is_read_first(told: list[tuple[int, Claim]]) -> None:
    made = [_told_in_order(order) for order in permutations(told)]
    assert all(event == made[0] for event in made), told
    day, mark = made[0]["occurred_on"], made[0]["mark_date"]
    dated = [one for _, one in told if one.occurred_on]
    days = [one.occurred_on for one in dated if not one.at_latest]
    assert (mark == "L") == bool(dated and not days), "what is seen never displaces what is told"
    assert day in days if days else bool(day) == bool(dated)


def _told_in_order(told: tuple[tuple[int, Claim], ...]) -> dict[str, object]:
    known: list[Event] = []
    for number, (tier, one) in enumerate(told):
        intent = attribute(replace(one, quote=f"words {number}"), teller(f"w{number}", tier), Candidates(known))
        if isinstance(intent, NewEvent):
            known.append(event_of(intent, number, PACK))
        elif isinstance(intent, Amendment):
            for name, value in intent.fields.items():
                setattr(known[0], name, value)
    (event,) = known
    same = ("type", "kind", "occurred_on", "mark_date", "dated_by", "tier", "certainty", "state", "held_because")
    return {name: getattr(event, name) for name in same}


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_an_opinion_and_its_confirmation_are_two_steps_and_one_alert(engine: Engine, order: tuple[int, ...]) -> None:
    no = claim("chmp_opinion", polarity="negative", agency="EMA", place="EU", occurred_on="2023-03-24")
    upheld = replace(no, step="opinion_confirmed", occurred_on="2023-04-25", quote="the no is confirmed")
    company = replace(upheld, occurred_on="2023-04-26", quote="our appeal failed")
    tell(engine, (no, COMPANY), *[((upheld, REGISTER), (company, COMPANY))[i] for i in order])
    assert [(event.step, event.alert) for event in events(engine)] == [("opinion", True), ("opinion_confirmed", False)]


def test_one_announcement_for_two_places_is_two_events_and_one_alert_that_names_both(engine: Engine) -> None:
    gone = claim("market_withdrawal", polarity="negative", beside=("CA",))
    there = replace(gone, place="CA", agency=None, beside=("US",), first=False)
    tell(engine, (gone, COMPANY), (there, COMPANY), (gone, PRESS), (there, PRESS))
    assert [(event.place, event.alert, event.title) for event in events(engine)] == [
        ("US", True, "Qalsody (tofersen): leaves the market in the US and Canada"),
        ("CA", False, "Qalsody (tofersen): leaves the market in Canada"),
    ]
    assert len(evidence(engine)) == 4


def test_whoever_is_first_the_alert_names_both_places(engine: Engine) -> None:
    gone = claim("market_withdrawal", polarity="negative")
    there = replace(gone, place="CA", agency=None, beside=("US",), first=False)
    tell(engine, (gone, PRESS), (replace(gone, beside=("CA",)), COMPANY), (there, COMPANY))
    assert [(event.alert, event.title) for event in events(engine)] == [
        (True, "Qalsody (tofersen): leaves the market in the US and Canada"),
        (False, "Qalsody (tofersen): leaves the market in Canada"),
    ]


def test_a_place_told_of_days_later_is_an_alert_of_its_own(engine: Engine) -> None:
    gone = claim("market_withdrawal", polarity="negative")
    there = replace(gone, place="CA", agency=None, beside=("US",), first=False)
    tell(engine, (gone, COMPANY), (there, teller("company", 3, after=timedelta(days=5))))
    assert [(event.place, event.alert) for event in events(engine)] == [("US", True), ("CA", True)]


def test_data_after_the_result_of_a_trial_are_a_follow_up(engine: Engine) -> None:
    trial = {"trial": "NCT02623699", "agency": None, "place": None}
    tell(engine, (claim("interim_data", **trial, occurred_on="2023-04-01"), COMPANY))
    tell(engine, (claim("readout_met", **trial), COMPANY))
    tell(engine, (claim("interim_data", **trial, occurred_on="2023-07-20"), teller("c", 3, after=timedelta(days=90))))
    assert [event.step for event in events(engine)] == ["interim", "result", "follow_up"]


def test_small_news_are_events_and_no_alerts(engine: Engine) -> None:
    tell(engine, (claim("designation", subtype="orphan", step="orphan"), COMPANY), (claim("deal"), COMPANY))
    assert [(event.level, event.alert) for event in events(engine)] == [("minor", False), ("info", False)]


def test_two_who_say_accelerated_of_a_regular_approval_dispute_it_and_change_nothing(engine: Engine) -> None:
    tell(engine, (claim(kind="regular"), REGISTER))
    tell(engine, (claim("accelerated_approval"), COMPANY), (claim("accelerated_approval"), PRESS))
    (event,) = events(engine)
    assert (event.type, event.kind, event.tier, event.certainty) == ("approval", "regular", 1, "disputed")
    assert [proof.told_kind for proof in evidence(engine)] == ["regular", "accelerated", "accelerated"]


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_tellers_does_not_matter(engine: Engine, order: tuple[int, ...]) -> None:
    regulator = teller("regulator", 1)
    told = [(claim(kind="not_stated"), REGISTER), (claim("accelerated_approval"), COMPANY), (claim(), regulator)]
    tell(engine, *(told[i] for i in order), *(told[i] for i in order))
    (event,) = events(engine)
    assert (event.type, event.kind, event.certainty, event.tier, event.state) == (
        "accelerated_approval",
        "accelerated",
        "stated",
        1,
        "released",
    )
    assert len(evidence(engine)) == 3


def test_other_places_and_other_trials_are_other_events(engine: Engine) -> None:
    tell(engine, (claim(), REGISTER), (claim(place="EU", agency="EC"), teller("ema", 1, typed=True)))
    trial = {"place": None, "agency": None}
    tell(engine, (claim("trial_stopped", trial="NCT1", **trial), REGISTER))
    tell(engine, (claim("trial_stopped", trial="NCT2", **trial), REGISTER))
    assert len(events(engine)) == 4


def test_an_unsure_reading_is_not_of_an_act_that_came_a_month_later(engine: Engine) -> None:
    """A headline about a panel was taken for an approval; the approval came when it came."""
    panel = claim(occurred_on="2023-03-23", confidence=0.6)
    tell(engine, (panel, teller("press", 4, after=timedelta(days=-34))), (claim(), COMPANY))

    misread, approval = events(engine)

    assert (misread.state, misread.occurred_on) == ("held", "2023-03-23")
    assert (approval.state, approval.occurred_on, approval.detected_at) == ("released", "2023-04-25", NOW)


# One act under two names --------------------------------------------------------------------------------------------

CONVERTED = claim("full_approval_conversion", occurred_on="2023-04-24", quote="full approval")
SUPPLEMENT = claim("label_expansion", step="form_added", agency="FDA", confidence=1.0, quote="SUPPL 5 EFFICACY: AP")


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_conversion_told_in_prose_and_as_a_supplement_is_one_event(engine: Engine, order: tuple[int, ...]) -> None:
    tellers = ((CONVERTED, COMPANY), (SUPPLEMENT, REGISTER))
    tell(engine, *(tellers[i] for i in order))
    (event,) = events(engine)
    assert (event.type, event.step, event.thread) == (
        "full_approval_conversion",
        "converted",
        "us/tofersen/authorisation",
    )
    assert (event.certainty, event.tier, len(evidence(engine))) == ("stated", 1, 2)


@pytest.mark.parametrize(
    ("supplement", "who"),
    [
        ({"occurred_on": "2023-02-01"}, REGISTER),  # another supplement, months before
        ({"place": "EU", "agency": "EC"}, REGISTER),
        ({"confidence": 0.95}, COMPANY),  # told in words, beside the conversion: a new use of its own
    ],
)
def test_another_supplement_is_another_event(engine: Engine, supplement: dict[str, object], who: Teller) -> None:
    tell(engine, (CONVERTED, COMPANY), (replace(SUPPLEMENT, **supplement), who))  # type: ignore[arg-type]
    assert {event.type for event in events(engine)} == {"full_approval_conversion", "label_expansion"}


# Where a market ends ------------------------------------------------------------------------------------------------

GONE = claim("market_withdrawal", polarity="negative", place=None, agency=None, occurred_on="2023-04-25")


@pytest.mark.parametrize(
    ("before", "place"),
    [
        ([("approval", "US")], "US"),
        ([("approval", "US"), ("approval", "EU")], None),
        ([("approval", "US"), ("approval", "EU"), ("authorization_revoked", "US")], "EU"),
        ([], None),
    ],
)
def test_a_market_end_without_a_place_belongs_to_the_only_one(
    engine: Engine, before: list[tuple[str, str]], place: str | None
) -> None:
    acts = [
        claim(type_, place=where, agency=None, occurred_on="2023-03-01", polarity="positive", quote=f"{type_} {where}")
        for type_, where in before
    ]
    tell(engine, *((act, REGISTER) for act in acts), (GONE, COMPANY))
    assert events(engine)[-1].place == place


def test_what_is_told_of_a_country_elsewhere_is_no_change_in_a_followed_place(engine: Engine) -> None:
    grant = claim("approval", place="JP", agency=None, occurred_on="2023-03-01")
    gone = replace(GONE, agency="ANVISA", quote="gone from Brazil")
    tell(
        engine, (grant, REGISTER), (gone, COMPANY), (replace(GONE, agency="ANMAT", quote="and from Argentina"), COMPANY)
    )
    tell(engine, (replace(GONE, place="JP", agency="PMDA", quote="gone from Japan"), REGISTER))
    assert [(event.agency, event.place) for event in events(engine)][1:] == [
        ("ANVISA", None), ("ANMAT", None), ("PMDA", "JP"),
    ]  # fmt: skip
    assert events(engine)[1].title == "Qalsody (tofersen): leaves the market in Brazil"


def test_a_pause_of_shipments_its_end_and_the_end_of_sales_are_three_steps(engine: Engine) -> None:
    words = (("shipments_paused", "negative"), ("shipments_resumed", "positive"), ("market_ended", "negative"))
    for days, (step, polarity) in enumerate(words):
        act = claim("market_withdrawal", step=step, polarity=polarity, occurred_on=None, quote=step)
        tell(engine, (act, teller("company", 3, after=timedelta(days=days))))
    assert [event.step for event in events(engine)] == [step for step, _ in words]
    assert {event.thread for event in events(engine)} == {"us/tofersen/authorisation"}


# Whose trial ---------------------------------------------------------------------------------------------------------

RESULT = claim("readout_met", place=None, agency=None, trial=None, occurred_on="2023-04-25", quote="the trial met")


def registered(number: str) -> Claim:
    at = {"place": None, "agency": None, "occurred_on": "2023-01-10"}
    return claim("trial_registered", trial=number, polarity="neutral", confidence=1.0, quote=number, **at)


REGISTRY = teller("registry", 2, typed=True, baseline=True, after=timedelta(days=-30))


def read_out(engine: Engine) -> list[tuple[str | None, str]]:
    return [(event.trial, event.state) for event in events(engine) if event.type.startswith("readout")]


def test_a_result_without_its_trial_joins_the_only_one(engine: Engine) -> None:
    named = replace(RESULT, trial="NCT1", occurred_on="2023-04-20", quote="NCT1 met")
    tell(engine, (registered("NCT1"), REGISTRY), (named, COMPANY), (RESULT, PRESS))
    assert read_out(engine) == [("NCT1", "released")]


@pytest.mark.parametrize("polarity", ["readout_met", "readout_not_met"])
def test_of_several_trials_none_is_guessed(engine: Engine, polarity: str) -> None:
    named = replace(RESULT, trial="NCT1", occurred_on="2023-04-20", quote="NCT1 met")
    unnamed = replace(RESULT, type=polarity, polarity="positive" if polarity == "readout_met" else "negative")
    tell(engine, (registered("NCT1"), REGISTRY), (registered("NCT2"), REGISTRY), (named, COMPANY), (unnamed, COMPANY))
    assert read_out(engine) == [("NCT1", "released"), (None, "held")]
    first, second = [event for event in events(engine) if event.type.startswith("readout")]
    assert (first.certainty, first.thread, second.thread) == ("reported", "trial/nct1", "trial/tofersen")
    assert str(second.held_because) == "which trial is meant is not said: NCT1, NCT2"


def test_a_trial_that_read_out_years_ago_is_not_meant(engine: Engine) -> None:
    old = replace(RESULT, trial="NCT1", occurred_on="2020-05-01", quote="NCT1 met")
    now = replace(RESULT, trial="NCT2", occurred_on="2023-04-20", quote="NCT2 met")
    tell(engine, (old, COMPANY), (registered("NCT2"), REGISTRY), (now, COMPANY), (RESULT, PRESS))
    assert read_out(engine) == [("NCT1", "imported"), ("NCT2", "released")]


def test_small_news_of_an_unnamed_trial_are_a_matter_of_their_own(engine: Engine) -> None:
    enrolled = replace(RESULT, type="enrollment_complete", quote="enrolled")
    tell(engine, (registered("NCT1"), REGISTRY), (registered("NCT2"), REGISTRY))
    tell(engine, (replace(enrolled, trial="NCT2"), COMPANY), (replace(enrolled, quote="fully enrolled"), COMPANY))
    assert [(e.trial, e.state) for e in events(engine) if e.type == "enrollment_complete"] == [
        ("NCT2", "released"),
        (None, "released"),
    ]


def test_a_trial_told_by_its_number_belongs_to_its_therapy(engine: Engine) -> None:
    by_number = replace(RESULT, therapy=None, drug="the study drug", trial="NCT1")
    tell(engine, (registered("NCT1"), REGISTRY), (by_number, COMPANY))
    assert [(e.therapy, e.state) for e in events(engine) if e.type == "readout_met"] == [("tofersen", "released")]


STOPPED = claim("trial_stopped", polarity="negative", agency=None, place=None)
PERHAPS_FUTILE = claim(
    "futility_stop", polarity="negative", agency=None, place=None, confidence=0.7, decision=HOLD, because="unsure"
)


@pytest.mark.parametrize("named", [None, "NCT04856982"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_of_one_text_the_less_telling_reading_waits_with_the_more_telling(
    engine: Engine, order: tuple[int, int], named: str | None
) -> None:
    """A trial stopped, perhaps for futility: taxonomy rule 19 knows one event, and nobody hears of a part of it."""
    known = (claim("trial_registered", trial=one, occurred_on="2020-01-01") for one in ("NCT04856982", "NCT02623699"))
    tell(engine, *((one, REGISTER) for one in known))
    both = (PERHAPS_FUTILE, replace(STOPPED, trial=named))
    tell(engine, *((both[one], COMPANY) for one in order))
    *_, event = events(engine)
    assert len(events(engine)) == 3
    assert (event.type, event.step, event.state, event.released_at) == ("futility_stop", "futility", "held", None)
    assert event.held_because and (event.level, event.matched_at) == ("critical", None)
    assert {proof.told_type for proof in evidence(engine)[2:]} == {"futility_stop", "trial_stopped"}


def test_a_reading_that_is_hardly_likely_holds_up_nothing(engine: Engine) -> None:
    tell(engine, (replace(PERHAPS_FUTILE, confidence=0.3), COMPANY), (STOPPED, COMPANY))
    assert [(event.type, event.state) for event in events(engine)] == [("trial_stopped", "released")]


def test_what_another_text_says_for_sure_is_told_as_that_and_no_more(engine: Engine) -> None:
    """The registry shows the trial terminated: that it was futile is not proven by that."""
    tell(engine, (PERHAPS_FUTILE, COMPANY), (STOPPED, REGISTER))
    (event,) = events(engine)
    assert (event.type, event.step, event.state) == ("trial_stopped", "terminated", "released")
    assert "success" not in event.title
