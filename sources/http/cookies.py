"""Cookies within one errand: what a host sets while it redirects goes back to that host, and is then forgotten."""

import httpx

from sources.http.address import origin

MOST = 20  # cookies of one host
LONGEST = 4096  # characters of one
Origin = tuple[str, str, int | None]


class Jar:
    """The cookies of the hosts that one errand met. Never written down, never sent to another origin."""

    def __init__(self) -> None:
        self._kept: dict[Origin, dict[str, str]] = {}

    def take(self, address: httpx.URL, values: tuple[str, ...]) -> None:
        """Keep what an answer from this address sets, and drop what it takes back."""
        kept = self._kept.setdefault(origin(address), {})
        for value in values:
            pair, _, attributes = value.partition(";")
            name, equals, text = pair.strip().partition("=")
            if not name or not equals or len(pair) > LONGEST or not pair.isprintable() or not pair.isascii():
                continue
            kept.pop(name, None)
            if "max-age=0" not in attributes.replace(" ", "").lower() and len(kept) < MOST:
                kept[name] = text.strip()

    def for_origin(self, address: httpx.URL) -> str:
        """The Cookie header for a request to this address; empty when there is nothing to send."""
        kept = self._kept.get(origin(address)) if self._kept else None
        return "; ".join(f"{name}={value}" for name, value in kept.items()) if kept else ""
