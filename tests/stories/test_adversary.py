"""What a register's answer can do that nobody listed: pages repeated, numbers given anew, days turned round, records
told twice. Each is a problem of the source, said in words, and never an event."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from monitor.path.round import check_all
from monitor.watching.guards import ACCEPTING
from sources import base
from sources.base import Page, Source, Unexpected
from sources.ca_shortages import CaShortages
from sources.ctis import Ctis
from sources.dailymed import DailyMed
from sources.ema import Ema
from sources.fda_shortages import FdaShortages
from sources.isrctn import Isrctn
from sources.openfda_bulk import unpacked
from tests.stories.stage import Installation, Stage, application, events, look, study, tale, watch

DAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
SAMPLES = Path(__file__).parents[1] / "samples"
FIRST = ("ORIG", "1", "AP", "2003-04-25")
NUMBERS = [f"NDA0{number}" for number in range(20001, 20007)]
REGISTER, STUDIES = "/drug/drugsfda.json", "/api/v2/studies"
TRIALS = [f"NCT0400000{n}" for n in range(6)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    facts = {"sponsor": "Amylyx", "interventions": [{"type": "DRUG", "name": "AMX0035"}], "completion": "2026-03-04",
             "primary_completion": "2025-05-06"}  # fmt: skip
    trials = tuple(study(key, (date(2020, 1, 1), facts)) for key in TRIALS)
    applications = tuple(application(number, date(2020, 1, 1), FIRST) for number in NUMBERS)
    with Stage(tale(applications=applications, studies=trials), at=DAY) as world:
        yield Installation(tmp_path, world)


def next_look(home: Installation, edit: Callable[[Any], Any], path: str, **how: Any) -> tuple[str, int, str]:
    """What comes of the look a day after a first one, at the edited answers."""
    with home.service() as service:
        look(service)
        home.world.at(home.world.moment + timedelta(days=1))
        home.world.edits[path] = edit
        home.world.edits["/api/v2/version"] = lambda said: said | {"dataTimestamp": "2026-03-03T09:00:05"}
        (one,) = check_all(service, everything=True, **how)
        assert [event.type for event in events(service) if event.state != "imported"] == []
    return one.outcome, one.changes, str(one.error)


def given_anew(answer: Any) -> Any:
    """The first number now stands for another firm's drug, whose approval is withdrawn."""
    row = answer["results"][0]
    row["sponsor_name"] = "ACME GENERICS"
    row["products"] = [
        row["products"][0] | {"brand_name": "ZZYZX", "active_ingredients": [{"name": "WATER", "strength": "1"}],
                              "marketing_status": "Discontinued"},
    ]  # fmt: skip
    return answer


ALL = {"search": 'products.brand_name:"QALSODY"'}


def test_a_number_given_to_another_drug_waits_for_a_person(home: Installation) -> None:
    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options=ALL))
    outcome, changes, error = next_look(home, given_anew, REGISTER)
    assert (outcome, changes) == ("unchanged", 0)
    assert "NDA020001: Mistaken: expected " in error
    assert "found ZZYZX, WATER" in error and "--accept" in error
    with home.service() as service:
        (accepted,) = check_all(service, ["fda"], guard=ACCEPTING)
    assert (accepted.outcome, accepted.changes, accepted.error) == ("changed", 1, None)


def test_a_drug_that_is_renamed_or_sold_is_the_same_drug(home: Installation) -> None:
    def sold(answer: Any) -> Any:
        answer["results"][0]["sponsor_name"] = "ANOTHER FIRM"
        return answer

    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options=ALL))
    assert next_look(home, sold, REGISTER) == ("changed", 1, "None")


def test_a_record_told_twice_and_differently_is_left_as_it_was(home: Installation) -> None:
    """Two questions find the same application; one answer comes out of an old cache."""
    asked = [0]

    def stale(answer: Any) -> Any:
        asked[0] += 1
        if asked[0] % 2:
            answer["results"][0]["products"][0]["marketing_status"] = "Discontinued"
        return answer

    home.write_pack(watch("fda", "drugsfda", base_url="WORLD", options=ALL | {"applications": NUMBERS}))
    outcome, changes, error = next_look(home, stale, REGISTER)
    assert (outcome, changes) == ("refused", 0)
    assert "expected one record of this key, found two that say different things" in error


def test_day_and_month_that_change_places_are_no_news(home: Installation) -> None:
    def turned(answer: Any) -> Any:
        for row in answer["studies"][:3]:
            for struct in ("completionDateStruct", "primaryCompletionDateStruct"):
                module = row["protocolSection"]["statusModule"][struct]
                year, month, day = module["date"].split("-")
                module["date"] = f"{year}-{day}-{month}"
        return answer

    home.write_pack(watch("trials", "clinicaltrials", base_url="WORLD", options={"ids": TRIALS}))
    outcome, changes, error = next_look(home, turned, STUDIES)
    assert (outcome, changes) == ("refused", 0)
    assert "2 days moved, in each of them day and month have changed places" in error


# Answers by hand ------------------------------------------------------------------------------------------------------


def page_of(body: bytes, url: str, kind: str = "application/json") -> Page:
    return Page(url, DAY, 200, kind, sha256(body).hexdigest(), lambda: body)


class Answers:
    """Gives one answer after another, whatever is asked."""

    sweep = True

    def __init__(self, *said: Any) -> None:
        self.said = list(said)

    def __call__(self, url: str, **asked: Any) -> Page:
        said = self.said.pop(0)
        return page_of(said if isinstance(said, bytes) else json.dumps(said).encode(), url)


def walk(source: Source, *said: Any) -> None:
    fetch: Any = Answers(*said)
    for page in source.pages(fetch):
        list(source.parse(page))


def of(kind: type[Source], **options: Any) -> Source:
    return kind(kind.Options.model_validate(options))


def fda(total: int, *rows: int) -> dict[str, Any]:
    found = [{"generic_name": f"Riluzole {n}"} for n in rows]
    return {"meta": {"results": {"total": total}, "results_": 0}, "results": found}


LABEL = "00000000-0000-0000-0000-00000000000{}"


def labels(total: int, *numbers: int, pages: int = 2) -> dict[str, Any]:
    return {
        "metadata": {"total_elements": total, "total_pages": pages},
        "data": [{"setid": LABEL.format(n)} for n in numbers],
    }


def trials(total: int, *numbers: int) -> dict[str, Any]:
    rows = [{"ctNumber": f"2023-50000{n}-00-00"} for n in numbers]
    return {"pagination": {"totalRecords": total}, "data": rows}


@pytest.mark.parametrize(
    ("source", "said", "reason"),
    [
        (of(FdaShortages, names=["riluzole"]), [fda(4, 1, 2), fda(4, 1, 2)], "those of the page before again"),
        (of(FdaShortages, names=["riluzole"]), [fda(4, 1, 2), fda(3, 3)], "expected 4 records as on the page before"),
        (of(DailyMed, applications=["NDA215887"]), [labels(4, 1, 2), labels(4, 1, 2)], "the 4 labels it declares"),
        (of(Ctis, condition="ALS"), [trials(4, 1, 2), trials(4, 1, 2)], "each once"),
        (of(Ctis, condition="ALS"), [trials(4, 1, 2), trials(3, 3)], "expected 4 trials"),
    ],
    ids=lambda value: value.name if isinstance(value, Source) else "",
)
def test_pages_that_do_not_fit_together_are_no_answer(source: Source, said: list[Any], reason: str) -> None:
    with pytest.raises(Unexpected, match=reason):
        walk(source, *said)


def test_an_answer_about_another_number_is_none() -> None:
    trial = next((SAMPLES / "ctis").glob("*.json")).read_bytes()
    url = "https://euclinicaltrials.eu/ctis-public-api/retrieve/2099-599999-99-00"
    (found,) = of(Ctis, numbers=["2099-599999-99-00"]).parse(page_of(trial, url))
    assert isinstance(found, Unexpected) and "expected the trial asked for" in str(found)
    document = next((SAMPLES / "dailymed").glob("*.xml")).read_bytes()
    url = f"https://dailymed.nlm.nih.gov/dailymed/services/v2/spls/{LABEL.format(9)}.xml"
    with pytest.raises(Unexpected, match="expected the label asked for"):
        list(of(DailyMed, set_ids=[LABEL.format(9)]).parse(page_of(document, url, "text/xml")))


def test_a_study_that_stands_twice_in_a_list_of_the_right_length_hides_another() -> None:
    body = next((SAMPLES / "isrctn").glob("*.xml")).read_text(encoding="utf-8")
    start, end = body.index("<fullTrial"), body.index("</fullTrial>") + len("</fullTrial>")
    count = body.count("</fullTrial>")
    twice = body[:end] + body[start:end] + body[end:]
    twice = twice.replace(f'totalCount="{count}"', f'totalCount="{count + 1}"')
    with pytest.raises(Unexpected, match="expected each study once"):
        list(of(Isrctn, condition="x").parse(page_of(twice.encode(), "https://www.isrctn.com/api", "text/xml")))


EXPORT = (SAMPLES / "ca_shortages" / "export.csv").read_text(encoding="utf-8-sig")


def wider(text: str) -> str:
    """The same table with a column that nobody knows in its middle."""
    lines = []
    for line in text.splitlines():
        head, comma, rest = line.partition(",")
        second, _, left = rest.partition(",")
        cell = "Tier," if "Report ID" in head else "3,"
        lines.append(f"{head},{second},{cell}{left}" if comma and left else line)
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("written", "kind"),
    [
        (EXPORT.encode("utf-8-sig"), "text/csv"),
        (EXPORT.encode("utf-16"), "text/csv"),
        (EXPORT.encode("cp1252", "replace"), "text/csv; charset=windows-1252"),
        (wider(EXPORT).encode(), "text/csv"),
    ],
    ids=["mark", "wide", "western", "column"],
)
def test_a_table_in_another_encoding_or_with_a_new_column_says_the_same(written: bytes, kind: str) -> None:
    source, url = of(CaShortages), "https://www.drugshortagescanada.ca/export"
    plain = [str(one) for one in source.parse(page_of(EXPORT.encode(), url, "text/csv"))]
    assert [str(one) for one in source.parse(page_of(written, url, kind))] == plain


def test_a_bomb_packed_twice_is_not_unpacked_twice() -> None:
    packed, made = gzip.compress(b'{"results": [' + b" " * 50_000_000 + b"]}"), io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("drug-drugsfda-0001-of-0001.json", packed)
    with pytest.raises(Unexpected):
        list(unpacked(page_of(made.getvalue(), "https://download.open.fda.gov/x.json.zip"), 1, bool))


@pytest.mark.parametrize("how", ["utf-8-sig", "utf-16", "utf-16-be", "utf-32"])
def test_json_in_another_encoding_says_the_same(how: str) -> None:
    text = (SAMPLES / "ema" / "medicines.json").read_text(encoding="utf-8")
    source = of(Ema)
    plain = list(source.parse(page_of(text.encode(), "https://www.ema.europa.eu/r")))
    assert list(source.parse(page_of(text.encode(how), "https://www.ema.europa.eu/r"))) == plain
    assert not any(isinstance(one, base.Unexpected) for one in plain)
