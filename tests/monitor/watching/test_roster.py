"""The watches of a store are brought in line with the pack in parts: ended between two, a start begins anew."""

from pathlib import Path

import pytest
from sqlmodel import select

from monitor.path.assemble import assembled
from monitor.settings import Settings
from monitor.watching import roster
from store.database import reading
from store.tables import Watch

HEAD = '[pack]\nname = "bench"\ncondition = "amyotrophic lateral sclerosis"\n\n[[therapies]]\nname = "riluzole"\n'
WATCH = '\n[[watches]]\nname = "p{n}"\nsource = "page"\nevery = "1h"\nurl = "https://{host}/p/{n}"\n'


def settings(folder: Path, host: str, watches: int) -> Settings:
    pack = folder / f"{host}.toml"
    pack.write_text(HEAD + "".join(WATCH.format(n=n, host=host) for n in range(watches)))
    return Settings(config=pack, database_url=f"sqlite:///{folder}/watch.db")


def followed(asked: Settings) -> dict[str, str | None]:
    """Where the active watches look once the service has started."""
    with assembled(asked) as service, reading(service.engine) as session:
        return dict(session.exec(select(Watch.name, Watch.url).where(Watch.active)).all())


def start_and_end_midway(asked: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    parts, follow = [0], roster._follow

    def ending(*args: object) -> None:
        parts[0] += 1
        if parts[0] == 2:
            raise KeyboardInterrupt
        follow(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(roster, "_follow", ending)
    with pytest.raises(KeyboardInterrupt), assembled(asked):
        pass
    monkeypatch.setattr(roster, "_follow", follow)


def test_a_start_that_was_ended_midway_is_done_by_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "AT_ONCE", 3)
    asked = settings(tmp_path, "one.example.org", 8)

    start_and_end_midway(asked, monkeypatch)

    assert followed(asked) == {f"p{n}": f"https://one.example.org/p/{n}" for n in range(8)}


def test_also_where_the_pack_of_before_comes_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster, "AT_ONCE", 3)
    before, other = settings(tmp_path, "one.example.org", 5), settings(tmp_path, "two.example.org", 8)
    was = followed(before)

    start_and_end_midway(other, monkeypatch)

    assert followed(before) == was
