"""Accounts may name whom a provider of identities signs in to them."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column; a unique index, since SQLite adds no constraint to a table that is there."""
    op.add_column("accounts", sa.Column("subject", TEXT))
    op.create_index("accounts_subject", "accounts", ["subject"], unique=True)
