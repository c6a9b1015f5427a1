"""Dates ahead as a calendar (RFC 5545): what registries plan for the trials that are followed, and the decisions that
regulators have promised. A date known to its month lasts the month: no day is invented. What moves keeps its UID."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from monitor.service import Service
from monitor.telling.compose.ahead import Plan
from monitor.telling.compose.message import Frame, capped
from monitor.telling.kept_plans import Decision, KeptPlans
from monitor.vocabulary.dates import first_day, last_day, short
from monitor.vocabulary.event_types import slug
from monitor.vocabulary.wording import called
from monitor.web import labels as words
from monitor.web.feed_query import FeedQuery
from monitor.web.rendering import Asking, display_name, frame_of
from store.database import reading
from store.tables import Subscription

router = APIRouter(include_in_schema=False)

LINE = 75
"""Octets of a line; a longer one goes on in the next, which begins with a blank."""

TEXT = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One date ahead: as precise as it is told, since when it stands so, and where it is read."""

    uid: str
    on: str
    since: datetime
    title: str
    about: str
    url: str | None


@router.get("/feeds/calendar.ics")
def calendar(request: Request, service: Asking, asked: Annotated[FeedQuery, Query()]) -> Response:
    """The dates ahead within a year, narrowed as a feed is. Raises Unaccepted."""
    reader, _ = asked.narrowed(service)
    frame, kept = frame_of(service), kept_plans_of(request)
    with reading(service.engine) as session:
        planned = kept.plans(session, service.now().date(), titles=frame.titles, names=_names(service))
        decisions = kept.decisions(session)
    entries = [*_of_trials(service, planned, frame, reader), *_decisions(service, decisions, frame, reader)]
    entries.sort(key=lambda entry: (last_day(entry.on), entry.uid))
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Therawatch//Dates ahead//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", f"X-WR-CALNAME:{_text(frame.disease)}: dates ahead", "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        *(line for entry in entries for line in _event(entry)),
        "END:VCALENDAR",
    ]  # fmt: skip
    text = "".join(f"{part}\r\n" for line in lines for part in _folded(line))
    return Response(text, media_type="text/calendar; charset=utf-8")


def kept_plans_of(request: Request) -> KeptPlans:
    """The dates ahead that the application keeps."""
    kept: KeptPlans = request.app.state.kept_plans
    return kept


def _names(service: Service) -> dict[str, str]:
    return {therapy.name: called(therapy).short for therapy in service.pack.therapies}


def _of_trials(service: Service, planned: Iterable[Plan], frame: Frame, reader: Subscription) -> Iterator[Entry]:
    names = _names(service)
    for plan in planned:
        if not plan.concerns(reader):
            continue
        key, name = plan.trial.item.key, names.get(plan.trial.therapy, plan.trial.therapy)
        what = "planned start" if plan.field == "start" else "last visit for the main goal, as planned"
        yield Entry(
            uid=f"{slug(key)}-{plan.field}@{frame.domain}",
            on=plan.told.on,
            since=plan.trial.snapshot.taken_at,
            title=f"{name}: {what} of trial {key}",
            about=f"{plan.told.sentence} How sure: {plan.told.how_sure}. Source: {plan.told.source}.",
            url=plan.told.url,
        )


def _decisions(service: Service, decisions: Iterable[Decision], frame: Frame, reader: Subscription) -> Iterator[Entry]:
    for decision in decisions:
        claim, proof, due = decision.awaited.claim, decision.proof, decision.awaited.due
        wanted = not reader.therapies or claim.therapy in reader.therapies
        wanted = wanted and (not reader.places or claim.place in reader.places) and "reviews" not in reader.muted
        wanted = wanted and (not reader.tiers or proof.tier in reader.tiers)
        if due < service.now().date() or not wanted:
            continue
        name = display_name(service.pack, claim.therapy, claim.place) or "a drug"
        who = claim.agency or words.word(claim.place, "place")
        yield Entry(
            uid=f"decision-{decision.thread.replace('/', '-')}@{frame.domain}",
            on=due.isoformat(),
            since=proof.at,
            title=f"{name}: decision of {who} due",
            about=f"{who} is to decide on {name} by {short(due.isoformat())}. It may move. "
            f"Source: {frame.teller(proof.source, proof.watch)}.",
            url=proof.url,
        )


def _event(entry: Entry) -> Iterable[str]:
    begins, ends = first_day(entry.on), last_day(entry.on) + timedelta(days=1)
    link = words.web_link(entry.url)
    return [
        "BEGIN:VEVENT",
        f"UID:{_text(entry.uid)}",
        f"DTSTAMP:{entry.since.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{_day(begins)}",
        f"DTEND;VALUE=DATE:{_day(ends)}",
        f"SUMMARY:{_text(entry.title)}",
        f"DESCRIPTION:{_text(entry.about)} Information\\, not medical advice.",
        *([f"URL:{link}"] if link else []),
        "STATUS:TENTATIVE",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
    ]


def _day(day: date) -> str:
    return f"{day:%Y%m%d}"


def _text(value: str) -> str:
    """A value of type TEXT: in one line, with what would end it escaped."""
    clean = capped("".join(sign if sign.isprintable() else " " for sign in value), TEXT)
    return clean.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of 75 octets, no letter cut in two."""
    part = ""
    for sign in line:
        if len((part + sign).encode()) > LINE:
            yield part
            part = " "
        part += sign
    yield part
