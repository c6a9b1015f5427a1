"""The sources of the launch tier beside the registry, the register and the feeds: further lists of openFDA, DailyMed,
EMA's list of medicines, EDGAR, and the older European register. A row of the story is a row of the source, in its own
words; what is built around it is the source's envelope."""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from demo.answers import Answer, as_json, as_text, as_xml
from demo.shapes import openfda
from demo.story import Story, Told

Row = dict[str, Any]
SERVICES = {
    "/drug/": "openfda", "/transparency/": "openfda", "/dailymed/": "dailymed", "/en/documents/": "ema",
    "/submissions/": "edgar", "/Archives/": "edgar", "/ctr-search/": "euctr",
}  # fmt: skip
SPLS = "/dailymed/services/v2/spls"
REPORT = "/en/documents/report/medicines-output-medicines_json-report_en.json"
ASKED = re.compile(r'"([^"]+)"|[(\s]([^\s"():]+)(?=[\s)])')
"""What openFDA is asked for, within a field's brackets: phrases, and plain words without quotes."""
OPENFDA = ("/drug/label.json", "/drug/enforcement.json", "/drug/shortages.json", "/transparency/crl.json")
NOTHING = {"error": {"code": "NOT_FOUND", "message": "No matches found!"}}
ENDS = (
    "withdrawal_of_application",
    "marketing_authorisation",
    "refusal_of_marketing_authorisation",
    "withdrawal_expiry_revocation_lapse_of_marketing_authorisation",
    "suspension_of_marketing_authorisation",
)
EMPTY = ("therapeutic_indication", "opinion_status", "opinion_adopted_date", *(f"{name}_date" for name in ENDS))
FLAGS = (
    "accelerated_assessment", "additional_monitoring", "biosimilar", "conditional_approval",
    "exceptional_circumstances", "generic_or_hybrid", "orphan_medicine",
)  # fmt: skip
"""Columns of EMA's list that the story fills only where something stands in them."""
FULL_TEXT = "This file contains full details on each clinical trial selected for download.\n"


def launch_answer(story: Story, path: str, asked: Mapping[str, str], moment: datetime) -> Answer:
    """What one of them says to one request."""
    rows = {thing.key: seen for thing in story.records if (seen := thing.seen(moment))}
    of = {
        name: {key: s for key, s in rows.items() if s[1]["of"] == name} for name in {s[1]["of"] for s in rows.values()}
    }
    if path in OPENFDA:
        return _openfda(of.get(path, {}), asked, moment.date())
    if path == REPORT:
        return as_json(_report([row | {"ema_product_number": key} for key, (_, row) in of.get("ema", {}).items()]))
    if path.startswith(SPLS):
        return _labels(of.get("dailymed", {}), path, asked)
    if path == "/ctr-search/rest/download/full":
        return as_text(200, FULL_TEXT + _trial(asked.get("query", ""), of.get("euctr", {})))
    filings = {key: row for key, (_, row) in of.get("edgar", {}).items()}
    if found := re.fullmatch(r"/submissions/CIK(\d{10})\.json", path):
        all_of_them = (thing.versions[0][1] for thing in story.records)
        name = next((facts["company"] for facts in all_of_them if facts.get("cik") == found[1]), None)
        return _company(found[1], name, {key: row for key, row in filings.items() if row["cik"] == found[1]})
    if (found := re.search(r"/(\d{10}-\d\d-\d{6})\.txt$", path)) and found[1] in filings:
        row = filings[found[1]]
        said = next(item for item in story.told if (item.feed, item.at.date()) == (row["feed"], row["filed"]))
        return as_text(200, _submission(found[1], row, said))
    return as_text(404, "not found")


def _openfda(rows: Mapping[str, tuple[date, Row]], asked: Mapping[str, str], today: date) -> Answer:
    words = [(phrase or word).casefold() for phrase, word in ASKED.findall(asked.get("search", ""))]
    told = [{name: value for name, value in row.items() if name not in ("of", "key")} for _, row in rows.values()]
    found = [row for row in told if any(word in str(row).casefold() for word in words)]
    if not found:
        return as_json(NOTHING, status=404)
    limit = int(asked.get("limit", "1"))
    return as_json(openfda(found[:limit], skip=0, limit=limit, total=len(found), built=today))


def _report(rows: Sequence[Row]) -> Row:
    """EMA's list, every column there and mostly empty."""
    blank = dict.fromkeys(EMPTY, "") | dict.fromkeys(FLAGS, "No") | {"category": "Human"}
    told = []
    for row in rows:
        address = f"https://www.ema.europa.eu/en/medicines/human/EPAR/{row['name_of_medicine'].lower()}"
        told.append(
            blank | {"medicine_url": address} | {name: v for name, v in row.items() if name not in ("of", "key")}
        )
    return {"meta": {"total_records": len(told)}, "data": told}


def _labels(rows: Mapping[str, tuple[date, Row]], path: str, asked: Mapping[str, str]) -> Answer:
    if path == f"{SPLS}.json":
        held = [
            {"setid": key, "spl_version": row["version"], "published_date": f"{row['effective']:%b %d, %Y}",
             "title": f"{row['brand'].upper()} [{row['holder'].upper()}]"}
            for key, (_, row) in rows.items() if row["application"] == asked.get("application_number")
        ]  # fmt: skip
        return as_json({"metadata": {"total_elements": len(held), "current_page": 1, "total_pages": 1}, "data": held})
    key, _, rest = path.removeprefix(f"{SPLS}/").partition("/")
    key = key.removesuffix(".xml")
    if key not in rows:
        return as_text(404, "not found")
    row = rows[key][1]
    if rest == "history.json":
        history = [{"spl_version": row["version"], "published_date": f"{row['effective']:%b %d, %Y}"}]
        return as_json({"data": {"spl": {"setid": key, "title": row["brand"]}, "history": history}})
    return as_xml(_spl(key, row))


def _spl(key: str, row: Row) -> str:
    sections = "".join(
        f'<component><section><code code="{code}"/><title>{html.escape(title)}</title><text>'
        + "".join(f"<paragraph>{html.escape(words)}</paragraph>" for words in paragraphs)
        + "</text></section></component>"
        for code, title, paragraphs in row["sections"]
    )
    names = f"<name>{row['brand']}</name><asEntityWithGeneric><genericMedicine><name>{row['substance']}</name>"
    number = f'<subjectOf><approval><id extension="{row["application"]}"/></approval></subjectOf>'
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><document xmlns="urn:hl7-org:v3"><title>{row["brand"]}</title>'
        f'<effectiveTime value="{row["effective"]:%Y%m%d}"/><setId root="{key}"/>'
        f'<versionNumber value="{row["version"]}"/>'
        f"<author><assignedEntity><representedOrganization><name>{row['holder']}</name></representedOrganization>"
        "</assignedEntity></author><component><structuredBody><component><section><code code='48780-1'/><subject>"
        f"<manufacturedProduct><manufacturedProduct>{names}</genericMedicine></asEntityWithGeneric></manufacturedProduct>"
        f"{number}</manufacturedProduct></subject></section></component>{sections}</structuredBody></component></document>"
    )


def _company(number: str, name: str | None, filings: Mapping[str, Row]) -> Answer:
    """A company and its newest filings, as columns of one length."""
    newest = sorted(filings, key=lambda key: filings[key]["filed"], reverse=True)
    if name is None:
        return as_text(404, "not found")
    columns = {name: [str(filings[key][name]) for key in newest] for name in ("form", "items", "filed")}
    recent = {"accessionNumber": newest, "form": columns["form"], "items": columns["items"]}
    return as_json({"cik": number, "name": name, "tickers": [], "exchanges": [], "filings": {
        "recent": recent | {"filingDate": columns["filed"]}, "files": []}})  # fmt: skip


def _submission(accession: str, row: Row, said: Told) -> str:
    """A report with its release, which says what the company says in its newsroom."""
    return (
        f"<SEC-DOCUMENT>{accession}.txt\n<SEC-HEADER>\nACCESSION NUMBER:\t\t{accession}\n"
        f"CONFORMED SUBMISSION TYPE:\t{row['form']}\nFILED AS OF DATE:\t\t{row['filed']:%Y%m%d}\n"
        f"\t\tCOMPANY CONFORMED NAME:\t\t\t{row['company']}\n\t\tCENTRAL INDEX KEY:\t\t\t{row['cik']}\n</SEC-HEADER>\n"
        f"<DOCUMENT>\n<TYPE>EX-99.1\n<SEQUENCE>2\n<TEXT>\n<html><body><p><b>{html.escape(said.title)}</b></p>"
        f"<p>{html.escape(said.text)}</p></body></html>\n</TEXT>\n</DOCUMENT>\n</SEC-DOCUMENT>\n"
    )


def _trial(number: str, rows: Mapping[str, tuple[date, Row]]) -> str:
    """The full text of one trial; nothing where it is not known."""
    lines: Iterable[str] = rows[number][1]["lines"] if number in rows else ()
    return "".join(f"{line}\n" for line in (("", "Summary", f"EudraCT Number: {number}", *lines) if lines else ()))
