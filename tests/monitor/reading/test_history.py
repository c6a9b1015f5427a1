"""What was done long ago is told in the same words as what was done today: undated history is never released."""

import pytest

from monitor.reading.prose.items import Item, judged
from monitor.vocabulary.claims import RELEASE, Claim
from tests.monitor.reading.followed import followed

REGULATOR, COMPANY, PRESS = "regulator_feed", "press_release", "news"
NAMES = (
    "Spinraza",
    "Zolgensma",
    "lecanemab",
    "Leqembi",
    "Trikafta",
    "Oxbryta",
    "Casgevy",
    "Kisunla",
    "Givlaari",
    "tofersen",
)
FOLLOWED = followed(*NAMES)


def read(kind: str, title: str, text: str) -> list[Claim]:
    return judged(Item("x", kind, title, text, "2026-03-04"), FOLLOWED)


@pytest.mark.parametrize(
    ("kind", "title", "text"),
    [
        (
            REGULATOR,
            "Our role in medicines for rare disease",
            "The FDA approved Spinraza. That was a milestone.",
        ),
        (
            REGULATOR,
            "Remarks at the annual meeting of the rare disease society",
            "Thank you for having me. The FDA approved Zolgensma, the first gene therapy for spinal muscular atrophy. "
            "It changed what families could hope for. There is more to do.",
        ),
        (
            REGULATOR,
            "Voices of patients: living with SMA",
            "Anna was four when she fell ill. Then the FDA approved Spinraza. She started treatment in the spring.",
        ),
        (
            REGULATOR,
            "Rare disease day",
            "The FDA has approved Trikafta for people with cystic fibrosis aged two and older. Many more conditions "
            "have no treatment at all.",
        ),
        (
            REGULATOR,
            "Accelerated approval: how it works",
            "The FDA granted accelerated approval to Oxbryta for sickle cell disease. Sponsors must confirm the "
            "benefit in a further trial.",
        ),
        (
            REGULATOR,
            "Inspection findings published",
            "A plant in the north was inspected. FDA approved Oxbryta. Records were incomplete.",
        ),
        (
            REGULATOR,
            "Speech: regulating for the future",
            "Good morning. The MHRA approved Casgevy. We were the first regulator in the world to do so. "
            "Let me turn to artificial intelligence.",
        ),
        (REGULATOR, "A milestone for us", "Health Canada approved Spinraza. It has been five good years."),
        (
            REGULATOR,
            "Careers: medical reviewer, neurology",
            "You will join the team that reviewed the latest medicines. The FDA approved Leqembi. Apply now.",
        ),
        (
            REGULATOR,
            "Budget justification for the coming fiscal year",
            "The request supports review staff. FDA approved Casgevy for sickle cell disease. Inspections need more.",
        ),
        (
            REGULATOR,
            "Blog: how patients shape our decisions",
            "The MHRA approved Trikafta. Patients told us what mattered to them.",
        ),
        (
            REGULATOR,
            "Approved medicines: a look at gene therapy",
            "The FDA approved Zolgensma. It treats the cause of the disease.",
        ),
        (
            REGULATOR,
            "Withdrawal of medicines: how we act",
            "The Commission revoked the marketing authorisation of Oxbryta. Such steps are rare.",
        ),
        (
            REGULATOR,
            "Learning from the past",
            "The FDA issued a complete response letter for Kisunla. The sponsor came back with more data.",
        ),
        (
            REGULATOR,
            "Our laboratories",
            "They test every batch. The FDA placed a clinical hold on the trial of Zolgensma. Animals had died.",
        ),
        (
            REGULATOR,
            "Annual report highlights",
            "The MHRA approved Casgevy for sickle cell disease. The agency also opened a new laboratory.",
        ),
        (
            COMPANY,
            "Biogen presents new data at the world congress",
            "Findings from the registry will be shown. The FDA approved Spinraza for the treatment of SMA. Spinraza is "
            "given into the spinal canal.",
        ),
        (
            COMPANY,
            "Our story",
            "We began in a garage. The FDA approved Givlaari. Today we have 2,000 employees.",
        ),
        (
            COMPANY,
            "Novartis celebrates anniversary of gene therapy",
            "The FDA approved Zolgensma, the first gene therapy for SMA. More than 4,000 children have been treated.",
        ),
        (
            COMPANY,
            "Vertex joins index of sustainable firms",
            "The index lists 300 firms.\nAbout Casgevy: Casgevy is the first gene editor approved by the FDA.",
        ),
        (
            COMPANY,
            "Grants for patient organisations",
            "Since its approval by the FDA, Oxbryta has reached many. The grants are for groups in ten states.",
        ),
        (
            PRESS,
            "The long road to a treatment for SMA",
            "The FDA approved Spinraza. Prices were high, and insurers balked. Families organised.",
        ),
        (
            PRESS,
            "A mother's fight",
            "When her son was born there was nothing. The FDA approved Spinraza. He can sit now.",
        ),
    ],
)
def test_an_act_told_in_passing_and_without_a_day_is_not_released(kind: str, title: str, text: str) -> None:
    assert RELEASE not in [claim.decision for claim in read(kind, title, text)]


@pytest.mark.parametrize(
    ("kind", "title", "text", "type_"),
    [
        (
            REGULATOR,
            "Human medicines highlights",
            "The European Commission granted a marketing authorisation for Kisunla on 2 March 2026.",
            "approval",
        ),
        (REGULATOR, "News from the agency", "Today the FDA approved Trikafta for children aged two and older.", None),
        (
            REGULATOR,
            "Authorisations granted",
            "The European Commission granted a marketing authorisation for Leqembi.",
            None,
        ),
        (
            REGULATOR,
            "First treatment for a rare liver disease",
            "The FDA has approved Givlaari for porphyria.",
            "approval",
        ),
        (
            REGULATOR,
            "FDA Roundup: March 3, 2026",
            "The FDA approved Spinraza at a higher dose. The agency also issued a guidance.",
            None,
        ),
        (
            REGULATOR,
            "Zolgensma: boxed warning added",
            "The FDA added a boxed warning on liver failure to the label of Zolgensma.",
            "safety_label",
        ),
        (
            REGULATOR,
            "Decisions of the week",
            "MHRA has approved lecanemab for the early stages of Alzheimer's disease",
            "approval",
        ),
        (COMPANY, "Eisai: Leqembi in Europe", "The European Commission today granted approval to Leqembi.", "approval"),
        (
            COMPANY,
            "Vertex receives European nod for Journavx",
            "The European Commission has approved Journavx for people with severe acute pain.",
            "approval",
        ),
    ],
)
def test_what_its_title_or_its_own_words_announce_is_released(
    kind: str, title: str, text: str, type_: str | None
) -> None:
    released = [claim.type for claim in read(kind, title, text) if claim.decision == RELEASE]
    assert released
    assert type_ in (None, *released)


def test_what_is_held_in_passing_says_so() -> None:
    (claim,) = read(
        REGULATOR, "Our laboratories", "They test every batch. The FDA placed a clinical hold on Zolgensma."
    )
    assert claim.because is not None and "announces something else" in claim.because


@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Biogen at the neurology congress",
            "New data on tofersen, approved by the FDA under accelerated approval, will be shown on Tuesday.",
        ),
        (
            "Sales of Spinraza grow",
            "Spinraza, cleared by the FDA for all types of SMA, has brought in 2 billion dollars.",
        ),
        ("How families pay", "Zolgensma, first licensed in the United States in 2019, remains the dearest of all."),
    ],
)
def test_what_stands_between_two_commas_before_the_news_is_history(title: str, text: str) -> None:
    acts = {"approval", "accelerated_approval", "label_expansion"}
    assert not acts & {claim.type for claim in read(COMPANY, title, text)}
