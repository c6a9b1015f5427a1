"""The British registry's XML, with what its form of 2025 writes."""

from datetime import UTC, datetime

import pytest

from sources.base import Page, Unexpected
from sources.isrctn import Isrctn, IsrctnOptions
from sources.records import Counted, Study

STUDY = """<allTrials totalCount="1" xmlns="http://www.67bricks.com/isrctn"><fullTrial><trial>
<isrctn>10000003</isrctn><trialDescription><title>A drug by mouth</title></trialDescription>
<externalRefs><eudraCTNumber>{eudract}</eudraCTNumber><clinicalTrialsGovNumber>{nct}</clinicalTrialsGovNumber>
<secondaryNumbers>{more}</secondaryNumbers></externalRefs>
<trialDesign><overallEndDate>2027-06-30T00:00:00.000Z</overallEndDate>{stopped}</trialDesign>
<participants><targetEnrolment>232</targetEnrolment><totalFinalEnrolment>{final}</totalFinalEnrolment>
<recruitmentStart>2026-03-12T00:00:00.000Z</recruitmentStart><recruitmentEnd>2027-01-31T00:00:00.000Z</recruitmentEnd>
<recruitmentStatusOverride/></participants><conditions/>
<interventions><intervention><interventionType>Drug</interventionType><drugNames>{drugs}</drugNames></intervention>
</interventions></trial></fullTrial></allTrials>"""
STOPPED = "<overallStatusOverride>Stopped</overallStatusOverride><reasonAbandoned>No funds</reasonAbandoned>"


def read(on: str = "2026-06-01", **fields: str) -> Study:
    blank = dict.fromkeys(("eudract", "nct", "more", "stopped", "final", "drugs"), "")
    body = STUDY.format_map(blank | fields).encode()
    day = datetime.fromisoformat(on).replace(tzinfo=UTC)
    (found,) = Isrctn(IsrctnOptions()).parse(Page("https://example.org/query", day, 200, "", "", lambda: body))
    assert not isinstance(found, Unexpected), found
    assert isinstance(found, Study)
    return found


@pytest.mark.parametrize(
    ("final", "stopped", "on", "number", "kind"),
    [
        ("0", "", "2026-01-01", 232, Counted.ESTIMATED),
        ("0", "", "2026-06-01", 232, Counted.ESTIMATED),
        ("0", "", "2027-12-01", 232, Counted.ESTIMATED),
        ("0", STOPPED, "2026-06-01", 0, Counted.ACTUAL),
        ("7", STOPPED, "2026-06-01", 7, Counted.ACTUAL),
        ("230", "", "2027-12-01", 230, Counted.ACTUAL),
        ("Not provided at time of registration", "", "2026-06-01", 232, Counted.ESTIMATED),
    ],
    ids=["planned", "runs", "over by its dates", "stopped, nobody came", "stopped", "completed", "words"],
)
def test_a_nought_of_the_form_is_no_final_number(final: str, stopped: str, on: str, number: int, kind: Counted) -> None:
    found = read(on, final=final, stopped=stopped)
    assert (found.enrollment, found.enrollment_type) == (number, kind)


def test_its_numbers_elsewhere_are_read_wherever_the_record_has_them() -> None:
    listed = (
        '<secondaryNumber numberType="ctis">2023-509999-36</secondaryNumber>'
        '<secondaryNumber numberType="nct">NCT00000003</secondaryNumber>'
        '<secondaryNumber numberType="Protocol serial number">CPMS 1</secondaryNumber>'
    )
    assert read(eudract="2019-001111-22", nct="Nil known", more=listed).others == (
        "2019-001111-22",
        "2023-509999-36-00",
        "NCT00000003",
    )
    assert read(nct="NCT00000003").others == ("NCT00000003",)


@pytest.mark.parametrize(
    ("drugs", "read_as"),
    [
        ("Exampline, placebo", ["Exampline", "placebo"]),
        ("Exampline (Exa, 50 mg), [11C]-marker", ["Exampline (Exa, 50 mg)", "[11C]-marker"]),
        ("1,25-dihydroxyexampline", ["1,25-dihydroxyexampline"]),
        ("N,N-exampline [a, b], other", ["N,N-exampline [a, b]", "other"]),
        ("Exampline (unclosed, placebo", ["Exampline (unclosed", "placebo"]),
    ],
)
def test_a_comma_within_the_name_of_a_drug_parts_no_two(drugs: str, read_as: list[str]) -> None:
    assert list(read(drugs=drugs).interventions) == sorted(f"DRUG: {name}" for name in read_as)
