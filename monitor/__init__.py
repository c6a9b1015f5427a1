"""The monitor decides: when to look, what changed, what it means, whom to tell."""
