"""Evidence kept: the responses that something rests on, each body once and packed."""

import bz2
import hashlib
import zlib

from sqlalchemy import bindparam, func, select
from sqlmodel import Session

from sources.base import Page
from store.look_columns import BODY, Watched
from store.tables import Capture

REFUSED_HEAD = 64 * 1024  # bytes kept of what was not believed
SMALL = 256 * 1024  # bytes; below it zlib packs about as well, in a fifth of the time
ZLIB_LEVEL = 4  # half the time of its default, for a twentieth more of disk

BZ2, ZLIB, HEAD = b"b", b"z", b"h"
"""First byte of a packed body: how it is packed; HEAD is bz2 of the first 64 KB only.

On pages of 60 KB zlib needs 15 to 20 % at 1 ms, bz2 a twentieth less at 5 ms; on a register's answers of a megabyte bz2
needs a third less.
"""

PACKED_BY = select(func.substr(BODY.c.packed, 1, 1)).where(BODY.c.sha256 == bindparam("body"))


def keep_capture(session: Session, watch: Watched, page: Page, *, refused: str | None = None) -> Capture:
    """Append a capture and store its body once. `refused` says why it is not believed; of such a body only the
    first 64 KB are kept. Flushes, so that the capture has its id."""
    assert watch.id is not None, watch.name
    body = page.body
    whole = refused is None or len(body) <= REFUSED_HEAD
    connection = session.connection()
    mark = connection.scalar(PACKED_BY, {"body": page.sha256})
    if mark is None:
        row = {"sha256": page.sha256, "size": len(body), "packed": _packed(body, whole=whole)}
        connection.execute(BODY.insert(), row)  # it is our turn to write: nobody else can have kept it meanwhile
    elif whole and bytes(mark) == HEAD:
        connection.execute(BODY.update().where(BODY.c.sha256 == page.sha256).values(packed=_packed(body, whole=True)))
    capture = Capture(
        watch_id=watch.id,
        url=page.url,
        fetched_at=page.fetched_at,
        status=page.status,
        content_type=page.content_type,
        sha256=page.sha256,
        refused=refused,
    )
    session.add(capture)
    session.flush()
    return capture


def body_of(session: Session, sha256: str) -> bytes | None:
    """The bytes with this hash; None when they are not stored, or only their beginning."""
    packed = session.connection().scalar(select(BODY.c.packed).where(BODY.c.sha256 == sha256))
    return None if packed is None or packed[:1] == HEAD else unpack(packed)


def whole_body(session: Session, sha256: str) -> bytes | None:
    """The bytes with this hash; None where they are gone or were altered, which `verify` tells."""
    try:
        body = body_of(session, sha256)
    except (OSError, ValueError, EOFError, AssertionError, zlib.error):
        return None
    return body if body is not None and hashlib.sha256(body).hexdigest() == sha256 else None


def unpack(packed: bytes) -> bytes:
    """What a Body row holds: the whole body, or of a refused one the first 64 KB."""
    mark, rest = packed[:1], packed[1:]
    if mark in (BZ2, HEAD):
        return bz2.decompress(rest)
    assert mark == ZLIB, f"packed body starts with {mark!r}; expected one of {BZ2!r}, {HEAD!r}, {ZLIB!r}"
    return zlib.decompress(rest)


def _packed(body: bytes, *, whole: bool) -> bytes:
    if not whole:
        return HEAD + bz2.compress(body[:REFUSED_HEAD])
    return ZLIB + zlib.compress(body, ZLIB_LEVEL) if len(body) < SMALL else BZ2 + bz2.compress(body)
