"""An image says on which side the patient's left lies, and what is doubtful about it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Add the two columns."""
    op.add_column("images", sa.Column("left_at", TEXT))
    op.add_column("images", sa.Column("flags", TEXT))
