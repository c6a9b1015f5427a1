"""An event says that a confirmation of it is owed, so that only the match puts anything into deliveries.

Revision ID: 0003
Revises: 0002
Created: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    owed = sa.text("confirmation_due IS NOT NULL")
    op.add_column("event", sa.Column("confirmation_due", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_event_confirmation_due", "event", ["confirmation_due"], sqlite_where=owed, postgresql_where=owed)


def downgrade() -> None:
    op.drop_index("ix_event_confirmation_due", table_name="event")
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("confirmation_due")
