"""Items keep the numbers that their study has in other registries, and watches the numbers they asked for in vain.

Every record is read once more for them.

Revision ID: 0026
Revises: 0025
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("item", sa.Column("others", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("watch", sa.Column("missing", sa.JSON(none_as_null=True), nullable=True))
    op.execute("UPDATE item SET mark = NULL")


def downgrade() -> None:
    op.drop_column("watch", "missing")
    op.drop_column("item", "others")
