"""What a complete look did not show: counted, and after long enough gone, which is a change and never an event."""

from sqlalchemy import bindparam
from sqlmodel import col, delete, select

from monitor.vocabulary.differences import RECORD, Difference
from monitor.watching.guards import Patience
from monitor.watching.snapshots import Observation, in_lots
from store.states import ChangeKind
from store.tables import Item, Sighting

MINE = col(Sighting.watch_id) == bindparam("watch")
FOLLOWED = select(Sighting.item_id).where(MINE)
FORGET = delete(Sighting).where(MINE, col(Sighting.item_id).in_(bindparam("items", expanding=True)))


def forget_others(run: Observation, present: set[int]) -> None:
    """At a baseline: what its watch followed before, and follows no longer, is not missed."""
    connection, mine = run.session.connection(), {"watch": run.watch.id}
    others = [item for item in connection.scalars(FOLLOWED, mine) if item not in present]
    for some in in_lots(others) if others else ():
        connection.execute(FORGET, mine | {"items": some})


def miss(run: Observation, present: set[int], patience: Patience) -> int:
    """Note that a run did not show what its watch has seen and what still counts as present, and let go of what has
    been missing long enough; returns how many records are absent."""
    there = col(Item.present).is_(True)
    mine = (
        select(Sighting.item_id)
        .join(Item, col(Item.id) == Sighting.item_id)
        .where(Sighting.watch_id == run.watch.id, there)
        .order_by(col(Sighting.item_id))
    )
    absent = [item for item in run.session.exec(mine) if item not in present]
    for some in in_lots(absent) if absent else ():
        query = (
            select(Sighting, Item)
            .join(Item, col(Item.id) == Sighting.item_id)
            .where(Sighting.watch_id == run.watch.id, col(Sighting.item_id).in_(some))
            .order_by(col(Sighting.item_id))
        )
        for sighting, item in run.session.exec(query):
            sighting.missed += 1
            sighting.missed_since = sighting.missed_since or run.at
            if sighting.missed >= patience.runs and run.at - sighting.missed_since >= patience.span:
                item.present = False
                lost = (Difference(RECORD, RECORD, "present", None),)
                run.change(item, ChangeKind.DISAPPEARED, item.snapshot_id, None, lost)
    return len(absent)
