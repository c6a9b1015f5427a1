"""Nothing false is told: baselines are silent, what is not the page is not believed, and absence is no news."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from demo.answers import Answer
from monitor.service import Service
from monitor.standing.known_acts import what_is_known
from monitor.standing.status import table
from monitor.telling.subscriptions import subscribe
from store.database import reading
from store.tables import Change, Event, Item, Snapshot
from tests.stories.stage import (
    DISEASE,
    Hook,
    Installation,
    Postbox,
    Ran,
    Stage,
    application,
    events,
    look,
    send,
    study,
    tale,
    versions,
    watch,
    watch_row,
)

NOON = datetime(2023, 5, 1, 12, tzinfo=UTC)
LONG_AGO = date(2021, 1, 4)
COUNT = 120
TRIALS = watch("trials", "clinicaltrials", base_url="WORLD", options={"condition": "amyotrophic lateral sclerosis"})
APPLICATIONS = watch(
    "applications", "drugsfda", base_url="WORLD",
    options={"applications": ["NDA020599", "NDA209176", "NDA216660", "NDA215887"]},
)  # fmt: skip
TREATMENTS = watch("treatments", "page", url="WORLD/pages/treatments.html", options={"select": "main"})
RECENT = (("ORIG", "1", "AP", "2023-04-25"),)
OLD = (("ORIG", "1", "AP", "2017-05-05"),)
STUDIES, OPENFDA, PAGE = "/api/v2/studies", "/drug/drugsfda.json", "/pages/treatments.html"


def number(place: int) -> str:
    return f"NCT9{place:07}"


def lines(*more: str) -> dict[str, Any]:
    questions = [f"Question {place} that readers ask, and where the answer to it stands" for place in range(30)]
    return {"title": "Treatments", "sections": [{"heading": "In use", "lines": [*more, *questions]}]}


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """A registry of many studies, four applications and a page."""
    story = tale(
        studies=tuple(study(number(place), (LONG_AGO, {})) for place in range(COUNT)),
        applications=(
            application("NDA020599", LONG_AGO, ("ORIG", "1", "AP", "1995-12-12")),
            application("NDA209176", LONG_AGO, *OLD),
            application("NDA216660", LONG_AGO, ("ORIG", "1", "AP", "2022-09-29")),
        ),
        pages=(versions("treatments", (LONG_AGO, lines("Riluzole is taken as a tablet"))),),
    )
    with Stage(story, at=NOON) as world:
        found = Installation(tmp_path, world)
        found.write_pack(TRIALS, APPLICATIONS, TREATMENTS)
        yield found


@pytest.fixture
def service(home: Installation, hook: Hook) -> Iterator[Service]:
    """The same after its baseline, with a reader who wants everything."""
    with home.service() as found:
        subscribe(found, channel="webhook", address=hook.url, level="info")
        assert {one.outcome for one in look(found).values()} == {"baseline"}
        yield found


def changes(service: Service) -> list[Change]:
    with reading(service.engine) as session:
        return list(session.exec(select(Change).order_by(col(Change.id))))


def snapshots(service: Service) -> list[tuple[str, int]]:
    """Every item with its latest snapshot."""
    with reading(service.engine) as session:
        query = select(Item.key, Snapshot.id).join(Snapshot, col(Snapshot.id) == Item.snapshot_id)
        return sorted((key, found or 0) for key, found in session.exec(query))


def told(service: Service) -> list[Event]:
    """What is, or could be, sent."""
    return [event for event in events(service) if event.state not in ("imported", "held")]


# Baselines -----------------------------------------------------------------------------------------------------------


def test_a_baseline_of_many_records_tells_nobody_anything(service: Service, hook: Hook) -> None:
    assert len(snapshots(service)) == COUNT + 4

    assert send(service) == []

    assert changes(service) == []
    assert told(service) == []
    assert hook.got == []


def test_a_baseline_that_shows_a_later_state_is_held_for_a_maintainer(home: Installation, hook: Hook) -> None:
    """Approved within the last weeks and in nobody's history: found at first check, nothing lost, nobody alarmed."""
    home.world.story = replace(home.world.story, applications=(application("NDA215887", date(2023, 4, 28), *RECENT),))
    home.write_pack(APPLICATIONS)
    with home.service() as service:
        subscribe(service, channel="webhook", address=hook.url, level="info")
        look(service)
        send(service)

        (event,) = [event for event in events(service) if event.type == "approval"]
        assert (event.therapy, event.state, event.held_because) == ("tofersen", "held", "found at first check")
    assert hook.got == []


HISTORY = """
[[events]]
therapy = "AMX0035"
type = "approval"
place = "US"
agency = "FDA"
polarity = "positive"
date = "2022-09-29"
precision = "day"
thread = "us/amx0035/authorisation"
step = "authorised"
alert = true
source_tier = 1
source = "FDA"
mark_event = "C"
mark_date = "C"
"""


def test_a_baseline_that_agrees_with_the_history_adds_no_event(home: Installation) -> None:
    (home.folder / "story.events.toml").write_text(HISTORY, encoding="utf-8")
    home.write_pack(APPLICATIONS, head=DISEASE.replace("[pack]\n", '[pack]\nhistory = "story.events.toml"\n'))
    with home.service() as service:
        look(service)

        found = [(event.type, event.state) for event in events(service) if event.therapy == "AMX0035"]
        assert found == [("approval", "imported")]


def test_a_watch_added_later_starts_with_a_baseline_of_its_own(home: Installation, hook: Hook) -> None:
    home.write_pack(TREATMENTS)
    with home.service() as service:
        subscribe(service, channel="webhook", address=hook.url, level="info")
        look(service)
    home.write_pack(TREATMENTS, TRIALS)
    with home.service() as service:
        found = look(service)
        assert (found["trials"].outcome, found["treatments"].outcome) == ("baseline", "unchanged")
        assert send(service) == []
        assert changes(service) == []


def test_a_watch_that_follows_something_else_starts_with_a_baseline_again(home: Installation) -> None:
    home.write_pack(APPLICATIONS)
    with home.service() as service:
        look(service)
    home.world.story = replace(
        home.world.story,
        applications=(*home.world.story.applications, application("NDA215887", date(2023, 4, 28), *RECENT)),
    )
    for left in ('"NDA020599", ', '"NDA209176", ', '"NDA216660", '):
        home.pack.write_text(home.pack.read_text(encoding="utf-8").replace(left, ""), encoding="utf-8")
    with home.service() as service:
        outcomes = []
        for days in range(5):
            home.world.at(NOON + timedelta(days=days))
            outcomes.append(look(service)["applications"].outcome)
        assert outcomes == ["baseline"] + ["unchanged"] * 4, "what is followed no longer is not missed"
        assert changes(service) == []
        assert told(service) == []


def test_after_a_pause_one_reader_gets_one_summary(home: Installation, postbox: Postbox) -> None:
    """Five studies stopped while nobody looked: one mail, not five."""
    with home.service(smtp_url=postbox.url) as service:
        look(service)
        subscribe(service, channel="email", address="reader@example.org", confirmed=True, level="info")
        home.world.at(NOON + timedelta(days=60))
        home.world.edits[STUDIES] = stopped(range(5), "2023-06-28")
        _new_version(home)
        assert look(service)["trials"].events == 5
        send(service)
    assert len(postbox.mails) == 1
    text = postbox.mails[0].get_body(("plain",)).get_content()
    assert all(number(place) in text for place in range(5))


# Absence -------------------------------------------------------------------------------------------------------------


def without(key: str) -> Callable[[Any], Any]:
    def edit(answer: Any) -> Any:
        answer["results"] = [row for row in answer["results"] if row["application_number"] != key]
        answer["meta"]["results"]["total"] = len(answer["results"])
        return answer

    return edit


def test_a_record_that_one_release_leaves_out_is_no_news(home: Installation, service: Service, hook: Hook) -> None:
    before = snapshots(service)
    home.world.edits[OPENFDA] = without("NDA216660")
    home.world.at(NOON + timedelta(days=1))
    assert look(service, "applications")["applications"].outcome == "unchanged"

    home.world.forget()
    home.world.at(NOON + timedelta(days=2))
    assert look(service, "applications")["applications"].outcome == "unchanged"

    send(service)
    assert (changes(service), told(service), hook.got) == ([], [], [])
    assert snapshots(service) == before


def test_a_record_that_stays_away_is_in_the_log_and_no_event(home: Installation, service: Service, hook: Hook) -> None:
    """Three checks over more than two days, the answer the same each time; when it is back, the log says so too."""
    home.world.edits[OPENFDA] = without("NDA216660")
    outcomes = []
    for days in (1, 2, 3, 4):
        home.world.at(NOON + timedelta(days=days))
        outcomes.append(look(service, "applications")["applications"].outcome)
    assert outcomes == ["unchanged", "unchanged", "changed", "unchanged"]
    assert [change.kind for change in changes(service)] == ["disappeared"]

    home.world.forget()
    home.world.at(NOON + timedelta(days=5))
    look(service, "applications")

    send(service)
    assert [change.kind for change in changes(service)] == ["disappeared", "appeared"]
    assert (told(service), hook.got) == ([], [])


# What is not the page ------------------------------------------------------------------------------------------------

BLOCKED = (
    b"<!doctype html><html><head><title>Access Denied</title></head><body><h1>Access Denied</h1>"
    b"<p>You don't have permission to access this page.</p><p>Reference #18.4f2c1702</p></body></html>"
)
HTML, JSON = "text/html; charset=utf-8", "application/json; charset=utf-8"


def stopped(places: range, on: str) -> Callable[[Any], Any]:
    """The answer of a registry in which these studies are terminated."""

    def edit(answer: Any) -> Any:
        for row in answer["studies"]:
            if row["protocolSection"]["identificationModule"]["nctId"] in {number(place) for place in places}:
                status = row["protocolSection"]["statusModule"]
                status["overallStatus"] = "TERMINATED"
                status["lastUpdatePostDateStruct"] = {"date": on, "type": "ACTUAL"}
        return answer

    return edit


def _new_version(home: Installation) -> None:
    """The registry says that its data moved."""
    stamp = f"{home.world.moment:%Y-%m-%d}T09:00:05"
    home.world.edits["/api/v2/version"] = lambda answer: answer | {"dataTimestamp": stamp}


FAULTS: dict[str, tuple[str, str, Answer]] = {
    "block page for JSON": ("trials", STUDIES, Answer(200, HTML, BLOCKED)),
    "block page as JSON": ("applications", OPENFDA, Answer(200, JSON, BLOCKED)),
    "block page for a page": ("treatments", PAGE, Answer(200, HTML, BLOCKED)),
    "empty list of studies": ("trials", STUDIES, Answer(200, JSON, b'{"totalCount": 0, "studies": []}')),
    "no application": ("applications", OPENFDA, Answer(404, JSON, b'{"error": {"code": "NOT_FOUND", "message": ""}}')),
    "half an answer": ("trials", STUDIES, Answer(200, JSON, b'{"totalCount": 120, "studies": [{"protocolSection":')),
    "half a page": (
        "treatments", PAGE,
        Answer(200, HTML, b"<!doctype html><html><body><main><h1>Treatments</h1>" + b"<p>Riluzole</p>" * 200),
    ),
    "a page of a few lines": (
        "treatments", PAGE, Answer(200, HTML, b"<!doctype html><html><body><main><p>Soon</p></main></body></html>"),
    ),
    "nothing at all": ("treatments", PAGE, Answer(200, HTML, b"")),
    "a fault": ("applications", OPENFDA, Answer(500, HTML, b"oops")),
    "another application": (
        "applications", OPENFDA, Answer(200, JSON, b'{"meta": {"results": {"total": 4}}, "results": []}'),
    ),
}  # fmt: skip


AWAITED = "asked 4, found 3, missing NDA215887"
"""The register does not hold the fourth application yet; that stays said."""


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_not_the_page_changes_nothing_and_recovery_is_silent(
    home: Installation, service: Service, hook: Hook, fault: str
) -> None:
    name, path, answer = FAULTS[fault]
    before = snapshots(service)
    home.world.instead[path] = answer
    home.world.at(NOON + timedelta(days=1))
    _new_version(home)

    found = look(service, name)[name]

    assert found.outcome in ("refused", "failed"), found
    assert found.error
    row = watch_row(service, name)
    assert (row.problem, row.failures) == (found.error, 1)
    assert row.health in ("blocked", "failing", "shape_changed")
    assert snapshots(service) == before

    home.world.forget()
    home.world.at(NOON + timedelta(days=2))
    assert look(service, name)[name].outcome == "unchanged"
    send(service)
    assert (changes(service), told(service), hook.got) == ([], [], [])
    row = watch_row(service, name)
    assert (row.health, row.failures) == ("record_missing" if name == "applications" else "ok", 0)
    assert row.problem == (AWAITED if name == "applications" else None)


def test_a_mass_change_of_records_is_not_believed(home: Installation, service: Service, hook: Hook) -> None:
    """A quarter of the registry stopped overnight: an accident of theirs, or of ours."""
    before = snapshots(service)
    home.world.edits[STUDIES] = stopped(range(COUNT // 4), "2023-05-02")
    home.world.at(NOON + timedelta(days=1))
    _new_version(home)

    found = look(service, "trials")["trials"]

    assert found.outcome == "refused"
    assert found.error and found.error.startswith(f"{COUNT // 4} of {COUNT} records changed at once")
    assert snapshots(service) == before
    home.world.forget()
    home.world.at(NOON + timedelta(days=2))
    assert look(service, "trials")["trials"].outcome == "unchanged"
    send(service)
    assert (changes(service), told(service), hook.got) == ([], [], [])


def test_a_mass_change_that_a_person_has_seen_is_taken_in(
    home: Installation, service: Service, typed: Callable[..., Ran]
) -> None:
    """Until then the watch stays as it was, and says what to do."""
    home.world.edits[STUDIES] = stopped(range(COUNT // 4), "2023-05-02")
    home.world.at(NOON + timedelta(days=1))
    _new_version(home)
    refused = typed(home, "check", "trials", "--json")
    assert "therawatch check trials --accept" in refused.lines[0]["error"]

    accepted = typed(home, "check", "trials", "--accept", "--json")

    assert (accepted.status, accepted.lines[0]["outcome"], accepted.lines[0]["changes"]) == (0, "changed", COUNT // 4)
    assert typed(home, "check", "trials", "--json").lines[0]["outcome"] == "unchanged"
    assert typed(home, "check", "--accept").status == 2


def test_a_list_that_is_half_as_long_removes_nothing(home: Installation, service: Service, hook: Hook) -> None:
    """It says that it is whole, day after day, and is not believed."""

    def halved(answer: Any) -> Any:
        return answer | {"studies": answer["studies"][: COUNT // 4], "totalCount": COUNT // 4, "nextPageToken": None}

    before = snapshots(service)
    home.world.edits[STUDIES] = halved
    outcomes = []
    for days in (1, 2, 3, 4):
        home.world.at(NOON + timedelta(days=days))
        _new_version(home)
        outcomes.append(look(service, "trials")["trials"].outcome)

    assert outcomes == ["refused"] * 4
    assert snapshots(service) == before
    send(service)
    assert (changes(service), told(service), hook.got) == ([], [], [])


# Words of the registry -----------------------------------------------------------------------------------------------


def with_status(place: int, word: str, **more: Any) -> Callable[[Any], Any]:
    """The registry's answer with another status for one study, its own update date not moved."""

    def edit(answer: Any) -> Any:
        for row in answer["studies"]:
            if row["protocolSection"]["identificationModule"]["nctId"] == number(place):
                row["protocolSection"]["statusModule"] |= {"overallStatus": word, **more}
        return answer

    return edit


def test_an_unknown_word_is_a_visible_problem_and_no_event(home: Installation, service: Service, hook: Hook) -> None:
    before = snapshots(service)
    home.world.edits[STUDIES] = with_status(7, "PAUSED_BY_REGULATOR")
    home.world.at(NOON + timedelta(days=1))
    _new_version(home)

    found = look(service, "trials")["trials"]

    assert (found.outcome, found.records, found.changes) == ("unchanged", COUNT - 1, 0)
    row = watch_row(service, "trials")
    assert row.health == "shape_changed"
    assert row.problem and number(7) in row.problem and "PAUSED_BY_REGULATOR" in row.problem
    home.world.forget()
    home.world.at(NOON + timedelta(days=2))
    assert look(service, "trials")["trials"].outcome == "unchanged"
    send(service)
    assert (changes(service), told(service), hook.got) == ([], [], [])
    assert snapshots(service) == before
    assert watch_row(service, "trials").problem is None


def test_unknown_words_in_many_records_refuse_the_page(home: Installation, service: Service) -> None:
    def edit(answer: Any) -> Any:
        for row in answer["studies"]:
            row["protocolSection"]["statusModule"]["overallStatus"] = "OPEN"
        return answer

    home.world.edits[STUDIES] = edit
    home.world.at(NOON + timedelta(days=1))
    _new_version(home)

    found = look(service, "trials")["trials"]

    assert found.outcome == "refused"
    assert found.error and "cannot be read" in found.error and "'OPEN'" in found.error
    assert watch_row(service, "trials").health == "shape_changed"


def test_unknown_set_by_the_registry_is_in_the_log_and_no_event(
    home: Installation, service: Service, hook: Hook
) -> None:
    """The registry sets it itself when nobody has verified a record for long; the record's own date does not move."""
    home.world.edits[STUDIES] = with_status(3, "UNKNOWN", lastKnownStatus="RECRUITING")
    home.world.at(NOON + timedelta(days=1))
    _new_version(home)

    found = look(service, "trials")["trials"]

    assert (found.outcome, found.changes, found.events) == ("changed", 1, 0)
    (change,) = changes(service)
    status = next(one for one in change.differences if one["field"] == "status")
    assert (status["before"], status["after"]) == ("RECRUITING", "UNKNOWN")
    assert status["path"] == "protocolSection.statusModule.overallStatus"
    send(service)
    assert (told(service), hook.got) == ([], [])


def test_not_yet_recruiting_is_not_recruiting(home: Installation, service: Service) -> None:
    """A registered study of tofersen waits; only when the registry says RECRUITING has it started."""
    waiting = {
        "status": "NOT_YET_RECRUITING", "first_posted": "2023-05-02", "start": "2023-07", "start_type": "ESTIMATED",
        "interventions": [{"type": "DRUG", "name": "tofersen"}], "sponsor": "Biogen", "phases": ["PHASE3"],
    }  # fmt: skip
    new = study("NCT04856982", (date(2023, 5, 2), {}), (date(2023, 6, 1), {"status": "RECRUITING"}), **waiting)
    home.world.story = replace(home.world.story, studies=(*home.world.story.studies, new))
    stages = []
    for days in (1, 40):
        home.world.at(NOON + timedelta(days=days))
        look(service, "trials")
        stages.append(pipeline(service))

    assert stages == [("not_yet_recruiting", "NCT04856982"), ("recruiting", "NCT04856982")]
    steps = [(event.type, event.step) for event in events(service) if event.trial == "NCT04856982"]
    assert steps[0] == ("trial_registered", "registered")
    assert [step for _, step in steps].count("started") == 1


def pipeline(service: Service) -> tuple[str, str | None]:
    """State and trial in the pipeline of tofersen."""
    with reading(service.engine) as session:
        seen, proofs = what_is_known(session.connection(), service.now())
        rows = table(seen, proofs, pack=service.pack, as_of=service.now().date())
    line = next(row for row in rows if row["therapy"] == "tofersen")["pipeline"]
    return line["state"], line["trial"]


# First sight of a record, later --------------------------------------------------------------------------------------


def appears(home: Installation, service: Service, key: str, *submissions: tuple[str, str, str, str]) -> list[Event]:
    """An application that the register did not show before."""
    home.world.story = replace(
        home.world.story,
        applications=(*home.world.story.applications, application(key, date(2023, 5, 2), *submissions)),
    )
    home.world.at(NOON + timedelta(days=1))
    assert look(service, "applications")["applications"].changes == 1
    return [event for event in events(service) if event.detected_at == home.world.moment]


def test_old_acts_of_a_record_that_appears_are_history(home: Installation, service: Service, hook: Hook) -> None:
    found = appears(home, service, "NDA215887", *OLD)

    assert [(event.type, event.state) for event in found if event.type == "approval"] == [("approval", "imported")]
    send(service)
    assert hook.got == []


def test_a_fresh_act_of_a_record_that_appears_is_news_of_unstated_kind(
    home: Installation, service: Service, hook: Hook
) -> None:
    """Drugs@FDA does not say by which pathway."""
    found = appears(home, service, "NDA215887", *RECENT)

    (event,) = [event for event in found if event.type == "approval"]
    assert (event.state, event.kind, event.occurred_on) == ("released", "not_stated", "2023-04-25")
    send(service)
    assert [got.told["type"] for got in hook.got] == ["approval"]


def test_a_generic_is_never_an_approval(home: Installation, hook: Hook) -> None:
    numbers = ["NDA020599", "ANDA091417"]
    home.write_pack(watch("applications", "drugsfda", base_url="WORLD", options={"applications": numbers}))
    with home.service() as service:
        subscribe(service, channel="webhook", address=hook.url, level="info")
        look(service)
        found = appears(home, service, "ANDA091417", *RECENT)
        send(service)

    assert {event.type for event in found} == {"tentative_generic_approval"}
    assert {event.level for event in found} <= {"info", "minor"}
