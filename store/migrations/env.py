"""Run by Alembic, which hands over `context`; `store.schema` puts the open connection into the configuration."""

from alembic import context

from store.tables import metadata, say_where


def migrate() -> None:
    """Bring the connection of the caller, inside the caller's transaction, to the revision asked for."""
    say_where(metadata, context.config.attributes["connection"])
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


migrate()
