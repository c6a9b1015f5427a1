"""What lint lets pass, the service takes: a sound pack is changed at random, and either both refuse it or neither."""

import json
import shutil
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.path.assemble import assembled, catalog_of
from monitor.path.check import source_of
from monitor.path.round import due
from monitor.settings import Misconfigured, Settings
from monitor.vocabulary.pack_faults import read_pack
from monitor.web.app import create_app
from sources.base import SourceError

SOUND: dict[str, Any] = {
    "pack": {"name": "demo", "condition": "a disease", "synonyms": ["ADX"], "ambiguous": {"ADX": ["adx motor"]}},
    "therapies": [
        {"name": "tofersen", "brands": ["Qalsody"], "brand_in": {"US": "Qalsody"}, "sponsors": ["Biogen"],
         "trials": ["NCT02623699"], "acronyms": {"VALOR": "NCT02623699"}, "applications": {"fda": ["NDA215887"]},
         "for_whom": {"text": "adults", "mark": "C"}},
        {"name": "riluzole", "synonyms": ["rilu"], "needs_context": True, "followed": False},
    ],
    "watches": [
        {"name": "news", "title": "News", "source": "feed", "every": "1h", "url": "https://example.org/news.xml",
         "therapies": ["tofersen"], "options": {"tier": 3, "keep": ["ADX"]}},
        {"name": "trials", "source": "clinicaltrials", "every": "12h", "options": {"ids": ["NCT02623699"]}},
        {"name": "fda", "source": "drugsfda", "every": "1d", "options": {"applications": ["NDA215887"]}},
        {"name": "notices", "source": "federalregister", "every": "1d", "options": {"terms": ["tofersen"]}},
        {"name": "page", "source": "page", "every": "6h", "url": "https://example.org/p",
         "options": {"select": "#main", "ignore": [".t"]}},
    ],
}  # fmt: skip
ODD: list[Any] = [
    "", "  ", "\x00", "a\nb", "x" * 3000, "☃é", 0, -1, 2**62, 1.5, True, [], {}, ["a", "a"], [1], {"a": 1}, "*", "[[",
    "-", "http://[::1", "javascript:x", "https://u:p@h/", "https://h:99999/", "0h", "99999999999w", "NCT", "tofersen",
    "news", "2025-13-01", "\u202e", "US",
]  # fmt: skip


def places(node: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place of the pack, as the keys that lead there."""
    if at:
        yield at
    if isinstance(node, dict | list):
        for key, value in node.items() if isinstance(node, dict) else enumerate(node):
            yield from places(value, (*at, key))


PLACES = list(places(SOUND))


def changed(at: tuple[Any, ...], value: Any, how: str) -> dict[str, Any]:
    """The pack with one place set, taken away, or there twice."""
    pack = deepcopy(SOUND)
    node: Any = pack
    for key in at[:-1]:
        node = node[key]
    if how == "taken":
        del node[at[-1]]
    elif how == "twice" and isinstance(node, list):
        node.append(deepcopy(node[at[-1]]))
    else:
        node[at[-1]] = value
    return pack


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(as_toml, value)) + "]"
    return json.dumps(value)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its schema, and the sound pack in it."""
    folder = tmp_path_factory.mktemp("lint")
    write(folder, SOUND)
    with assembled(Settings(config=folder / "pack.toml", database_url=f"sqlite:///{folder}/template.db")):
        return folder


def write(folder: Path, pack: dict[str, Any]) -> None:
    (folder / "pack.toml").write_text("\n".join(f"{key} = {as_toml(value)}" for key, value in pack.items()))


class Asked(Exception):
    """A source has got as far as the network."""


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.sampled_from(PLACES), value=st.sampled_from(ODD), how=st.sampled_from(["set", "set", "taken", "twice"]))
def test_what_lint_lets_pass_the_service_takes(template: Path, at: tuple[Any, ...], value: Any, how: str) -> None:
    write(template, changed(at, value, how))
    served = Settings(config=template / "pack.toml", database_url=f"sqlite:///{template}/served.db")
    try:
        read_pack(served.config, catalog_of(served))
    except Misconfigured:
        return
    for left in template.glob("served.db*"):
        left.unlink()
    shutil.copy(template / "template.db", template / "served.db")

    with assembled(served) as service:
        pages = TestClient(create_app(service))
        for address in ("/", "/sources", "/changes", "/events", "/api/v1/status", "/feeds/events.atom"):
            assert pages.get(address).status_code == 200, address
        assert service.therapies.mentioned("A text about nothing in particular.") == []
        for watch in due(service, everything=True):
            with pytest.raises((Asked, SourceError)) as ended:
                list(source_of(service, watch).pages(_asked))
            assert "options" not in str(ended.value), "a fault of the pack that lint has not seen"


def _asked(*_: Any, **__: Any) -> Any:
    raise Asked
