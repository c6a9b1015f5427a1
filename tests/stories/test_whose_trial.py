"""A trial that a text names as its registry does, by number or by acronym, belongs to the therapy that it tests."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from demo.story import Told
from tests.stories.stage import Installation, Stage, events, look, study, tale, watch

KEY = "NCT09990001"
TOLD = datetime(2026, 3, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "trial"),
    [
        ("STARLIGHT, a Phase 3 trial in ALS, met its primary endpoint, Biogen said.", KEY),
        ("Biogen said that its Phase 3 trial of Qalsody in ALS, NCT09990001, met its primary endpoint.", KEY),
        ("The Phase 3 trial Beacon II in ALS met its primary endpoint, Biogen said.", "NCT09990003"),
        ("The Phase 3 trial Beacon III in ALS met its primary endpoint, Biogen said.", None),
        ("MOONLIGHT, a Phase 3 trial in ALS, met its primary endpoint, Biogen said.", None),
    ],
)
def test_the_registry_says_whose_trial_it_is(tmp_path: Path, text: str, trial: str | None) -> None:
    studies = tuple(
        study(
            key, (date(2026, 1, 1), {}), acronym=acronym, sponsor="Biogen",
            interventions=[{"type": "DRUG", "name": "tofersen"}],
        )
        for key, acronym in ((KEY, "STARLIGHT"), ("NCT09990002", "DAYBREAK"), ("NCT09990003", "Beacon II"))
    )  # fmt: skip
    told = (
        Told("biogen", datetime(2026, 2, 1, 12, tzinfo=UTC), "Our plans", "What to expect.", "old"),
        Told("biogen", datetime(2026, 3, 9, 12, tzinfo=UTC), "Biogen reports results in ALS", text, "new"),
    )
    with Stage(tale(studies=studies, told=told), at=datetime(2026, 3, 2, 12, tzinfo=UTC)) as world:
        home = Installation(tmp_path, world)
        home.write_pack(
            watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": [KEY, "NCT09990002", "NCT09990003"]}),
            watch(
                "biogen",
                "feed",
                url="WORLD/feeds/biogen.xml",
                therapies=["tofersen"],
                options={"tier": 3},
            ),
        )
        with home.service() as service:
            look(service)
            world.at(TOLD)
            look(service)
            found = [event for event in events(service) if event.type == "readout_met"]

    assert [(event.therapy, event.trial) for event in found if event.trial] == ([("tofersen", trial)] if trial else [])
    assert {event.state for event in found if not event.trial} <= {"held"}
