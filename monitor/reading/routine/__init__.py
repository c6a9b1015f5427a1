"""Changes that are no events, in plain words."""
