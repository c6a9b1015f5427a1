"""How often a sign-in may be tried: per name and address together, per address, and per name over a longer time.

Failures alone are counted, for names that nobody has too, so that being held back tells nothing of who is there.
"""

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

Key = tuple[str, ...]


class Tries:
    """The failures of late, in the memory of this process."""

    def __init__(self) -> None:
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    def too_many(self, name: str, address: str) -> bool:
        """Whether this name from this address has to wait."""
        return any(not self._limiter.test(limit, *key) for limit, key in _counted(name, address))

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        for limit, key in _counted(name, address):
            self._limiter.hit(limit, *key)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a name at an address: she has found her password."""
        limit, key = _counted(name, address)[0]
        self._limiter.clear(limit, *key)


PAIR = RateLimitItemPerMinute(5, 15)
ADDRESS = RateLimitItemPerMinute(30, 15)
NAME = RateLimitItemPerHour(100)
WAIT = "15 minutes"
"""How long it lasts until one may try again."""


def _counted(name: str, address: str) -> list[tuple[RateLimitItem, Key]]:
    known = name.strip().lower()[:40]
    return [(PAIR, ("pair", known, address)), (ADDRESS, ("address", address)), (NAME, ("name", known))]
