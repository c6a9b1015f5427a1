"""A time-lapse of the watched world on this machine: a replay registry, a mail catcher, a webhook echo."""
