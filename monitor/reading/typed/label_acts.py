"""Labels to claims: a new warning, another dose or use, in the words that are new. Pure.

A label is edited often and means little by it. What its own list of recent major changes names, and a boxed warning
where there was none, is told, and so is a warning of which that list says that it is removed; every other edit of a
section that matters waits for a person, with the words that are new, or with those that are gone.
"""

import re
from collections.abc import Iterator, Mapping

from monitor.reading.typed.application_acts import therapy_of
from monitor.reading.typed.record_change import CERTAIN, Meaning, RecordChange, Rule
from monitor.vocabulary.claims import Claim
from monitor.vocabulary.differences import Difference
from sources.product_labels import Label

WARNED = Meaning("safety_label", "negative", "warning_added")
CHANGED = Meaning("label_expansion", "neutral", "form_added")
UNWARNED = Meaning("safety_label", "positive", "warning_removed")
USE_ENDED = Meaning("label_expansion", "negative", "use_ended")
SECTIONS: Mapping[str, tuple[Meaning, re.Pattern[str]]] = {
    "dosage_and_administration": (CHANGED, re.compile(r"dosage and administration", re.I)),
    "indications_and_usage": (CHANGED, re.compile(r"indications and usage", re.I)),
    "precautions": (WARNED, re.compile(r"precautions", re.I)),
    "warnings": (WARNED, re.compile(r"warnings", re.I)),
    "warnings_and_cautions": (WARNED, re.compile(r"warnings and precautions", re.I)),
    "contraindications": (WARNED, re.compile(r"contraindications", re.I)),
    "boxed_warning": (WARNED, re.compile(r"boxed warning", re.I)),
}
"""Section to what new words in it mean, and how the list of recent major changes calls it; the gravest comes last."""
GONE = {WARNED: UNWARNED, CHANGED: USE_ENDED}
"""What it means where words of such a section are gone, and none are new."""
DOUBTS: Mapping[Meaning, str] = {
    WARNED: "the words of {section} have changed: is it a new warning?",
    CHANGED: "the words of {section} have changed: is it another use or dose?",
    UNWARNED: "words of {section} are gone: is a warning taken back?",
    USE_ENDED: "words of {section} are gone: has a use or a dose ended?",
}
REMOVED = re.compile(r"(?:[^.;]|\.(?=\d)){0,60}?\b(?:remov|delet)", re.I)
"""What stands behind the name of a section in the list of recent major changes where it has lost something."""
QUOTED = 1000


def _sections(change: RecordChange) -> Iterator[Claim]:
    label, before = change.record, change.before
    assert isinstance(label, Label)
    if before is None:
        return  # how a label reads at first sight is no change of it
    told = {each.field: each for each in change.differences}
    major = _new(told, "recent_major_changes") or ""
    for section, (meaning, called) in SECTIONS.items():
        words, gone = _new(told, section), _gone(told, section)
        named = called.search(major) if meaning == WARNED else None
        removed = named is not None and bool(REMOVED.match(major, named.end()))
        if words:
            fresh = section == "boxed_warning" and section not in before.get("sections", {})
            doubt = None if fresh or (named and not removed) else _doubt(meaning, section)
            yield _claim(change, label, meaning, quote=f"{section}: {words}", doubt=doubt)
        elif gone:
            doubt = None if removed else _doubt(GONE[meaning], section)
            quote = f"recent_major_changes: {major}" if removed else f"{section}: {gone}"
            yield _claim(change, label, GONE[meaning], quote=quote, doubt=doubt)


def _doubt(meaning: Meaning, section: str) -> str:
    return DOUBTS[meaning].format(section=section.replace("_", " "))


LABEL_RULES: tuple[Rule, ...] = (_sections,)


def _new(told: Mapping[str, Difference], section: str) -> str | None:
    """The words that a section says now and did not before."""
    difference = told.get(f"sections[{section}]")
    return str(difference.after) if difference and difference.after else None


def _gone(told: Mapping[str, Difference], section: str) -> str | None:
    """The words that a section said before and does not now."""
    difference = told.get(f"sections[{section}]")
    return str(difference.before) if difference and difference.before else None


def _claim(change: RecordChange, label: Label, meaning: Meaning, *, quote: str, doubt: str | None) -> Claim:
    therapy = therapy_of(label, change.therapies)
    own = therapy in {change.therapies.of_application(number) for number in label.numbers}
    other = None if own else f"the label is known by its name alone ({label.key}): whose is it?"
    return Claim(
        type=meaning.type,
        polarity=meaning.polarity,
        quote=quote[:QUOTED],
        rule=f"label.{meaning.step}",
        confidence=CERTAIN,
        therapy=therapy,
        drug=therapy or label.title,
        agency=label.authority,
        place=label.place,
        occurred_on=label.effective_on,
        published_on=label.effective_on,
        step=meaning.step,
        doubt=doubt or other,
    )
