"""A delivery says what it is, when it was first owed, and how often a person asked for it again.

Its kind was read from the text of its slot until now; existing rows get theirs from there, once.

Revision ID: 0004
Revises: 0003
Created: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KIND = """
    CASE
        WHEN slot = 'opt-in' THEN 'opt_in'
        WHEN slot LIKE 'test/%' THEN 'test'
        WHEN slot LIKE 'paused/%' THEN 'paused_notice'
        WHEN slot LIKE 'summary/%' THEN 'summary'
        WHEN slot LIKE '%/confirmation%' THEN 'confirmation'
        WHEN slot LIKE '____-__-__' THEN 'digest'
        ELSE 'alert'
    END
"""


def upgrade() -> None:
    op.add_column("delivery", sa.Column("kind", AutoString(), nullable=True))
    op.add_column("delivery", sa.Column("created_at", UTCDateTime(), nullable=True))
    op.add_column("delivery", sa.Column("resent", sa.Integer(), nullable=False, server_default="0"))
    op.execute(f"UPDATE delivery SET kind = {KIND}, created_at = coalesce(first_attempt_at, due_at)")  # noqa: S608
    with op.batch_alter_table("delivery") as batch_op:
        batch_op.alter_column("kind", existing_type=AutoString(), nullable=False)
        batch_op.alter_column("created_at", existing_type=UTCDateTime(), nullable=False)
        batch_op.alter_column("resent", existing_type=sa.Integer(), server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("delivery") as batch_op:
        for column in ("kind", "created_at", "resent"):
            batch_op.drop_column(column)
