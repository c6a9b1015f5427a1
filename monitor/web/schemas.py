"""What receivers of webhooks are sent, described for their programs."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from monitor.telling.compose.event_schema import ADDRESS, event_schema
from monitor.web.rendering import Asking

router = APIRouter(include_in_schema=False)


@router.get(ADDRESS)
def event_1(service: Asking) -> JSONResponse:
    """The JSON Schema of an `event/1` body."""
    described = event_schema(service.settings.base_url)
    return JSONResponse(described, media_type="application/schema+json", headers={"access-control-allow-origin": "*"})
