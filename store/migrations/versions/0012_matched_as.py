"""An event holds what decided who hears of it, as it was when it was matched, and when its confirmation was.

Rows that are there hold neither: what was owed for them is worked out only where nothing was added to them since.

Revision ID: 0012
Revises: 0011
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("matched_as", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("event", sa.Column("confirmation_matched_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("confirmation_matched_at")
        batch_op.drop_column("matched_as")
