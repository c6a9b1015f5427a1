"""A page finds the steps of a matter without a walk through all.

Revision ID: 0021
Revises: 0020
Created: 2026-11-29
"""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_event_therapy_step", "event", ["therapy", "step"])


def downgrade() -> None:
    op.drop_index("ix_event_therapy_step", "event")
