"""What Prometheus reads at `/metrics`, who may, and what is counted of the answers of this process.

Without THERAWATCH_METRICS_TOKEN only this machine may ask, and not through a proxy; with it whoever shows it.
"""

import secrets
import time
from collections.abc import Iterable
from ipaddress import ip_address

from fastapi import APIRouter, Request
from fastapi.responses import Response
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.path.figures import NAMED, Figures
from monitor.service import Service
from monitor.web.rendering import Asking

router = APIRouter(include_in_schema=False)

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy says of whom it asks for."""

ANSWERED = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5)


class Counting:
    """Around every answer: counts it by the class of its status, and how long it took."""

    def __init__(self, app: ASGIApp, answers: Counter, seconds: Histogram) -> None:
        self.app, self.answers, self.seconds = app, answers, seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun, status = time.monotonic(), 500  # what ends without a status ends as a fault of ours

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noted)
        finally:
            self.answers.labels(f"{status // 100}xx").inc()
            self.seconds.observe(time.monotonic() - begun)


def answers_counted() -> tuple[Counter, Histogram]:
    """The counter and the histogram of one application."""
    answers = Counter(f"{NAMED}http_answers", "Answers by class of status.", ["status"], registry=None)
    for kind in ("2xx", "3xx", "4xx", "5xx"):
        answers.labels(kind)
    seconds = Histogram(f"{NAMED}http_seconds", "How long answers took.", buckets=ANSWERED, registry=None)
    return answers, seconds


def registry_of(service: Service, measured: Iterable[Collector]) -> CollectorRegistry:
    """What is told at `/metrics`: the figures of the store, those of this process, and what else is measured."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    for collector in (Figures(service), *measured):
        registry.register(collector)
    return registry


@router.get("/metrics")
def metrics(request: Request, service: Asking) -> Response:
    """Every figure, in the text format of Prometheus."""
    _let_in(request, service.settings.metrics_token)
    return Response(generate_latest(request.app.state.measured), media_type=CONTENT_TYPE_PLAIN_0_0_4)


def _let_in(request: Request, token: str | None) -> None:
    """Raises HTTPException: 401 for a wrong token or none, 403 for another machine where no token is set."""
    if token is not None:
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not secrets.compare_digest(given.strip().encode(), token.encode()):
            raise HTTPException(
                401, "expected `Authorization: Bearer` with THERAWATCH_METRICS_TOKEN",
                headers={"www-authenticate": "Bearer"},
            )  # fmt: skip
    elif not _is_this_machine(request):
        raise HTTPException(403, "expected a request from this machine, or THERAWATCH_METRICS_TOKEN to be set")


def _is_this_machine(request: Request) -> bool:
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host.partition("%")[0]).is_loopback
    except ValueError:
        return False
