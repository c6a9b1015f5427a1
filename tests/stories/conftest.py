"""Receivers for the stories, and the command without a process of its own."""

from collections.abc import Callable, Iterator

import pytest
import structlog

from monitor.cli import main
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


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ran]]:
    """The command within this process, given an installation and arguments: a second less for each."""

    def run(home: Installation, *arguments: str, **more: str) -> Ran:
        for name, value in home.variables(**more).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["therawatch", *arguments])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return Ran(int(ended.value.code or 0), out, err)

    yield run
    structlog.reset_defaults()  # the command logs to the stderr it found
