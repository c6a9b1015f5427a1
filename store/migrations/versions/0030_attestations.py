"""What a maintainer has looked up by hand and found still true.

Revision ID: 0030
Revises: 0029
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attestation",
        sa.Column("therapy", AutoString(), nullable=False),
        sa.Column("place", AutoString(), nullable=False),
        sa.Column("said", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("therapy", "place", name=op.f("pk_attestation")),
    )


def downgrade() -> None:
    op.drop_table("attestation")
