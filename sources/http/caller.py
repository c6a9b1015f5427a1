"""Who asks: the name by which we go, and the keys we show."""

from base64 import b64encode
from importlib.metadata import PackageNotFoundError, version


def user_agent(contact: str) -> str:
    """The User-Agent, with whom to write to."""
    named = "".join(letter for letter in contact if " " <= letter <= "~")
    return f"Therawatch/{_version()} (+{named})"


def basic(key: str) -> str:
    """A key as Basic authentication has it: by itself it is the user."""
    return b64encode((key if ":" in key else f"{key}:").encode()).decode()


def _version() -> str:
    try:
        return version("therawatch")
    except PackageNotFoundError:  # run from a checkout that was not installed
        return "0"
