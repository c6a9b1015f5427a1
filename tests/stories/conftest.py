"""Receivers for the stories."""

from collections.abc import Iterator

import pytest

from tests.stories.stage import Hook, Postbox


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
