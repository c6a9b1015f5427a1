"""When answers may have moved is asked at every look: the newest seal of what is told, whatever was sealed after it."""

from pathlib import Path

import pytest
from sqlalchemy import insert, select

from monitor.standing.newest_seal import NEWEST, TELLING
from store.engine import open_engine
from store.seals import SEAL
from tests.fresh import fresh


def sealed(table: str, number: int) -> dict[str, object]:
    return {
        "id": number, "table_name": table, "row_key": f'["{number}"]', "form": 4, "digest": "d", "hash": f"h{number}"
    }  # fmt: skip


@pytest.mark.parametrize("last", TELLING)
def test_what_is_sealed_after_it_moves_nothing_and_is_not_looked_at(last: str, tmp_path: Path) -> None:
    fresh(tmp_path / "store.db")
    engine = open_engine(f"sqlite:///{tmp_path}/store.db")
    rows = [sealed("change", 1), sealed(last, 2), *(sealed("delivery", number) for number in range(3, 40))]

    with engine.begin() as connection:
        before = connection.scalar(NEWEST)
        connection.execute(insert(SEAL), rows)
        found = connection.scalar(NEWEST)
        asked = NEWEST.compile(engine, compile_kwargs={"literal_binds": True})
        plan = " ".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}"))
        every = connection.scalars(select(SEAL.c.id)).all()
    engine.dispose()

    assert (before, found, len(every)) == (None, 2, 39)
    assert "ix_seal_told" in plan
    assert "ORDER BY" not in plan
