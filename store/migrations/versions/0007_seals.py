"""What was told bears a seal; rows that are there already get theirs when this upgrade ends (store.schema.upgrade).

Revision ID: 0007
Revises: 0006
Created: 2026-11-28
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER seal_refuses_{action} BEFORE {action} ON "seal"
BEGIN SELECT RAISE(ABORT, 'the table seal is append-only'); END
"""
POSTGRESQL = """
CREATE TRIGGER seal_refuses_{action} BEFORE {action} ON "seal"
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()
"""


def upgrade() -> None:
    op.create_table(
        "seal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("table_name", AutoString(), nullable=False),
        sa.Column("row_key", AutoString(), nullable=False),
        sa.Column("form", sa.Integer(), nullable=False),
        sa.Column("digest", AutoString(), nullable=False),
        sa.Column("hash", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seal")),
    )
    op.create_index("ix_seal_row", "seal", ["table_name", "row_key"])
    form = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for action in ("update", "delete"):
        op.execute(form.format(action=action))
    op.add_column("subscription", sa.Column("seal", AutoString(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("subscription") as batch_op:
        batch_op.drop_column("seal")
    op.drop_table("seal")
