"""What readers see in place of the contract's words: tables, and the functions that look up in them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from monitor.vocabulary.dates import SHORT_MONTHS, precision, short
from monitor.vocabulary.event_types import TIERS, TYPES
from monitor.vocabulary.places import BY_CODE

STATES = {
    "none": "No application known",
    "applied": "Applied for",
    "approved": "Approved",
    "refused": "Refused",
    "application_withdrawn": "Application withdrawn",
    "withdrawn": "Approval ended",
}
STATE_SIGNS = {"approved": "✓", "applied": "…", "refused": "✕", "application_withdrawn": "↩", "withdrawn": "■"}

KINDS = {
    "regular": "full approval",
    "accelerated": "accelerated approval",
    "conditional": "conditional approval",
    "exceptional_circumstances": "approval under exceptional circumstances",
    "noc_c": "approval with conditions (NOC/c)",
    "not_stated": "kind not stated",
}
KINDS_IN_SENTENCES = KINDS | {"not_stated": "approval (of a kind the sources do not state)"}
MARKETS = {
    "marketed": "on the market",
    "end_announced": "end of sale announced",
    "not_marketed": "no longer sold",
    "unknown": "sale not confirmed",
}
PIPELINE = {
    "not_yet_recruiting": "Not yet recruiting",
    "recruiting": "Recruiting",
    "active": "Running, no longer recruiting",
    "completed": "Completed",
    "terminated": "Stopped early",
    "stalled": "Waiting: the planned start has passed",
    "read_out_positive": "Main goal met",
    "read_out_negative": "Main goal missed",
    "discontinued": "Development ended",
    "none": "No trial known",
    "unknown": "Not known",
}
LEVELS = {"critical": "Critical", "major": "Major", "minor": "Minor", "info": "For information"}
EVENT_STATES = {
    "held": "Waits for a maintainer, not confirmed",
    "released": "Published",
    "dismissed": "Dismissed",
    "corrected": "Corrected: as it stands here it was wrong",
    "imported": "From before we began to watch",
}
RULE_STATES = {"held": "held", "released": "published", "dismissed": "rejected", "corrected": "corrected"}
CERTAINTIES = {
    "stated": "Certain: a regulator or registry says so",
    "reported": "Reported by a company or the press, not by a regulator",
    "disputed": "Disputed: those who tell of it disagree",
}
POLARITIES = {"positive": "opens a door", "negative": "closes a door", "mixed": "mixed", "neutral": "neutral"}
MARKS = {
    "C": "",
    "C1": "date from one source",
    "M": "date not confirmed",
    "X": "date not confirmed: sources disagree",
    "P": "the day it was made known",
    "L": "the latest day it can have been",
}
EVENT_MARKS = {
    "C": "",
    "C1": "Known from one source",
    "M": "Not confirmed: from memory",
    "X": "Not confirmed: sources disagree",
}
HEALTH = {
    "new": "Not checked yet",
    "ok": "Answers as it should",
    "late": "Late: the next check is overdue",
    "blocked": "Blocked: it refuses us or shows a robot check",
    "shape_changed": "Changed its shape: a person must look",
    "failing": "Cannot be reached",
    "frozen": "Frozen: it answers, but its own date stands still",
    "shrank": "Shrank: it shows much less than it did",
    "record_missing": "A record is missing that we ask for by number",
}
OUTCOMES = {
    "baseline": "first look",
    "unchanged": "nothing changed",
    "changed": "changes found",
    "failed": "failed",
    "refused": "answer not believed",
}
DELIVERY_KINDS = {
    "alert": "Alert",
    "summary": "Several alerts in one",
    "confirmation": "Confirmation",
    "digest": "Digest",
    "opt_in": "Question whether mails are wanted",
    "paused_notice": "Notice that it is paused",
    "failing_notice": "Notice that nothing arrives",
    "test": "Test",
    "trouble": "Notice of trouble",
}
DELIVERY_STATES = {"waiting": "Owed", "sent": "Sent", "failed": "Given up", "void": "Void: nothing is owed any more"}
CADENCES = {"immediate": "At once", "daily": "Once a day", "weekly": "Once a week"}
OWED = {"all": "Send all of it", "newest": "Send the newest message only", "none": "Send none of it"}
CHANGE_KINDS = {
    "appeared": "New record",
    "changed": "Record changed",
    "disappeared": "Record no longer listed",
    "imported": "Taken from history",
    "reread": "Read again by a newer version, no news",
}
RULES = {
    "substance": "The substance most recently first approved for the disease in this place whose approval still "
    "stands and which is still sold. New forms and generics of older substances do not count.",
    "act": "The latest first approval of a substance in any place that is watched. New forms and generics do not "
    "count.",
    "formulation": "The latest new form, brand or route of a substance that was already approved here.",
}
TABLES: Mapping[str, Mapping[Any, str]] = {
    "place": {code: place.name for code, place in BY_CODE.items()},
    "authorisation": STATES,
    "sign": STATE_SIGNS,
    "kind": KINDS,
    "kind_sentence": KINDS_IN_SENTENCES,
    "market": MARKETS,
    "pipeline": PIPELINE,
    "level": LEVELS,
    "event_state": EVENT_STATES,
    "rule_state": RULE_STATES,
    "certainty": CERTAINTIES,
    "polarity": POLARITIES,
    "tier": TIERS,
    "mark": MARKS,
    "mark_event": EVENT_MARKS,
    "health": HEALTH,
    "outcome": OUTCOMES,
    "change_kind": CHANGE_KINDS,
    "delivery_kind": DELIVERY_KINDS,
    "delivery_state": DELIVERY_STATES,
    "cadence": CADENCES,
    "owed": OWED,
    "rule": RULES,
    "type": {name: spec.label for name, spec in TYPES.items()},
}


def word(value: Any, table: str) -> str:
    """What readers see for one of the contract's words; a word without entry is shown as it is, not guessed."""
    if value is None:
        return ""
    return TABLES[table].get(value, str(value).replace("_", " "))


def in_place(place: str) -> str:
    """The place as it stands after "in"."""
    return BY_CODE[place].full if place in BY_CODE else place


def day(text: str | None) -> str:
    """`2024-09-24` as 24 Sep 2024, `2024-09` as Sep 2024, `2024` as 2024; what is no date stays as it is."""
    if not text:
        return "date not known"
    parts = text[:10].split("-")
    if not all(part.isdigit() for part in parts) or not 1 <= len(parts) <= 3:
        return text
    if len(parts) > 1 and not 1 <= int(parts[1]) <= 12:
        return text
    return short("-".join(parts))


def vague(text: str | None) -> str:
    """`known to the month` for a date without a day, `known to the year` for one without a month, else nothing."""
    known = precision(text) if text else "day"
    return f"known to the {known}" if known != "day" else ""


def on_day(text: str | None) -> str:
    """A date in a sentence: `on 24 Sep 2024`, `in Sep 2024`, `on a day that is not known`."""
    if not text:
        return "on a day that is not known"
    return f"{'on' if len(text) >= 10 else 'in'} {day(text)}"


def instant(value: datetime | str | None) -> str:
    """A moment as `24 Nov 2026, 17:02 UTC`; None as `never`."""
    if not value:
        return "never"
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    moment = moment.astimezone(UTC)
    return f"{moment.day} {SHORT_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC"


def machine(value: datetime | str | None) -> str:
    """A moment for the `datetime` attribute of a `time` element."""
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else (value or "")


def web_link(url: Any) -> str | None:
    """The address if it is safe to follow; None for anything but http and https (`javascript:`, `data:`)."""
    if not isinstance(url, str) or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        return None
    try:
        parts = urlsplit(url)
    except ValueError:  # an address such as http://[::1 which no browser should be given
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


def host(url: str | None) -> str:
    """The host an address leads to, for readers who want to know before they follow it."""
    return urlsplit(url).hostname or "" if web_link(url) and url else ""


def field_name(name: str) -> str:
    """`primary_completion` as Primary completion; the source's own path stands beside it."""
    words = name.strip("()").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


DAY = re.compile(r"(?:19|20)\d{2}-(?:0[1-9]|1[0-2])(?:-\d{2})?")
MOMENT = re.compile(r"\b(" + DAY.pattern + r")(?![-\d])(?:[ T](\d{2}:\d{2})(?::\d{2})?(?: UTC|Z|\+00:00))?")


def spelled(text: str) -> str:
    """A sentence that commands print, for a page: `2026-11-02 09:20 UTC` in it as 2 Nov 2026, 09:20 UTC."""
    return MOMENT.sub(lambda found: day(found[1]) + (f", {found[2]} UTC" if found[2] else ""), text)


NAME = re.compile(r"\S+(?::/|[./_-]\w)")
"""What begins like an address, a file or the name of a watch."""


def first_capital(text: str) -> str:
    """A sentence as it begins: what is no word (an address, a name with a dash) keeps its letters."""
    return text if NAME.match(text) else text[:1].upper() + text[1:]


def is_nothing(value: Any) -> bool:
    """Whether a record said nothing there."""
    return value is None or value in ("", [], {}, ())


def shown(value: Any) -> str:
    """A value of a record in words: nothing as `nothing`, lists and objects line by line."""
    if is_nothing(value):
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return "\n".join(f"{key}: {shown(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return "\n".join(shown(inner) for inner in value)
    return day(value) if isinstance(value, str) and DAY.fullmatch(value) else str(value)


def way(sent: Any) -> str:
    """`mails at once`, `mail in a weekly digest`: how messages go, behind their number."""
    what = {"email": "mail", "webhook": "webhook call"}.get(sent.channel, f"message by {sent.channel}")
    if sent.count != 1:
        what = {"mail": "mails", "webhook call": "webhook calls"}.get(what, what.replace("message", "messages"))
    pace = {"immediate": "at once", "daily": "in a daily digest", "weekly": "in a weekly digest"}
    return f"{what} {pace[sent.cadence]}"


VERBS = {"confirmed": "approved", "dismissed": "rejected", "corrected": "corrected", "merged": "merged"}


def decided(decision: Any) -> str:
    """Who decided what, and when it takes effect."""
    both = f" and {decision.second_by}" if decision.second_by else ""
    said = f"{VERBS[decision.verdict].capitalize()} by {decision.by}{both}"
    if decision.due_at is None:
        return f"{said}. A second person is yet to agree."
    return f"{said}. It takes effect {instant(decision.due_at)}; until then it can be undone."
