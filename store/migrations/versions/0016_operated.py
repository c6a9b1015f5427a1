"""Every attempt at a delivery is kept, a secret is changed for another with both valid for a while, subscriptions may be
about trouble instead of news, and what is counted often has indexes.

Revision ID: 0016
Revises: 0015
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_run_outcome", "run", ["outcome", "ms"]),
    ("ix_event_state_level", "event", ["state", "level"]),
    ("ix_delivery_counted", "delivery", ["subscription_id", "kind", "state"]),
)


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("delivery_id", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("said", AutoString(), nullable=True),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], name="fk_attempt_delivery_id_delivery"),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
    )
    op.create_index("ix_attempt_delivery_id", "attempt", ["delivery_id"])
    op.create_index("ix_attempt_at", "attempt", ["at"])
    op.add_column("subscription", sa.Column("secret_until", UTCDateTime(), nullable=True))
    op.add_column("subscription", sa.Column("about", sa.String(), nullable=False, server_default="news"))
    for name, table, columns in INDEXES:
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, table, _ in INDEXES:
        op.drop_index(name, table_name=table)
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.drop_column("about")
        batch_op.drop_column("secret_until")
    op.drop_table("attempt")
