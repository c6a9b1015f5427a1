"""The keys of an installation, put out of sight wherever they turn up: a source may send back what it was shown."""

import base64
import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, quote_plus

SHORTEST = 6  # characters; what is shorter is no secret, and stands in many an honest text
HIDDEN = "***"


class Veil:
    """Replaces secrets by asterisks, also as they stand in addresses, JSON, HTML and headers."""

    def __init__(self, secrets: Iterable[str]) -> None:
        known = {secret for secret in secrets if len(secret) >= SHORTEST}
        forms = {form for secret in known for form in _spellings(secret)}
        # quoted once more: by Python in a fault, by JSON in JSON
        forms |= {form.replace("\\", "\\\\") for form in forms}
        self._forms = sorted(forms, key=len, reverse=True)
        self._bytes = [form.encode() for form in self._forms]
        self.hides = bool(self._forms)
        """Whether there is anything to hide."""

    def text(self, text: str) -> str:
        """The text without secrets."""
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        return text

    def answer(self, url: str, headers: Mapping[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
        """An answer without secrets: its address, its headers and its body."""
        return self.text(url), {name: self.text(value) for name, value in headers.items()}, self.body(body)

    def body(self, body: bytes) -> bytes:
        """The bytes without secrets."""
        for form in self._bytes:
            if form in body:
                body = body.replace(form, HIDDEN.encode())
        return body


def parts_of(key: str) -> Iterator[str]:
    """What is secret of `key`, `?name=key` and `user:password`."""
    if key.startswith("?"):
        yield key.partition("=")[2]
        return
    yield key
    user, colon, password = key.partition(":")
    if colon:
        yield password
        yield base64.b64encode(key.encode()).decode()
    else:
        yield base64.b64encode(f"{user}:".encode()).decode()


def _spellings(secret: str) -> Iterator[str]:
    quoted = quote(secret, safe="")
    yield from (secret, quoted, quote(secret), quote_plus(secret))
    yield re.sub("%[0-9A-F]{2}", lambda escaped: escaped[0].lower(), quoted)
    for quotes in (True, False):
        once = html.escape(secret, quote=quotes)
        yield from (once, html.escape(once, quote=quotes))  # twice: a page within a feed
    for spelt in (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        yield from (spelt, spelt.replace("/", "\\/"))
    yield base64.b64encode(secret.encode()).decode()
