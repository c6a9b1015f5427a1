"""A change says of which other it took back what that one brought: both are one line of the log.

Revision ID: 0011
Revises: 0010
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("change", sa.Column("folded_into", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("change") as batch_op:
        batch_op.drop_column("folded_into")
