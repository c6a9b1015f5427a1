"""The views of the desk's queue that are about one person, and about statements that have aged."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from sqlmodel import col, select

from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from store.database import writing
from store.states import Health
from store.tables import Change, Evidence, Item, Run, Watch
from tests.web.desk.conftest import Clock, Desk
from tests.web.desk.test_acts import log


def test_mine_is_what_asks_me_and_what_i_have_begun(
    service: Service, at_desk: Callable[..., Desk], waits: Callable[..., str], clock: Clock
) -> None:
    service = replace(service, settings=service.settings.changed(two_people=True))
    me, other, viewer = at_desk("an-editor"), at_desk("another-editor"), at_desk("a-viewer", "viewer")
    for one in (me, other, viewer):
        one.client.app.state.service = service  # type: ignore[attr-defined]
    asks_me, asks_her, small, away, worded, theirs = (
        waits(place=place) for place in ("US", "EU", "CA", "UK", "JP", "CH")
    )
    other.act(asks_me, "approve")
    me.act(asks_her, "approve")
    me.act(small, "reject", reason="noise")
    me.act(away, "snooze", until="day")
    me.act(worded, "wording", sentence="A hold in Japan.")
    other.act(theirs, "snooze", until="day")
    page = me.get("/review?view=mine").text
    ids = re.findall(r'/review/events/(EV\w+)\?view=mine" data-open', page)
    assert ids[0] == asks_me and set(ids) == {asks_me, asks_her, small, away, worded}, "what asks me stands first"
    for said in ("asks you to be the second", "You decided it first.", "You decided it.", "You put it off until",
                 "You have written its sentence", 'Mine <span class="number">5</span>'):  # fmt: skip
        assert said in page, said
    assert theirs not in page and "Nothing here." in viewer.get("/review?view=mine").text
    clock.goes_on(days=2)
    assert "You had put it off: it is back." in me.get("/review?view=mine").text
    after = me.act(asks_me, "agree", back="view=mine")
    assert "view=mine" in str(after.url) and after.url.path.startswith("/review/events/"), "on to the next of mine"


def test_what_has_aged_is_looked_at_accepted_or_confirmed_by_hand(
    service: Service, desk: Desk, at_desk: Callable[..., Desk], clock: Clock
) -> None:
    with writing(service.engine) as session:
        for watch in session.exec(select(Watch).where(col(Watch.active))):
            watch.last_success_at, watch.health = clock.moment, Health.OK
    page = desk.get("/review/stale").text
    assert "Nothing here. Every statement" in page
    with writing(service.engine) as session:
        (fda,) = [watch for watch in session.exec(select(Watch)) if watch.name == "fda-applications"]
        fda.last_success_at, fda.health = clock.moment - timedelta(days=9), Health.SHAPE_CHANGED
        session.add(
            Run(watch_id=fda.id, started_at=clock.moment, finished_at=clock.moment, outcome="refused", note="3 of 312")
        )
    page = desk.get("/review/stale").text
    row = page[page.index("not checked since 15 Nov 2026") :].partition("</li>\n  <li class")[0]
    assert (
        "<strong>Qalsody (tofersen)</strong> in the United States: approved, 25 Apr 2023" in row
        and "(the answer there)" in row
    )
    assert 'href="/review/watches/fda-applications#do" data-key="a"' in row and 'value="fda-applications"' in row
    assert 'Stale <span class="number">' in desk.get("/review").text

    statement = "US|approved|tofersen"
    assert desk.post("/review/stale/confirm", statement=statement).status_code == 409, "where she looked is asked for"
    assert desk.post("/review/stale/confirm", statement="US|refused|tofersen", note="x").status_code == 409
    assert at_desk("a-viewer", "viewer").post("/review/stale/confirm", statement=statement).status_code == 403
    told = desk.post("/review/stale/confirm", statement=statement, note="accessdata.fda.gov, label of 2025")
    assert "readers see that a person has looked" in told.text and f'value="{statement}"' not in told.text
    public = desk.client.get("/").text
    assert "not checked since 15 Nov 2026, 12:00 UTC; a person looked on 24 Nov 2026: still so" in public
    assert "an-editor" not in public and "accessdata.fda.gov, label" not in public
    lines = {one["therapy"]: one["places"]["US"] for one in desk.client.get("/api/v1/status").json()}
    assert (lines["tofersen"]["looked"], lines["tofersen"]["by_hand"]) == ("late", "2026-11-24")
    assert lines["riluzole"]["by_hand"] is None
    (entry,) = log(service, "confirm still true")
    assert (entry.matter, entry.note) == ("statement tofersen, US", "accessdata.fda.gov, label of 2025")

    undone = desk.post("/review/stale/undo", act=str(entry.id))
    assert "doubted as before" in undone.text and f'value="{statement}"' in undone.text
    assert desk.post("/review/stale/undo", act=str(entry.id)).status_code == 409
    desk.post("/review/stale/confirm", statement=statement, note="accessdata.fda.gov")
    clock.goes_on(minutes=11)
    assert desk.post("/review/stale/undo", act=str(log(service, "confirm still true")[-1].id)).status_code == 409
    clock.goes_on(days=31)
    assert f'value="{statement}"' in desk.get("/review/stale").text, "a person's look ages as well"
    looked = desk.post("/review/stale/look", watch="fda-applications")
    assert "no answer that could be read" in looked.text and log(service, "check")
    assert desk.post("/review/stale/look", watch="none-such").status_code == 404


def test_a_row_says_which_field_moved_who_tells_whom_it_reaches_and_who_must_agree(
    service: Service, desk: Desk, waits: Callable[..., str], clock: Clock
) -> None:
    desk.client.app.state.service = replace(  # type: ignore[attr-defined]
        service, settings=service.settings.changed(two_people=True)
    )
    subscribe(service, channel="webhook", address="https://hook.als.example/in", level="major")
    for level in ("major", "critical"):
        subscribe(service, channel="email", address="one@als.example", level=level, confirmed=True)
    stopped = waits(type_="trial_stopped", place=None, trial="NCT06215755", therapy=None, confidence=0.81)
    with writing(service.engine) as session:
        watch = session.exec(select(Watch)).first()
        assert watch is not None and watch.id is not None
        run = Run(watch_id=watch.id, started_at=clock.moment, finished_at=clock.moment, outcome="changed")
        item = Item(source="clinicaltrials", key="NCT06215755", title="A study", url="https://example.org")
        session.add_all([run, item])
        session.flush()
        texts = {"field": "eligibility", "path": "e", "before": "long " * 30, "after": "longer " * 30}
        status = {"field": "status", "path": "s", "before": "ACTIVE_NOT_RECRUITING", "after": "TERMINATED"}
        change = Change(
            item_id=item.id or 0, watch_id=watch.id, run_id=run.id or 0, kind="changed", differences=[texts, status],
            detected_at=clock.moment, previous_hash="", hash="x",
        )  # fmt: skip
        session.add(change)
        session.flush()
        told = Evidence(event_id=stopped, change_id=change.id, source="clinicaltrials", tier=2, at=clock.moment)
        session.add(told)
    hold = waits()
    page = desk.get("/review").text
    rows = {id: page[page.index(f'/review/events/{id}" data-open') :].partition("</li>")[0] for id in (stopped, hold)}
    for said in (
        "Status: active, not recruiting → terminated",
        "81 % sure",
        "(registry or legal filing), ",
        "They agree",
    ):
        assert said in rows[stopped], said
    assert "nobody asks for it" in rows[stopped] and "two people" not in rows[stopped], "of no drug of the pack: minor"
    assert "reaches 1 person and 1 program" in rows[hold] and "<span>two people</span>" in rows[hold]
