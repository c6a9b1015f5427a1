"""A pack of several illnesses, for tests in which a medicine must be a followed one."""

from monitor.vocabulary.pack import Pack
from monitor.vocabulary.therapies import Therapies


def followed(*names: str) -> Therapies:
    """A pack that follows these medicines, each by one name."""
    about = {"name": "several", "condition": "several illnesses", "version": "1"}
    return Therapies(
        Pack.model_validate({"pack": about, "therapies": [{"name": name} for name in names], "watches": []})
    )
