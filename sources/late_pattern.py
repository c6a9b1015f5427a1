"""Regular expressions that are compiled when they are first asked, for what most commands import and never ask."""

import re
from functools import cached_property
from typing import Any, cast


class _Late:
    """Stands for a compiled expression: it makes it once and keeps what was asked of it."""

    def __init__(self, pattern: str, flags: int) -> None:
        self._asked = pattern, flags

    @cached_property
    def _made(self) -> re.Pattern[str]:
        return re.compile(*self._asked)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        self.__dict__[name] = found = getattr(self._made, name)
        return found


def late(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """What `re.compile` returns, without its cost until it is asked. Only to be asked by its methods."""
    return cast(re.Pattern[str], _Late(pattern, flags))
