"""Labels through openFDA: the same documents as DailyMed's, a week later, by application or set id.

Left out on purpose: tables (their words stand in the sections), and everything under `openfda` but numbers and names.
openFDA adds nothing to a third of the labels: such a one is known by the names and ingredients that it begins with.
"""

from collections.abc import Iterator, Mapping
from textwrap import shorten
from typing import Annotated, ClassVar

from pydantic import AfterValidator

from sources.base import About, Options, Unexpected
from sources.dailymed import set_id
from sources.openfda import (
    AUTHORITY,
    PER_QUERY,
    PLACE,
    OpenFda,
    application_number,
    applications_in,
    beside,
    iso_day,
    names_in,
    phrase,
)  # fmt: skip
from sources.payload import Json, need, text_at, texts
from sources.product_labels import LONGEST, SECTIONS, Label, fingerprint

FULL = frozenset(SECTIONS.values())
PRODUCTS = "spl_product_data_elements"
BESIDE = frozenset({"id", "set_id", "version", "effective_time", "openfda", PRODUCTS})
LISTED, TITLE = 1000, 80  # characters


class FdaLabelOptions(Options):
    """Which labels to follow: those of these applications, these set ids, or both."""

    applications: tuple[Annotated[str, AfterValidator(application_number)], ...] = ()
    set_ids: tuple[Annotated[str, AfterValidator(set_id)], ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        followed = self.applications or self.set_ids
        return None if followed else "expected applications or set_ids to follow, found none"


class FdaLabel(OpenFda):
    """Should DailyMed fail, the same labels are here."""

    name = "fda_label"
    title = "US labels (openFDA)"
    about = About(
        watches="US labels through openFDA, by application or set id",
        first="the same as DailyMed, should that fail",
        lag="a week",
        where="US",
        key="better with one",
    )
    revision = 2  # November 2026: names where openFDA adds none
    places = ()  # what is approved, the register says
    endpoint = "/drug/label.json"
    record = Label
    paths: ClassVar[Mapping[str, str]] = {
        "version": "version",
        "effective_on": "effective_time",
        "sections": "{key}",
        "fingerprints": "{key}",
    }
    Options = FdaLabelOptions
    options: FdaLabelOptions

    def queries(self) -> Iterator[str]:
        """By set id, then by application, fifty at a time."""
        for field, numbers in (
            ("set_id", self.options.set_ids),
            ("openfda.application_number", self.options.applications),
        ):
            for first in range(0, len(numbers), PER_QUERY):
                yield f"{field}:(" + " ".join(map(phrase, numbers[first : first + PER_QUERY])) + ")"

    def read(self, row: Json) -> Label:
        """One label."""
        return label(row)

    def wanted(self) -> tuple[str, ...]:
        """The labels asked for by set id."""
        return tuple(dict.fromkeys(self.options.set_ids))

    def identity(self, row: Json, where: str) -> str:
        """Its set id."""
        return need(row, "set_id", str, where)

    def key_of(self, row: Json) -> str | None:
        """Its set id."""
        return text_at("set_id")(row)


def label(row: Json) -> Label:
    """One label. Raises Unexpected at a missing or mistyped field."""
    written = need(row, "set_id", str, "label")
    try:
        key = set_id(written)
    except ValueError as problem:
        raise Unexpected(f"label.set_id: {problem}") from None
    read = [name for name, said in row.items() if isinstance(said, list) or name in FULL]  # every section is a list
    told = {
        name: " ".join(texts(row, name, key)) for name in read if name not in BESIDE and not name.endswith("_table")
    }
    full = {name: text for name, text in told.items() if name in FULL}
    if not full:
        raise Unexpected(
            f"{key}: expected sections such as indications_and_usage, found {', '.join(sorted(row))[:200]}"
        )
    if too_long := next((name for name, text in full.items() if len(text) > LONGEST), None):
        raise Unexpected(f"{key}.{too_long}: expected at most {LONGEST} characters, found more")
    added = beside(row, key)
    names = names_in(added, key) or _listed(row, key)
    return Label(
        key=key,
        title=shorten(names[0], TITLE, placeholder="") if names else key,
        url=f"https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid={key}",
        authority=AUTHORITY,
        place=PLACE,
        names=names,
        numbers=applications_in(added, key),
        version=need(row, "version", str, key),
        effective_on=iso_day(need(row, "effective_time", str, key), f"{key}.effective_time") or "",
        sections=full,
        fingerprints={name: fingerprint(text) for name, text in told.items() if name not in FULL},
    )


def _listed(row: Json, key: str) -> tuple[str, ...]:
    """The product data of a label: its name, what works in it, then all else it is made of, as one text."""
    return tuple(text[:LISTED] for text in texts(row, PRODUCTS, key))
