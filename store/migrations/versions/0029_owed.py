"""Deliveries by the moment at which they came to be owed: the order in which lists show them.

Revision ID: 0029
Revises: 0028
Created: 2026-11-29
"""

from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_delivery_owed", "delivery", ["created_at", "id"])


def downgrade() -> None:
    op.drop_index("ix_delivery_owed", "delivery")
