"""What a text is called and how a page difference is written down, before anything is read. Pure."""

from collections.abc import Iterable

from monitor.vocabulary.differences import Difference

KINDS = {1: "regulator_feed", 2: "press_release", 3: "press_release", 4: "news"}
"""Kind of a feed's text by the tier of who tells it."""

PAGE = "page_diff"
REGULATOR = KINDS[1]


def page_text(differences: Iterable[Difference]) -> str:
    """What a page said before and says now, a line each: `- gone`, then `+ new`."""
    told = [each for each in differences if each.field == "text"]
    gone = [f"- {each.before}" for each in told if each.before is not None]
    return "\n".join([*gone, *(f"+ {each.after}" for each in told if each.after is not None)])
