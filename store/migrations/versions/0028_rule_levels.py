"""A maintainer may say which level what a rule reads has.

Revision ID: 0028
Revises: 0027
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("policy", sa.Column("level", sa.String(), nullable=True))


def downgrade() -> None:
    op.execute("DELETE FROM policy WHERE way = 'default'")
    op.drop_column("policy", "level")
