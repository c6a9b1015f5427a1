"""What sources say of their own age: when a study was last verified, and the stamp of a registry or feed.

Revision ID: 0010
Revises: 0009
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("verified_on", AutoString(), nullable=True))
    op.add_column("watch", sa.Column("stamp", AutoString(), nullable=True))
    op.add_column("watch", sa.Column("stamp_since", UTCDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("watch") as batch_op:
        batch_op.drop_column("stamp_since")
        batch_op.drop_column("stamp")
    with op.batch_alter_table("item") as batch_op:
        batch_op.drop_column("verified_on")
