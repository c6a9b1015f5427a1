"""What goes back over the wire: bodies of the kinds that the world serves."""

import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What goes back over the wire."""

    status: int
    kind: str
    body: bytes


def as_json(value: Any, status: int = 200) -> Answer:
    """A value as JSON."""
    return Answer(status, "application/json; charset=utf-8", json.dumps(value).encode())


def as_html(text: str) -> Answer:
    """A page."""
    return Answer(200, "text/html; charset=utf-8", text.encode())


def as_xml(text: str, kind: str = "application/xml") -> Answer:
    """A document or feed."""
    return Answer(200, f"{kind}; charset=utf-8", text.encode())


def as_text(status: int, words: str) -> Answer:
    """Plain words."""
    return Answer(status, "text/plain; charset=utf-8", words.encode())
