"""All pages of the desk put together."""

from fastapi import APIRouter

from monitor.web.desk import (
    acts,
    audit_log,
    deliveries,
    event,
    queue,
    rules,
    sign_in,
    stale,
    subscriptions,
    watches,
)

router = APIRouter()
for family in (sign_in, queue, stale, rules, audit_log, watches, subscriptions, deliveries, event, acts):
    router.include_router(family.router)
