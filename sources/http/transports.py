"""What may speak HTTP in place of httpcore, by the name that the configuration gives it."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the settings know the names before anybody asks anything
    import httpcore

    from sources.http.guard import Backend


class Transport(Protocol):
    """One exchange, as httpcore's pool makes it: with its exceptions, and under the deadline of the guard."""

    def handle_request(self, request: "httpcore.Request") -> "httpcore.Response":
        """Ask, and return the answer."""
        ...


TRANSPORTS: Mapping[str, tuple[str, str]] = {"curl": ("sources.http.curl_transport", "CurlTransport")}
"""Name to module and class: what is not named is not imported, and need not be installed."""


def ways(named: Mapping[str, str], guard: "Backend", most: int) -> dict[str, Transport]:
    """The transports by host, each behind the guard and taking at most so many bytes of a body. Raises ImportError
    where what one needs is not installed."""
    return {host: _kind(name)(guard, most) for host, name in named.items()}


def _kind(name: str) -> "Callable[[Backend, int], Transport]":
    module, kind = TRANSPORTS[name]
    made: Callable[[Backend, int], Transport] = getattr(import_module(module), kind)
    return made
