"""How far it is believed that an act was done where its text seems to say."""

from monitor.vocabulary.agencies_meant import Where
from monitor.vocabulary.event_types import TYPES

PARTLY = frozenset({"authorisation", "forms", "conversion", "market", "revocation"})
"""Families of acts that say what may be had in the whole of a place."""


def doubt_of(type_: str, where: Where) -> str | None:
    """Why a person must look before it is believed that an act was done where its text seems to say."""
    if where.country is None:
        return None
    if where.country.place is None:
        return f"{where.country.name} is named, and a followed place beside it" if where.beside else None
    only = f"of the {where.country.place} only {where.country.name} is named"
    return only if TYPES[type_].family in PARTLY else None
