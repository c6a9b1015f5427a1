"""Unpack gzip under a limit, member by member, and notice when it was cut."""

import zlib
from collections.abc import Iterable

MEMBERS = 10_000  # more is no answer but an attempt to keep us busy


class Overlong(Exception):
    """More bytes than allowed."""


class Damaged(Exception):
    """Not gzip, or cut short."""


def inflate(chunks: Iterable[bytes], *, limit: int) -> bytes:
    """Inflate a gzip body. Never holds more than `limit` bytes of it.

    Raises Overlong, or Damaged when a member is broken or its end is missing.
    """
    parts: list[bytes] = []
    have = members = 0
    member = None
    for rest in chunks:
        while rest:
            if member is None:
                rest = rest.lstrip(b"\0")  # padding between members and after the last, as gzip itself accepts
                if not rest:
                    break
                members += 1
                if members > MEMBERS:
                    raise Overlong(f"more than {MEMBERS} gzip members")
                member = zlib.decompressobj(31)
            try:
                part = member.decompress(rest, limit + 1 - have)
            except zlib.error as problem:
                raise Damaged(f"not valid gzip ({problem})") from None
            parts.append(part)
            have += len(part)
            if have > limit:
                raise Overlong(f"more than {limit} bytes after unpacking")
            rest = member.unconsumed_tail
            if member.eof:
                rest, member = member.unused_data, None
    if member is not None:
        raise Damaged("the gzip body ends before its end mark")
    return b"".join(parts)
