"""What waits is found without reading what is done with: the question is asked every few seconds.

Revision ID: 0019
Revises: 0018
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

UNMATCHED = {"sqlite_where": sa.text("matched_at IS NULL"), "postgresql_where": sa.text("matched_at IS NULL")}
WAITING = {"sqlite_where": sa.text("state = 'waiting'"), "postgresql_where": sa.text("state = 'waiting'")}


def upgrade() -> None:
    op.drop_index("ix_event_unmatched", "event")
    op.create_index("ix_event_unmatched", "event", ["state"], **UNMATCHED)
    op.create_index("ix_delivery_waiting", "delivery", ["due_at"], **WAITING)


def downgrade() -> None:
    op.drop_index("ix_delivery_waiting", "delivery")
    op.drop_index("ix_event_unmatched", "event")
    op.create_index("ix_event_unmatched", "event", ["detected_at"], **UNMATCHED)
