"""An event names all places that its one alert speaks for.

Revision ID: 0006
Revises: 0005
Created: 2026-11-28
"""

import json
import re

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BOTH = re.compile(r": ([A-Z]{2}) and ([A-Z]{2}) ")
"""How the title of an alert for two places was worded."""


def upgrade() -> None:
    op.add_column("event", sa.Column("places", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("event") as batch_op:
        batch_op.alter_column("places", server_default=None)
    connection = op.get_bind()
    rows = connection.execute(sa.text("SELECT id, place, title FROM event WHERE place IS NOT NULL")).all()
    for identity, place, title in rows:
        both = BOTH.search(title)
        places = [place, *(other for other in (both.groups() if both else ()) if other != place)]
        connection.execute(
            sa.text("UPDATE event SET places = :places WHERE id = :id"), {"places": json.dumps(places), "id": identity}
        )


def downgrade() -> None:
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("places")
