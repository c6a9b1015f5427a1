"""What each reader made of evidence from prose is kept beside it.

Revision ID: 0024
Revises: 0023
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("evidence_id", sa.Integer(), nullable=False),
        sa.Column("type", AutoString(), nullable=False),
        sa.Column("rules", AutoString(), nullable=False),
        sa.Column("network", sa.Float(), nullable=False),
        sa.Column("news", sa.Float(), nullable=False),
        sa.Column("medicine", sa.Float(), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_reading")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_reading_evidence_id_evidence")),
    )
    unexplained = sa.text("words IS NULL")
    op.create_index(
        "ix_reading_unexplained", "reading", ["evidence_id"], sqlite_where=unexplained, postgresql_where=unexplained
    )


def downgrade() -> None:
    op.drop_index("ix_reading_unexplained", "reading")
    op.drop_table("reading")
