"""Changes and events can be searched by their words, and an event says the day under which it is listed.

The words of rows that are there already are noted when this upgrade ends (store.schema.upgrade).

Revision ID: 0015
Revises: 0014
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

from store.search import create_tables

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DAY = {
    "sqlite": "substr(detected_at, 1, 10)",
    "postgresql": "to_char(detected_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
}


def upgrade() -> None:
    op.add_column("event", sa.Column("day", AutoString(), nullable=False, server_default=""))
    op.execute(f"UPDATE event SET day = coalesce(occurred_on, {DAY[op.get_bind().dialect.name]})")
    create_tables(None, op.get_bind())
    op.create_index("ix_event_day", "event", ["day", "sequence"])
    some = sa.text("folded_into IS NOT NULL")
    op.create_index("ix_change_folded_into", "change", ["folded_into"], sqlite_where=some, postgresql_where=some)


def downgrade() -> None:
    op.drop_index("ix_change_folded_into", "change")
    op.drop_index("ix_event_day", "event")
    op.drop_table("change_words")
    op.drop_table("event_words")
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("day")
