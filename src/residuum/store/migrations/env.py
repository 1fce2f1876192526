"""What alembic runs a migration with: the connection, and its one transaction, that `store.schema` gives it."""

from alembic import context

from residuum.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
