"""What waits to be told, asked without the mapper: most rounds bring nothing."""

from typing import Any

from sqlalchemy import Select, bindparam, exists, literal_column, or_, select

from monitor.service import Service
from store.columns import READER, word
from store.look_columns import DECISION, DELIVERY, NEWS, POLICY
from store.states import About, Cadence, DecisionState, DeliveryKind, DeliveryState, EventState, Way

TELLING, QUIET, PASSING = 1, 2, 3
IS_NEWS: Select[Any] = select(literal_column(f"{TELLING}")).where(
    or_(
        exists().where(NEWS.c.matched_at.is_(None), NEWS.c.state == word(EventState.RELEASED)),
        exists().where(NEWS.c.confirmation_due.is_not(None)),
        exists().where(DECISION.c.state == word(DecisionState.WAITING), DECISION.c.due_at <= bindparam("now")),
    )
)
"""An event, a confirmation, or a decision that takes effect now."""

IS_QUIET: Select[Any] = select(literal_column(f"{QUIET}")).where(
    READER.c.cadence == word(Cadence.WEEKLY),
    READER.c.confirmed_at.is_not(None),
    READER.c.ended_at.is_(None),
    ~exists().where(
        DELIVERY.c.subscription_id == READER.c.id,
        DELIVERY.c.kind == word(DeliveryKind.DIGEST),
        DELIVERY.c.state == word(DeliveryState.WAITING),
        DELIVERY.c.attempts == 0,
        DELIVERY.c.body.is_(None),
        DELIVERY.c.due_at > bindparam("now"),
    ),
)
"""A weekly reader whose next digest is not there yet: that of a quiet week is sent too."""

IS_PASSED: Select[Any] = select(literal_column(f"{PASSING}")).where(exists().where(POLICY.c.way == word(Way.PASS)))
"""A rule that a maintainer lets pass: whether it has read something is for the match to say."""

LISTENING = select(READER.c.id).where(
    READER.c.about == word(About.TROUBLE), READER.c.confirmed_at.is_not(None), READER.c.ended_at.is_(None)
)


def may_match(service: Service) -> bool:
    """Whether anything may wait for the match; where nothing does, it would do nothing."""
    with service.engine.connect() as connection:
        asked = IS_NEWS.union_all(IS_QUIET, IS_PASSED).limit(1)
        return connection.execute(asked, {"now": service.now()}).first() is not None


def may_be_told_of_trouble(service: Service) -> bool:
    """Whether somebody wants to hear of trouble."""
    with service.engine.connect() as connection:
        return connection.execute(LISTENING.limit(1)).first() is not None
