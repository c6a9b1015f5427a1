"""A maintainer may let a rule pass: what is small and read by it is approved without her.

Revision ID: 0022
Revises: 0021
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "passing",
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_passing")),
    )
    op.create_index("ix_event_rule", "event", ["rule", "sequence"])


def downgrade() -> None:
    op.drop_index("ix_event_rule", "event")
    op.drop_table("passing")
