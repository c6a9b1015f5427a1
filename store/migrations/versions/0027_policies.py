"""What a maintainer wants done with what a rule reads: let pass, as before, or held always; with a note.

Revision ID: 0027
Revises: 0026
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy",
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_policy")),
    )
    op.execute("INSERT INTO policy SELECT rule, 'pass', \"by\", at, '' FROM passing")
    op.drop_table("passing")


def downgrade() -> None:
    op.create_table(
        "passing",
        sa.Column("rule", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("rule", name=op.f("pk_passing")),
    )
    op.execute("INSERT INTO passing SELECT rule, \"by\", at FROM policy WHERE way = 'pass'")
    op.drop_table("policy")
