"""Notices of compliance: what Health Canada has authorised, from its database of them.

The list of ingredients is asked for once and names the notices of the drugs that are followed; of each of them the
notice, its products and its ingredients are asked for, and joined into one answer, so that what is kept as evidence is
whole. A notice may come days after its date, and its products a day after it. Left out on purpose: the reference
product, the therapeutic class, strengths and the day of updates.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import ClassVar

from sources.authorisations import Authorisation, AuthorisationAct, AuthorisationStatus
from sources.base import About, Fetch, Options, Page, Source, Unexpected, each
from sources.days import iso_day
from sources.payload import Json, column, decode, known, mapped, may, need, rows
from sources.records import Record

AUTHORITY, PLACE = "Health Canada", "CA"
HOME = "/api/notice-of-compliance"
NOTICE, PRODUCTS, INGREDIENTS = "noticeofcompliancemain", "drugproduct", "medicinalingredient"
PARTS = (NOTICE, PRODUCTS, INGREDIENTS)
YES_NO: Mapping[str, bool] = {"Y": True, "N": False}
FEWEST = 1000  # rows of the whole list of ingredients; it has tens of thousands
ACTIVE = "1"
COPIES = ("abbreviated", "biosimilar", "subsequent entry")
"""Words of a submission's type or class that make its product a copy of another's."""
ADMINISTRATIVE = "admin"
"""Class of a submission by which a product that is authorised gets another name or another holder."""


class CaNocOptions(Options):
    """Which notices to follow: those of these ingredients, as Health Canada writes them."""

    ingredients: tuple[str, ...] = ()
    at_least: int = FEWEST

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.ingredients else "expected ingredients to follow, found none"


class CaNoc(Source):
    """A notice is never taken out; what ends stands in the database of products (`ca_products`)."""

    name = "ca_noc"
    title = "Health Canada notices of compliance"
    about = About(
        watches="authorisations in Canada (NOC, NOC/c), by ingredient",
        first="that a drug is authorised in Canada, with conditions or without",
        lag="a day to weeks",
    )
    revision = 2  # November 2026: a copy is told by the type of its submission, what is administrative is no act
    tier = 1
    home = "https://health-products.canada.ca"
    places = (PLACE,)
    terms = "Government of Canada, open data; the source is to be named."
    record = Authorisation
    paths: ClassVar[Mapping[str, str]] = {
        "title": "drugproduct.noc_br_brandname",
        "status": "noc_active_status",
        "authorised_on": "noc_date",
        "holder": "noc_manufacturer_name",
    }
    Options = CaNocOptions
    options: CaNocOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """Each notice of the ingredients. Raises Unexpected where nothing is followed, or the list is not whole."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        everything = self._ask(fetch, INGREDIENTS)
        listed = rows_of(everything)
        if len(listed) < self.options.at_least:
            raise Unexpected(
                f"{everything.url}: expected {self.options.at_least} ingredients or more, found {len(listed)}"
            )
        wanted = {name.casefold() for name in self.options.ingredients}
        numbers = {
            need(row, "noc_number", int, "ingredient")
            for row in listed
            if (may(row, "noc_pi_medic_ingr_name", str, "ingredient") or "").casefold() in wanted
        }
        for number in sorted(numbers):
            yield joined({part: self._ask(fetch, part, number) for part in PARTS})

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The notice of a joined answer."""
        yield from each([decode(page)], notice, key=_key)

    def _ask(self, fetch: Fetch, part: str, number: int | None = None) -> Page:
        params: dict[str, str | int] = {"lang": "en", "type": "json"}
        return fetch(f"{self.base_url}{HOME}/{part}/", params=params if number is None else {"id": number} | params)


def rows_of(page: Page) -> list[Json]:
    """The rows of an answer: a list, or the one row by itself. Raises Unexpected at anything else."""
    value = decode(page)
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise Unexpected(f"{page.url}: expected a list of rows, found {type(value).__name__}")
    return value


def joined(answers: Mapping[str, Page]) -> Page:
    """Several answers about one thing as one, each under its name; it stands at the address of the first."""
    first = next(iter(answers.values()))
    body = json.dumps({name: rows_of(page) for name, page in answers.items()}, ensure_ascii=False).encode()
    same = all(page.unchanged for page in answers.values())
    return replace(first, sha256=hashlib.sha256(body).hexdigest(), load=partial(bytes, body), unchanged=same)


def _key(value: Json) -> str | None:
    try:
        return str(need(need(value, NOTICE, list, "notice")[0], "noc_number", int, "notice"))
    except (Unexpected, IndexError):
        return None


def notice(value: Json) -> Authorisation:
    """One notice with its products and ingredients. Raises Unexpected at an unknown word, a missing or wrong field."""
    found = need(value, NOTICE, list, "notice")
    if len(found) != 1:
        raise Unexpected(f"notice: expected one notice of a number, found {len(found)}")
    row = found[0]
    key = str(need(row, "noc_number", int, "notice"))
    conditional = mapped(need(row, "noc_status_with_conditions", str, key), YES_NO, f"{key}.noc_status_with_conditions")
    supplement = mapped(need(row, "noc_is_suppliment", str, key), YES_NO, f"{key}.noc_is_suppliment")  # sic
    state = known(_written(row, "noc_active_status", key), (ACTIVE, "0"), f"{key}.noc_active_status")
    kind = may(row, "noc_submission_class", str, key) or ""
    sort = need(row, "noc_on_submission_type", str, key)
    day = iso_day(need(row, "noc_date", str, key).removesuffix("T00:00:00"), f"{key}.noc_date")
    brands = tuple(dict.fromkeys(column(rows(value, PRODUCTS, key), "noc_br_brandname", key)))
    drugs = tuple(dict.fromkeys(column(need(value, INGREDIENTS, list, key), "noc_pi_medic_ingr_name", key)))
    reason = may(row, "noc_reason_supplement", str, key) or ""
    office = may(row, "noc_is_admin", str, key)
    formal = ADMINISTRATIVE in kind.casefold() or bool(office and mapped(office, YES_NO, f"{key}.noc_is_admin"))
    act = None if formal else _act(supplement, copy=_is_copy(f"{sort} {kind}"), reason=reason)
    return Authorisation(
        key=key,
        title=", ".join(brands or drugs),
        url=f"https://health-products.canada.ca/noc-ac/nocInfo?lang=eng&no={key}",
        authority=AUTHORITY,
        place=PLACE,
        names=(*brands, *drugs),
        status=AuthorisationStatus.AUTHORISED if state == ACTIVE else AuthorisationStatus.ENDED,
        status_text=state,
        kind="noc_c" if conditional else "regular",
        acts=(act,) if act else (),
        days={act: day} if act else {},
        holder=need(row, "noc_manufacturer_name", str, key),
        authorised_on=day,
        particulars={
            "noc_submission_class": kind,
            "noc_on_submission_type": sort,
            "noc_reason_submission": may(row, "noc_reason_submission", str, key) or "",
            "noc_reason_supplement": reason,
        },
    )


def _written(row: Json, name: str, where: str) -> str:
    """A figure, which one form of the database writes as text and another as a number."""
    figure = row.get(name) if isinstance(row, dict) else None
    return str(figure) if type(figure) is int else need(row, name, str, where)


def _is_copy(words: str) -> bool:
    return any(word in words.casefold() for word in COPIES)


def _act(supplement: bool, *, copy: bool, reason: str) -> AuthorisationAct | None:
    """What a notice says has been done; of most supplements, that is nothing that readers ask for."""
    if supplement:
        return AuthorisationAct.EXTENDED if "indication" in reason.casefold() else None
    return AuthorisationAct.GENERIC_AUTHORISED if copy else AuthorisationAct.AUTHORISED
