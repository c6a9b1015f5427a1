"""The one JSON text of a value, and the hashes made of it: the fingerprint of a content, the chain of changes."""

import hashlib
import json
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from sources.records import Content
from store.look_columns import CHANGE

if TYPE_CHECKING:
    from sqlmodel import Session

    from store.tables import Change

LAST = select(CHANGE.c.hash).order_by(CHANGE.c.id.desc()).limit(1)


def canonical(value: Any) -> bytes:
    """The one JSON text of a value: what is hashed, chained and stored."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(text: bytes) -> str:
    """SHA-256 of a canonical text."""
    return hashlib.sha256(text).hexdigest()


def fingerprint(content: Content) -> str:
    """The digest of a content; equal fingerprints need no comparing."""
    return digest(canonical(content))


def head(session: "Session") -> str:
    """Hash of the last change of the log, or 64 zeros. What waits to be written is not asked."""
    return session.connection().scalar(LAST) or "0" * 64


def chained(change: "Change") -> str:
    """The hash a change must carry: over its predecessor's hash and its own canonical content."""
    values: dict[str, Any] = {
        "item": change.item_id,
        "kind": change.kind,
        "before": change.before_id,
        "after": change.after_id,
        "differences": change.differences,
        "detected_at": change.detected_at.isoformat(),
    }
    return digest(change.previous_hash.encode() + canonical(values))
