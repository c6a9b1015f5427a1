"""One trial is told under one number, however the record of another registry writes it."""

import pytest

from sources.registry_numbers import registered, spelt


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("2023-509999-36", "2023-509999-36-00"),
        ("2023-509999-36-01", "2023-509999-36-01"),
        ("EU CT 2023-509999-36-00", "2023-509999-36-00"),
        ("EUCT number: 2023‑509999‑36", "2023-509999-36-00"),
        ("EudraCT 2019-001111-22", "2019-001111-22"),
        ("EUCTR2019-001111-22-DE", "2019-001111-22"),
        ("2019-001111-22-3RD", "2019-001111-22"),
        ("nct00000001", "NCT00000001"),
        ("NCT 00000001", "NCT00000001"),
        ("ISRCTN 10000009", "ISRCTN10000009"),
        ("Nil known", None),
        ("12,345; 67,890", None),
        ("extension of NCT00000001", None),
        ("NCT0000001", None),
        ("2023-12345", None),
        ("NCT00000001, NCT00000002", None),
    ],
)
def test_a_number_has_one_spelling(written: str, number: str | None) -> None:
    assert spelt(written) == number


def test_what_is_no_number_is_left_out() -> None:
    assert registered([None, "", "EX-1", "NCT00000002", "nct00000002", "2023-509999-36"]) == (
        "2023-509999-36-00",
        "NCT00000002",
    )
