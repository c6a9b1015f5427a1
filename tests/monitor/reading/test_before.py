"""What was authorised before, and what else a text may tell, as the judge sees them; what is about a device."""

from dataclasses import replace
from datetime import date

import pytest

from monitor.reading.prose.candidates import PLACES, Views, candidates_of, is_about_medicine, is_beside_other_thing
from monitor.reading.prose.clean import cleaned
from monitor.reading.prose.features import before, years_of
from monitor.reading.prose.judge import judge
from monitor.reading.prose.second_look import beside
from monitor.reading.prose.two_readers import both_readers, views_of
from monitor.vocabulary.authorised import NEVER, ROWS
from monitor.vocabulary.texts import REGULATOR


def views(title: str, published: date | None = None, kind: str = "news", **values: float) -> Views:
    found = views_of(cleaned(title, ""), published, None, kind=kind, values=None)
    row = [values.get(name, 0.0) for name in PLACES]
    return replace(found, values=[row])


@pytest.mark.parametrize(
    ("title", "published", "word"),
    [
        ("FDA approves Xarelto for a further use", date(2020, 5, 1), "long"),
        ("FDA approves Xarelto", date(2011, 7, 1), "now"),
        ("FDA approves Xarelto", date(2009, 7, 1), "later"),
        ("European Commission approves Xarelto", date(2009, 10, 1), "lately"),
        ("MHRA approves Xarelto", date(2008, 12, 1), "now"),
        ("Japan approves Xarelto", date(2020, 5, 1), "abroad_long"),
        ("FDA approves Xarelto", None, "undated"),
        ("FDA approves Varexin", date(2020, 5, 1), "unknown"),
    ],
)
def test_what_was_authorised_before_is_looked_up_at_the_place_of_the_act(
    title: str, published: date | None, word: str
) -> None:
    seen = views(title, published)

    assert {before(one, seen) for one in candidates_of(seen)} == {word}


def test_the_table_knows_names_of_a_medicine_and_years_of_this_world() -> None:
    assert years_of(["Xarelto"]) == years_of(["rivaroxaban"]) == years_of(["Xarelto (rivaroxaban)"])
    assert years_of(["Varexin"]) is None
    years = {year for _, both in ROWS for year in both} - {NEVER}
    assert min(years) >= 1938 and max(years) <= date.today().year
    assert all(names and min(both) < NEVER for names, both in ROWS)


def test_a_further_use_of_an_old_medicine_is_likelier_than_its_first_approval() -> None:
    def likely(title: str) -> dict[str, float]:
        seen = both_readers(cleaned(title, ""), date(2024, 5, 1))
        assert seen is not None
        return {verdict.candidate.type: verdict.news for verdict in judge().verdicts(seen)}

    assert set(likely("FDA approves Xarelto for young children")) == {"label_expansion"}
    assert set(likely("FDA approves Zimbrexa for young children with asthma")) & {"approval", "label_expansion"}


def test_the_second_look_sees_what_else_is_likely() -> None:
    first, further, recall = beside(["approval", "label_expansion", "recall"], [0.9, 0.5, 0.01])

    assert first["beside_ways"] == pytest.approx(0.0)
    assert further["beside_best"] == further["beside_ways"] > 2
    assert recall["beside_best"] > 2 > -9 > recall["beside_ways"]


def test_a_medicine_beside_a_device_is_weighed_in_the_press_and_shut_out_elsewhere() -> None:
    title = "FDA rejects migraine drug-device"
    said = {"complete_response": 0.9}

    def about(seen: Views) -> set[bool]:
        return {is_about_medicine(one, seen) for one in candidates_of(seen) if one.type == "complete_response"}

    assert about(views(title, **said)) == {True}
    assert about(views(title, kind=REGULATOR, **said)) == {False}
    assert about(views(title, complete_response=0.1)) == {False}


@pytest.mark.parametrize(
    ("title", "other"),
    [
        ("Opioid tablets carry a risk of ventilatory failure, new advice says", False),
        ("Ear drops recalled after sensorineural hearing loss", False),
        ("Ventilators of a hospital recalled", True),
        ("Sensor patches recalled", True),
    ],
)
def test_an_illness_that_begins_like_a_device_is_none(title: str, other: bool) -> None:
    seen = views(title, recall=0.2)

    assert {is_beside_other_thing(one, seen) for one in candidates_of(seen)} == {other}


def test_a_plain_yes_that_the_network_takes_for_a_further_use_may_still_be_a_first_one() -> None:
    seen = views("FDA approves Varexin for asthma", approval=0.3, label_expansion=0.8)
    told = {one.type: one.act is not None for one in candidates_of(seen)}

    assert told == {"label_expansion": True, "approval": False}


def test_the_press_may_tell_of_a_medicine_without_any_word_for_one() -> None:
    """Where the network hears something; what is beside a device or food is none."""
    about = {
        title: [one.about for one in candidates_of(views(title, interim_data=value))]
        for title, value in (
            ("Norvane reports good results in spinal inflammation", 0.9),
            ("Norvane reports good results in the north", 0.1),
            ("Norvane recalls spinach", 0.9),
        )
    }

    assert [any(some) for some in about.values()] == [True, False, False]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("FDA approves Xarelto for children with heart disease", "news"),
        ("FDA approves Dupixent for toddlers with severe eczema", REGULATOR),
        ("Acme: FDA approval of Entresto for heart failure in children from one year", "press_release"),
    ],
)
def test_a_plain_yes_to_what_was_authorised_long_ago_is_one_of_a_further_use(title: str, kind: str) -> None:
    text = f"The FDA today approved {title.split('pproves ')[-1].split('approval of ')[-1]}."
    seen = both_readers(cleaned(title, text), date(2024, 5, 1), kind=kind)
    assert seen is not None

    assert {verdict.candidate.type for verdict in judge().verdicts(seen)} == {"label_expansion"}


@pytest.mark.parametrize(("name", "substance"), [("Cosentyx", "secukinumab"), ("Entyvio", "vedolizumab")])
def test_so_is_a_yes_that_the_network_takes_for_a_first_one_but_less_so(name: str, substance: str) -> None:
    text = (
        f"The U.S. Food and Drug Administration today approved {name} ({substance}) for the preventive treatment of "
        "flares in pediatric patients 6 years of age and older."
    )
    title = f"FDA approves {name} for prevention of flares in patients 6 to 17 years of age"
    seen = both_readers(cleaned(title, text), date(2024, 5, 1), kind=REGULATOR)
    assert seen is not None

    assert {verdict.candidate.type for verdict in judge().verdicts(seen)} == {"label_expansion"}


@pytest.mark.parametrize("title", ["MHRA approves Leqembi for early disease", "Japan approves Filspari for adults"])
def test_a_plain_yes_where_the_table_knows_of_none_stays_a_first_one(title: str) -> None:
    seen = both_readers(cleaned(title, ""), date(2026, 3, 4), kind=REGULATOR)
    assert seen is not None
    yes = [verdict for verdict in judge().verdicts(seen) if verdict.candidate.act]

    assert {verdict.candidate.type for verdict in yes} == {"approval"}
