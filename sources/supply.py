"""Shortages are listed by package and maker, and told by substance: one has begun with the first package that is short
now, and it is over when none is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from sources.notices import NoticeAct

Listed = tuple[str, NoticeAct, str | None]
"""Substance, act and first day of one package."""


@dataclass(frozen=True)
class Supply:
    """The substances that are short, each with its first day if known; `blind`: some packages cannot be read."""

    short: Mapping[str, str | None] = field(default_factory=dict)
    blind: bool = False

    def act(self, substance: str, act: NoticeAct) -> NoticeAct:
        """What a package's own act means for its substance."""
        over = act == NoticeAct.SHORTAGE_ENDED
        return NoticeAct.ROUTINE if over and (self.blind or substance.casefold() in self.short) else act

    def since(self, substance: str) -> str | None:
        """The first day of a shortage that lasts."""
        return self.short.get(substance.casefold())


def supply(packages: Iterable[Listed | None]) -> Supply:
    """The supply by these packages; None stands for one that cannot be read, which may be of any substance."""
    listed = list(packages)
    known = [package for package in listed if package is not None]
    return Supply(dict(_first_days(known)), blind=len(known) < len(listed))


def _first_days(packages: Iterable[Listed]) -> Iterator[tuple[str, str | None]]:
    days: dict[str, list[str]] = {}
    for substance, act, day in packages:
        if act == NoticeAct.SHORTAGE_BEGAN:
            days.setdefault(substance.casefold(), []).extend(filter(None, [day]))
    for substance, found in days.items():
        yield substance, min(found, default=None)
