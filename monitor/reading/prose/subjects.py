"""Which of the drugs in an item an act is about, how it is written, and how sure the reading is."""

import re
from itertools import pairwise

from monitor.reading.prose.drugs import BRAND, GUESS, KNOWN, SUBSTANCE, Drug

Subject = tuple[str, str | None]
"""A drug as written, a brand with its substance in brackets, and the pack's therapy."""

OTHER_NAME = re.compile(
    r"(?:®|™|\(TM\)|\(R\))?,? ?(?:\(|\[|, ?(?:also |formerly |previously )?(?:known|called|sold|marketed) as |"
    r"(?:known|sold|marketed) as |, to be called |, brand name )[^()]{0,12}"
)
"""What stands between two names of one drug."""
JOINED = re.compile(r",? and (?:\w+(?: \w+)?'s )?")


def subjects_of(unit: int, units: list[str], drugs: list[Drug], *, several: bool = True) -> list[Subject]:
    """The drugs an act in sentence `unit` is about: those named there, else in the title, else the first of the item.

    A substance or code is surer than a brand, a brand surer than a mere capital letter.
    """
    own = [d for d in drugs if not d.aside] or drugs
    own = [d for d in own if d.kind != GUESS] or own
    places = [[d for d in own if d.unit == unit], [d for d in own if d.unit == 0], own]
    here = next((ds for ds in places if any(d.kind != GUESS for d in ds)), None) or next(filter(None, places), [])
    if not here:
        return []
    if several and (listed := _listed(places[0], units) or _listed(here, units)):
        one_brand = {d.written for d in own if d.kind == BRAND and d not in listed}
        if listed[0].kind != SUBSTANCE or len(one_brand) != 1:  # else its two substances
            return [(d.written, d.therapy) for d in listed]
    first = min(here, key=lambda d: (d.kind in (BRAND, GUESS), d.unit, d.start))
    partner = _partner(first, unit, own, drugs, units)
    if partner is None:
        return [(first.written, first.therapy)]
    leads = partner.kind in (BRAND, GUESS) or partner.unit < first.unit
    name, substance = (partner, first) if leads else (first, partner)
    return [(f"{name.written} ({substance.written})", first.therapy or partner.therapy)]


def _partner(first: Drug, unit: int, own: list[Drug], drugs: list[Drug], units: list[str]) -> Drug | None:
    """The other name of a drug: in brackets beside it somewhere, of the same therapy, or the one brand of the title."""
    others = [d for d in sorted(drugs, key=lambda d: (d.unit != unit, d.unit)) if _differs(first, d)]
    same = [d for d in drugs if d.written == first.written]
    for other in others:
        if first.therapy and first.therapy == other.therapy:
            return other
        twins = [d for d in others if d.written == other.written]
        if any(one.unit == two.unit and _beside(units[one.unit], one, two) for one in same for two in twins):
            return other
    if len({0, first.unit, unit} & {d.unit for d in own if d.therapy}) and not first.therapy:
        return None
    near = [d for d in others if not d.aside and d.kind != first.kind and d.unit in (0, unit, 1)]
    sure = [d for d in near if d.kind != GUESS] or [d for d in near if d.unit == 0]
    apart = [d for d in sure if d.unit != first.unit]
    return apart[0] if len({d.written for d in sure}) == 1 and apart else None


def _beside(text: str, one: Drug, two: Drug) -> bool:
    """Whether one name stands in brackets or after "known as" behind the other."""
    left, right = (one, two) if one.start < two.start else (two, one)
    return bool(OTHER_NAME.fullmatch(text[left.end : right.start]))


def _differs(first: Drug, other: Drug) -> bool:
    """Whether two names may be of one drug: of one therapy, or neither of two therapies nor part of one another."""
    name, other_name = first.written.lower(), other.written.lower()
    if name in other_name or other_name in name:
        return False
    if first.therapy and other.therapy:
        return first.therapy == other.therapy
    return True


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
