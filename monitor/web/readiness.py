"""Whether the service is alive (`/healthz`) and does its work (`/readyz`), for machines that ask."""

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from monitor.path.health import NO_ROOM, free_bytes
from monitor.telling.deliveries import arrears
from monitor.web.rendering import Asking
from store.database import reading

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """The process answers."""
    return {"state": "alive"}


@router.get("/readyz")
def readyz(request: Request, service: Asking) -> JSONResponse:
    """200 when the database answers and has room, and no job of the clock fails or is behind; otherwise 503 with the
    reasons.

    Deliveries that were given up or are overdue are counted; that a receiver is away makes no service unready.
    """
    room = free_bytes(service.settings)
    reasons = [f"disk: {room // 2**20} MB free where the database lies"] if room is not None and room < NO_ROOM else []
    owed: dict[str, int] = {}
    try:
        with reading(service.engine) as session:
            session.connection().execute(text("SELECT 1 FROM watch LIMIT 1"))
        owing = arrears(service)
        owed = {"failed": owing.failed, "overdue": owing.overdue}
    except SQLAlchemyError as problem:
        reasons.append(f"database: expected an answer, found {type(problem).__name__}")
    overdue = getattr(request.app.state, "clock", None)
    if overdue is not None:
        reasons += overdue()
    return JSONResponse(
        {"state": "not ready" if reasons else "ready", "reasons": reasons, "deliveries": owed},
        status_code=503 if reasons else 200,
    )
