"""Days as official sources write them, brought to one form: each source has its own, and some have two."""

from collections.abc import Sequence
from datetime import datetime
from typing import overload

from sources.base import Unexpected

ISO, EUROPEAN, AMERICAN, BARE = "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d"
EARLIEST = 1900  # year; before it there are slips of typists
EXAMPLE = {ISO: "2024-05-29", EUROPEAN: "29/05/2024", AMERICAN: "05/29/2024", BARE: "20240529"}


@overload
def iso_day(text: str, where: str, forms: Sequence[str] = ...) -> str: ...
@overload
def iso_day(text: None, where: str, forms: Sequence[str] = ...) -> None: ...
@overload
def iso_day(text: str | None, where: str, forms: Sequence[str] = ...) -> str | None: ...
def iso_day(text: str | None, where: str, forms: Sequence[str] = (ISO,)) -> str | None:
    """A day in one of these forms as `2024-05-29`, None where there is none. Raises Unexpected at anything else."""
    if text is None:
        return None
    for form in forms:
        try:
            found = datetime.strptime(text, form).date()
        except ValueError:
            continue
        if found.year > EARLIEST:
            return found.isoformat()
    expected = " or ".join(EXAMPLE[form] for form in forms)
    raise Unexpected(f"{where}: expected a day such as {expected}, found {text[:40]!r}")
