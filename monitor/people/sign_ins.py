"""Who is signed in with which browser. The token is in the browser alone; the database holds its hash. Moments are real
time, whatever moment the facts are seen at.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, delete, or_, update
from sqlmodel import col, select

from store.database import noting, reading
from store.states import Role
from store.tables import Maintainer, SignIn, metadata

IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
"""How long a sign-in lasts: unused, and at all."""

SEEN_EVERY = timedelta(minutes=1)
"""How exactly it is noted when a sign-in was last used."""

TABLE = metadata.tables[str(SignIn.__tablename__)]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks: her name and role, and the token that her forms must bear."""

    name: str
    role: Role
    form_token: str

    @property
    def may_act(self) -> bool:
        """Whether she may do more than look."""
        return self.role == Role.MAINTAINER


def sign_in(engine: Engine, maintainer: Maintainer) -> str:
    """Sign somebody in; returns a new token, whatever the browser had before. What has run out is swept away."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    with noting(engine) as connection:
        connection.execute(delete(TABLE).where(or_(TABLE.c.started_at <= now - LONGEST, TABLE.c.seen_at <= now - IDLE)))
        connection.execute(
            TABLE.insert().values(token_hash=_hash(token), maintainer_id=maintainer.id, started_at=now, seen_at=now)
        )
    return token


def who_is(engine: Engine, token: str) -> SignedIn | None:
    """Who is signed in by a token; None for one that was never given out, has run out, or was signed out."""
    now, known = datetime.now(UTC), _hash(token)
    with reading(engine) as session:
        query = select(SignIn, Maintainer).join(Maintainer, col(Maintainer.id) == col(SignIn.maintainer_id))
        found = session.exec(
            query.where(SignIn.token_hash == known, SignIn.started_at > now - LONGEST, SignIn.seen_at > now - IDLE)
        ).first()
    if found is None:
        return None
    used, maintainer = found
    if now - used.seen_at > SEEN_EVERY:
        with noting(engine) as connection:
            connection.execute(update(TABLE).where(TABLE.c.token_hash == known).values(seen_at=now))
    return SignedIn(maintainer.name, maintainer.role, form_token(token))


def sign_out(engine: Engine, token: str) -> None:
    """End a sign-in: its token is worth nothing any more."""
    with noting(engine) as connection:
        connection.execute(delete(TABLE).where(TABLE.c.token_hash == _hash(token)))


def form_token(token: str) -> str:
    """What a form must bear that is sent with this token: nobody who does not have the one can make the other."""
    return hmac.new(token.encode(), b"therawatch form", hashlib.sha256).hexdigest()


def is_form_token(given: str, token: str) -> bool:
    """Whether a form was made for who holds this token."""
    return hmac.compare_digest(given.encode(), form_token(token).encode())


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
