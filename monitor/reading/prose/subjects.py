"""Which of the drugs in an item an act is about, how it is written, and how sure the reading is."""

import re
from itertools import pairwise

from monitor.reading.prose.drugs import BRAND, GUESS, KNOWN, SUBSTANCE, Drug

Subject = tuple[str, str | None]
"""A drug as written, a brand with its substance in brackets, and the pack's therapy."""

JOINED = re.compile(r",? and (?:\w+(?: \w+)?'s )?")


def subjects_of(unit: int, units: list[str], drugs: list[Drug], *, several: bool = True) -> list[Subject]:
    """The drugs an act in sentence `unit` is about: those named there, else in the title, else the first of the item.

    A substance or code is surer than a brand, a brand surer than a mere capital letter.
    """
    own = [d for d in drugs if not d.aside] or drugs
    own = [d for d in own if d.kind != GUESS] or own
    places = [[d for d in own if d.unit == unit], [d for d in own if d.unit == 0], own]
    here = next((ds for ds in places if any(d.kind not in (BRAND, GUESS) for d in ds)), None) or next(
        filter(None, places), []
    )
    if not here:
        return []
    if several and (listed := _listed(places[0], units) or _listed(here, units)):
        one_brand = {d.written for d in own if d.kind == BRAND and d not in listed}
        if listed[0].kind != SUBSTANCE or len(one_brand) != 1:  # else its two substances
            return [(d.written, d.therapy) for d in listed]
    first = min(here, key=lambda d: (d.kind in (BRAND, GUESS), d.unit, d.start))
    partner = _partner(first, unit, own, drugs)
    if partner is None:
        return [(first.written, first.therapy)]
    leads = partner.kind in (BRAND, GUESS) or partner.unit < first.unit
    name, substance = (partner, first) if leads else (first, partner)
    return [(f"{name.written} ({substance.written})", first.therapy or partner.therapy)]


def _partner(first: Drug, unit: int, own: list[Drug], drugs: list[Drug]) -> Drug | None:
    brands = [d for d in drugs if d.kind in (BRAND, GUESS) and not d.aside]
    brands.sort(key=lambda d: (d.kind, d.unit != unit, d.unit))
    others = [*brands, *(d for d in own if d.kind not in (BRAND, GUESS))]
    return next((d for d in others if _other_name(first, d)), None)


def _other_name(first: Drug, other: Drug) -> bool:
    """Whether two drugs may be two names of one: of one therapy, or of different kinds and not two of the pack."""
    name, other_name = first.written.lower(), other.written.lower()
    if name in other_name or other_name in name:
        return False
    if first.therapy and other.therapy:
        return first.therapy == other.therapy
    if first.therapy or other.therapy:
        return BRAND in (first.kind, other.kind) or first.unit != other.unit
    return first.kind != other.kind


def _listed(here: list[Drug], units: list[str]) -> list[Drug]:
    """Two drugs joined by "and": two events, unless they are one therapy or one combination product."""
    for left, right in pairwise(here):
        if left.unit != right.unit or (left.therapy and left.therapy == right.therapy):
            continue
        text = units[left.unit]
        same = left.kind == right.kind or KNOWN in (left.kind, right.kind)
        if same and JOINED.fullmatch(text[left.end : right.start]):
            inside = re.search(r"\([^)]*$", text[: left.start])
            combined = inside or re.search(r"combination|together|cocktail|fixed|chloride", text)
            return [] if combined and left.kind != BRAND else [left, right]
    return []


def confidence_of(*, weak: bool, loose: bool, title_only: bool, subjects: list[Subject], where: str | None) -> float:
    """How sure a reading is, from 0 to 1: an exact rule, a known drug, a named agency or trial."""
    score = (0.45 if weak else 0.6) - 0.05 * loose
    if any(therapy for _, therapy in subjects):
        score += 0.15
    elif any("(" in written or re.search(r"\d", written) for written, _ in subjects):
        score += 0.1
    score += 0.1 * bool(where) - 0.05 * title_only + 0.1 * bool(subjects)
    return max(0.1, min(0.99, score))
