"""Subscriptions have an index of their addresses, by which a reader's own are found; snapshots and evidence one of the
answers that they rest on, by which it is known that an answer may be forgotten.

Revision ID: 0032
Revises: 0031
Created: 2026-11-30
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

SOME = sa.text("capture_sha256 IS NOT NULL")


def upgrade() -> None:
    op.create_index("ix_subscription_address", "subscription", ["address"])
    op.create_index("ix_snapshot_capture_id", "snapshot", ["capture_id"])
    op.create_index("ix_evidence_capture_sha256", "evidence", ["capture_sha256"], sqlite_where=SOME, postgresql_where=SOME)


def downgrade() -> None:
    op.drop_index("ix_evidence_capture_sha256", "evidence")
    op.drop_index("ix_snapshot_capture_id", "snapshot")
    op.drop_index("ix_subscription_address", "subscription")
