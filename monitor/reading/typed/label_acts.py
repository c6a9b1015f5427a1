"""Labels to claims: a new warning, another dose or use, in the words that are new. Pure.

A label is edited often and means little by it. What its own list of recent major changes names, and a boxed warning
where there was none, is told; every other edit of a section that matters waits for a person, with the words.
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
DOUBTS: Mapping[str, str] = {
    WARNED.type: "the words of {section} have changed: is it a new warning?",
    CHANGED.type: "the words of {section} have changed: is it another use or dose?",
}
QUOTED = 1000


def _sections(change: RecordChange) -> Iterator[Claim]:
    label, before = change.record, change.before
    assert isinstance(label, Label)
    if before is None:
        return  # how a label reads at first sight is no change of it
    told = {each.field: each for each in change.differences}
    major = str(_new(told, "recent_major_changes") or "")
    for section, (meaning, called) in SECTIONS.items():
        if words := _new(told, section):
            fresh = section == "boxed_warning" and section not in before.get("sections", {})
            listed = meaning is WARNED and bool(called.search(major))
            doubt = None if fresh or listed else DOUBTS[meaning.type].format(section=section.replace("_", " "))
            yield _claim(change, label, meaning, quote=f"{section}: {words}", doubt=doubt)


LABEL_RULES: tuple[Rule, ...] = (_sections,)


def _new(told: Mapping[str, Difference], section: str) -> str | None:
    """The words that a section says now and did not before."""
    difference = told.get(f"sections[{section}]")
    return difference.after if difference else None


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
