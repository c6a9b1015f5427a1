"""Regular expressions that are compiled when they are first asked, for what most commands import and never ask."""

import re
from collections.abc import Callable
from typing import Any, cast

Judge = Callable[[re.Pattern[str]], None]
"""Raises what is wrong with an expression."""
LATE: "list[Late]" = []
"""All of them, for who wants them made beforehand."""


class Late:
    """Stands for a compiled expression: it makes it once, and has what it has from then on. Its text costs nothing."""

    def __init__(self, pattern: str, flags: int, judge: Judge | None) -> None:
        self.pattern, self._flags, self._judge = pattern, flags, judge
        LATE.append(self)

    def make(self) -> None:
        """Compile it. Raises what its judge has against it."""
        made = re.compile(self.pattern, self._flags)
        if self._judge:
            self._judge(made)
        self.__dict__ |= {name: getattr(made, name) for name in ASKED}

    def __getattr__(self, name: str) -> Any:
        if name not in ASKED:
            raise AttributeError(name)
        self.make()
        return self.__dict__[name]


ASKED = frozenset(name for name in dir(re.Pattern) if not name.startswith("_")) - {"pattern"}


def late(pattern: str, flags: int = 0, judge: Judge | None = None) -> re.Pattern[str]:
    """What `re.compile` returns, without its cost until it is asked. Only to be asked by its methods. `judge` looks at
    it once it is made."""
    return cast(re.Pattern[str], Late(pattern, flags, judge))
