"""Answers changed at random: what is only form makes no difference, and a fact that has moved always does.

The answers are the hand-written samples of every source of JSON and the recordings beside the checkout, where they are.
A failure names the seed that made it.
"""

import copy
import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import sources
from monitor.path.replay import ADAPTERS
from monitor.watching.compare import compare
from sources.base import Page, Source, Unexpected
from sources.records import Content, Record

ROOT = Path(__file__).resolve().parents[2]
SAMPLES, RECORDED = ROOT / "tests" / "samples", ROOT.parent / "shared" / "recorded"
CATALOG = sources.load()
ROUNDS = 28
"""Mutations of each kind for each answer."""
RECORDINGS = (
    "clinicaltrials-v2/NCT05935098/2026-03-14.json", "clinicaltrials-v2/NCT04457778/2026-03-14.json",
    "openfda-drugsfda/bulk15/2023-05-05.json", "sec-submissions/CIK0001677077/2026-06-20.json",
    "ctis/2023-505613-24-00/2026-03-08.json",
)  # fmt: skip
LONGEST = 1_500_000
KEEPS_ORDER = {
    "accessionNumber", "form", "filingDate", "items", "submissionInfos", "unpostedEvents", "sponsors",
    "indications_and_usage",
}  # fmt: skip
"""Lists whose order means something."""

FEW = 5
"""Objects of no more fields may be compared as a whole."""

Facts = dict[str, tuple[type[Record], Content]]


def answers() -> Iterator[tuple[str, Path]]:
    for name in MOVED:
        for file in sorted((SAMPLES / name).glob("*.json")):
            if not file.name.endswith((".expected.json", ".options.json")) and facts(source(name), file.read_bytes()):
                yield name, file
    for place in RECORDINGS:
        if (RECORDED / place).is_file():
            yield ADAPTERS[place.partition("/")[0]], RECORDED / place


def source(name: str) -> Source:
    return CATALOG[name](CATALOG[name].Options())


def facts(asked: Source, body: bytes) -> Facts:
    page = Page("https://x.test", datetime(2026, 1, 1, tzinfo=UTC), 200, "", "", lambda: body)
    found = list(asked.parse(page))
    assert not [str(problem) for problem in found if isinstance(problem, Unexpected)]
    return {record.key: (type(record), record.content()) for record in found if isinstance(record, Record)}


def differ(asked: Source, before: Facts, after: Facts) -> list[str]:
    """The keys of records that came, went, or hold something else."""
    moved = sorted(before.keys() ^ after.keys())
    for key in before.keys() & after.keys():
        kind, old = before[key]
        if compare(old, after[key][1], record=kind, paths=asked.paths):
            moved.append(key)
    return moved


def nodes(value: Any) -> Iterator[Any]:
    """Every object and list, the outermost first."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, dict | list):
            yield from nodes(inner)


def shuffled_keys(value: Any, chance: random.Random) -> None:
    for node in nodes(value):
        if isinstance(node, dict):
            items = list(node.items())
            chance.shuffle(items)
            node.clear()
            node.update(items)


def shuffled_lists(value: Any, chance: random.Random) -> None:
    for node in nodes(value):
        if isinstance(node, dict):
            for key, inner in node.items():
                if isinstance(inner, list) and key not in KEEPS_ORDER and chance.random() < 0.5:
                    chance.shuffle(inner)


def padded(value: Any, chance: random.Random) -> None:
    """More white space in texts that are prose."""
    for node in nodes(value):
        if isinstance(node, dict):
            for key, inner in node.items():
                if isinstance(inner, str) and " " in inner and chance.random() < 0.5:
                    node[key] = inner.replace(" ", chance.choice(["  ", " \n", "\u00a0 "]), 1) + " "


def stamped(value: Any, chance: random.Random) -> None:
    """Another stamp of the data, and fields that nobody reads."""
    for node in nodes(value):
        if isinstance(node, dict):
            for key in ("last_updated", "timestamp", "versionHolder", "publishDate", "update_date"):
                if isinstance(node.get(key), str) and key != "update_date":
                    node[key] = f"2026-0{chance.randint(1, 9)}-11"
            if len(node) > FEW and chance.random() < 0.2:
                node[f"x_request_{chance.randint(0, 9)}"] = chance.random()


def emptied(value: Any, chance: random.Random) -> None:
    """Absent where it was empty."""
    for node in nodes(value):
        if isinstance(node, dict) and not COLUMNED & node.keys():
            for key in [key for key, inner in node.items() if inner in ("", [], None) and chance.random() < 0.5]:
                del node[key]


COLUMNED = {"medicine_status", "eu_designation_number", "supply_shortage_status", "accessionNumber"}
"""Fields of reports whose columns are all there, also where they are empty."""
FORMS: tuple[Callable[[Any, random.Random], None], ...] = (shuffled_keys, shuffled_lists, padded, stamped, emptied)


DAYS = {"drugsfda": "20260102", "fda_enforcement": "20260102", "fda_crl": "01/02/2026", "fda_label": "20260102"}
MOVED: dict[str, tuple[tuple[str, Callable[[str, Any], Any]], ...]] = {
    "drugsfda": (
        ("submission_status_date", lambda name, old: DAYS[name]), ("sponsor_name", lambda _, old: f"{old} OF OLD"),
        ("marketing_status", lambda _, old: "Discontinued" if old != "Discontinued" else "Prescription"),
        ("brand_name", lambda _, old: f"NEW {old}"),
    ),
    "fda_shortages": (
        ("related_info", lambda _, old: f"{old} until June"), ("availability", lambda _, old: f"{old} in part"),
        ("resolved_note", lambda _, old: f"{old} now"), ("discontinued_date", lambda _, old: "01/02/2031"),
    ),
    "fda_enforcement": (
        ("reason_for_recall", lambda _, old: f"{old}, and more"), ("report_date", lambda name, old: DAYS[name]),
        ("classification", lambda _, old: "Class I" if old != "Class I" else "Class III"),
    ),
    "fda_crl": (("letter_date", lambda name, old: DAYS[name]), ("company_name", lambda _, old: f"{old} II")),
    "fda_label": (("version", lambda _, old: f"{old}1"), ("effective_time", lambda name, old: DAYS[name])),
    "ema": (
        ("opinion_adopted_date", lambda _, old: "02/01/2031"),
        ("marketing_authorisation_date", lambda _, old: "02/01/2031"),
        ("conditional_approval", lambda _, old: "Yes" if old != "Yes" else "No"),
        ("therapeutic_indication", lambda _, old: f"{old} Also for others."),
        ("marketing_authorisation_developer_applicant_holder", lambda _, old: f"{old} II"),
    ),
    "ema_orphans": (
        ("status", lambda _, old: "Withdrawn" if old != "Withdrawn" else "Expired"),
        ("intended_use", lambda _, old: f"{old} and more"),
    ),
    "ema_shortages": (
        ("supply_shortage_status", lambda _, old: "Ongoing" if old != "Ongoing" else "Resolved"),
        ("availability_of_alternatives", lambda _, old: f"{old} in part"),
        ("expected_resolution", lambda _, old: f"{old} Later."),
    ),
    "ctis": (
        ("recruitmentSubjectCount", lambda _, old: old + 100), ("startDateEU", lambda _, old: "02/01/2031"),
        ("ctPublicStatusCode", lambda _, old: 6 if old != 6 else 5),
        ("decisionDateOverall", lambda _, old: "02/01/2031"),
    ),
    "edgar": (("name", lambda _, old: f"{old} II"), ("fiscalYearEnd", lambda _, old: "0630")),
    "clinicaltrials": (
        ("overallStatus", lambda _, old: "SUSPENDED" if old != "SUSPENDED" else "RECRUITING"),
        ("briefTitle", lambda _, old: f"{old}, again"), ("count", lambda _, old: old + 7),
        ("primaryCompletionDateStruct", lambda _, old: {**old, "date": "2031-01"}),
    ),
    "federalregister": (("abstract", lambda _, old: f"{old} More."), ("effective_on", lambda _, old: "2031-01-02")),
}  # fmt: skip
"""Source to the fields that carry facts, each with another value of it."""
CASES = [pytest.param(name, file, id=f"{name}/{file.name}") for name, file in answers()]


@pytest.mark.parametrize(("name", "file"), CASES)
def test_what_is_only_form_is_no_difference(name: str, file: Path) -> None:
    asked, body = source(name), file.read_bytes()
    before = facts(asked, body)
    for form in FORMS:
        for seed in range(ROUNDS if len(body) < LONGEST // 50 else 3):
            value = json.loads(body)
            form(value, random.Random(seed))
            assert differ(asked, before, facts(asked, json.dumps(value).encode())) == [], (form.__name__, seed)


def places_of(value: Any, field: str) -> list[dict[str, Any]]:
    return [
        node for node in nodes(value)
        if isinstance(node, dict) and node.get(field) not in (None, "", []) and not isinstance(node[field], list)
        and not (field == "count" and "type" not in node) and not (field == "name" and "cik" not in node)
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "file"), CASES)
def test_a_fact_that_has_moved_is_always_a_difference(name: str, file: Path) -> None:
    asked, body = source(name), file.read_bytes()
    before, tried = facts(asked, body), 0
    for field, another in MOVED[name]:
        for seed in range(ROUNDS if len(body) < LONGEST // 50 else 3):
            value = copy.deepcopy(json.loads(body))
            chance = random.Random(seed)
            if not (found := places_of(value, field)):
                continue
            node = chance.choice(found)
            node[field] = another(name, node[field])
            stamped(value, chance)
            shuffled_keys(value, chance)
            tried += 1
            assert differ(asked, before, facts(asked, json.dumps(value).encode())), (field, seed)
    assert tried
