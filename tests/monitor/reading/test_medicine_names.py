"""Which words of a text are names of medicines, and which only look like one."""

import pytest

from monitor.reading.prose.drug_names import find_drugs


def names(*units: str) -> list[str]:
    return [drug.written for drug in find_drugs(list(units), None)]


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
