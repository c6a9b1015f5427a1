"""One polite HTTP client: identity, limits, pace, safe addresses."""
