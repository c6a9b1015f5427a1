"""What a reader needs, by page and by machine: for whom, under what condition, by which names, and from whom."""

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from monitor.events.review import Verdict, correct
from monitor.service import Service
from monitor.telling.secrets import open_keyring
from monitor.telling.subscriptions import subscribe
from store.database import reading, writing
from store.tables import Event, Evidence, Watch

SOD1 = "adults with ALS and a change in the SOD1 gene"
MUST_SHOW_MORE = "The maker must still show more. If it does not, the approval can be taken back."


def by_therapy(pages: TestClient, **asked: str) -> dict[str, Any]:
    return {line["therapy"]: line for line in pages.get("/api/v1/status", params=asked).json()}


def test_status_and_newest_say_for_whom_and_under_what_condition(pages: TestClient) -> None:
    lines = by_therapy(pages)
    assert (lines["tofersen"]["for_whom"], lines["riluzole"]["for_whom"]) == (SOD1, None)
    places = lines["tofersen"]["places"]
    assert places["US"]["condition"] == places["CA"]["condition"] == MUST_SHOW_MORE
    assert "looked at again every year" in places["EU"]["condition"]
    assert lines["riluzole"]["places"]["US"]["condition"] is None

    for asked in ({"place": "US"}, {"place": "CA"}, {"rule": "substance"}):
        line = pages.get("/api/v1/newest", params=asked).json()
        assert (line["therapy"], line["for_whom"], line["condition"]) == ("tofersen", SOD1, MUST_SHOW_MORE)
    assert pages.get("/api/v1/newest?place=AU").json()["for_whom"] is None
    assert pages.get("/api/v1/newest?rule=formulation").json()["condition"] is None


def test_each_drug_of_the_page_says_for_whom(pages: TestClient) -> None:
    text = " ".join(pages.get("/").text.split())
    assert text.count(f"for {SOD1}") >= 4, "the answer, the other places, the table, the trials"
    assert "for people with ALS and a change in the FUS gene" in text, "a drug in trials is for somebody too"
    assert re.search(rf"Accelerated approval, [^:]*\(NOC/c\)[^:]*: {re.escape(MUST_SHOW_MORE)}", text)
    assert "Approval under exceptional circumstances: Full data cannot be expected." in text


@pytest.mark.parametrize("name", ["Qalsody", "qalsody", "BIIB067", "Tofersen"])
def test_a_drug_is_found_by_any_of_its_names(pages: TestClient, name: str) -> None:
    answer = pages.get(f"/therapies/{name}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (307, "/therapies/tofersen")
    assert [e["event"] for e in pages.get(f"/api/v1/events?therapy={name}").json()] == [
        e["event"] for e in pages.get("/api/v1/events?therapy=tofersen").json()
    ]


@pytest.mark.parametrize(
    ("asked", "number"), [("nct04856982", "NCT04856982"), ("ATLAS", "NCT04856982"), ("fusion", "NCT04768972")]
)
def test_a_trial_is_found_by_its_acronym(pages: TestClient, asked: str, number: str) -> None:
    assert pages.get(f"/trials/{asked}", follow_redirects=False).headers["location"] == f"/trials/{number}"
    assert pages.get("/trials/NOBODY").status_code == 404


def test_the_ladder_of_the_interface_carries_the_trial_result(pages: TestClient, service: Service) -> None:
    with reading(service.engine) as session:
        ended = session.exec(select(Event.id).where(Event.type == "authorization_revoked")).one()
    ladder = pages.get(f"/api/v1/events/{ended}").json()["ladder"]
    assert [step["step"] for step in ladder if step["on"] == "2024-03-08"] == ["result"]
    assert [step["on"] for step in ladder] == sorted(step["on"] for step in ladder)


def test_sources_go_by_their_public_names(pages: TestClient, service: Service) -> None:
    with writing(service.engine) as session:
        gone = session.exec(select(Watch).where(Watch.name == "als-news-today")).one()
        session.add(Watch(**gone.model_dump(exclude={"id", "name"}), name="left-behind"))
    names = {plan.name for plan in service.pack.watches} | {"left-behind"}
    for address in ("/sources", "/", "/changes", "/events"):
        text = pages.get(address).text
        assert [name for name in names if name in text.replace("fda-press", "-")] == [], address
    assert "ALS News Today" in pages.get("/sources").text
    assert "<dd>Qalsody (tofersen)</dd>" in pages.get("/sources").text
    assert {line["title"] for line in pages.get("/api/v1/sources").json()} >= {
        "FDA news on drugs",
        "ClinicalTrials.gov",
    }


def test_evidence_stands_by_tier_wherever_it_is_listed(pages: TestClient, service: Service) -> None:
    with writing(service.engine) as session:
        for event in session.exec(select(Event)):
            session.add(Evidence(event_id=event.id, source="a late regulator", tier=1, at=service.now()))
    lines = [proof for line in by_therapy(pages).values() for proof in _proofs(line)]
    lines += [pages.get("/api/v1/newest").json()["evidence"]]
    lines += [event["evidence"] for event in pages.get("/api/v1/events").json()]
    assert lines
    for evidence in lines:
        assert [proof["tier"] for proof in evidence] == sorted(proof["tier"] for proof in evidence)


def _proofs(line: dict[str, Any]) -> list[Any]:
    return [cell["evidence"] for cell in line["places"].values()] + [line["pipeline"]["evidence"]]


def test_a_drug_that_nobody_follows_has_its_trial_in_the_table(pages: TestClient) -> None:
    lines = by_therapy(pages)
    followed = {name for name, line in lines.items() if line["followed"]}
    assert "FAB122" in set(lines) - followed
    assert lines["FAB122"]["pipeline"]["state"] == "read_out_negative"
    assert "FAB122" in pages.get("/").text


@pytest.mark.parametrize("list_", ["status", "newest", "events", "changes"])
def test_the_interface_refuses_a_question_it_does_not_know(pages: TestClient, list_: str) -> None:
    answer = pages.get(f"/api/v1/{list_}?plaec=JP")
    assert answer.status_code == 400
    assert "plaec" in answer.text
    assert pages.get("/?utm_source=mail&fbclid=x").status_code == 200, "what mail programs add to links harms no page"


def test_what_was_corrected_is_worded_as_no_fact_and_leads_to_what_is_right(
    pages: TestClient, service: Service
) -> None:
    with writing(service.engine) as session:
        wrong = session.exec(select(Event).where(Event.type == "accelerated_approval", Event.place == "US")).one()
        verdict = Verdict(by="a maintainer", at=service.now(), note="The kind was read wrongly.")
        correct(session, wrong, verdict, {"kind": "conditional"}, service.pack)
        wrong_id = wrong.id
        right_id = session.exec(select(Event.id).where(Event.corrects == wrong_id)).one()
    text = " ".join(pages.get(f"/events/{wrong_id}").text.split())
    assert "This was corrected: Qalsody was approved with conditions" in text
    assert "Doctors there may prescribe it" not in text
    assert f'What is right: <a href="/events/{right_id}">' in text
    assert "Corrected: as it stands here it was wrong" in pages.get("/events?state=corrected").text


def test_a_subscription_names_drugs_as_readers_know_them(pages: TestClient, service: Service) -> None:
    made, _ = subscribe(
        service, channel="email", address="a@b.example", therapies=["biib-067", "RADICAVA ORS"], confirmed=True
    )
    assert made.therapies == ["tofersen", "edaravone"]
    token = open_keyring(service.settings).token("manage", made.id or 0)
    assert "Qalsody (tofersen), Radicava (edaravone)" in pages.get(f"/subscriptions/{token}").text
