"""The desk, where maintainers look at what waits and decide: everything below `/review`."""
