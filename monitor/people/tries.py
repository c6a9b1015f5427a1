"""How often a sign-in may be tried: per name and network together, per network, per name, and by everybody.

Failures alone are counted, for names that nobody has too, so that being held back tells nothing of who is there. Who
guesses from many networks at many names meets the last limit; from a network where somebody has signed in before one
goes on while it lasts.
"""

import threading
from ipaddress import IPv6Address, ip_address, ip_network

from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter

Key = tuple[str, ...]

PAIR = RateLimitItemPerMinute(5, 15)
NETWORK = RateLimitItemPerMinute(30, 15)
NAME = RateLimitItemPerHour(100)
EVERYBODY = RateLimitItemPerMinute(120, 15)
WAIT = "15 minutes"
"""How long it lasts until one may try again."""

MOST_KNOWN = 1000
"""Networks that are remembered."""


class Tries:
    """The failures of late, in the memory of this process. `turn` is for who looks at a password: one at a time, so
    that many at once neither slip through before the first is counted nor hash more than memory holds."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self._limiter = FixedWindowRateLimiter(MemoryStorage())
        self._known: dict[str, None] = {}

    def too_many(self, name: str, address: str) -> bool:
        """Whether this name from this address has to wait."""
        counted = _counted(name, network_of(address))
        if network_of(address) in self._known:
            counted = counted[:2]
        return any(not self._limiter.test(limit, *key) for limit, key in counted)

    def failed(self, name: str, address: str) -> None:
        """Count a failure."""
        for limit, key in _counted(name, network_of(address)):
            self._limiter.hit(limit, *key)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a name at an address: she has found her password. Remember from where."""
        network = network_of(address)
        limit, key = _counted(name, network)[0]
        self._limiter.clear(limit, *key)
        if len(self._known) >= MOST_KNOWN:
            self._known.pop(next(iter(self._known)), None)
        self._known[network] = None


def network_of(address: str) -> str:
    """What one household or machine has of addresses: of IPv6 it has 2**64, and whichever it takes counts as one."""
    try:
        known = ip_address(address)
    except ValueError:  # a socket without a name, or one of a test
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or ip_network((known, 64), strict=False))
    return str(known)


def _counted(name: str, network: str) -> list[tuple[RateLimitItem, Key]]:
    known = name.strip().lower()[:40]
    return [
        (PAIR, ("pair", known, network)), (NETWORK, ("network", network)), (NAME, ("name", known)),
        (EVERYBODY, ("everybody",)),
    ]  # fmt: skip
