"""Rows of a list of medicines: what was done that was not done before, by whom, when, and what a person must see."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from monitor.reading.typed.interpret import interpret
from monitor.reading.typed.record_change import RecordChange
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies
from monitor.watching.compare import compare
from sources.authorisations import Authorisation
from sources.ema import Ema, medicine, slug

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "ema" / "medicines.json"
ROWS = {row["name_of_medicine"]: row for row in json.loads(SAMPLE.read_bytes())["data"]}
ON = date(2024, 6, 3)
THERAPIES = Therapies(
    Pack.model_validate(
        {
            "pack": {"name": "als", "condition": "amyotrophic lateral sclerosis"},
            "therapies": [
                {"name": "riluzole", "brands": ["Rilutek"], "applications": {"ema": ["EMEA/H/C/000109"]}},
                {"name": "tofersen", "brands": ["Qalsody"], "applications": {"ema": ["EMEA/H/C/005493"]}},
            ],
        }
    )
)
IN_ASSESSMENT = {
    "medicine_status": "Opinion", "opinion_status": "Positive", "marketing_authorisation_date": "",
}  # fmt: skip


def row(name: str, **told: Any) -> Authorisation:
    return medicine(ROWS[name] | told, named=slug)


def read(before: Authorisation | None, now: Authorisation) -> list[Claim]:
    was = before.content() if before else None
    differences = compare(was or {}, now.content(), record=Authorisation, paths=Ema.paths)
    return interpret(RecordChange(now, was, now.content(), differences, ON, THERAPIES))


def said(claims: list[Claim]) -> list[tuple[Any, ...]]:
    return [(c.type, c.step, c.agency, c.occurred_on, c.kind, bool(c.doubt)) for c in claims]


@pytest.mark.parametrize(
    ("before", "after", "claims"),
    [
        ({"medicine_status": "Opinion", "marketing_authorisation_date": "", "opinion_adopted_date": ""}, IN_ASSESSMENT,
         [("chmp_opinion", "opinion", "EMA", "2024-02-22", None, False)]),
        (IN_ASSESSMENT, {},
         [("accelerated_approval", "authorised", "EC", "2024-05-29", "exceptional_circumstances", False)]),
        (IN_ASSESSMENT, {"exceptional_circumstances": "No"},
         [("approval", "authorised", "EC", "2024-05-29", "regular", False)]),
        ({"opinion_status": "Positive"}, {}, []),  # the column is emptied: no act
        ({}, {"medicine_status": "Suspended", "suspension_of_marketing_authorisation_date": "01/06/2024"},
         [("authorization_revoked", "authorisation_ended", "EC", "2024-06-01", None, True)]),
        ({"medicine_status": "Suspended"}, {}, [("approval", "reinstated", "EC", None, None, True)]),
        ({"medicine_status": "Withdrawn"}, {}, [("approval", "reinstated", "EC", None, None, True)]),
        ({}, {"medicine_status": "Withdrawn",
              "withdrawal_expiry_revocation_lapse_of_marketing_authorisation_date": "02/06/2024"},
         [("authorization_revoked", "authorisation_ended", "EC", "2024-06-02", None, False)]),
        ({"conditional_approval": "Yes", "exceptional_circumstances": "No"}, {"exceptional_circumstances": "No"},
         [("full_approval_conversion", "converted", "EC", None, None, False)]),
        ({}, {"therapeutic_indication": "Also for children."},
         [("label_expansion", "form_added", "EC", None, None, True)]),
        ({}, {"marketing_authorisation_developer_applicant_holder": "Biogen B.V."}, []),
        (IN_ASSESSMENT, IN_ASSESSMENT | {"opinion_adopted_date": "23/02/2024"}, []),
        (IN_ASSESSMENT, IN_ASSESSMENT | {"opinion_adopted_date": "30/05/2024"},
         [("chmp_opinion", "opinion_confirmed", "EMA", "2024-05-30", None, False)]),
        (IN_ASSESSMENT, {"medicine_status": "Refused", "refusal_of_marketing_authorisation_date": "01/06/2024"},
         [("complete_response", "refused", "EC", "2024-06-01", None, False)]),
    ],
)  # fmt: skip
def test_what_was_done_since(before: dict[str, Any], after: dict[str, Any], claims: list[tuple[Any, ...]]) -> None:
    found = read(row("Qalsody", **before), row("Qalsody", **after))
    assert said(found) == claims
    assert {claim.therapy for claim in found} <= {"tofersen"}


def test_a_copy_is_never_an_approval_and_one_known_by_name_alone_is_looked_at() -> None:
    (copy,) = read(None, row("Riluzole Zentiva", marketing_authorisation_date="01/06/2024"))
    assert (copy.type, copy.therapy, bool(copy.doubt)) == ("tentative_generic_approval", "riluzole", True)


def test_what_was_done_long_ago_is_history() -> None:
    assert all(claim.history for claim in read(None, row("Rilutek")))
