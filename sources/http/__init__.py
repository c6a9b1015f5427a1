"""One polite HTTP client: identity, limits, pace, safe addresses."""

import sys

sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
"""httpx goes without its own command line, as where rich and click are not installed: they cost as much as itself."""
