"""What an event said until later evidence changed it.

Revision ID: 0034
Revises: 0033
Created: 2026-11-30
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("former", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("event", "former")
