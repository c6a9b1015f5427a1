"""Reading prose: one table of cases by decision rule of the event taxonomy, and what must hold for any text."""

import json
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.reading.prose.classified import classify_line
from monitor.reading.prose.clean import cleaned_page, sentences
from monitor.reading.prose.items import Item, read
from monitor.reading.prose.registry_text import difference_claim, status_claim
from monitor.vocabulary.claims import MIDDLE, Claim
from monitor.vocabulary.event_types import TYPES
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ROOT = Path(__file__).resolve().parents[3]
DEV = ROOT / "../shared/events/dev.jsonl"
PACK = Pack.model_validate(tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8")))
THERAPIES = Therapies(PACK)


def told(title: str, text: str = "", *, kind: str = "news", published: str | None = None) -> list[Claim]:
    return read(Item("x", kind, title, text, published), THERAPIES)


def types(title: str, text: str = "", *, kind: str = "news", published: str | None = None) -> list[str]:
    return sorted(claim.type for claim in told(title, text, kind=kind, published=published))


CASES: tuple[tuple[int, str, str, list[str]], ...] = (
    # 1: news, not background
    (1, "Anniversary dinner for Qalsody team", "Tofersen was approved in April 2023.", []),
    (1, "Biogen names site head", "Qalsody, approved by the FDA in 2023, is made there.", []),
    (1, "FDA approves Qalsody", "Tofersen may be sold from today.", ["approval"]),
    # 2: done, not planned
    (2, "Biogen plans to submit tofersen in Brazil", "An application could follow next year.", []),
    (2, "Ionis hopes the FDA will approve ulefnersen", "A filing is expected by spring.", []),
    (2, "If the FDA approves ulefnersen", "Clinics would need months to prepare.", []),
    (2, "Word on bimekizumab", "The FDA has not approved bimekizumab for children.", []),
    (2, "Word on bimekizumab", "UCB denied that the FDA had rejected bimekizumab.", []),
    (2, "Refusal for bimekizumab? FDA approves it", "The agency licensed the drug today.", ["approval"]),
    (2, "Word on bimekizumab", "The application for bimekizumab cannot be approved in its present form, the FDA wrote.",
     ["complete_response"]),
    # 3: who acts decides
    (3, "Analysts expect the FDA to approve ulefnersen", "They see a good chance.", []),
    (3, "Hospital declines to give Aduhelm", "Its pharmacy turned the drug down.", []),
    (3, "Leqembi gets green light in Britain, but NHS says no",
     "The MHRA licensed lecanemab; NICE found it too costly.", ["approval", "reimbursement"]),
    # 4: every new event
    (
        4, "Ferrer drops FAB122", "ADORE missed its primary endpoint and development ends.",
        ["program_discontinued", "readout_not_met"],
    ),
    # 5: the text wins over a soft title
    (5, "Reata provides update on bardoxolone", "The FDA sent a complete response letter.", ["complete_response"]),
    # 6, 7: pathways, new uses, first approvals
    (6, "Dupixent gets a further use", "The FDA widened the label of dupilumab to hives.", ["label_expansion"]),
    (6, "Japan approves Qalsody", "Tofersen is sold in the US.", ["approval"]),
    (7, "FDA grants accelerated approval to Qalsody", "Tofersen lowers neurofilament.", ["accelerated_approval"]),
    (7, "Panel backs accelerated approval of tofersen", "FDA advisers voted 9-0.", ["adcomm_outcome"]),
    (7, "Biogen files tofersen", "The application for accelerated approval was submitted to the FDA.", ["submission"]),
    (7, "FDA approves Qalsody",
     "The U.S. Food and Drug Administration granted accelerated approval to tofersen. In March advisers voted 9 to 0.",
     ["accelerated_approval"]),
    # 8: an opinion is not an authorisation
    (8, "CHMP recommends approval of Qalsody", "The committee gave a positive opinion.", ["chmp_opinion"]),
    (8, "EMA committee recommends revoking licence of Ocaliva", "No benefit was confirmed.", ["chmp_opinion"]),
    (8, "European Commission revokes licence of Ocaliva", "The decision is final.", ["authorization_revoked"]),
    # 9: submitted, accepted, approved
    (9, "FDA accepts tofersen application", "It granted priority review.", ["designation", "filing_accepted"]),
    (9, "Acadia submits trofinetide", "The NDA was sent with a request for priority review.", ["submission"]),
    # 10: a trial may start
    (10, "FDA approves Phase 3 trial of PrimeC", "NeuroSense may start PARAGON in ALS.", ["ind_cleared"]),
    # 11: other objects
    (11, "FDA clears eye tracker", "The device for people with ALS got 510(k) clearance.", []),
    (11, "European nod for dog arthritis shot", "The veterinary committee backed it.", []),
    (11, "FDA approves second plant for Spinraza", "The factory may fill nusinersen vials.", []),
    # 12: meetings
    (12, "Clene and FDA agree on CNM-Au8 data",
     "Minutes of a Type C meeting say that data may support a submission.", []),
    # 13: launches and price lists
    (13, "Qalsody now in German pharmacies", "Tofersen, licensed in the EU since May, was launched.", []),
    (13, "Qalsody enters Japan's price list", "Tofersen is covered from today.", ["reimbursement"]),
    # 14: bulk withdrawals on request
    (14, "Withdrawal of approval of 28 new drug applications", "The holders no longer market the products.", []),
    # 15: a Canadian refusal
    (15, "Notice of Non-Compliance - Withdrawal: masitinib",
     "Health Canada closed the submission in ALS.", ["complete_response"]),
    # 17, 18: readouts
    (17, "Tofersen misses in VALOR", "It hit a secondary goal but missed the primary endpoint.", ["readout_not_met"]),
    (17, "One of two co-primary endpoints met", "Zuranolone failed on the other in the trial.", ["readout_mixed"]),
    (18, "Positive top-line results for ulefnersen", "Phase 3 FUSION in ALS succeeded.", ["readout_met"]),
    (18, "Long-term data on tofersen", "Open-label extension results show slower decline.", ["interim_data"]),
    # 19: futility
    (19, "Reldesemtiv trial stopped", "Monitors saw futility at the interim analysis.", ["futility_stop"]),
    (19, "Reldesemtiv trial goes on",
     "After an interim analysis monitors advised continuing as planned.", ["interim_data"]),
    # 21: a drug given up
    (21, "Verge drops VRG50635", "Development in ALS has ended.", ["program_discontinued"]),
    # 22: publications that are none
    (22, "Tofersen in mice", "The animal study was published in a journal.", []),
    # 23: not the regulator's words
    (23, "Lymphoma drug epcoritamab", "The complete response rate was 40 percent.", []),
    # 24, 26: holds
    (24, "FDA lifts hold on NUZ-001",
     "The clinical hold placed on the ALS drug was removed.", ["clinical_hold_lifted"]),
    (26, "Sage pauses SAGE-324 study", "The company stopped dosing by itself.", ["trial_stopped"]),
    (26, "FDA halts SGT-001 study", "The agency put it on clinical hold.", ["clinical_hold"]),
    # 25: explainers
    (25, "Clinical holds explained", "What a hold on a drug such as tofersen means.", []),
    # 27: a free programme after the end of sale
    (27, "Amylyx takes Relyvrio off the market", "Patients may get it free of charge.", ["market_withdrawal"]),
    # 28: warnings only
    (28, "PRAC recommends new warning for semaglutide", "A rare eye disorder is added to the label.", ["safety_label"]),
    # 29, 30: company matters and boilerplate
    (29, "Company prices offering", "Proceeds fund trials of tofersen.", []),
    (30, "Ionis to webcast results", "Forward-looking statements: the FDA may not approve ulefnersen.", []),
    # 31: a generic is never an approval
    (31, "ANDA 076173: riluzole tablets, status AP", "Applicant Impax.", ["tentative_generic_approval"]),
)  # fmt: skip


@pytest.mark.parametrize(("rule", "title", "text", "expected"), CASES)
def test_decision_rule(rule: int, title: str, text: str, expected: list[str]) -> None:
    assert types(title, text) == expected, f"rule {rule}"


def test_date_decides_between_news_and_background() -> None:
    text = "The FDA approved tofersen on April 25, 2023."
    assert types("Qalsody", text, published="2023-04-26") == ["approval"]
    assert types("Qalsody", text, published="2024-04-26") == []


def test_the_act_is_dated_by_its_sentence_then_by_publication() -> None:
    (stated,) = told("FDA decision", "On April 25 the FDA approved tofersen.", published="2023-04-27")
    (published,) = told("FDA approves tofersen", "", published="2023-04-27")
    (unknown,) = told("FDA approves tofersen")
    assert (stated.occurred_on, published.occurred_on, unknown.occurred_on) == ("2023-04-25", "2023-04-27", None)


def test_registry_differences_follow_the_status_word() -> None:
    """Rules 20 and 33."""
    stopped = told(
        "NCT05021536 (AMX0035)", "overall_status: RECRUITING -> TERMINATED; why_stopped: futility", kind="registry_diff"
    )
    assert [(c.type, c.trial, c.therapy) for c in stopped] == [("trial_stopped", "NCT05021536", "AMX0035")]
    assert types("NCT1", "overall_status: RECRUITING -> UNKNOWN", kind="registry_diff") == []
    assert types("NCT1", "enrollment_count: 160 -> 180; locations: +2", kind="registry_diff") == []
    assert types("NCT03127514", "results_first_posted: null -> 2022-07-15", kind="registry_diff") == ["results_posted"]
    assert types("New: NCT04856982", "overall_status: RECRUITING", kind="registry_diff") == ["trial_registered"]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("RECRUITING", "SUSPENDED", ("trial_stopped", "negative")),
        ("NOT_YET_RECRUITING", "RECRUITING", ("trial_status_change", "positive")),
        ("Recruiting", "Active, not recruiting", ("trial_status_change", "neutral")),
        ("Ongoing", "Prematurely Ended", ("trial_stopped", "negative")),
        ("AVAILABLE", "NO_LONGER_AVAILABLE", ("expanded_access", "negative")),
        ("RECRUITING", "UNKNOWN", None),
        ("RECRUITING", "recruiting", None),
    ],
)
def test_status_claim(before: str, after: str, expected: tuple[str, str] | None) -> None:
    assert status_claim(before, after) == expected


def test_a_routine_field_says_nothing() -> None:
    assert difference_claim("primary_completion_date", "2026-03", "2026-11") is None
    assert difference_claim("protocolSection.statusModule.overallStatus", "RECRUITING", "COMPLETED") is not None


def test_only_added_lines_of_a_page_count() -> None:
    text = "- The tofersen trial was put on clinical hold. + The clinical hold on the tofersen trial was lifted."
    added, gone = cleaned_page("Trial page", text)
    assert added.units[1:] == ["The clinical hold on the tofersen trial was lifted."]
    assert gone.units[1:] == ["The tofersen trial was put on clinical hold."]
    assert types("Trial page", text, kind="page_diff") == ["clinical_hold_lifted"]


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert sentences("Amylyx Inc. filed. It waits.") == ["Amylyx Inc. filed.", "It waits."]


def test_the_line_of_the_contract() -> None:
    line = classify_line(
        {"id": 7, "source_kind": "news", "title": "FDA approves tofersen", "text": "", "published": None}, THERAPIES
    )
    assert line["id"] == 7
    (event,) = line["events"]
    assert {"type", "drug", "agency", "trial", "polarity", "occurred_on", "quote", "confidence"} <= event.keys()
    assert (event["type"], event["agency"], event["therapy"]) == ("approval", "FDA", "tofersen")
    with pytest.raises(KeyError):
        classify_line({"title": "no id"})
    with pytest.raises(ValueError, match="Invalid isoformat"):
        classify_line({"id": 1, "published": "yesterday"})


# What must hold for any wording ---------------------------------------------------------------------------------------

PARAPHRASES = (
    ("Tofersen {} in the confirmatory trial",
     ["met its primary endpoint", "hit its main goal", "reached its primary goal"],
     "positive"),
    ("Tofersen {} in the confirmatory trial",
     ["missed its primary endpoint", "fell short of its main goal", "failed on the primary endpoint"],
     "negative"),
    ("The FDA {} tofersen", ["approved", "cleared", "green-lit", "gave the nod to"], "positive"),
    ("The FDA {} tofersen", ["rejected", "turned down", "declined to approve", "refused to approve"], "negative"),
    ("{} on the tofersen trial",
     ["The FDA lifted its clinical hold", "Regulators removed the clinical hold"],
     "positive"),
    ("{} on the tofersen trial", ["The FDA placed a clinical hold", "Regulators imposed a clinical hold"], "negative"),
)  # fmt: skip
BACKGROUND = (
    "Tofersen won accelerated approval in 2023.",
    "The drug previously received orphan status from the FDA.",
    "An earlier trial missed its primary endpoint in 2021.",
    "About Biogen: its first ALS medicine was approved by the FDA in 2023.",
    "The company expects to file an application next year.",
    "Analysts think that the agency may reject the drug.",
    "If approved, it would be the second such drug.",
)


@given(st.sampled_from(PARAPHRASES), st.data())
def test_polarity_never_flips_under_paraphrase(group: tuple[str, list[str], str], data: st.DataObject) -> None:
    frame, ways, polarity = group
    one, two = data.draw(st.sampled_from(ways)), data.draw(st.sampled_from(ways))
    first, second = told(frame.format(one)), told(frame.format(two))
    assert [c.polarity for c in first] == [c.polarity for c in second] == [polarity], (one, two, first, second)


@given(st.sampled_from([case for case in CASES if case[0] not in (17, 18, 30)]), st.sampled_from(BACKGROUND))
def test_a_background_sentence_never_adds_an_event(case: tuple[int, str, str, list[str]], sentence: str) -> None:
    _, title, text, expected = case
    assert set(types(title, f"{text} {sentence}")) <= set(expected)


@given(
    st.text(max_size=400),
    st.text(max_size=400),
    st.sampled_from(["news", "page_diff", "registry_diff", "press_release"]),
)
def test_any_text_is_read_the_same_twice(title: str, text: str, kind: str) -> None:
    once, again = told(title, text, kind=kind), told(title, text, kind=kind)
    assert once == again
    assert all(c.type in TYPES and 0 <= c.confidence <= 1 and c.rule for c in once)


def test_the_quote_stands_in_the_item() -> None:
    for _, title, text, _ in CASES:
        for claim in told(title, text):
            assert claim.quote in (title, *sentences(text))


def test_development_items() -> None:
    """The figures asked for on the shared items; benchmarks/classify.py prints them in full."""
    if not DEV.is_file():
        pytest.skip("the labelled items in ../shared are missing")
    hits = expected = found = alerts = 0
    for line in DEV.read_text(encoding="utf-8").splitlines():
        item = json.loads(line)
        want = [e["type"] for e in item["expected"]]
        events = [e for e in classify_line(item, THERAPIES)["events"] if e["confidence"] >= MIDDLE]
        got = [e["type"] for e in events if e["type"] not in item.get("accept", ())]
        expected, found = expected + len(want), found + len(got)
        hits += sum(min(want.count(t), got.count(t)) for t in set(want))
        alerts += bool(got and not want)
    assert 2 * hits / (expected + found) >= 0.95
    assert alerts <= 1
