"""The interface answers what its description promises, whatever is asked: no 5xx, no status, type or body beside it."""

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.interface import TOKEN, lies
from monitor.service import Service
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app

EXAMPLES = 6
"""Questions an operation; `benchmarks/interface.py` asks 500."""


@pytest.fixture
def app(service: Service) -> Any:
    """With a token, and a reader to whom nothing can be sent."""
    subscribe(service, channel="email", address="reader@example.org", confirmed=True)
    return create_app(replace(service, settings=service.settings.changed(api_token=TOKEN)))


def test_no_answer_contradicts_the_description(app: Any) -> None:
    assert list(lies(app, examples=EXAMPLES)) == []


def test_the_description_promises_no_more_than_is_answered(app: Any) -> None:
    described = app.openapi()
    operations = [operation for verbs in described["paths"].values() for operation in verbs.values()]

    assert not any("422" in operation["responses"] for operation in operations)
    assert "HTTPValidationError" not in described["components"]["schemas"]
    closed = [operation for operation in operations if "401" in operation["responses"]]
    assert closed and all(operation["security"] == [{"token": []}] for operation in closed)
    assert all(operation.get("description") for operation in operations)
