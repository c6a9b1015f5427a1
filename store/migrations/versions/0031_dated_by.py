"""Which of those who tell an act has told its date.

Revision ID: 0031
Revises: 0030
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("dated_by", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("event", "dated_by")
