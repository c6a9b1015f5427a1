"""The pages as a reader and as a machine find them."""

import pytest
from fastapi.testclient import TestClient

PAGES = [
    "/", "/?place=JP&as_of=2024-10-01", "/?place=AU", "/?as_of=1990-01-01", "/?as_of=2030-01-01",
    "/events", "/events?page=2&level=major&place=US&therapy=tofersen&type=&state=", "/changes", "/sources",
    "/changes?since=2024-01-01&source=drugsfda", "/therapies/tofersen", "/trials/NCT04856982", "/api/docs",
]  # fmt: skip


@pytest.mark.parametrize("address", PAGES)
def test_every_page_opens_and_says_that_it_is_no_medical_advice(pages: TestClient, address: str) -> None:
    answer = pages.get(address)
    assert answer.status_code == 200
    assert "Information, not medical advice." in answer.text
    assert answer.text.count("<h1") == 1
    assert 'href="#main"' in answer.text
