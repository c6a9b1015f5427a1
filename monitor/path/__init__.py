"""The recipe: check, replay, rederive, and the clock that runs them."""
