"""Seals of what is told have an index of their own, by which the newest of them is found however long the log is.

Revision ID: 0033
Revises: 0032
Created: 2026-11-30
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TOLD = sa.text("(table_name || '') IN ('event', 'evidence', 'review')")


def upgrade() -> None:
    op.create_index("ix_seal_told", "seal", ["id"], sqlite_where=TOLD, postgresql_where=TOLD)


def downgrade() -> None:
    op.drop_index("ix_seal_told", "seal")
