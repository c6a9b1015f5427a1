"""The columns read for answers are those of the tables, with the types that the tables give them."""

from typing import get_type_hints

import pytest
from sqlalchemy import JSON, Boolean, Enum, Integer, LargeBinary, TableClause
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

from store.columns import EVENT, EVIDENCE, FLAG, READER, REVIEW, SEAL, WATCH, Act, Looking, Moment, Proof, Reader
from store.look_columns import LIGHT, Knowing, Utc, Watched
from store.look_columns import WATCH as LOOKED_AT
from store.tables import Event, Evidence, Subscription, Watch, metadata

ALIKE = {
    Moment: UTCDateTime,
    Utc: UTCDateTime,
    JSON: JSON,
    Boolean: Boolean,
    Integer: Integer,
    LargeBinary: LargeBinary,
}


@pytest.mark.parametrize(
    "light", [EVENT, EVIDENCE, READER, REVIEW, WATCH, SEAL, FLAG, *LIGHT], ids=lambda light: light.name
)
def test_they_are_columns_of_the_tables(light: TableClause) -> None:
    table = metadata.tables[light.name]
    for column in light.columns:
        stored = table.columns[column.name].type
        plain = ALIKE.get(type(column.type))
        assert isinstance(stored, plain or (AutoString, Enum)), column.name


@pytest.mark.parametrize(
    ("shape", "light", "row"),
    [
        (Act, EVENT, Event),
        (Proof, EVIDENCE, Evidence),
        (Looking, WATCH, Watch),
        (Reader, READER, Subscription),
        (Watched, LOOKED_AT, Watch),
        (Knowing, LOOKED_AT, Watch),
    ],
)
def test_a_row_has_what_its_shape_asks(shape: type, light: TableClause, row: type) -> None:
    asked = {name for name, member in vars(shape).items() if isinstance(member, property)}

    assert asked <= {column.name for column in light.columns}
    assert asked <= get_type_hints(row).keys()
