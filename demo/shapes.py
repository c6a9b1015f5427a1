"""The answers of the real interfaces, built from the story's facts: the same shapes, our own words."""

import html
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from email.utils import format_datetime
from typing import Any

from demo.story import Told

Json = dict[str, Any]


def study(facts: Mapping[str, Any], *, posted: date, data_version: date) -> Json:
    """One study as version 2 of the registry's interface gives it."""
    status: Json = {
        "overallStatus": facts["status"],
        "statusVerifiedDate": facts.get("verified") or f"{posted:%Y-%m}",
        "expandedAccessInfo": {"hasExpandedAccess": False},
        "lastUpdateSubmitDate": posted.isoformat(),
        "lastUpdatePostDateStruct": {"date": posted.isoformat(), "type": "ACTUAL"},
    }
    for name, path in (
        ("start", "startDateStruct"),
        ("primary_completion", "primaryCompletionDateStruct"),
        ("completion", "completionDateStruct"),
        ("first_posted", "studyFirstPostDateStruct"),
    ):
        if name in facts:
            moved = facts.get(f"{name}_type", "ACTUAL")
            status[path] = {"date": facts[name], "type": moved}
    if "why_stopped" in facts:
        status["whyStopped"] = facts["why_stopped"]
    design: Json = {"studyType": facts.get("study_type", "INTERVENTIONAL"), "phases": facts["phases"]}
    if "enrollment" in facts:
        design["enrollmentInfo"] = {"count": facts["enrollment"], "type": facts.get("enrollment_type", "ESTIMATED")}
    identification: Json = {"nctId": facts["key"], "briefTitle": facts["title"]}
    if "acronym" in facts:
        identification["acronym"] = facts["acronym"]
    return {
        "protocolSection": {
            "identificationModule": identification,
            "statusModule": status,
            "sponsorCollaboratorsModule": {"leadSponsor": {"name": facts["sponsor"], "class": "INDUSTRY"}},
            "conditionsModule": {"conditions": facts["conditions"]},
            "designModule": design,
            "armsInterventionsModule": {"interventions": facts["interventions"]},
        },
        "derivedSection": {"miscInfoModule": {"versionHolder": data_version.isoformat()}},
        "hasResults": facts.get("has_results", False),
    }


def application(facts: Mapping[str, Any]) -> Json:
    """One application as openFDA gives it."""
    return {
        "submissions": [
            {"submission_type": kind, "submission_number": number, "submission_status": status,
             "submission_status_date": day.replace("-", "")} | dict(rest)
            for kind, number, status, day, rest in facts["submissions"]
        ],
        "application_number": facts["key"],
        "sponsor_name": facts["sponsor"],
        "products": [
            {"product_number": f"{number:03}", "brand_name": product["brand"].upper(), "reference_drug": "Yes",
             "reference_standard": "Yes", "active_ingredients": product["ingredients"],
             "dosage_form": product["form"], "route": product["route"], "marketing_status": product["marketing"]}
            for number, product in enumerate(facts["products"], start=1)
        ],
    }  # fmt: skip


def openfda(rows: list[Json], *, skip: int, limit: int, total: int, built: date) -> Json:
    """openFDA's envelope."""
    return {
        "meta": {
            "disclaimer": "A replay for tests and demonstration; not the FDA's interface.",
            "last_updated": built.isoformat(),
            "results": {"skip": skip, "limit": limit, "total": total},
        },
        "results": rows,
    }


def notice(facts: Mapping[str, Any]) -> Json:
    """One document as the Federal Register gives it."""
    number, day = facts["document_number"], facts["publication_date"].isoformat()
    return {
        "title": facts["title"],
        "type": "Notice",
        "abstract": facts["abstract"],
        "document_number": number,
        "html_url": f"https://www.federalregister.gov/d/{number}",
        "publication_date": day,
        "agencies": [
            {"raw_name": "DEPARTMENT OF HEALTH AND HUMAN SERVICES", "name": "Health and Human Services Department",
             "slug": "health-and-human-services-department"},
            {"raw_name": "Food and Drug Administration", "name": "Food and Drug Administration",
             "slug": "food-and-drug-administration"},
        ],
        "action": facts.get("action", "Notice."),
        "dates": facts.get("dates"),
        "effective_on": facts["effective_on"].isoformat() if "effective_on" in facts else None,
        "docket_ids": facts.get("dockets", []),
        "excerpts": None,
    }  # fmt: skip


def feed(title: str, items: Iterable[Told], *, home: str, built: datetime) -> str:
    """An RSS 2.0 feed, newest first."""
    entries = "".join(
        f"<item><title>{html.escape(item.title)}</title><link>{home}/{item.slug}</link>"
        f'<guid isPermaLink="true">{home}/{item.slug}</guid><pubDate>{format_datetime(item.at)}</pubDate>'
        f"<description>{html.escape(html.escape(item.text, quote=False))}</description></item>"
        for item in items
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>'
        f"<title>{html.escape(title)}</title><link>{home}</link><description>{html.escape(title)}</description>"
        f"<lastBuildDate>{format_datetime(built)}</lastBuildDate>{entries}</channel></rss>"
    )


def page(title: str, sections: Iterable[Mapping[str, Any]]) -> str:
    """A web page: a heading, and under each section's heading its lines."""
    body = "".join(
        f"<h2>{html.escape(section['heading'])}</h2><ul>"
        + "".join(f"<li>{html.escape(line)}</li>" for line in section["lines"])
        + "</ul>"
        for section in sections
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title></head>'
        f"<body><header><nav><a href='/'>Home</a></nav></header><main><h1>{html.escape(title)}</h1>{body}</main>"
        "<footer>Text of the demonstration.</footer></body></html>"
    )
