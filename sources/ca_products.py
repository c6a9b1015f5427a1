"""Drugs on the Canadian market, from Health Canada's database of drug products: whether each is sold or cancelled.

Products are found by brand; of each its status is asked for as well, and the two are joined into one answer. Left out
on purpose: codes of classes, the number of ingredients and the day of updates.
"""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar

from sources.base import About, Fetch, Options, Page, Source, Unexpected, each
from sources.ca_noc import joined, rows_of
from sources.days import iso_day
from sources.payload import Json, decode, mapped, may, need
from sources.records import Application, MarketAct, Product, Record

AUTHORITY, PLACE = "Health Canada", "CA"
HOME = "/api/drug"
NUMBER = re.compile(r"\d{8}")
PRODUCT, STATUS = "drugproduct", "status"
STATUSES: Mapping[str, MarketAct | None] = {
    "Approved": MarketAct.NOT_YET,
    "Marketed": MarketAct.SOLD,
    "Dormant": None,  # not sold for a year, and may be again
    "Cancelled Pre Market": MarketAct.ENDED,
    "Cancelled Post Market": MarketAct.ENDED,
    "Cancelled (Safety Issue)": MarketAct.ENDED,
    "Cancelled (Unreturned Annual)": MarketAct.ENDED,
    "Cancelled (Lot Recall)": MarketAct.ENDED,
    "Cancelled (Transitioned to Biocides)": MarketAct.ENDED,
    "Authorized By Interim Order": None,  # whether it is sold is not said
    "Authorization By Interim Order Revoked": MarketAct.ENDED,
    "Authorization By Interim Order Expired": MarketAct.ENDED,
    "Restricted Access": None,
}


class CaProductsOptions(Options):
    """Which products to follow: those of these brands."""

    brands: tuple[str, ...] = ()

    def missing(self) -> str | None:
        """That there is nothing to follow."""
        return None if self.brands else "expected brands to follow, found none"


class CaProducts(Source):
    """A product stays in the database when it is cancelled."""

    name = "ca_products"
    title = "Health Canada drug products (DPD)"
    about = About(
        watches="drugs on the Canadian market (DPD), by brand",
        first="that a drug is sold in Canada, or no longer",
        lag="days",
        where="CA",
    )
    tier = 1
    home = "https://health-products.canada.ca"
    terms = "Government of Canada, open data; the source is to be named."
    record = Application
    paths: ClassVar[Mapping[str, str]] = {
        "sponsor": "drugproduct.company_name",
        "products.marketing_status": "status[{key}].status",
        "products.brand_name": "drugproduct[{key}].brand_name",
    }
    Options = CaProductsOptions
    options: CaProductsOptions

    def pages(self, fetch: Fetch) -> Iterator[Page]:
        """Brand by brand, and each product of it. Raises Unexpected where nothing is followed."""
        if missing := self.options.missing():
            raise Unexpected(f"options: {missing}")
        asked = {"lang": "en", "type": "json"}
        for brand in self.options.brands:
            found = fetch(f"{self.base_url}{HOME}/{PRODUCT}/", params=asked | {"brandname": brand})
            for code in sorted({need(row, "drug_code", int, found.url) for row in rows_of(found)}):
                yield joined(
                    {
                        PRODUCT: fetch(f"{self.base_url}{HOME}/{PRODUCT}/", params=asked | {"id": str(code)}),
                        STATUS: fetch(f"{self.base_url}{HOME}/{STATUS}/", params=asked | {"id": str(code)}),
                    }
                )

    def parse(self, page: Page) -> Iterator[Record | Unexpected]:
        """The product of a joined answer."""
        yield from each([decode(page)], product, key=_key)


def _key(value: Json) -> str | None:
    try:
        return str(need(need(value, PRODUCT, list, "product")[0], "drug_code", int, "product"))
    except (Unexpected, IndexError):
        return None


def product(value: Json) -> Application:
    """One product with its status. Raises Unexpected at an unknown word, a missing or mistyped field."""
    found, states = need(value, PRODUCT, list, "product"), need(value, STATUS, list, "product")
    if len(found) != 1 or len(states) != 1:
        raise Unexpected(f"product: expected one product with one status, found {len(found)} with {len(states)}")
    row, state = found[0], states[0]
    key = str(need(row, "drug_code", int, "product"))
    number = need(row, "drug_identification_number", str, key)
    if not NUMBER.fullmatch(number):
        raise Unexpected(f"{key}.drug_identification_number: expected eight digits, found {number[:40]!r}")
    brand, word = need(row, "brand_name", str, key), need(state, "status", str, f"{key}.status")
    for name in ("history_date", "original_market_date"):
        iso_day(may(state, name, str, f"{key}.status"), f"{key}.status.{name}")
    return Application(
        key=key,
        title=brand,
        url=f"https://health-products.canada.ca/dpd-bdpp/info?lang=eng&code={key}",
        authority=AUTHORITY,
        place=PLACE,
        names=(brand,),
        sponsor=need(row, "company_name", str, key),
        products={
            number: Product(
                act=mapped(word, STATUSES, f"{key}.status"),
                brand_name=brand,
                marketing_status=word,
            )
        },
    )
