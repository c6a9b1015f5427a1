"""A maintainer may let a watch rest, and hold what it tells, whatever the pack says.

Revision ID: 0018
Revises: 0017
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("watch", sa.Column("paused_at", UTCDateTime(), nullable=True))
    op.add_column("watch", sa.Column("held_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("watch") as batch_op:
        batch_op.drop_column("held_at")
        batch_op.drop_column("paused_at")
