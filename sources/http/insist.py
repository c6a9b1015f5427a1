"""Tries: the first by itself, then, while the fault is a passing one, up to two more after a pause."""

from collections.abc import Callable

import stamina

from sources.http.response import Passing, Response

TRIES = 3


def insist(once: Callable[[], Response], pause: Callable[[], float | None]) -> Response:
    """Ask `once`, and again after a `pause` in seconds; None means that no time is left. Raises what the last try did.

    What succeeds at once, as nearly all does, is spared the counting of tries: that costs a tenth of a request.
    """
    try:
        return once()
    except Passing as fault:
        first: Passing | None = fault

    def wait(fault: Exception) -> float | bool:
        return (isinstance(fault, Passing) and pause()) or False

    for attempt in stamina.retry_context(on=wait, attempts=TRIES, timeout=None):
        with attempt:
            if first is not None:
                known, first = first, None
                raise known
            return once()
    raise AssertionError("the last try returns or raises")
