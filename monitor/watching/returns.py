"""Lines that come back: what stood on the page a moment ago is no news when nothing of the matter stood in its place.

A look at another page that slipped past the doorman (a list that was empty once, a section being rebuilt) is followed
by the page as it was. A value that gave way to another value and came back has changed twice, and both are news.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from monitor.vocabulary.differences import Difference
from monitor.watching.identity import text_proper
from sources.noise.lines import likeness
from sources.noise.page_talk import DENIES, STATUS
from store.states import ChangeKind
from store.tables import Change, Snapshot, Watch

WINDOW = timedelta(hours=72)
"""What comes back within this time, or at the look after next, was away (reliability.md, doorman 10)."""
LOOKS = 1.5  # intervals of the watch
MOST_VERSIONS = 20
ALIKE = 0.5  # share of common words from which one line is a version of the other
DOUBT = "the page said this before, was something else for a moment and says it again"

REBUILT = "the page was rebuilt: a person has accepted it as the page, not what it says as news"

OUTGROWN = "most of the page is new since it was last seen: it may have said this before"
ADDED = 4  # lines; fewer are an edit, whatever the length of the page


@dataclass(frozen=True)
class Returns:
    """Which of a passage's differences are news, and whether some of them should be looked at by a person."""

    news: tuple[Difference, ...]
    doubtful: tuple[Difference, ...] = field(default=())


def window_of(watch: Watch) -> timedelta:
    """How long a line may be away and count as having been there."""
    return max(WINDOW, timedelta(seconds=LOOKS * watch.every_seconds))


def familiar_lines(session: Session, item_id: int, latest: int, at: datetime, window: timedelta) -> frozenset[str]:
    """The lines of versions of an item that stood within `window` before `at`, the snapshot `latest` left out."""
    query = (
        select(Snapshot)
        .where(Snapshot.item_id == item_id, col(Snapshot.id) <= latest)
        .order_by(col(Snapshot.id).desc())
        .limit(MOST_VERSIONS)
    )
    lines: set[str] = set()
    stood_until = None
    for snapshot in session.exec(query):
        if stood_until is not None:
            if at - stood_until > window:
                break
            blocks = json.loads(zlib.decompress(snapshot.packed)).get("blocks", ())
            lines.update(text for _, text in blocks)
        stood_until = snapshot.taken_at
    return frozenset(lines)


def returns(differences: Iterable[Difference], familiar: frozenset[str]) -> Returns:
    """Sort the differences of a passage: news, doubtful news, and lines that only came back (left out)."""
    news: list[Difference] = []
    doubtful: list[Difference] = []
    for difference in differences:
        if difference.field != "text" or difference.after is None or difference.after not in familiar:
            news.append(difference)
        elif (standing := _between(difference)) is not None:
            (news if standing else doubtful).append(difference)
    return Returns(tuple(news), tuple(doubtful))


def _between(difference: Difference) -> bool | None:
    """Whether what stood in the place of a line that came back was another state of the matter: yes, perhaps
    (False), or no (None)."""
    if not difference.before:
        return None
    before, after = str(difference.before), str(difference.after)
    speaks = bool(STATUS.search(before) or DENIES.search(before))
    if likeness(before, after) >= ALIKE or (difference.path.endswith(":") and speaks):
        return True
    return False if speaks or difference.path.endswith(":") else None


def folds_into(
    session: Session, item_id: int, begins: int, mark: str, at: datetime, window: timedelta,
    differences: Sequence[Difference], familiar: frozenset[str],
) -> int | None:  # fmt: skip
    """The change whose line of the log tells of this one too, because it takes back, within `window`, what that one
    brought: a flap (reliability.md, doorman 10). None for any other.

    `begins` is the snapshot where the change begins and `mark` the fingerprint of what it ends in. A value that gave
    way to another value and came back has changed twice.
    """
    latest = select(Change).where(Change.item_id == item_id).order_by(col(Change.id).desc()).limit(1)
    last = session.exec(latest).first()
    if last is None or (last.kind, last.after_id) != (ChangeKind.CHANGED, begins) or at - last.detected_at > window:
        return None
    if session.exec(select(Snapshot.fingerprint).where(Snapshot.id == last.before_id)).first() != mark:
        return None
    if last.folded_into:
        return last.folded_into  # the flap goes on between the same two
    came = returns(differences, familiar)
    if any(one.before is not None and one.after is not None for one in (*came.news, *came.doubtful)):
        return None
    return last.id


def outgrown(before: Sequence[Sequence[str]], differences: Sequence[Difference]) -> bool:
    """Whether more has come to a page than was on it: what was seen before was perhaps not the whole page."""
    added = sum(1 for difference in differences if difference.field == "text" and difference.before is None)
    return added >= ADDED and added > len(text_proper([(place, text) for place, text in before]))
