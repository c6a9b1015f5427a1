"""Packs: the bundled one fits the sources and the history; a wrong one says where it is wrong and what is accepted."""

from datetime import timedelta
from pathlib import Path

import pytest

import sources
from monitor.events.history import read_history
from monitor.settings import BUNDLED_PACK, Misconfigured
from monitor.vocabulary.pack import Pack
from monitor.vocabulary.pack_faults import read_pack

CATALOG = sources.load()
FOLLOWED = [
    "riluzole", "edaravone", "tofersen", "AMX0035", "ulefnersen", "NurOwn", "VRG50635", "PrimeC", "mecobalamin",
    "NUZ-001", "CNM-Au8", "pridopidine", "masitinib", "ibudilast",
]  # fmt: skip

RIGHT = """
[pack]
name = "demo"
condition = "a disease"

[[therapies]]
name = "demozine"

[[watches]]
name = "news"
source = "feed"
every = "1h"
url = "https://example.org/news.xml"
therapies = ["demozine"]
options = { tier = 3 }
"""


@pytest.fixture(scope="module")
def als() -> Pack:
    return read_pack(BUNDLED_PACK, CATALOG)


def write(folder: Path, text: str) -> Path:
    path = folder / "demo.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_bundled_pack_follows_what_its_history_tells_of_and_knows_more(als):
    assert [therapy.name for therapy in als.therapies if therapy.followed] == FOLLOWED
    assert {"FAB122"} <= {therapy.name for therapy in als.therapies if not therapy.followed}


def test_names_numbers_and_trials_of_the_bundled_pack_belong_to_one_therapy_each(als):
    for told in ("names", "trials"):
        owned = [name.lower() for therapy in als.therapies for name in getattr(therapy, told)]
        assert sorted({name for name in owned if owned.count(name) > 1}) == []
    numbers = [n for therapy in als.therapies for many in therapy.applications.values() for n in many]
    assert len(numbers) == len(set(numbers))


def test_acronyms_of_the_bundled_pack_lead_to_a_trial_of_the_therapy_or_to_a_name(als):
    for therapy in als.therapies:
        for acronym, trial in therapy.acronyms.items():
            assert trial in therapy.trials or trial == acronym  # no number yet: its name stands for it


def test_every_confirmed_trial_and_application_is_watched(als):
    watched = {plan.name: plan.options for plan in als.watches}
    registered = {trial for therapy in als.therapies for trial in therapy.trials if trial.startswith("NCT")}
    assert registered == set(watched["als-trials"]["ids"])
    assert {n for therapy in als.therapies for n in therapy.applications.get("fda", ())} == set(
        watched["fda-applications"]["applications"]
    )


def test_the_trials_of_the_history_are_those_of_the_pack(als):
    assert als.pack.history is not None
    rows = read_history(BUNDLED_PACK.with_name(als.pack.history), als)
    for row in rows:
        therapy = als.therapy(row.therapy)
        assert therapy is not None
        if row.trial and row.trial.startswith("NCT"):
            assert row.trial in therapy.trials


def test_no_source_is_asked_more_often_than_it_should(als):
    least = {
        "clinicaltrials": timedelta(hours=12),
        "drugsfda": timedelta(days=1),
        "federalregister": timedelta(hours=12),
    }
    assert all(plan.interval >= least.get(plan.source, timedelta(hours=1)) for plan in als.watches)


def test_a_right_pack_is_read(tmp_path):
    pack = read_pack(write(tmp_path, RIGHT), CATALOG)
    assert [plan.name for plan in pack.watches] == ["news"]
    assert pack.therapy("DemoZine") is pack.therapies[0]


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('name = "demo"', 'name = "The Demo"', "pack.name: "),
        ('condition = "a disease"', "", "pack.condition: expected a value, found none"),
        ('condition = "a disease"', 'illness = "a disease"', "pack.illness: unknown key"),
        (
            'condition = "a disease"',
            'condition = "a disease"\nambiguous = { XYZ = ["xylophone"] }',
            "pack.ambiguous: expected one of",
        ),
        ('name = "demozine"', 'name = "demozine"\ncolour = "red"', "therapies.0.colour: unknown key"),
        ('name = "demozine"', 'name = "demozine"\nbrands = "Demo"', "therapies.0.brands: "),
        ('every = "1h"', 'every = "hourly"', "watches.0.every: expected a number and m, h, d or w"),
        ('every = "1h"', 'every = "0h"', "found '0h'"),
        ('source = "feed"', 'source = "tea-leaves"', "watches.news.source: expected one of "),
        ("tier = 3", "tier = 9", "watches.news.options.tier: "),
        ("tier = 3", "teir = 3", "watches.news.options.teir: unknown key"),
        ('url = "https://example.org/news.xml"', "", "watches.news.url: the source feed needs an address, found none"),
        ("https://example.org", "file:///etc", "watches.news.url: expected an address that starts with http:// or"),
        ('["demozine"]', '["placebo"]', "watches.news.therapies: expected a therapy of this pack, found 'placebo'"),
        ("[[watches]]", '[[therapies]]\nname = "demozine"\n\n[[watches]]', "the name 'demozine' is used twice"),
        ("[pack]", "[pack", "expected TOML in UTF-8"),
    ],
)
def test_a_wrong_pack_names_file_key_and_accepted_form(tmp_path, right, wrong, told):
    assert right in RIGHT
    path = write(tmp_path, RIGHT.replace(right, wrong))
    with pytest.raises(Misconfigured) as caught:
        read_pack(path, CATALOG)
    assert str(path) in str(caught.value)
    assert told in str(caught.value)


def test_all_faults_of_a_pack_are_told_at_once(tmp_path):
    text = RIGHT.replace("tier = 3", "teir = 3").replace('["demozine"]', '["placebo"]')
    with pytest.raises(Misconfigured) as caught:
        read_pack(write(tmp_path, text), CATALOG)
    assert len(str(caught.value).splitlines()) == 2


def test_a_pack_that_is_not_there_is_told(tmp_path):
    with pytest.raises(Misconfigured, match="expected a readable pack, found none"):
        read_pack(tmp_path / "absent.toml", CATALOG)
