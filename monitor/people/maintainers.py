"""Maintainers: made at the terminal, known by name, their passwords kept as argon2 hashes alone."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from monitor.people.audit import Who, note_act
from monitor.service import Service
from monitor.settings import Misconfigured
from store.database import reading, writing
from store.states import Role
from store.tables import Maintainer, SignIn

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,39}")
SHORTEST, LONGEST = 12, 200
"""Characters of a password."""

HASHER = PasswordHasher()


def add(service: Service, name: str, password: str, role: str, who: Who) -> Maintainer:
    """Let somebody sign in from now on. Raises Misconfigured naming what is wrong."""
    known = _name(name)
    kept, role_ = _hash(password), _role(role)
    with writing(service.engine) as session:
        if _by_name(session, known):
            raise Misconfigured(f"name: expected one that nobody has, found {known!r}, which is there already")
        made = Maintainer(name=known, password_hash=kept, role=role_, created_at=service.now())
        session.add(made)
        note_act(session, who, "add", f"maintainer {known}", at=service.now(), after={"role": role_})
    return made


def remove(service: Service, name: str, who: Who) -> None:
    """Let somebody sign in no more; who is signed in is signed out. Raises Misconfigured."""
    with writing(service.engine) as session:
        found = _named(session, name)
        _sign_out(session, found)
        session.delete(found)
        note_act(session, who, "remove", f"maintainer {found.name}", at=service.now(), before={"role": found.role})


def new_password(service: Service, name: str, password: str, who: Who) -> None:
    """Another password; who is signed in by the old one is signed out. Raises Misconfigured."""
    kept = _hash(password)
    with writing(service.engine) as session:
        found = _named(session, name)
        found.password_hash = kept
        _sign_out(session, found)
        session.add(found)
        note_act(session, who, "new password", f"maintainer {found.name}", at=service.now())


def maintainers(session: Session) -> Sequence[Maintainer]:
    """Everybody who may sign in, by name."""
    return session.exec(select(Maintainer).order_by(col(Maintainer.name))).all()


def any_maintainer(session: Session) -> bool:
    """Whether there is anybody who could sign in."""
    return session.exec(select(func.count()).select_from(Maintainer)).one() > 0


def who_knows(service: Service, name: str, password: str) -> Maintainer | None:
    """The maintainer of this name, if the password is hers. The same work is done for a name that nobody has, so that
    the time an answer takes tells nothing."""
    known = _folded(name)
    with reading(service.engine) as session:
        found = _by_name(session, known) if NAME.fullmatch(known) else None
    right = _is_right(found.password_hash if found else _nobodys(), password)
    return found if right and found else None


@cache
def _nobodys() -> str:
    """The hash of a password that nobody has."""
    return HASHER.hash("the password of nobody at all")


def _is_right(kept: str, password: str) -> bool:
    try:
        return HASHER.verify(kept, _normal(password[: LONGEST + 1]))
    except (VerificationError, InvalidHashError):
        return False


def _hash(password: str) -> str:
    if not SHORTEST <= len(password) <= LONGEST:
        raise Misconfigured(f"password: expected {SHORTEST} to {LONGEST} characters, found {len(password)}")
    return HASHER.hash(_normal(password))


def _normal(password: str) -> str:
    """The same letters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def _folded(name: str) -> str:
    return name.strip().lower()


def _name(name: str) -> str:
    known = _folded(name)
    if not NAME.fullmatch(known):
        raise Misconfigured(f"name: expected up to 40 of a-z, 0-9, dot, dash and underscore, found {name[:60]!r}")
    return known


def _role(role: str) -> Role:
    if role not in tuple(Role):
        raise Misconfigured(f"role: expected one of {', '.join(Role)}; found {role[:40]!r}")
    return Role(role)


def _by_name(session: Session, name: str) -> Maintainer | None:
    return session.exec(select(Maintainer).where(Maintainer.name == name)).first()


def _named(session: Session, name: str) -> Maintainer:
    if (found := _by_name(session, _folded(name))) is None:
        raise Misconfigured(f"name: expected that of a maintainer, found {name[:60]!r}")
    return found


def _sign_out(session: Session, maintainer: Maintainer) -> None:
    session.execute(delete(SignIn).where(col(SignIn.maintainer_id) == maintainer.id))
