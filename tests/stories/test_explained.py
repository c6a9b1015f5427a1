"""What was read from prose is explained where it stands: both readers' views at once, the words that weigh a while
later, on the public page and on the desk."""

from pathlib import Path

from bs4 import BeautifulSoup
from fastapi.testclient import TestClient
from sqlmodel import select

from monitor.path.explained import explain_readings
from monitor.people import maintainers as people
from monitor.people.audit import at_terminal
from monitor.web.app import create_app
from store.database import reading
from store.tables import Event, Reading
from tests.stories.stage import Installation, Stage, look, tale
from tests.stories.test_one_event import APPROVAL, BIOGEN, EARLIER, at
from tests.web.desk.conftest import PASSWORD, signs_in


def view(page: str) -> dict[str, str]:
    """What a page says of the readers."""
    shown = BeautifulSoup(page, "lxml").select("dl.views > *")
    texts = [" ".join(one.get_text(" ").split()) for one in shown]
    return dict(zip(texts[::2], texts[1::2], strict=True))


def test_the_page_of_an_event_says_what_both_readers_made_of_it_and_which_words_weigh(tmp_path: Path) -> None:
    with Stage(tale(told=(EARLIER[0], APPROVAL[0])), at=at("2023-04-01T12:00")) as world:
        home = Installation(tmp_path, world)
        home.write_pack(BIOGEN)
        with home.service(base_url="https://als.example") as service:
            look(service)
            world.at(at("2023-04-25T20:00"))
            look(service)
            people.add(service, "an-editor", PASSWORD, "viewer", at_terminal("root"))
            client = TestClient(create_app(service), base_url="https://als.example")
            assert signs_in(client, "an-editor").status_code == 303
            with reading(service.engine) as session:
                event = session.exec(select(Event).where(Event.type == "accelerated_approval")).one()
                kept = session.exec(select(Reading)).all()
            assert {one.type for one in kept} >= {"accelerated_approval"}

            said = view(client.get(f"/events/{event.id}").text)
            assert "accelerated_approval." in said["The rules"] and ": done" in said["The rules"]
            assert said["The network"].endswith("% likely") and int(said["The network"].split()[0]) > 50
            assert "that it is news here" in said["Both together"]
            assert "Words it leans on most" not in said, "no look and no reader waits for that"

            assert explain_readings(service) == len(kept)
            assert explain_readings(service) == 0
            said = view(client.get(f"/events/{event.id}").text)
            words = said["Words it leans on most"].split(", ")
            assert 1 <= len(words) <= 3 and {"accelerated", "granted", "approval", "grants"} & set(words), words
            assert view(client.get(f"/review/events/{event.id}?tab=why").text) == said
