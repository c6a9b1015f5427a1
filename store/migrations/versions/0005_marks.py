"""A watch remembers by what its page is known: title, headings, language, address, end.

Revision ID: 0005
Revises: 0004
Created: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("watch") as batch_op:
        batch_op.add_column(sa.Column("marks", sa.JSON(), nullable=False, server_default="{}"))


def downgrade() -> None:
    with op.batch_alter_table("watch") as batch_op:
        batch_op.drop_column("marks")
