"""The interface against its own description: made-up questions of every operation, valid and not, and whether each
answer is one that the OpenAPI document promises. No 5xx, no status, type or body that it does not name.

    python benchmarks/interface.py [--examples 500] [--only /api/v1/events]

Questions are bounded in number and reach the application within this process alone; the database is one of its own.
"""

import argparse
import logging
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import schemathesis
import structlog
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.telling.subscriptions import subscribe
from monitor.web.app import create_app

TOKEN = "a-token-of-more-than-20-signs"
SHOWN = {"authorization": f"Bearer {TOKEN}"}
CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance, response_headers_conformance,
    response_schema_conformance,
]  # fmt: skip
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


def lies(app: Any, *, examples: int, only: str | None = None) -> Iterator[tuple[str, str]]:
    """What answers of an application contradict its description: operation, and in words. `examples` questions of each
    operation, half of them such as the description forbids; every fourth without the token."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app)
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # it raises where the description itself is wrong
        if only is None or operation.path == only:
            for said in _asked(operation, examples):
                yield f"{operation.method.upper()} {operation.path}", said


def _asked(operation: Any, examples: int) -> list[str]:
    told: dict[str, str] = {}  # what is wrong -> with the first question that showed it

    def ask(case: Any, shown: dict[str, str]) -> None:
        try:
            case.call_and_validate(headers=shown, checks=CHECKS)
        except FailureGroup as group:
            for one in group.exceptions:
                told.setdefault(_in_words(one), f"{case.query} {str(case.body)[:120]}")
        except Failure as one:
            told.setdefault(_in_words(one), f"{case.query} {str(case.body)[:120]}")

    bounded = settings(
        max_examples=max(1, examples // len(MODES)), deadline=None, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    for mode in MODES:
        cases = operation.as_strategy(generation_mode=mode)
        with suppress(Unsatisfiable):  # an operation without parameters has no wrong question
            bounded(given(case=cases, shown=st.sampled_from([SHOWN, SHOWN, SHOWN, {}]))(ask))()
    return [f"{said}; first asked {question}" for said, question in told.items()]


def _in_words(failure: BaseException) -> str:
    first = [line.strip() for line in str(failure).splitlines() if line.strip()][:5]
    return f"{type(failure).__name__}: {' / '.join(first)[:300]}"


def main() -> int:
    """Print what contradicts the description; 1 where something does."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--examples", type=int, default=500, help="questions of each operation")
    parser.add_argument("--only", help="the path of one operation")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    begun, count = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as folder:
        given_ = Settings(database_url=f"sqlite:///{Path(folder) / 'interface.db'}", api_token=TOKEN)
        with assembled(given_) as service:
            subscribe(service, channel="email", address="reader@example.org", confirmed=True)
            for operation, said in lies(create_app(service), examples=asked.examples, only=asked.only):
                count += 1
                print(f"{operation}\n    {said}", flush=True)
    print(f"{count} contradictions, {asked.examples} questions an operation, {time.monotonic() - begun:.0f} s")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
