"""A pack of thousands of drugs on the first page: so many at a time, found by name, and the rest a step away."""

from dataclasses import replace

from bs4 import BeautifulSoup
from fastapi.testclient import TestClient

from monitor.service import Service
from monitor.vocabulary.pack import Therapy
from monitor.web.app import create_app
from monitor.web.front_page import DRUGS


def many(service: Service) -> TestClient:
    named = tuple(Therapy(name=f"Quaggamab {number}") for number in range(1, 121))
    pack = service.pack.model_copy(update={"therapies": (*service.pack.therapies, *named)})
    return TestClient(create_app(replace(service, pack=pack)))


def told(page: BeautifulSoup) -> str:
    ways = page.select_one("section[aria-labelledby=where] nav[aria-label='Further drugs'] p")
    assert ways
    return " ".join(ways.text.split())


def test_the_first_page_shows_so_many_drugs_and_leads_to_the_others(service: Service) -> None:
    pages, seen, address = many(service), [], "/?place=JP&as_of=2025-01-01"
    while address:
        page = BeautifulSoup(pages.get(address).text, "lxml")
        names = {row.text.strip() for row in page.select("section[aria-labelledby=pipeline] tbody th a")}
        silent = page.select("section[aria-labelledby=pipeline] > p.quiet")
        listed = silent[0].text.split(" for ")[1].split(".")[0].split(", ") if silent else []
        seen.append(names | set(listed))
        assert len(seen[-1]) <= DRUGS and told(page).startswith("Drugs "), address
        assert page.find(id="answer") and page.select_one("form[aria-label='Find a drug'] input[value=JP]")
        further = page.select_one("a[rel=next]")
        address = str(further["href"]).partition("#")[0] if further else ""
        assert not address or "as_of=2025-01-01&place=JP" in address
    followed = len([one for one in service.pack.therapies if one.followed]) + 120
    total = sum(map(len, seen))
    assert total == len(set().union(*seen)) >= followed and len(seen) == -(-total // DRUGS), "each drug once"
    assert f"of {total}," in told(page) and page.select_one("a[rel=prev]")


def test_a_drug_is_found_by_a_part_of_any_of_its_names(service: Service) -> None:
    pages = many(service)
    page = BeautifulSoup(pages.get("/?drug=qualsody").text, "lxml")
    assert "No drug has “qualsody” in a name" in told(page)
    page = BeautifulSoup(pages.get("/?drug=qalsody").text, "lxml")
    assert told(page) == "Drugs 1 to 1 of 1 with “qalsody” in a name, here and in the two lists below."
    assert [row.text for row in page.select("section[aria-labelledby=where] tbody th a")] == ["Qalsody (tofersen)"]
    assert page.select_one("a[href='/?place=US#where']")
    assert "comes so late" in told(BeautifulSoup(pages.get("/?drugs_from=5000").text, "lxml"))
    assert pages.get("/?drugs_from=0").status_code == pages.get("/?drugs_from=x").status_code == 400


def test_a_pack_of_few_drugs_needs_no_ways(service: Service, pages: TestClient) -> None:
    page = BeautifulSoup(pages.get("/").text, "lxml")
    assert not page.select("form[aria-label='Find a drug'], nav[aria-label='Further drugs']")
