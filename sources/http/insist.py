"""Another try, and a third, after a fault that may pass."""

from collections.abc import Callable

import stamina

from sources.http.response import Passing, Response

TRIES = 3


def insist(once: Callable[[], Response], pause: Callable[[], float | None], fault: Passing) -> Response:
    """Ask `once` more, and once more, after a fault: each time after a `pause` in seconds; None means that no time is
    left. Raises what the last try did. The fault counts as the first try."""
    known: list[Passing] = [fault]

    def wait(fault: Exception) -> float | bool:
        return (isinstance(fault, Passing) and pause()) or False

    for attempt in stamina.retry_context(on=wait, attempts=TRIES, timeout=None):
        with attempt:
            if known:
                raise known.pop()
            return once()
    raise AssertionError("the last try returns or raises")
