"""Whatever is asked of the interface and the pages, the answer is one of those that the description promises."""

from typing import Any
from urllib.parse import quote

from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.vocabulary.event_types import LEVELS, TYPES
from monitor.vocabulary.places import PLACES

PLAUSIBLE = (
    *PLACES, *LEVELS, *TYPES, "", " ", "0", "1", "-1", "400", "401", "9" * 30, "1e3", "٣", "2025-08-31", "0001-01-01",
    "9999-12-31", "2025-08-31T12:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2025-02-30",
    "released", "substance", "tofersen", "NCT04856982", "null", "true", "[]", "' OR 1=1 --", "%", "_", "\x00",
    "2025-08-31.7", "9.9", "2147483648", "title:x* OR NEAR(", '"', "'", "\ud7ff", "\U0010ffff", "x" * 201,
)  # fmt: skip
VALUES = st.one_of(
    st.sampled_from(PLAUSIBLE).map(str.encode),
    st.text(max_size=40).map(lambda told: told.encode("utf-8", "surrogatepass")),
    st.binary(max_size=40),
    st.datetimes().map(lambda moment: moment.isoformat().encode()),
    st.integers().map(lambda number: str(number).encode()),
)
PAGES = {
    "/": ("place", "as_of", "known_at"),
    "/events": ("before", "after", "type", "since", "search"),
    "/events.json": ("before", "limit", "search"),
    "/events.csv": ("after", "limit", "search"),
    "/changes": ("before", "after", "routine", "since", "search"),
    "/changes.json": ("before", "limit", "search"),
    "/changes.csv": ("after", "limit", "search"),
    "/therapies/{name}": (),
    "/trials/{key}": (),
    "/subscriptions/{token}": (),
}
CLOSED = ("/api/v1/deliveries", "/api/v1/rules", "/api/v1/stale", "/api/v1/subscriptions")
"""For maintainers with a token alone."""


def routes(pages: TestClient) -> dict[str, tuple[str, ...]]:
    """What can be read: path to the names of its query parameters, of the interface as it describes itself and of the
    pages."""
    described: dict[str, Any] = pages.get("/api/openapi.json").json()["paths"]
    return PAGES | {
        path: tuple(one["name"] for one in verbs["get"].get("parameters", []) if one["in"] == "query")
        for path, verbs in described.items()
        if "get" in verbs
    }


def test_no_question_breaks_the_interface(pages: TestClient) -> None:
    known = routes(pages)
    assert {"/api/v1/events", "/api/v1/newest", "/api/v1/events/{identity}", *CLOSED} <= set(known)

    @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def ask(data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(sorted(known)), label="path")
        names = (*known[path], "unknown")
        asked = data.draw(st.lists(st.tuples(st.sampled_from(names), VALUES), max_size=5), label="asked")
        if "{" in path:
            path = path.partition("{")[0] + quote(data.draw(VALUES, label="segment"), safe="")
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in asked)
        answer = pages.get(f"{path}?{query}")
        assert answer.status_code in ((403,) if path.startswith(CLOSED) else (200, 400, 404)), answer.text
        if path.startswith("/api/v1/"):
            assert answer.headers["content-type"] == "application/json"
            assert answer.status_code == 200 or answer.json()["error"]["status"] == answer.status_code

    ask()
