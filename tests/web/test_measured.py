"""Completeness of the benchmark of waiting: every page and every answer of the interface is among what it asks for."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

ROOT = Path(__file__).resolve().parents[2]


def of_pages(routes: Any) -> set[str]:
    """The paths of pages, of an application or of a router in it."""
    found: set[str] = set()
    for route in routes:
        if (inner := getattr(route, "original_router", None)) is not None:
            found |= of_pages(inner.routes)
        elif "GET" in (getattr(route, "methods", None) or ()) and not route.include_in_schema:
            found.add(route.path)
    return found


def test_every_page_is_measured_on_a_log_of_many_years(pages: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    looking = import_module("looking")  # as it runs: beside the log that it builds

    lists = (looking.PAGES, looking.DESK, looking.MACHINES, looking.ALL_OF_IT)
    asked = [address.partition("?")[0] for some in lists for address in some]
    described: dict[str, Any] = pages.get("/api/openapi.json").json()["paths"]
    known = of_pages(pages.app.routes) | {path for path, verbs in described.items() if "get" in verbs}  # type: ignore[attr-defined]
    assert {"/", "/review/rules/{rule:path}", "/api/v1/rules", "/subscriptions/{token}"} <= known
    shapes = {path: re.compile(re.sub(r"\{.+?\}", ".+", path)) for path in known}
    assert sorted(path for path, shape in shapes.items() if not any(map(shape.fullmatch, asked))) == []
