"""What an answer lacks is said and never a change: odd records, unknown numbers, lost fields, lists that shrink."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.path import take_in as path
from monitor.path.health import examine
from monitor.watching import snapshots
from monitor.watching.completeness import unreadable
from sources.base import Unexpected
from tests.stories.stage import Installation, Stage, application, look, study, tale, watch, watch_row

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
FIRST = ("ORIG", "1", "AP", "2003-04-25")
NUMBERS = [f"NDA0{number}" for number in range(20001, 20007)]
REGISTER, JOURNAL = "/drug/drugsfda.json", "/api/v1/documents.json"
ALL = {"search": 'products.brand_name:"QALSODY"'}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    trials = tuple(study(f"NCT0400000{n}", (date(2020, 1, 1), {"start": "2021-01-01"})) for n in range(4))
    notices = tuple(
        {"document_number": f"2026-0000{n}", "title": f"Notice {n} about tofersen", "abstract": "An address.",
         "publication_date": date(2026, 1, n), "action": "Notice."}
        for n in range(1, 6)
    )  # fmt: skip
    applications = tuple(application(number, date(2020, 1, 1), FIRST) for number in NUMBERS)
    with Stage(tale(applications=applications, studies=trials, notices=notices), at=DAY) as world:
        yield Installation(tmp_path, world)


def rows(change: Callable[[list[Any]], None], key: str = "results") -> Callable[[Any], Any]:
    def edit(value: Any) -> Any:
        change(value[key])
        return value

    return edit


def next_day(home: Installation) -> None:
    home.world.at(home.world.moment + timedelta(days=1))


def problem_of(home: Installation, name: str) -> str | None:
    with home.service() as service:
        return watch_row(service, name).problem


def outcome(home: Installation, name: str) -> tuple[str, int, str | None]:
    with home.service() as service:
        one = look(service)[name]
    return one.outcome, one.changes, one.error


def test_an_application_without_submissions_is_one_with_an_empty_table(home: Installation) -> None:
    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options={"applications": NUMBERS[:3]}))

    def bare(found: list[Any]) -> None:
        del found[0]["submissions"], found[1]["products"]

    home.world.edits[REGISTER] = rows(bare)
    assert outcome(home, "fda") == ("baseline", 0, None)


def test_one_odd_record_of_six_leaves_the_others_to_be_read(home: Installation) -> None:
    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options=ALL))
    assert outcome(home, "fda")[0] == "baseline"
    next_day(home)

    def odd(found: list[Any]) -> None:
        found[0]["products"][0]["marketing_status"] = "Odd"
        found[1]["products"][0]["marketing_status"] = "Discontinued"

    home.world.edits[REGISTER] = rows(odd)
    was, changes, error = outcome(home, "fda")
    assert (was, changes) == ("changed", 1)
    assert error
    assert error.startswith("1 records unreadable: NDA020001.products[001].marketing_status")
    next_day(home)
    assert problem_of(home, "fda") == error
    home.world.forget()
    assert outcome(home, "fda") == ("changed", 1, None)


@pytest.mark.parametrize("day", ["20260230", "20261301", "99999999", "00000000"])
def test_a_day_that_is_in_no_calendar_makes_one_record_odd(home: Installation, day: str) -> None:
    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options=ALL))

    def odd(found: list[Any]) -> None:
        found[0]["submissions"][0]["submission_status_date"] = day

    home.world.edits[REGISTER] = rows(odd)
    was, _, error = outcome(home, "fda")
    assert was == "baseline"
    assert f"expected yyyymmdd, found '{day}'" in str(error)


def test_a_record_that_no_later_step_can_make_sense_of_is_left_as_it_was(
    home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.write_pack(
        watch("fda", "drugsfda", base_url="WORLD", options=ALL),
        watch("asked", "drugsfda", base_url="WORLD", options={"applications": NUMBERS[:2]}),
    )
    with home.service() as service:
        look(service)
        next_day(home)
        claims_of, compare = path.claims_of, snapshots.compare

        def stumbling(service: Any, watch: Any, source: Any, sight: Any, *more: Any) -> Any:
            if sight.record.key == NUMBERS[0]:
                raise ZeroDivisionError("of all things")
            return claims_of(service, watch, source, sight, *more)

        def lost(before: Any, after: Any, **more: Any) -> Any:
            if "NDA020002" in str(after.get("numbers")):
                raise RecursionError("too deep")
            return compare(before, after, **more)

        monkeypatch.setattr(path, "claims_of", stumbling)
        monkeypatch.setattr(snapshots, "compare", lost)

        def ended(found: list[Any]) -> None:
            for row in found:
                row["sponsor_name"] = "ANOTHER"

        home.world.edits[REGISTER] = rows(ended)
        looked = look(service, "fda", "asked")
        assert (looked["fda"].outcome, looked["fda"].changes) == ("changed", 4)
        assert "2 records unreadable" in str(looked["fda"].error)
        assert f"{NUMBERS[0]}: ZeroDivisionError: of all things" in str(looked["fda"].error)
        assert looked["asked"].outcome == "refused", "what is asked for by number is never left out"
        monkeypatch.undo()
        looked = look(service, "fda")
        assert (looked["fda"].changes, looked["fda"].error) == (2, None)


def test_the_same_answer_misses_the_same_record_and_is_not_read_again(home: Installation) -> None:
    asked = {"applications": [NUMBERS[0], "NDA251887"]}
    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options=asked))
    said = "asked 2, found 1, missing NDA251887"
    assert outcome(home, "fda") == ("baseline", 0, said)
    next_day(home)

    with home.service() as service:
        again = look(service)["fda"]
        assert (again.outcome, again.records, again.error) == ("unchanged", 0, said)
        assert (watch_row(service, "fda").problem, watch_row(service, "fda").health) == (said, "record_missing")


@pytest.mark.parametrize(
    ("keys", "total", "missing", "refused"),
    [
        (["A"], 3, [], False),
        (["A", "B", "C"], 7, [], False),
        (["A", "B", "C", "D"], 100, [], True),
        (["A", "B", "C", "D"], 400, [], False),
        (["A"], 1, [], True),
        (["A"], 2, [], True),  # half of them
        (["A"], 9, ["A"], True),  # asked for by number
        ([None], 9, ["B"], True),  # it may be the one that is missing
        (["A"], 9, ["B"], False),
        ([], 5, ["B"], False),
    ],
)
def test_few_records_may_be_unreadable_and_none_that_was_asked_for(
    keys: list[str | None], total: int, missing: list[str], refused: bool
) -> None:
    problems = [Unexpected("odd", key=key) for key in keys]
    assert (unreadable(problems, total, missing=missing) is not None) is refused


def test_a_number_that_nobody_has_is_said_at_every_look(home: Installation) -> None:
    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options={"applications": [NUMBERS[0], "NDA251887"]}))
    said = "asked 2, found 1, missing NDA251887"
    assert outcome(home, "fda") == ("baseline", 0, said)
    next_day(home)
    assert outcome(home, "fda") == ("unchanged", 0, said)
    with home.service() as service:
        (verdict,) = [one for one in examine(service) if one.check == "watches"]
    assert (verdict.state, said in verdict.detail) == ("warn", True)


def test_a_study_found_by_an_older_number_is_found(home: Installation) -> None:
    asked = {"ids": ["NCT04000000", "NCT04000001", "NCT09999999"]}
    home.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options=asked))
    assert outcome(home, "trials") == ("baseline", 0, "asked 3, found 2, missing NCT09999999")
    next_day(home)

    def renumbered(found: list[Any]) -> None:
        found[0]["protocolSection"]["identificationModule"]["nctIdAliases"] = ["NCT09999999"]

    home.world.edits["/api/v2/studies"] = rows(renumbered, "studies")
    assert outcome(home, "trials")[2] is None


def test_a_field_gone_from_every_record_is_a_changed_shape(home: Installation) -> None:
    home.write_pack(
        watch("fda", "drugsfda", base_url="WORLD", options={"applications": NUMBERS[:2]}),
        watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": [f"NCT0400000{n}" for n in range(4)]}),
    )
    outcome(home, "fda")
    next_day(home)

    def without_submissions(found: list[Any]) -> None:
        for row in found:
            del row["submissions"]

    def without_starts(found: list[Any]) -> None:
        for row in found:
            del row["protocolSection"]["statusModule"]["startDateStruct"]

    home.world.edits[REGISTER] = rows(without_submissions)
    home.world.edits["/api/v2/studies"] = rows(without_starts, "studies")
    home.world.edits["/api/v2/version"] = lambda value: {**value, "dataTimestamp": "2026-03-03T09:00:00"}
    with home.service() as service:
        looked = look(service)
    assert [looked[name].outcome for name in ("fda", "trials")] == ["refused", "refused"]
    assert "expected submissions as" in str(looked["fda"].error)
    assert "expected start, start_type as" in str(looked["trials"].error)
    home.world.forget()
    next_day(home)
    assert outcome(home, "fda") == ("unchanged", 0, None)


def test_a_journal_that_shows_nothing_or_less_is_a_source_problem(home: Installation) -> None:
    home.write_pack(watch("journal", "federalregister", base_url="WORLD", options={"terms": ["tofersen"]}))
    assert outcome(home, "journal")[0] == "baseline"
    for kept in (0, 3):
        next_day(home)

        def fewer(value: Any, kept: int = kept) -> Any:
            return {**value, "count": kept, "results": value["results"][:kept]}

        home.world.edits[JOURNAL] = fewer
        was, _, error = outcome(home, "journal")
        assert was == "refused"
        assert f"expected about 5 records as at the last look, found {kept}" in str(error)
    ran = home.command("check", "journal", "--accept", "--json")
    assert [line["outcome"] for line in ran.lines] == ["unchanged"]
