"""An event says when a maintainer confirmed it, and a changed answer which event changed it.

Revision ID: 0008
Revises: 0007
Created: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("event", sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("event", sa.Column("cause", sa.String(), nullable=True))
    op.execute(
        "UPDATE event SET confirmed_at = (SELECT max(at) FROM review WHERE review.event_id = event.id "
        "AND verdict = 'confirmed')"
    )
    op.execute("UPDATE event SET confirmed_at = released_at WHERE rule = 'review'")


def downgrade() -> None:
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("cause")
        batch_op.drop_column("confirmed_at")
