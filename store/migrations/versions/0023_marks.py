"""An item is known again by the bytes that it was last read from.

Revision ID: 0023
Revises: 0022
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("mark", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("item") as batch_op:
        batch_op.drop_column("mark")
