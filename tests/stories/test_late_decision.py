"""A decision date passes without a decision: one event, once, with the sentence that named the date."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.standing.stillness import note_overdue
from store.database import reading, writing
from store.tables import Event, Evidence

PACK = """
watches = []

[pack]
name = "als"
condition = "amyotrophic lateral sclerosis"

[[therapies]]
name = "tofersen"
"""
QUOTE = "The FDA accepted the application and set an action date of January 25, 2023."
ACCEPTED = datetime(2022, 7, 26, tzinfo=UTC)


def test_it_is_told_once_on_the_day_the_grace_ends(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_text(PACK)
    settings = Settings(config=tmp_path / "pack.toml", database_url=f"sqlite:///{tmp_path}/store.db", now=ACCEPTED)
    with assembled(settings) as service:
        with writing(service.engine) as session:
            session.add(
                Event(
                    id="EV1",
                    sequence=1,
                    type="filing_accepted",
                    step="application_accepted",
                    therapy="tofersen",
                    drug="tofersen",
                    place="US",
                    polarity="positive",
                    occurred_on="2022-07-26",
                    detected_at=ACCEPTED,
                    level="major",
                    certainty="reported",
                    tier=3,
                    thread="us/tofersen/authorisation",
                    title="accepted",
                    state="released",
                )
            )
            session.flush()
            session.add(Evidence(event_id="EV1", source="feed", watch="company", tier=3, quote=QUOTE, at=ACCEPTED))
        days = [datetime(2023, 1, 31, tzinfo=UTC), datetime(2023, 2, 1, tzinfo=UTC), datetime(2023, 2, 2, tzinfo=UTC)]
        told = [note_overdue(replace(service, now=lambda day=day: day)) for day in days]
        assert [[event.type for event in events] for events in told] == [[], ["decision_overdue"], []]
        (late,) = told[1]
        assert late.title == "Tofersen: US decision date has passed"
        assert late.note == "Due 2023-01-25, grace 7 days, waiting since 2023-02-01."
        assert (late.state, late.certainty, late.alert) == ("released", "reported", False)
        with reading(service.engine) as session:
            proof = session.exec(select(Evidence).where(Evidence.event_id == late.id)).one()
        assert proof.quote == QUOTE
