"""Another try, and a third, after a fault that may pass."""

from collections.abc import Callable

from sources.http.response import Passing, Response

TRIES = 3


def insist(once: Callable[[], Response], pause: Callable[[], float | None], fault: Passing) -> Response:
    """Ask `once` more, and once more, after a fault: each time after a `pause` in seconds; None means that no time is
    left. Raises what the last try did. The fault counts as the first try."""
    import stamina  # noqa: PLC0415 - nearly every request succeeds at once
    from stamina.instrumentation import set_on_retry_hooks  # noqa: PLC0415

    set_on_retry_hooks([])  # a try that fails and then succeeds is no news; one that fails for good is the run's line
    known: list[Passing] = [fault]

    def wait(fault: Exception) -> float | bool:
        return (isinstance(fault, Passing) and pause()) or False

    for attempt in stamina.retry_context(on=wait, attempts=TRIES, timeout=None):
        with attempt:
            if known:
                raise known.pop()
            return once()
    raise AssertionError("the last try returns or raises")
