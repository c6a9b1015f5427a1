"""Every watch of the bundled pack at once, against a local registry: a quiet first look, then a day on which those
that tell most have news."""

import json
import shutil
import tomllib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from demo.answers import Answer
from monitor.settings import BUNDLED_PACK
from monitor.standing.coverage import lookout
from monitor.vocabulary.places import PLACES
from tests.stories.stage import ROOT, Installation, Stage, events, evidence, look, study, tale, watch

BEFORE, AFTER = (datetime(2026, 5, day, 12, tzinfo=UTC) for day in (1, 6))
SAMPLES = ROOT / "tests" / "samples"
HEAD, _, _ = BUNDLED_PACK.read_text(encoding="utf-8").partition("# --- watches")
PLANS = tomllib.loads(BUNDLED_PACK.read_text(encoding="utf-8"))["watches"]
TYPED = {"clinicaltrials", "drugsfda", "federalregister"}
SET_ID = "c6e131fe-0000-4876-83f7-9156fc4e8228"
EU_TRIAL = "2023-510000-00-00"
SPLS = "/dailymed/services/v2/spls"
REPORTS = "/en/documents/report/medicines-output"
NO_MATCH = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}
RSS = b"""<rss version="2.0"><channel><title>News</title><item><title>A reminder</title><guid>1</guid>
<link>https://example.org/1</link><pubDate>Fri, 01 May 2026 08:00:00 GMT</pubDate></item></channel></rss>"""


PAGE = Answer(
    200,
    "text/html",
    b"""<!doctype html><html lang="en"><title>New medicines</title><body><main>
<h1>New medicines</h1><p>This page lists the medicines with a new active substance of this year, and since when.</p>
<ul><li>A medicine for the heart, since January.</li><li>Another for the skin, since March.</li></ul></main>
</body></html>
""",
)


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def rows_of(name: str) -> Any:
    return json.loads(sample(name))


def said(value: Any, status: int = 200) -> Answer:
    kinds = {bytes: ("text/plain", value), dict: ("application/json", None)}
    kind, body = kinds[type(value)]
    if body is None:
        body = json.dumps(value).encode()
    elif body[:5] in (b"<?xml", b"<rss "):
        kind = "application/xml"
    return Answer(status, kind, body)


def listed(rows: list[Any]) -> dict[str, Any]:
    return {"meta": {"results": {"skip": 0, "limit": 100, "total": len(rows)}}, "results": rows}


def report(rows: list[Any]) -> dict[str, Any]:
    return {"meta": {"total_records": len(rows)}, "data": rows}


def older_trials() -> bytes:
    """A text with the two trials that the pack asks for, whichever was asked for."""
    head, trial = sample("euctr/primec.txt").split(b"Summary\n")
    return b"Summary\n".join((head, trial, trial.replace(b"2022-002185-32", b"2020-005522-28")))


def filer(world: Stage, number: str, *extra: tuple[str, str]) -> None:
    """A company's list, and behind it the texts of its reports: accession number and what to write in the sample."""
    company, body = rows_of("edgar/company.json"), sample("edgar/release.txt")
    company["cik"] = number
    columns = company["filings"]["recent"]
    for accession, headline in extra:
        fresh = {"accessionNumber": accession, "form": "8-K", "filingDate": "2026-05-06", "items": "8.01"}
        for name, column in columns.items():
            column.insert(0, fresh.get(name, column[0]))
        told = body.replace(b"0001104659-25-000001", accession.encode()).replace(b"20250519", b"20260506")
        start, end = told.index(b"<P><B>BrainStorm"), told.index(b"<P>About")
        told = told[:start] + headline.encode() + told[end:]
        world.instead[f"/Archives/edgar/data/{number}/{accession.replace('-', '')}/{accession}.txt"] = said(told)
    world.instead[f"/submissions/CIK{number.zfill(10)}.json"] = said(company)
    world.instead[f"/Archives/edgar/data/{number}/000110465925000001/0001104659-25-000001.txt"] = said(body)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Installation]:
    """The bundled pack with all its watches, pointed at the local registry."""
    running = study("NCT04768972", (date(2026, 1, 5), {}), interventions=[{"type": "DRUG", "name": "ulefnersen"}])
    with Stage(tale(studies=(running,)), at=BEFORE) as world:
        made = Installation(tmp_path, world)
        plans = []
        for plan in PLANS:
            keys = {key: value for key, value in plan.items() if key not in ("name", "source", "url")}
            keys["options"] = {k: 0 if k == "at_least" else v for k, v in plan.get("options", {}).items()}
            where = {"url": f"WORLD/feeds/{plan['name']}.xml"} if "url" in plan else {"base_url": "WORLD"}
            plans.append(watch(plan["name"], plan["source"], **keys, **where))
            world.instead[f"/feeds/{plan['name']}.xml"] = PAGE if plan["source"] == "page" else said(RSS)
        made.write_pack(*plans, head=HEAD)
        shutil.copy(BUNDLED_PACK.with_name("als.events.toml"), tmp_path)
        world.instead |= {
            f"{SPLS}.json": said({"metadata": {"total_pages": 1}, "data": [{"setid": SET_ID, "spl_version": 1}]}),
            f"{SPLS}/{SET_ID}/history.json": said(rows_of("dailymed/history.json")),
            f"{SPLS}/{SET_ID}.xml": said(sample("dailymed/label.xml")),
            "/drug/shortages.json": said(NO_MATCH, 404),
            "/drug/enforcement.json": said(rows_of("fda_enforcement/recalls.json")),
            "/transparency/crl.json": said(NO_MATCH, 404),
            f"{REPORTS}-medicines_json-report_en.json": said(rows_of("ema/medicines.json")),
            f"{REPORTS}-orphan_designations-json-report_en.json": said(rows_of("ema_orphans/designations.json")),
            "/en/documents/report/shortages-output-json-report_en.json": said(rows_of("ema_shortages/catalogue.json")),
            "/api/query/format/default": said(sample("isrctn/trials.xml")),
            "/ctis-public-api/search": said({"pagination": {"totalRecords": 1}, "data": [{"ctNumber": EU_TRIAL}]}),
            f"/ctis-public-api/retrieve/{EU_TRIAL}": said(rows_of("ctis/trial.json")),
            "/ctr-search/rest/download/full": said(older_trials()),
        }
        for part, rows in rows_of("ca_noc/conditional.json").items():
            told = [{**row, "noc_pi_medic_ingr_name": "TOFERSEN"} if "noc_pi_strength" in row else row for row in rows]
            body = json.dumps(told).encode()
            world.instead[f"/api/notice-of-compliance/{part}/"] = Answer(200, "application/json", body)
        for number in ("875045", "874015", "1658551", "1137883", "1875091"):
            filer(world, number)
        yield made


def news(world: Stage) -> None:
    """A day on which a drug is short and recalled, a label warns, experts speak, and a company must say something."""
    world.at(AFTER)
    package = {
        "status": "Current", "package_ndc": "1", "generic_name": "Riluzole Tablet", "company_name": "A Company",
        "initial_posting_date": "05/04/2026", "update_date": "05/05/2026", "update_type": "New",
        "availability": "Unavailable",
    }  # fmt: skip
    recall = rows_of("fda_enforcement/recalls.json")["results"][0] | {
        "recall_number": "D-0999-2026", "recall_initiation_date": "20260430", "report_date": "20260505",
    }  # fmt: skip
    letter = rows_of("fda_crl/letters.json")["results"][0] | {
        "application_number": ["NDA 216660"], "letter_date": "05/04/2026",
    }  # fmt: skip
    opinion = rows_of("ema/medicines.json")["data"]
    opinion.append(opinion[0] | {
        "name_of_medicine": "Alsitek", "ema_product_number": "EMEA/H/C/005897", "active_substance": "masitinib",
        "international_non_proprietary_name_common_name": "masitinib", "medicine_status": "Opinion",
        "opinion_status": "Negative", "opinion_adopted_date": "05/05/2026", "marketing_authorisation_date": "",
    })  # fmt: skip
    boxed = (
        b'<component><section><code code="34066-1"/><text><paragraph>WARNING: MYELITIS.</paragraph></text></section>'
    )
    label = sample("dailymed/label.xml").replace(b'value="20230425"', b'value="20260504"')
    label = label.replace(b'<component><section><code code="34067-9"/>',
                          boxed + b'</component><component><section><code code="34067-9"/>')  # fmt: skip
    history = rows_of("dailymed/history.json")
    history["data"]["history"].insert(0, {"spl_version": 2, "published_date": "May 4, 2026"})
    world.instead |= {
        "/drug/shortages.json": said(listed([package])),
        "/drug/enforcement.json": said(listed([recall, *rows_of("fda_enforcement/recalls.json")["results"]])),
        "/transparency/crl.json": said(listed([letter])),
        f"{REPORTS}-medicines_json-report_en.json": said(report(opinion)),
        f"{SPLS}/{SET_ID}/history.json": said(history),
        f"{SPLS}/{SET_ID}.xml": said(label),
    }
    filer(world, "1137883", ("0001137883-26-000009", (
        "<P><B>BrainStorm announces clinical hold on the Phase 3b ENDURANCE trial of NurOwn in ALS</B></P><P>NEW YORK, "
        "May 6, 2026 - BrainStorm today announced that the FDA has placed a clinical hold on its Phase 3b ENDURANCE "
        "trial of NurOwn.</P>"
    )))  # fmt: skip


def test_every_watch_runs_and_a_day_of_news_is_told(home: Installation) -> None:
    with home.service() as service:
        first = look(service)
        assert {name: one.outcome for name, one in first.items()} == dict.fromkeys(
            (p["name"] for p in PLANS), "baseline"
        )
        before = {event.id for event in events(service)}
        assert [event.type for event in events(service) if event.state == "released"] == []

        news(home.world)
        second = look(service)
        assert {name for name, one in second.items() if one.outcome in ("failed", "refused")} == set()
        told = {e.type: e for e in events(service) if e.id not in before and e.type != "answer_changed"}

        assert {(type_, e.therapy, e.state) for type_, e in told.items() if e.tier == 1} == {
            ("shortage", "riluzole", "released"),
            ("recall", "riluzole", "released"),
            ("complete_response", "AMX0035", "released"),
            ("chmp_opinion", "masitinib", "released"),
            ("safety_label", "tofersen", "released"),
        }
        (said_so,) = evidence(service, told["safety_label"])
        assert said_so.quote == "boxed_warning: WARNING: MYELITIS."
        held_up = told["clinical_hold"]
        assert (held_up.therapy, held_up.tier, held_up.state) == ("NurOwn", 2, "released")
        assert evidence(service, held_up)[0].url.endswith("/0001137883-26-000009-index.htm")
        with service.engine.connect() as connection:
            covered = lookout(connection, service.sources, service.now(), service.pack.therapies)
            cells = {place: covered.of("tofersen", place) for place in PLACES}
        lacks = {"US": "record_missing"}  # this world's register shows none of the applications that it is asked for
        assert {place: cell.looked for place, cell in cells.items()} == dict.fromkeys(PLACES, "watched") | lacks
        assert {place: cell.by for place, cell in cells.items()} == BY


BY = {
    "US": ("fda-applications",),
    "EU": ("ema-medicines",),
    "CA": ("ca-approvals",),
    "UK": ("mhra-news", "mhra-alerts", "mhra-safety"),
    "JP": ("pmda-news", "pmda-all"),
    "CN": ("cn-news",),
    "KR": ("kr-press",),
    "AU": ("tga-news",),
    "CH": ("ch-authorisations",),
}


def test_each_answer_of_the_reference_says_by_which_source(home: Installation, shared: Path) -> None:
    """Every therapy and place of als-status.jsonl has a watch that has looked, and the answer names it."""
    rows = map(json.loads, (shared / "als-status.jsonl").read_text(encoding="utf-8").splitlines())
    asked = {(row["therapy"], row["place"]) for row in rows if "place" in row}
    with home.service() as service:
        look(service)
    told = {line["therapy"]: line for line in home.command("status", "--json").lines}
    assert {place for _, place in asked} <= set(PLACES)
    unseen = [
        (therapy, place)
        for therapy, place in sorted(asked)
        for cell in [told[therapy]["places"][place]]
        if cell["looked"] != ("record_missing" if cell["missing"] else "watched") or not cell["watched_by"]
    ]
    assert unseen == []
    assert {place: tuple(told["tofersen"]["places"][place]["watched_by"]) for place in PLACES} == BY
    assert told["tofersen"]["pipeline"]["watched_by"] == ["als-trials", "eu-trials"]
