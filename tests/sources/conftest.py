"""A plain way to ask, for the tests of adapters: httpx without guard, pace and memory, against respx."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import httpx
import pytest

from sources.base import Page, Unreachable

TRUSTING = httpx.create_ssl_context()
"""Made once: httpx would read all certificates anew for each question."""


@dataclass
class PlainFetch:
    """Keeps the addresses it asked; an answer with the header `x-unchanged` counts as not moved."""

    sweep: bool = False
    asked: list[httpx.URL] = field(default_factory=list)

    def __call__(
        self,
        url: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        missing: Iterable[int] = (),
        body: Mapping[str, Any] | None = None,
    ) -> Page:
        method = "GET" if body is None else "POST"
        answer = httpx.request(method, url, params=params, headers=dict(headers or {}), json=body, verify=TRUSTING)
        self.asked.append(answer.request.url)
        if answer.status_code != 200 and answer.status_code not in missing:
            retry = answer.headers.get("retry-after")
            raise Unreachable(f"{url}: status {answer.status_code}", retry_after=float(retry) if retry else None)
        return Page(
            url=str(answer.request.url),
            fetched_at=datetime(2026, 1, 1, tzinfo=UTC),
            status=answer.status_code,
            content_type=answer.headers.get("content-type", ""),
            sha256=sha256(answer.content).hexdigest(),
            load=lambda: answer.content,
            unchanged="x-unchanged" in answer.headers,
        )


@pytest.fixture
def plain_fetch() -> PlainFetch:
    """A fetch for adapters; requests go to whatever respx serves."""
    return PlainFetch()
