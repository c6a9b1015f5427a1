"""The history of a pack is validated, carried over whole, and imported once."""

import json
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from monitor.events.history import Row, import_history, intent_of_row, read_history
from monitor.events.record import event_of
from monitor.settings import BUNDLED_PACK, Misconfigured
from monitor.vocabulary.pack import Pack
from store.database import reading, writing
from store.engine import open_engine
from store.tables import Event, Evidence
from tests.fresh import fresh

HISTORY = BUNDLED_PACK.with_name("als.events.toml")
REFERENCE = Path(__file__).resolve().parents[3] / "../shared/als-events.jsonl"
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)

PACK = Pack.model_validate(
    {"pack": {"name": "demo", "condition": "als"}, "therapies": [{"name": "tofersen"}], "watches": []}
)
ROW = """
[[events]]
therapy = "tofersen"
type = "approval"
place = "JP"
polarity = "positive"
date = "2024-12-27"
precision = "day"
kind = "regular"
thread = "jp/tofersen/authorisation"
step = "authorised"
source_tier = 3
source = "company notice"
mark_event = "C"
mark_date = "C"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "demo.events.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def als_pack() -> Pack:
    return Pack.model_validate(tomllib.loads(BUNDLED_PACK.read_text(encoding="utf-8")))


@pytest.fixture
def engine(tmp_path):
    fresh(tmp_path / "demo.db")
    engine = open_engine(f"sqlite:///{tmp_path / 'demo.db'}")
    yield engine
    engine.dispose()


def test_every_row_of_the_reference_is_carried_over(als_pack):
    if not REFERENCE.exists():
        pytest.skip("the reference table ../shared/als-events.jsonl is missing beside the checkout")
    expected = [json.loads(line) for line in REFERENCE.read_text(encoding="utf-8").splitlines()]
    rows = read_history(HISTORY, als_pack)
    assert len(rows) == len(expected)
    for row, told in zip(rows, expected, strict=True):
        told.pop("note")
        held = row.model_dump(exclude={"note"})
        assert {key: held[key] for key in told} == told
        assert {key for key, value in held.items() if value is not None} <= set(told)


def test_history_is_imported_as_what_is_never_sent(engine, als_pack):
    with writing(engine) as session:
        assert import_history(session, als_pack, HISTORY, NOW) == 135
    with reading(engine) as session:
        events = session.exec(select(Event).order_by(Event.sequence)).all()
        evidence = session.exec(select(Evidence)).all()
    assert {e.state for e in events} == {"imported"}
    assert all(e.matched_at is not None and e.released_at is None for e in events)
    assert [e.sequence for e in events] == list(range(1, 136))
    assert {one.event_id for one in evidence} == {e.id for e in events}
    assert all(one.quote is None and one.capture_sha256 is None for one in evidence)


def test_a_second_import_changes_nothing(engine, als_pack):
    with writing(engine) as session:
        import_history(session, als_pack, HISTORY, NOW)
    with writing(engine) as session:
        assert import_history(session, als_pack, HISTORY, NOW) == 0
    with reading(engine) as session:
        assert len(session.exec(select(Evidence)).all()) == 135


def test_a_row_added_later_comes_in_and_a_row_taken_out_stays(engine, tmp_path):
    later = ROW.replace('"JP"', '"KR"').replace("jp/", "kr/").replace("2024-12-27", "2025-08-20")
    with writing(engine) as session:
        assert import_history(session, PACK, write(tmp_path, ROW), NOW) == 1
    with writing(engine) as session:
        assert import_history(session, PACK, write(tmp_path, later), NOW) == 1
    with reading(engine) as session:
        events = session.exec(select(Event).order_by(Event.sequence)).all()
    assert [(e.sequence, e.place) for e in events] == [(1, "JP"), (2, "KR")]


def test_rows_alike_stay_apart_and_a_reviewed_event_is_not_brought_back(engine, tmp_path):
    path = write(tmp_path, ROW + ROW + ROW)
    with writing(engine) as session:
        assert import_history(session, PACK, path, NOW) == 3
    with writing(engine) as session:
        one = session.exec(select(Event).where(Event.sequence == 2)).one()
        one.state = "dismissed"
    with writing(engine) as session:
        assert import_history(session, PACK, path, NOW) == 0


@pytest.mark.parametrize(
    ("wrong", "right", "told"),
    [
        ('date = "2024-13-27"', 'date = "2024-12-27"', "events.1 (tofersen approval 2024-13-27).date: "),
        ('date = "2024-12"', 'date = "2024-12-27"', "expected precision 'month' for the date 2024-12"),
        ('date = "27.12.2024"', 'date = "2024-12-27"', "expected YYYY, YYYY-MM or YYYY-MM-DD, found '27.12.2024'"),
        ('place = "Mars"', 'place = "JP"', ".place: Value error, expected one of US, EU"),
        ('type = "approved"', 'type = "approval"', ".type: Value error, expected one of approval, "),
        ('therapy = "placebo"', 'therapy = "tofersen"', ".therapy: expected a therapy of this pack, found 'placebo'"),
        ('mark_event = "?"', 'mark_event = "C"', ".mark_event: Input should be 'C', 'C1', 'M' or 'X', found '?'"),
        ('colour = "red"', 'kind = "regular"', ".colour: unknown key; expected one of therapy, type, "),
        ("", 'source = "company notice"', ".source: expected a value, found none"),
    ],
)
def test_a_fault_names_file_row_key_and_accepted_form(tmp_path, wrong, right, told):
    path = write(tmp_path, ROW.replace(right, wrong))
    with pytest.raises(Misconfigured) as caught:
        read_history(path, PACK)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_a_file_that_is_no_history_is_refused(tmp_path):
    with pytest.raises(Misconfigured, match="expected a readable history"):
        read_history(tmp_path / "absent.toml", PACK)
    with pytest.raises(Misconfigured, match="expected TOML in UTF-8"):
        read_history(write(tmp_path, "events = ["), PACK)
    with pytest.raises(Misconfigured, match=r"expected \[\[events\]\] and nothing else, found rows"):
        read_history(write(tmp_path, "[[rows]]\na = 1\n"), PACK)


def test_titles_say_who_where_and_what(als_pack):
    events = [event_of(intent_of_row(row, "EV", NOW), 1, als_pack) for row in read_history(HISTORY, als_pack)]
    titles = {f"{event.thread}#{event.step}": event.title for event in events}
    assert titles["us/amx0035/authorisation#authorisation_ended"] == "Relyvrio (AMX0035): US approval formally ended"
    assert (
        titles["us/amx0035/authorisation#withdrawal_requested"]
        == "Relyvrio (AMX0035): company asks to end the US approval"
    )
    assert titles["trial/nct04768972#result"] == "Ulefnersen: trial met its main goal"
    assert titles["eu/amx0035/authorisation#opinion"] == "Albrioza (AMX0035): EU experts against"
    assert titles["deal/vrg50635#licensed"] == "VRG50635: rights change hands"


def test_a_row_cannot_be_altered_once_read():
    row = Row.model_validate({**_plain(), "note": "x"})
    with pytest.raises(ValueError, match="frozen"):
        row.note = "y"


def _plain() -> dict[str, object]:
    return {
        "therapy": "tofersen", "type": "approval", "place": "JP", "polarity": "positive", "date": "2024-12-27",
        "precision": "day", "thread": "jp/tofersen/authorisation", "step": "authorised", "source_tier": 3,
        "source": "company notice", "mark_event": "C", "mark_date": "C",
    }  # fmt: skip
