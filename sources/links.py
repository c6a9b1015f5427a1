"""Links as pages and feeds write them: made absolute, freed of tracking, of the web alone."""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

TRACKING = re.compile(r"utm_\w+|gclid|fbclid|mc_cid|mc_eid|feedref|_hsenc|_hsmi|cmpid", re.IGNORECASE)


def web_link(link: str | None, base: str) -> str | None:
    """An absolute http(s) address without tracking, or None for anything else (`javascript:`, `data:`, a file)."""
    if not link:
        return None
    try:
        absolute = urljoin(base, link.strip())
        parts = urlsplit(absolute)
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
    return without_tracking(absolute, secure=False)


def known_by(id: str | None, url: str | None) -> str | None:
    """By what an entry is known: its own id, else its address; without tracking, so that it stays the same."""
    if id and id.strip():
        return without_tracking(id.strip())
    return without_tracking(url) if url else None


def without_tracking(address: str, *, secure: bool = True) -> str:
    """A web address without tracking parameters, with `secure` under https; any other id stays what it is.

    Feeds write one and the same entry under http and https, and with changing campaign parameters.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if parts.scheme not in ("http", "https"):
        return address
    query = parts.query
    if query:
        pairs = parse_qsl(query, keep_blank_values=True)
        kept = [(name, value) for name, value in pairs if not TRACKING.fullmatch(name)]
        query = query if len(kept) == len(pairs) else urlencode(kept)
    return urlunsplit(("https" if secure else parts.scheme, parts.netloc.lower(), parts.path, query, parts.fragment))
