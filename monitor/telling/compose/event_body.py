"""Rows to an `event/1` body: what machines are told, once and for good.   (pure)"""

import json
import re
from datetime import datetime
from typing import Any

from monitor.standing.courses import standing
from monitor.telling.compose.event_schema import (
    SCHEMA,
    Body,
    ChangeLine,
    ProofLine,
    ReviewLine,
    RungLine,
    TherapyLine,
)
from monitor.telling.compose.ladder import ladder_of
from monitor.telling.compose.message import Frame, capped, heading_of, sentence_of
from monitor.telling.compose.news import News
from monitor.vocabulary.event_types import TYPES, slug
from monitor.vocabulary.wording import Telling, telling_of
from store.states import Certainty
from store.tables import Event, Evidence

SIZE_LIMIT = 20_000
"""Bytes of a body; evidence is cut until it fits, and the link leads to the rest."""

QUOTE = 600
PROOFS = 8
CHANGES = 20
VALUE = 400
NUMBER = re.compile(r"(A?NDA|BLA)\s*0*(\d+)")


def event_body(news: News, frame: Frame, *, test: bool = False) -> bytes:
    """The bytes of one body: UTF-8 JSON, under 20 kB."""
    body = _body(news, frame, test=test)
    while len(packed := _packed(body)) > SIZE_LIMIT and (body["evidence"] or body["change"]):
        if len(body["change"]) > len(body["evidence"]):
            body["change"].pop()
        else:
            body["evidence"].pop()
    return packed


def _packed(body: Body) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _body(news: News, frame: Frame, *, test: bool) -> Body:
    event, telling = news.event, telling_of(news.event, frame.pack)
    title, plain = heading_of(news, telling, frame), sentence_of(news, telling)
    return {
        "schema": SCHEMA,
        "id": event.id,
        "type": event.type,
        "test": test,
        "notice": news.notice,
        "title": capped(title, VALUE),
        "thread": event.thread,
        "sequence": news.sequence,
        "occurred_on": event.occurred_on,
        "source_published_on": next((proof.published_on for proof in news.evidence if proof.published_on), None),
        "detected_at": _stamp(event.detected_at),
        "released_at": _stamp(event.released_at),
        "place": event.place,
        "places": list(telling.places),
        "agency": event.agency,
        "trial": event.trial,
        "polarity": event.polarity,
        "kind": event.kind,
        "pack": {"id": frame.pack.pack.name, "version": frame.pack.pack.version},
        "therapy": _therapy(event, telling),
        "change": _changes(news),
        "ladder": _ladder(news),
        "level": event.level,
        "level_reasons": event.level_reasons,
        "certainty": event.certainty,
        "tier": event.tier,
        "tellers": len({(proof.source, proof.watch) for proof in news.evidence}),
        "disputed": event.certainty == Certainty.DISPUTED,
        "text": {"plain": {"en": plain}, "technical": {"en": _technical(news, title)}},
        "evidence": [_evidence(proof, news) for proof in news.evidence[:PROOFS]],
        "answer_changed": event.type == "answer_changed",
        "corrects": event.corrects,
        "supersedes": None,
        "review": _review(news),
        "links": _links(event, frame.base_url),
    }


def _ladder(news: News) -> list[RungLine]:
    rungs = ladder_of(news.event, news.thread)
    return [{"step": step, "on": rung.occurred_on, "tier": rung.tier} for rung, step in rungs]


def _links(event: Event, base: str) -> dict[str, str]:
    place = f"?place={event.place}" if event.place else ""
    return {"event": f"{base}/events/{event.id}", "status": f"{base}/{place}"}


def _therapy(event: Event, telling: Telling) -> TherapyLine | None:
    therapy = telling.therapy
    if therapy is None:
        name = event.therapy or event.drug
        return {"id": slug(name), "names": [name], "ids": {}, "for_whom": None} if name else None
    names = dict.fromkeys((*therapy.brands, *therapy.synonyms, *therapy.codes, therapy.name))
    ids: dict[str, str] = {}
    for agency, numbers in therapy.applications.items():
        for number in numbers:
            kind = NUMBER.fullmatch(number)
            ids.setdefault(*((kind[1].lower(), kind[2]) if kind else (agency, number)))
    return {"id": slug(therapy.name), "names": list(names), "ids": ids, "for_whom": telling.for_whom}


def _changes(news: News) -> list[ChangeLine]:
    """What became of the approval, else the fields of the record that moved."""
    event = news.event
    state = TYPES[event.type].approval_state if event.type in TYPES else None
    if state is None:
        return [
            {
                "field": str(difference.get("field")),
                "before": _value(difference.get("before")),
                "after": _value(difference.get("after")),
                "before_since": None,
                "after_since": event.occurred_on,
            }
            for difference in news.differences[:CHANGES]
        ]
    return [
        {
            "field": "approval.state",
            "before": state.before,
            "after": state.after,
            "before_since": _since(news, state.before),
            "after_since": event.occurred_on,
        }
    ]


def _since(news: News, state: str) -> str | None:
    """Since when the state before held; None where the thread does not tell, or tells another state."""
    on = news.event.occurred_on
    earlier = [
        rung for rung in news.thread if rung.id != news.event.id and (on is None or (rung.occurred_on or "") <= on)
    ]
    before = standing(earlier, place=news.event.place or "")
    return before.since.occurred_on if before.state == state and before.since else None


def _value(value: Any) -> Any:
    """Short values as they are; long ones as text that ends in an ellipsis."""
    text = json.dumps(value, ensure_ascii=False)
    return value if len(text) <= VALUE else capped(value if isinstance(value, str) else text, VALUE)


def _technical(news: News, title: str) -> str:
    return capped(next((proof.quote for proof in news.evidence if proof.quote), title), QUOTE)


def _evidence(proof: Evidence, news: News) -> ProofLine:
    return {
        "source": proof.source,
        "tier": proof.tier,
        "ref": (news.keys or {}).get(proof.change_id or 0) or _ref(proof.url),
        "url": proof.url,
        "retrieved_at": _stamp(proof.retrieved_at),
        "capture_sha256": proof.capture_sha256,
        "locator": None,
        "quote": capped(proof.quote, QUOTE) if proof.quote else None,
    }


def _ref(url: str | None) -> str | None:
    """The number of a document whose address ends in it."""
    match = re.search(r"/((?:\d{4}-\d{4,6})|NCT\d{8})/?\Z", url or "")
    return match[1] if match else None


def _review(news: News) -> ReviewLine:
    own = [review for review in news.reviews if review.event_id == news.event.id]
    if not own:
        return {"mode": "automatic", "by_role": None, "at": None}
    return {"mode": "human", "by_role": "maintainer", "at": _stamp(own[-1].at)}


def _stamp(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None
