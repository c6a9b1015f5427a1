"""The two parts of a mail, text and HTML, from the same digest."""

import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from notifiers.digest import Digest

if TYPE_CHECKING:
    import jinja2


def render(digest: Digest) -> tuple[str, str]:
    """The text part and the HTML part, both complete."""
    import css_inline  # noqa: PLC0415 - most commands send no mail

    plain, rich = _templates(escape=False), _templates(escape=True)
    shown = _shown(digest.model_dump()) | {"entries": digest.entries, "quiet": digest.quiet}
    text = plain.get_template("digest.txt").render(digest=shown)
    page = rich.get_template("digest.html").render(digest=shown)
    text = re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"
    return text, css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False).inline(page)


@cache
def _templates(*, escape: bool) -> "jinja2.Environment":
    import jinja2  # noqa: PLC0415

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=escape,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["day"] = _day
    return environment


def _shown(value: Any, field: str = "") -> Any:
    """A value of a digest as both parts print it: addresses that a reader may follow, every other text in one line."""
    if field.endswith("url"):
        return _web(value)
    if isinstance(value, dict):
        return {name: _shown(inner, name) for name, inner in value.items()}
    if isinstance(value, tuple):
        return tuple(_shown(inner, field) for inner in value)
    return one_line(value) if isinstance(value, str) else value


def _web(address: str | None) -> str:
    """An address a reader may follow, or nothing: escaping alone lets `javascript:` through."""
    return address if address and re.match(r"https?://[^\s<>\"]+\Z", address) else ""


def _day(text: str | None) -> str:
    """`2025-08-29` as 29 Aug 2025, `2024-09` as Sep 2024: as precise as it is told."""
    year, _, rest = (text or "").partition("-")
    if not rest:
        return year or "day not known"
    month, _, day = rest.partition("-")
    moment = date(int(year), int(month), int(day or 1))
    return (f"{moment.day} " if day else "") + f"{moment:%b %Y}"


def one_line(text: str) -> str:
    """The text without what would break a line."""
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(text.split())
