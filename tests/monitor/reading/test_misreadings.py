"""Kinds of misreading that were found on texts of others, each with words of our own and a twin that is news."""

import tomllib
from pathlib import Path

import pytest

from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.items import Item, read
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies

ROOT = Path(__file__).resolve().parents[3]
THERAPIES = Therapies(Pack.model_validate(tomllib.loads((ROOT / "monitor/packs/als.toml").read_text(encoding="utf-8"))))
DAY = "2026-03-02"


def told(title: str, text: str = "", kind: str = "press_release") -> list[Claim]:
    return read(Item("x", kind, title, text, DAY), THERAPIES)


KINDS: tuple[tuple[str, str, str, list[tuple[str, str]]], ...] = (
    # not approved anywhere is no refusal
    ("nowhere approved", "Masitinib in Europe", "Masitinib is not approved in any country.", []),
    ("nowhere approved", "Two regulators", "Tofersen is not approved anywhere outside the US and Europe.", []),
    ("nowhere approved", "Masitinib in Europe", "Masitinib was not approved by the Commission.",
     [("complete_response", "negative")]),
    # advice not to authorise
    ("advice against", "CHMP on masitinib", "The committee advised not to authorise masitinib.",
     [("chmp_opinion", "negative")]),
    ("advice against", "EMA committee recommends against authorising masitinib", "", [("chmp_opinion", "negative")]),
    ("advice against", "CHMP on masitinib", "The committee recommended that masitinib be authorised.",
     [("chmp_opinion", "positive")]),
    # words of genetics
    ("genetics", "FDA approves Qalsody", "People carry two copies of the SOD1 gene, and generic tests find it.",
     [("approval", "positive")]),
    ("genetics", "FDA approves Qalsody", "One faulty copy of the SOD1 gene is enough.", [("approval", "positive")]),
    ("genetics", "FDA approves generic riluzole", "The copy of the drug costs less.",
     [("tentative_generic_approval", "positive")]),
    # denied, future, conditional, retold
    ("denied", "Biogen denies rejection", "Biogen denied that the FDA had rejected tofersen.", []),
    ("future", "Tofersen in Brazil", "Anvisa will approve tofersen.", []),
    ("conditional", "Before it may begin", "Before the trial of tofersen may begin, the FDA must lift the hold.", []),
    ("conditional", "Tofersen", "Once lifted, the hold on tofersen would be history, if the FDA agrees.", []),
    ("retold", "Biogen at a congress", "Data on Qalsody, which the FDA approved in 2023, will be shown.", []),
    ("retold", "Biogen at a congress", "Data on Qalsody (tofersen), approved by the FDA, will be shown today.", []),
    ("retold", "A long way", "The FDA-approved tofersen is given into the spine.", []),
    # months without year
    ("month alone", "Tofersen, a history", "The FDA approved tofersen in May.", []),
    ("month to come", "Edaravone", "Its maker will stop selling edaravone in Canada in June.",
     [("market_withdrawal", "negative")]),
    ("month to come", "Edaravone", "The FDA will hold an adcomm on edaravone in July.",
     [("adcomm_scheduled", "neutral")]),
    ("month gone", "Edaravone", "Its maker stopped selling edaravone in Canada in June.", []),
    ("month alone", "Tofersen", "The FDA approved tofersen in February.", [("approval", "positive")]),
    # another name is no other use
    ("also known as", "FDA approves Relyvrio", "Relyvrio, also known as AMX0035, is a powder.",
     [("approval", "positive")]),
    ("also known as", "FDA approves Qalsody",
     "The FDA today approved tofersen for ALS, also known as Lou Gehrig's disease.", [("approval", "positive")]),
    ("also known as", "New drug", "The FDA approved Qalsody, also called tofersen, on Monday.",
     [("approval", "positive")]),
    # texts that name an old approval
    ("congress", "Biogen to present new data on tofersen at a congress",
     "Data on Qalsody, approved by the FDA under accelerated approval, will be presented.", []),
    ("congress", "Biogen to host a webcast on ALS", "Qalsody was approved by the FDA under accelerated approval.", []),
    ("market report", "Global ALS treatment market to reach USD 2 billion",
     "The approval of Qalsody by the FDA drives it.", []),
    ("market report", "ALS drugs market size", "Qalsody won FDA approval; Radicava was approved in Japan.", []),
    ("quarterly", "Biogen reports first quarter results",
     "The European Commission approved high-dose SPINRAZA. QALSODY grew.", []),
    ("quarterly", "Biogen reports first quarter results", "The FDA today approved tofersen.",
     [("approval", "positive")]),
    # either, or
    ("either", "Panel on tofersen", "The agency will either approve or reject tofersen.", []),
    ("either", "Tofersen: either an approval or a rejection by the FDA", "", []),
    # the committee under a title that names it
    ("the committee", "CHMP meets on tofersen", "The committee recommended approval.", [("chmp_opinion", "positive")]),
    ("the committee", "FDA advisers meet on tofersen", "The committee voted 7 to 2 in favour.",
     [("adcomm_outcome", "positive")]),
    # verbs with an adverb between, and less usual turns
    ("adverb", "Tofersen trial", "The tofersen trial was immediately stopped.", [("trial_stopped", "negative")]),
    ("turn", "Amylyx on Relyvrio", "The company will discontinue Relyvrio in the US and Canada.",
     [("market_withdrawal", "negative")]),
    ("turn", "FDA on tofersen", "The FDA has decided not to approve tofersen.", [("complete_response", "negative")]),
    ("turn", "Qalsody supplement", "The FDA accepted the supplement for Qalsody.", [("filing_accepted", "positive")]),
    ("nowhere approved", "Ibudilast", "So far ibudilast has no approval in any market.", []),
    ("advice against", "Opinion on tofersen", "The CHMP concluded that tofersen should not be authorised.",
     [("chmp_opinion", "negative")]),
    ("genetics", "FDA approves Qalsody", "Each child gets one copy of the gene from each parent.",
     [("approval", "positive")]),
    ("future", "Tofersen in Canada", "Health Canada is going to approve tofersen.", []),
    ("conditional", "Masitinib", "If the FDA approves masitinib, AB Science will launch it.", []),
    ("retold", "Amylyx cuts staff", "Relyvrio, which was withdrawn from the market in 2024, cost a lot.", []),
    ("month alone", "Edaravone", "Health Canada approved oral edaravone in June.", []),
    ("also known as", "Health Canada approves Albrioza", "Albrioza, also called AMX0035, is a powder.",
     [("approval", "positive")]),
    ("market report", "ALS market forecast to 2032", "Relyvrio was approved by the FDA and sells well.", []),
    ("quarterly", "Amylyx reports third quarter results", "AMX0035 was approved in Canada under conditions.", []),
    ("either", "Masitinib", "Either the CHMP backs masitinib or the company gives up.", []),
    ("the committee", "EMA committee looks at masitinib", "The committee recommended refusing the authorisation.",
     [("chmp_opinion", "negative")]),
    ("adverb", "Masitinib", "The trial of masitinib was abruptly and permanently halted.",
     [("trial_stopped", "negative")]),
    ("adverb", "Tofersen", "The FDA has now formally approved tofersen.", [("approval", "positive")]),
    ("turn", "Masitinib", "The Commission decided not to approve masitinib.", [("complete_response", "negative")]),
    ("turn", "Radicava supplement accepted", "The FDA has accepted a supplemental application for Radicava.",
     [("filing_accepted", "positive")]),
    ("turn", "AMX0035", "The FDA told Amylyx it needs additional time to complete its review of AMX0035.",
     [("review_extended", "negative")]),
    ("turn", "FDA on tofersen", "The agency said that it needs additional time to review tofersen.",
     [("review_extended", "negative")]),
    # a refusal that did not happen
    ("not refused", "AMX0035 review", "The FDA had not rejected AMX0035.", []),
    ("not refused", "Masitinib in Europe", "The EMA has not yet formally refused masitinib, its maker said.", []),
    ("not refused", "Tofersen in Canada", "Health Canada never turned down tofersen.", []),
    ("not refused", "Masitinib in Canada", "Health Canada has now formally refused masitinib.",
     [("complete_response", "negative")]),
    # a brand behind "sold as" is no other use
    ("also sold as", "FDA approves edaravone", "The FDA today approved edaravone, also sold as Radicava.",
     [("approval", "positive")]),
    ("also sold as", "FDA approves riluzole film", "The FDA approved riluzole film, already marketed as Exservan.",
     [("approval", "positive")]),
    ("also sold as", "FDA approves tofersen", "It is also known and sold as Qalsody.", [("approval", "positive")]),
    ("also sold as", "FDA approves edaravone", "It is already sold as a treatment of stroke.",
     [("label_expansion", "positive")]),
    # data that will be shown announce no approval
    ("congress", "Data on Qalsody to be shown at a congress", "Qalsody was approved by the FDA.", []),
    ("congress", "Biogen to share new results of Qalsody", "Qalsody received accelerated approval of the FDA.", []),
    ("congress", "Three abstracts on edaravone will be presented", "Health Canada has approved Radicava.", []),
    ("congress", "Data on tofersen to be shown at a congress", "The FDA today approved tofersen.",
     [("approval", "positive")]),
    # a medicine that leaves one country
    ("one country", "Mitsubishi Tanabe will discontinue Radicava in Switzerland", "",
     [("market_withdrawal", "negative")]),
    ("one country", "Amylyx on Relyvrio", "The company is to discontinue Relyvrio in South Korea.",
     [("market_withdrawal", "negative")]),
    ("one country", "Amylyx on Albrioza", "Amylyx will voluntarily withdraw Albrioza in Israel.",
     [("market_withdrawal", "negative")]),
    ("one country", "Relyvrio", "Patients will discontinue Relyvrio in Israel after two years.", []),
)  # fmt: skip


@pytest.mark.parametrize(("kind", "title", "text", "expected"), KINDS)
def test_kind(kind: str, title: str, text: str, expected: list[tuple[str, str]]) -> None:
    assert [(claim.type, claim.polarity) for claim in told(title, text)] == expected, kind


def test_a_trial_named_by_its_number_belongs_to_its_therapy() -> None:
    (claim,) = told("Study NCT02623699 met its primary endpoint")
    assert (claim.type, claim.therapy, claim.trial) == ("readout_met", "tofersen", "NCT02623699")


def test_one_trial_does_not_swallow_another() -> None:
    claims = told("Two trials of tofersen", "VALOR missed its primary endpoint. ATLAS met its primary endpoint.")
    assert [(c.type, c.trial) for c in claims] == [("readout_not_met", "VALOR"), ("readout_met", "ATLAS")]


@pytest.mark.parametrize(
    ("title", "text", "therapy"),
    [
        (
            "SPINRAZA approved at higher dose; QALSODY revenue grows",
            "The Commission approved high-dose SPINRAZA.",
            None,
        ),
        (
            "Biogen",
            "The European Commission approved high-dose SPINRAZA. QALSODY revenue was 20 million dollars.",
            None,
        ),
        ("Biogen", "QALSODY revenue was 20 million dollars. The FDA approved tofersen today.", "tofersen"),
    ],
)
def test_an_act_belongs_to_the_medicine_of_its_sentence(title: str, text: str, therapy: str | None) -> None:
    assert {claim.therapy for claim in told(title, text)} == {therapy}


@pytest.mark.parametrize(
    ("title", "text", "drug"),
    [
        ("Company receives complete response letter",
         "CARLSBAD, Calif., March 02, 2026 (GLOBE NEWSWIRE) -- Ionis Therapeutics today said that it received a "
         "complete response letter from the FDA for its application for zilganersen.", "zilganersen"),
        ("FDA decision", "MONDAY, March 2, 2026 (HealthDay News) -- The FDA approved tofersen.", "tofersen"),
        ("Uncertainty, then approval: FDA clears Qalsody", "", "Qalsody"),
        ("Notice of Compliance: QALSODY, issued today", "", "QALSODY"),
        ("Acme Announces First Patient Dosed in Phase 2 Trial of ABC-123", "", "ABC-123"),
        ("Acme Pharmaceuticals Presents Phase 1 Data on ABC-123 at Dermatology Congress", "", "ABC-123"),
    ],
)  # fmt: skip
def test_no_wire_congress_company_or_headline_verb_is_a_medicine(title: str, text: str, drug: str) -> None:
    (claim,) = told(title, text)
    assert claim.drug == drug


def test_the_day_of_an_act_may_stand_in_the_title() -> None:
    (claim,) = told(
        "Notice of Compliance: QALSODY (tofersen), issued 2026-02-27", "Health Canada issued a notice of compliance."
    )
    assert claim.occurred_on == "2026-02-27"
    (claim,) = told("FDA decision of 27 February 2026", "The FDA approved tofersen.")
    assert claim.occurred_on == "2026-02-27"


def test_a_vaccine_without_a_name_is_called_by_its_illness() -> None:
    assert [drug.written for drug in find_drugs(["FDA approves first Ebola vaccine"], None)] == ["Ebola vaccine"]


def test_a_journal_goes_before_the_programme_whose_patients_it_tells_of() -> None:
    title = "Case series of ulefnersen published in The Lancet"
    (claim,) = told(title, "Results from an expanded access programme have been published in The Lancet.")
    assert (claim.type, claim.therapy) == ("publication", "ulefnersen")


@pytest.mark.parametrize(
    "text",
    [
        "On February 27, 2026 the FDA approved Qalsody, formerly BIIB067, for ALS.",
        "Biogen Nord, formerly Stella Bio, said that the FDA approved Qalsody on February 27, 2026.",
        "The FDA approved Qalsody (previously known as BIIB067).",
    ],
)
def test_a_former_name_is_no_history(text: str) -> None:
    assert [claim.type for claim in told("Biogen on tofersen", text)] == ["approval"]


@pytest.mark.parametrize(
    "text", ["Formerly the FDA approved Qalsody on trust.", "Qalsody, previously approved by the FDA, is sold again."]
)
def test_what_was_done_formerly_is_history(text: str) -> None:
    assert told("Biogen on tofersen", text) == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FDA approves Qalsody", "The label carries a boxed warning on myelitis."),
        ("FDA approves Qalsody with a boxed warning", "It may be used in adults."),
        ("Biogen wins FDA approval for Qalsody", "Qalsody comes with a boxed warning."),
    ],
)
def test_the_warning_with_which_a_medicine_is_approved_is_no_change_of_its_label(title: str, text: str) -> None:
    assert [claim.type for claim in told(title, text)] == ["approval"]


@pytest.mark.parametrize(
    "text", ["The FDA added a boxed warning to Qalsody.", "Qalsody must now carry a boxed warning, the FDA said."]
)
def test_a_new_warning_is_one(text: str) -> None:
    assert [claim.type for claim in told("FDA on Qalsody", text)] == ["safety_label"]


@pytest.mark.parametrize(
    "text",
    [
        "The phase 2 trial of tofersen, which blocks TREK1, missed its primary endpoint.",
        "Tofersen, a TREK1 antagonist, missed the primary endpoint of its phase 2 trial.",
        "The trial of tofersen against TREK1 missed its primary endpoint.",
    ],
)
def test_what_a_medicine_acts_on_is_no_trial(text: str) -> None:
    assert {claim.trial for claim in told("Tofersen misses", text)} == {None}
    assert {claim.trial for claim in told("Tofersen misses", text.replace("TREK1", "sodium"))} == {None}


def test_a_trial_in_capitals_is_one() -> None:
    (claim,) = told("Tofersen misses", "Tofersen missed the primary endpoint of SOLARIS, its phase 2 trial.")
    assert claim.trial == "SOLARIS"


@pytest.mark.parametrize(
    "title",
    [
        "MHRA approves import of unlicensed stocks of Qalsody during shortage",
        "TGA has authorised two sponsors to supply an overseas-registered brand of riluzole",
        "Health Canada authorises temporary importation of foreign-labelled edaravone",
        "Swissmedic allows the temporary supply of foreign packs of riluzole",
        "Swissmedic has approved the import of riluzole in foreign packs",
        "Medsafe has approved the waste plan for unused riluzole",
    ],
)
def test_letting_a_foreign_pack_in_or_another_thing_of_a_medicine_is_no_approval(title: str) -> None:
    assert not {"approval", "label_expansion"} & {
        claim.type for claim in told(title, kind="regulator_feed") if claim.decision == "release"
    }


@pytest.mark.parametrize(
    "title",
    [
        "The MHRA has rejected a complaint about advertising of Qalsody",
        "The FDA has refused to disclose documents on Qalsody",
        "Swissmedic has refused the fee reduction for Qalsody",
    ],
)
def test_what_is_no_application_is_not_refused_to_a_medicine(title: str) -> None:
    assert "release" not in {claim.decision for claim in told(title, kind="regulator_feed")}


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Biotech Stock Roundup: tofersen and more", "Biogen began dosing in its phase 3 trial of tofersen."),
        ("Biogen launches a PhIII study of tofersen", "It is preparing to launch its Phase III study."),
    ],
)
def test_no_word_of_a_round_up_or_a_phase_is_a_medicine(title: str, text: str) -> None:
    assert {drug.written for drug in find_drugs([title, text], THERAPIES)} == {"tofersen"}
