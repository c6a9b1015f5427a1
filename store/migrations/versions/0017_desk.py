"""The desk: who may sign in, what each person did, verdicts that may still be undone, events put off, edited sentences.

Revision ID: 0017
Revises: 0016
Created: 2026-11-29
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

SQLITE = """
CREATE TRIGGER audit_refuses_{action} BEFORE {action} ON "audit"
BEGIN SELECT RAISE(ABORT, 'the table audit is append-only'); END
"""
POSTGRESQL = """
CREATE TRIGGER audit_refuses_{action} BEFORE {action} ON "audit"
FOR EACH STATEMENT EXECUTE FUNCTION refuse_rewriting()
"""


def upgrade() -> None:
    _people()
    op.add_column("event", sa.Column("sentence", AutoString(), nullable=True))
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("event_id", AutoString(), nullable=False),
        sa.Column("verdict", AutoString(), nullable=False),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("door", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.Column("amended", sa.JSON(), nullable=False),
        sa.Column("second_by", AutoString(), nullable=True),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("state", AutoString(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_decision_event_id_event")),
    )
    op.create_index("ix_decision_event_id", "decision", ["event_id"])
    _index("decision", "waiting", ["due_at"])
    op.create_table(
        "snooze",
        sa.Column("event_id", AutoString(), nullable=False),
        sa.Column("until", UTCDateTime(), nullable=True),
        sa.Column("tellers", sa.Integer(), nullable=True),
        sa.Column("by", AutoString(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_snooze")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_snooze_event_id_event")),
    )


def _people() -> None:
    op.create_table(
        "maintainer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", AutoString(), nullable=False),
        sa.Column("password_hash", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintainer")),
        sa.UniqueConstraint("name", name=op.f("uq_maintainer_name")),
    )
    op.create_table(
        "signin",
        sa.Column("token_hash", AutoString(), nullable=False),
        sa.Column("maintainer_id", sa.Integer(), nullable=False),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("seen_at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_signin")),
        sa.ForeignKeyConstraint(["maintainer_id"], ["maintainer.id"], name=op.f("fk_signin_maintainer_id_maintainer")),
    )
    op.create_index("ix_signin_maintainer_id", "signin", ["maintainer_id"])
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("who", AutoString(), nullable=False),
        sa.Column("role", AutoString(), nullable=False),
        sa.Column("door", AutoString(), nullable=False),
        sa.Column("act", AutoString(), nullable=False),
        sa.Column("matter", AutoString(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("note", AutoString(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_matter", "audit", ["matter"])
    form = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for action in ("update", "delete"):
        op.execute(form.format(action=action))


def _index(table: str, state: str, columns: list[str]) -> None:
    """An index of the rows in one state."""
    where = sa.text(f"state = '{state}'")
    op.create_index(f"ix_{table}_{state}", table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table in ("snooze", "decision", "audit", "signin", "maintainer"):
        op.drop_table(table)
    with op.batch_alter_table("event") as batch_op:
        batch_op.drop_column("sentence")
