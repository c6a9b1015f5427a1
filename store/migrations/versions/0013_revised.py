"""A subscription says when its reader last asked for something else: what was owed before went by other wishes.

Revision ID: 0013
Revises: 0012
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscription", sa.Column("revised_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.drop_column("revised_at")
