"""What a reader may ask for besides drugs and places: only doors, topics left out, wording, outcomes behind a link, days
without mail.

Revision ID: 0014
Revises: 0013
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = (
    sa.Column("only_doors", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("muted", sa.JSON(), nullable=False, server_default="[]"),
    sa.Column("wording", sa.String(), nullable=False, server_default="plain"),
    sa.Column("hide_outcomes", sa.Boolean(), nullable=False, server_default=sa.false()),
    sa.Column("quiet_days", sa.JSON(), nullable=False, server_default="[]"),
)


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("subscription", column)


def downgrade() -> None:
    with op.batch_alter_table("subscription") as batch_op:
        for column in COLUMNS:
            batch_op.drop_column(column.name)
