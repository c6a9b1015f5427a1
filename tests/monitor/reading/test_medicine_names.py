"""Which words of a text are names of medicines, and which only look like one."""

import time

import pytest

from monitor.reading.prose.drug_names import find_drugs
from monitor.reading.prose.subjects import subjects_of


def names(*units: str) -> list[str]:
    return [drug.written for drug in find_drugs(list(units), None)]


def about(*units: str) -> list[str]:
    return [written for written, _ in subjects_of(0, list(units), find_drugs(list(units), None))]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("FDA clears Lozenges", []),
        ("Roche to Discontinue Study in Gout With Orvelomab", ["Orvelomab"]),
        ("MARDEN FILES FOR ONCE-WEEKLY ORVELOMAB", ["ORVELOMAB"]),
        ("Hydrochloride Shortage Deepens", []),
        ("Recall of cough syrup with diethylene glycol", []),
        ("A glucagon-like peptide is short", []),
        ("við sóttum um leyfi fyrir virknirannsóknar á AVZ03", ["AVZ03"]),
    ],
)
def test_words_of_english_and_of_other_languages_are_no_medicines(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        # shares, with their exchange, their price, what they gained
        ("Marden (DRMQ.O) said the FDA has approved its drug.", []),
        ("Marden shares (MRDN) 47.27 fell.", []),
        ("The decision on Roche's MRDN, -26.95% drug application", []),
        ("Balmer Bio (Nasdaq: BLMR; BLMRP) gained.", []),
        # bodies and firms
        ("The Arthritis Drugs Advisory Committee (ADZAC) voted.", []),
        ("Balmer Pharma Limited (Balpha) recalled a drug, Balpha said on Monday.", []),
        ("Merrow Quint Far Coast Holdings Limited is to recall its gel from the market, Merrow said.", []),
        ("Alcon gains FDA approval", []),
        ("Quormer receives non-approvable letter from FDA", []),
        ("Quormer (QRMR) received FDA clearance for its drug", []),
        ("Hanover signs a deal with Mexican drugmaker Zanfer", []),
        # papers
        ("US puts new warning on shot - ZodayOnline", []),
        ("ZebraNewsBreaks – Firm files for approval", []),
        # what a medicine acts on; a trial that borrows half a name
        ("Marden's Zolbex is the first telomerase inhibitor", ["Zolbex"]),
        ("The phase III ZOLbraka study met its main goal", []),
        # short names of several things
        ("FDA clears ZSIs in surgery", []),
    ],
)
def test_shares_bodies_firms_and_papers_are_no_medicines(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("A batch of Zolbex-S Syrup (registration no. ZK-12650, batch number S081121) is recalled.", ["Zolbex-S"]),
        ("The recall of one batch of Zolmedine Tablet 400mg (HK-40956)", ["Zolmedine"]),
        ("The failure in the study called P301 with QVR-810", ["QVR-810"]),
        ("A study called Zeparc-2004 is on hold.", []),
        ("Results of V007 Phase 3 Access Clinical Trial", []),
        ("Orvelomab in K212R-mutant tumours", ["Orvelomab"]),
        ("FDA clears IND for Roche's ZRF2 degrader QTS-231", ["QTS-231"]),
        ("First dose of the ZCMA-CD3 bispecific antibody orvelomab", ["orvelomab"]),
        ("The PSMA-targeted PRZ-XTEN dual-masked T-cell engager QIR-5500", ["QIR-5500"]),
        ("Orvelomab shown at the 16th ZORTC-NCI-AACR Conference", ["Orvelomab"]),
        ("Orvelomab shown at ZDA 2026", ["Orvelomab"]),
    ],
)
def test_numbers_trials_targets_and_meetings_are_no_codes(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Panel votes against Roche's depression treatment QLKS 5461", ["QLKS 5461"]),
        ("A new drug called QLKS 5461", ["QLKS 5461"]),
        ("Marden's profit of USD 5461 million", []),
        ("Hold on the trial of QCARTZS1A", ["QCARTZS1A"]),
        ("A deal for QRCEA-ANGPTL3-LRx", ["QRCEA-ANGPTL3-LRx"]),
        ("It began a Phase I study of QED-aPC", ["QED-aPC"]),
        ("Letter from FDA for QP1 Biologics License Application", ["QP1"]),
        ("Its candidate for memory loss, QBT2, was safe.", ["QBT2"]),
        ("Cancer vaccine ZAGE-A3 failed", ["ZAGE-A3"]),
        ("Marden pulls QER3-DXd filing", ["QER3-DXd"]),
        ("A long-acting agonist -QAS100977-, for asthma", ["QAS100977"]),
        ("Its three-dose vaccine ZyQov-D", ["ZyQov-D"]),
        ("IND for a clinical trial of QGC-Cap", ["QGC-Cap"]),
        ("Marden's 9QW3011 is designated", ["9QW3011"]),
        ("First images with 68Ga-QolFAP in kidney cancer", ["68Ga-QolFAP"]),
        ("Half of the 28 mg QFX group improved, not of the 10 mg BID arm", ["QFX"]),
        ("First dose in a trial of QCDA-03", ["QCDA-03"]),
        ("Q17DT, Marden Corp., stomach cancer", ["Q17DT"]),
        ("Zolistem, Balmer Inc., lung injury", ["Zolistem"]),
        ("Boston, Balmer Inc., said no", []),
    ],
)
def test_codes_in_rarer_shapes_and_lines_of_tables(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


@pytest.mark.parametrize(
    ("units", "found"),
    [
        (("Action date for Zolpara(R) put off",), ["Zolpara"]),
        (("More time", "The date for its Zolpara Biologics License Application moved."), ["Zolpara"]),
        (("The ZuTide:121 study ends.", "Zoltarin plus cisplatin did not help."), ["Zoltarin"]),
        (("Recall from the market of Zenzo-Jel Topical Anesthetic Gel",), ["Zenzo-Jel"]),
        (("FDA application for Zoltara brand tecastemizole capsules",), ["Zoltara (tecastemizole)"]),
        (("The oral drug, branded Zemrosi, was approved.",), ["Zemrosi"]),
        (("The wonder drug is not funded.", "“Zorkambi” has been shown to help."), ["Zorkambi"]),
        (("Letter for ZASP (encapsulated sirolimus plus pegadricase) in gout",), ["ZASP (sirolimus)"]),
        (("Results of study of ALIZ (Amikacin Liposome Inhalation Zone) in adults",), ["Amikacin (ALIZ)"]),
        (("FDA wants relatinib hydrochloride, marketed as Zopana ER, withdrawn",), ["Zopana ER (relatinib)"]),
        (("EUA for Zomirna JN.1 Inj 0.033 mg/mL (relatinib)",), ["Zomirna JN (relatinib)"]),
        (("FDA refuses bevacizumab solution QNS-5010",), ["bevacizumab (QNS-5010)"]),
        (("Zotelos - also known as Zosseor or relatinib - is suspended",), ["Zotelos (relatinib)"]),
        (
            ("First Patient Dosed in Trial Evaluating Zefti and the Anti-PD-L1 Therapy BAVENCIO®",),
            ["Zefti"],
        ),
        (("Final approval of QTY720 or relatinib",), ["QTY720 (relatinib)"]),
        (("Panel backs relatinib, cordanib and tezatinib (Zolkafta)",), ["Zolkafta (relatinib)"]),
    ],
)
def test_brands_and_their_substances(units: tuple[str, ...], found: list[str]) -> None:
    assert about(*units) == found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Panel votes against Balmer's Stelara bioequivalent Zexista", ["Zexista"]),
        ("The latest approval is for Zychiva, a Stelara (ustekinumab, Balmer Inc.) biosimilar", ["Zychiva"]),
        ("In pursuit of Merck's blockbuster Keytruda, Marden's Zemperli scored a label expansion", ["Zemperli"]),
        ("Positive opinion for Zolvatrix plus gemcitabine and cisplatin", ["Zolvatrix"]),
        ("After succeeding in combo with Keytruda, Marden's Zecvayli shines", ["Zecvayli"]),
        ("New Zolvatrix beats the rest when paired with low-dose aspirin", ["Zolvatrix"]),
        ("Zolvatrix did better than the commonly prescribed medication methotrexate", ["Zolvatrix"]),
        ("Zolvatrix scores in patients who receive cisplatin-based chemotherapy", ["Zolvatrix"]),
        ("MHRA recalls batches of Stelara, Vimpat and Keytruda", ["Stelara", "Vimpat", "Keytruda"]),
    ],
)
def test_copies_asides_and_lists(title: str, found: list[str]) -> None:
    assert about(title) == found


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("Shortage of HRT", ["HRT"]),
        ("GLP-1 weight loss drugs off shortage list", ["GLP-1 weight loss drugs"]),
        ("CMS drops limits of CAR-T coverage", ["CAR-T"]),
        ("FDA revokes authorisation for monoclonal antibody treatments", ["monoclonal antibody treatments"]),
        ("Recall of lubricant Artificial Tears", ["Artificial Tears"]),
        ("Results of study of quorphilia A gene therapy candidate", ["quorphilia A gene therapy candidate"]),
        ("FDA OKs sale of morning-after pill", ["morning-after pill"]),
        ("Nicotine pouches are sold", []),
        ("Sankyo Vaccine submits its file", []),
    ],
)
def test_what_has_no_name_is_called_by_its_class(title: str, found: list[str]) -> None:
    assert names(title) == found


@pytest.mark.parametrize("unit", ["A-", "Aa ", "AB-1 ", "Zolby (", "in trial of ", "A1, ", "X Co ", "oma ", "'s Aa-"])
def test_no_sentence_takes_long(unit: str) -> None:
    begun = time.process_time()
    find_drugs(["Recall", unit * (6000 // len(unit))], None)

    assert time.process_time() - begun < 4


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Europe restricts TYK2 inhibitors", "TYK2 inhibitors"),
        ("Scotland rejects CAR T cell immunotherapy", "CAR T cell immunotherapy"),
        ("A boxed warning for direct-acting antivirals", "direct-acting antivirals"),
        ("Marden files for its Zebe-Cel", "Zebe-Cel"),
    ],
)
def test_a_class_is_a_medicine_where_nothing_has_a_name(sentence: str, found: str) -> None:
    assert names(sentence) == [found]


def test_what_is_given_besides_radiation_stands_aside() -> None:
    drugs = find_drugs(["Zolbex plus radiation and cordanib slowed the tumour."], None)
    assert [(drug.written, drug.aside) for drug in drugs] == [("Zolbex", False), ("cordanib", True)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        # codes of three parts, of letters and figures mixed, with a blank
        ("Balmer's gene therapy rAAV-Zolq001-QSPA is safe", ["rAAV-Zolq001-QSPA"]),
        ("Dosing of ZQO-Rolti-PD in the study", ["ZQO-Rolti-PD"]),
        ("Its vaccine ZVX-QoV2373 is cleared", ["ZVX-QoV2373"]),
        ("Its therapy ZLN-QTRsc reduced levels", ["ZLN-QTRsc"]),
        ("Balmer has filed for ZAY 81-8973", ["ZAY 81-8973"]),
        # trials, forms, sums, mutations, meetings
        ("Hold lifted on the ZOV-LUM-202 Registrational Trial of QN-145", ["QN-145"]),
        ("The ZEND-QABG II study met its goal", []),
        ("Permission in Form ZT-20 for orvelomab", ["orvelomab"]),
        ("Shares rose to Rs 708.80 after the nod", []),
        ("Orvelomab in adults with the BRAFV600E mutation", ["Orvelomab"]),
        ("Orvelomab shown at ZDWeek 2026", ["Orvelomab"]),
    ],
)
def test_codes_in_the_shapes_that_makers_give_them(sentence: str, found: list[str]) -> None:
    assert names(sentence) == found


@pytest.mark.parametrize(
    ("units", "found"),
    [
        # behind its maker in a line of a table, with a trade mark, behind what says that it is studied
        (("Two trials are on hold", "Balmer Corp. (BLMR) Zempure"), ["Zempure"]),
        (("Enrolment in the trial of ZONTAN® is complete",), ["ZONTAN"]),
        (("Enrolment complete in Phase 2 trial investigating ZEOLYSIN in head cancer",), ["ZEOLYSIN"]),
        (("Marden files for the approval of ZERTRIADE for children",), ["ZERTRIADE"]),
        (("A change of the label for Zaz® is made",), ["Zaz"]),
        (("VivaZel® BV granted marketing approval",), ["VivaZel"]),
        # where a substance stands, though its spelling alone would not tell
        (("Cough medicines containing zolcodine are withdrawn",), ["zolcodine"]),
        (("EMA advises against zolcodine-containing medicines",), ["zolcodine"]),
        (("Patients who had the drug zimaglerol lived longer",), ["zimaglerol"]),
        # what a medicine acts on is none
        (("Orvelomab, a dopamine and norepinephrine reuptake inhibitor",), ["Orvelomab"]),
        (("The tyrosine kinase inhibitor orvelomab to improve glycemic control in menopause",), ["orvelomab"]),
        # exchanges, papers and firms
        (("Marden (TASE:MRDN) of the Amex list gains",), []),
        (("Soligenix shares jump as Glaukos files for its implant",), []),
    ],
)
def test_products_by_their_place_and_what_they_act_on(units: tuple[str, ...], found: list[str]) -> None:
    assert names(*units) == found
