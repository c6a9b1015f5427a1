"""One record for each type and step, whole and of one mind; and a new type that is one record in one file."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from monitor.telling.compose.ladder import step_label
from monitor.vocabulary.event_types import FILE, PARTS, POLARITIES, STEPS, TYPES, EventType, Step, read_types
from monitor.vocabulary.wording import Facts, Name, headline, meaning, sentence, sides

ROOT = Path(__file__).resolve().parents[3]
QALSODY = Name("Qalsody", "tofersen")


def facts(type_: str, polarity: str = "positive", step: str | None = None) -> Facts:
    return Facts(
        type_, polarity, QALSODY, step=step, places=("US",), agency="NICE", trial="NCT1", occurred_on="2025-08-29",
        planned_start="2025-06-30",
    )  # fmt: skip


def polarities(record: EventType | Step) -> tuple[str, ...]:
    """Those that an act of this type can have."""
    return (record.polarity,) if isinstance(record, EventType) and record.polarity else POLARITIES


def cases() -> list[Facts]:
    """Each type with each polarity it can have, and each step that has words of its own."""
    told = [facts(name, polarity) for name, spec in TYPES.items() for polarity in polarities(spec)]
    steps = [name for name, step in STEPS.items() if step.headline or step.sentence]
    return told + [facts("market_withdrawal", polarity, step) for step in steps for polarity in POLARITIES]


@pytest.mark.parametrize("part", [headline, sentence, meaning])
def test_every_type_and_step_is_worded_in_short_sentences(part: Callable[[Facts], str | None]) -> None:
    for told in cases():
        said = part(told)
        assert said, told
        assert "{" not in said
        assert said[0] == said[0].upper()
        assert all(len(one.split()) <= 24 for one in re.split(r"[.!?]\s", said)), said


def test_what_is_told_before_and_after_is_filled_in() -> None:
    assert all("{" not in side for told in cases() for side in sides(told) if side)
    assert sides(facts("authorization_revoked", "negative")) == ("approved", "approval withdrawn, from 29 Aug 2025")


def test_a_type_that_goes_either_way_has_words_for_each() -> None:
    for name, spec in TYPES.items():
        if spec.polarity is None and not spec.one_wording:
            said = {headline(facts(name, polarity)) for polarity in ("positive", "negative")}
            assert len(said) == 2, name


def test_every_step_that_the_code_names_is_a_rung_with_a_name() -> None:
    code = " ".join(file.read_text(encoding="utf-8") for file in (ROOT / "monitor").rglob("*.py"))
    history = (ROOT / "monitor/packs/als.events.toml").read_text(encoding="utf-8")
    named = set(re.findall(r'step="([a-z_]+)"', code)) | set(re.findall(r'^step = "(\w+)"', history, re.M))
    assert named <= set(STEPS), named - set(STEPS)
    assert all(step_label(step) for step in STEPS)


def test_words_of_a_step_come_before_those_of_its_type() -> None:
    assert headline(facts("market_withdrawal", "negative")) == "Qalsody (tofersen): leaves the market in the US"
    ended = facts("market_withdrawal", "negative", "market_ended")
    assert headline(ended) == "Qalsody (tofersen): no longer sold in the US"
    assert sides(ended) == (None, None)


def test_a_use_that_ends_is_not_told_as_a_new_one() -> None:
    assert "no longer approved" in (sentence(facts("label_expansion", "negative", "form_added")) or "")


def test_several_places_are_named_together() -> None:
    both = Facts("market_withdrawal", "negative", Name(None, "AMX0035"), places=("US", "CA"))
    assert headline(both) == "AMX0035: leaves the market in the US and Canada"


def test_a_decision_on_payment_says_whose_it_is() -> None:
    assert headline(facts("reimbursement")) == "Qalsody (tofersen): NICE says yes in the US"
    assert (
        sentence(Facts("reimbursement", "negative", QALSODY, places=("CA",))) == "A payer said no to Qalsody in Canada."
    )


def test_the_plain_text_reads_at_grade_eight_or_below() -> None:
    told = [replace(one, name=Name(None, "the drug"), trial="one", occurred_on=None, agency=None) for one in cases()]
    said = " ".join(f"{sentence(one)} {meaning(one)}" for one in told)
    words, sentences = re.findall(r"[a-z]+", said.lower()), len(re.findall(r"[.!?]", said))
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word)))) for word in words)
    assert 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59 <= 8


# The file -------------------------------------------------------------------------------------------------------------

MADE_UP = """
[types.patent_ended]
level = "major"
polarity = "positive"
family = "patent"
scope = "place"
step = "patent_over"
matter = "patent"
label = "patent ended"
headline = "patent over{where}"
sentence = "The patent of {name} is over{where}{on}."
meaning = "Other makers may ask to sell it."
[steps.patent_over]
label = "patent over"
"""

READ = """
import json, sys
from datetime import UTC, datetime
from sqlmodel import SQLModel, select
from monitor.events.intents import Teller
from monitor.events.ledger import enter
from monitor.telling.compose.event_body import event_body
from monitor.telling.compose.message import Frame, compose
from monitor.telling.compose.news import News
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.pack import Pack
from monitor.web.queries import EventsQuery
from monitor.web.labels import word
from store.database import writing
from store.engine import open_engine
from store.tables import Delivery, Event, Subscription

now = datetime(2026, 5, 4, 12, tzinfo=UTC)
pack = Pack.model_validate({"pack": {"name": "als", "condition": "ALS"},
                            "therapies": [{"name": "tofersen", "brands": ["Qalsody"]}]})
frame = Frame(pack=pack, base_url="https://als.example", domain="als.example")
engine = open_engine("sqlite://")
SQLModel.metadata.create_all(engine)
with writing(engine) as session:
    claim = Claim(type="patent_ended", polarity="positive", quote="It has ended.", rule="patent", confidence=1.0,
                  therapy="tofersen", drug="Qalsody", place="JP", occurred_on="2026-05-04")
    teller = Teller("notices", "federalregister", 1, "https://e.example", now, typed=True)
    enter(session, claim, teller, pack)
    event = session.exec(select(Event)).one()
    reader = Subscription(id=1, channel="email", address="r@example.org", created_at=now)
    mail = compose([News(event, "news")], subscription=reader, frame=frame,
                   delivery=Delivery(id="d1", subscription_id=1, slot=event.id, due_at=now))
    body = json.loads(event_body(News(event, "news"), frame))
    print(json.dumps({"title": event.title, "subject": mail.subject, "sentence": mail.entries[0].sentence,
                      "rung": mail.entries[0].ladder[0].label, "level": event.level, "thread": event.thread,
                      "alert": event.alert, "told": body["text"]["plain"]["en"],
                      "kind": word(event.type, "type"), "filter": EventsQuery(type="patent_ended").type}))
"""


def test_a_new_type_is_one_record_in_one_file(tmp_path: Path) -> None:
    """In a copy of the packages, with a record added to the file and nothing else touched."""
    for package in ("monitor", "sources", "store", "notifiers"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / FILE.relative_to(ROOT)).open("a", encoding="utf-8") as file:
        file.write(MADE_UP)
    run = subprocess.run(
        [sys.executable, "-c", READ], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    assert said == {
        "title": "Qalsody (tofersen): patent over in Japan",
        "subject": "Qalsody (tofersen): patent over in Japan",
        "sentence": "The patent of Qalsody is over in Japan on 4 May 2026.",
        "told": "The patent of Qalsody is over in Japan on 4 May 2026.",
        "rung": "patent over",
        "level": "major",
        "thread": "jp/tofersen/patent",
        "alert": True,
        "kind": "patent ended",
        "filter": "patent_ended",
    }


@pytest.mark.parametrize(
    ("was", "made", "says"),
    [
        ('meaning = "Other', 'meening = "Other', "meening"),
        (
            'scope = "place"\nstep = "patent_over"',
            'scope = "place"\nstep = "patent_gone"',
            "expected a step of this file",
        ),
        ('family = "patent"', 'family = "readout"', "expected matter, window and apart as in the others"),
        ('polarity = "positive"\nfamily = "patent"', 'family = "patent"', "expected words for each polarity"),
        ('level = "major"\npolarity = "positive"\nfamily = "patent"', 'level = "huge"\nfamily = "patent"', "level"),
    ],
)
def test_a_record_that_is_not_whole_is_refused(tmp_path: Path, was: str, made: str, says: str) -> None:
    text = FILE.read_text(encoding="utf-8") + MADE_UP
    assert was in text
    broken = tmp_path / "types.toml"
    broken.write_text(text.replace(was, made), encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        read_types(broken)


def test_parts_are_told_by_both_kinds_of_record() -> None:
    assert set(PARTS) <= set(EventType.model_fields) & set(Step.model_fields)


@pytest.mark.parametrize(
    ("type_", "polarity", "told", "after"),
    [
        ("approval", "positive", "Qalsody was approved in the US", "approved"),
        ("complete_response", "negative", "The regulator did not approve Qalsody in the US", "refused"),
        ("emergency_authorization", "positive", "This was decided", None),
    ],
)
def test_a_day_on_which_an_act_was_made_known_is_not_told_as_its_own(
    type_: str, polarity: str, told: str, after: str | None
) -> None:
    facts = Facts(type_, polarity, QALSODY, places=("US",), occurred_on="2023-04-25", made_known=True)
    assert f"{told} (made known on 25 April 2023)." in str(sentence(facts))
    assert sides(facts)[1] == (f"{after}, made known 25 Apr 2023" if after else None)
