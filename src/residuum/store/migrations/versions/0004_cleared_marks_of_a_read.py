"""A read says which marks of the reader's earlier scan are gone."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the column, and refuse that it changes in a locked read."""
    op.add_column("reads", sa.Column("cleared", TEXT))
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE TRIGGER reads_cleared_locked BEFORE UPDATE OF cleared ON reads "
            "WHEN old.state = 'locked' AND new.cleared IS NOT old.cleared "
            "BEGIN SELECT RAISE(ABORT, 'the read is locked'); END"
        )
    else:
        op.execute(
            "CREATE TRIGGER reads_cleared_locked BEFORE UPDATE OF cleared ON reads FOR EACH ROW "
            "WHEN (old.state = 'locked' AND new.cleared IS DISTINCT FROM old.cleared) EXECUTE FUNCTION reads_locked()"
        )
