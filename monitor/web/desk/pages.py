"""All pages of the desk put together."""

from fastapi import APIRouter

from monitor.web.desk import acts, audit_log, event, queue, sign_in

router = APIRouter()
for family in (sign_in, queue, audit_log, event, acts):
    router.include_router(family.router)
