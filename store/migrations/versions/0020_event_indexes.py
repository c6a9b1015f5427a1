"""Events have the indexes by which the desk and the answers look for them; the one that began with the state
is gone: nearly all events are released, and SQLite preferred it to those that find a few.

Revision ID: 0020
Revises: 0019
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

PLAIN = {"trial": ["trial"], "step": ["step"], "level_state": ["level", "state"]}
SOME = {
    "held": ("detected_at", "state = 'held'"),
    "disputed": ("detected_at", "certainty = 'disputed'"),
    "corrects": ("corrects", "corrects IS NOT NULL"),
    "cause": ("cause", "cause IS NOT NULL"),
}


def upgrade() -> None:
    op.drop_index("ix_event_state_level", "event")
    op.create_index("ix_enclosure_event_id", "enclosure", ["event_id"])
    for name, columns in PLAIN.items():
        op.create_index(f"ix_event_{name}", "event", columns)
    for name, (column, condition) in SOME.items():
        where = sa.text(condition)
        op.create_index(f"ix_event_{name}", "event", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    op.drop_index("ix_enclosure_event_id", "enclosure")
    for name in (*PLAIN, *SOME):
        op.drop_index(f"ix_event_{name}", "event")
    op.create_index("ix_event_state_level", "event", ["state", "level"])
