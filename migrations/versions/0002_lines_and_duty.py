"""What a line misses and which engine read it, cells of tables, quality flags, workers at rest."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from migrations import views_0001
from store import views
from store.columns import UtcTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; views are made anew on top of them."""
    for statement in views_0001.drop_statements():
        op.execute(statement)
    op.add_column("lines", sa.Column("missing_risk", sa.Double(), nullable=True))
    op.add_column("lines", sa.Column("engine", sa.Text(), nullable=True))
    op.add_column("lines", sa.Column("table_row", sa.SmallInteger(), nullable=True))
    op.add_column("lines", sa.Column("table_column", sa.SmallInteger(), nullable=True))
    op.add_column("lines", sa.Column("changed", sa.Text(), nullable=True))
    op.add_column("readings", sa.Column("noise", sa.Double(), nullable=True))
    op.add_column("readings", sa.Column("flags", sa.Text(), nullable=True))
    op.add_column("workers", sa.Column("draining_at", UtcTime(), nullable=True))
    for statement in views.create_statements(_dialect()):
        op.execute(statement)


def downgrade() -> None:
    """Take the columns away again."""
    for statement in views.drop_statements():
        op.execute(statement)
    for table, column in (
        ("workers", "draining_at"),
        ("readings", "flags"),
        ("readings", "noise"),
        ("lines", "changed"),
        ("lines", "table_column"),
        ("lines", "table_row"),
        ("lines", "engine"),
        ("lines", "missing_risk"),
    ):
        op.drop_column(table, column)
    for statement in views_0001.create_statements(_dialect()):
        op.execute(statement)


def _dialect() -> views_0001.Dialect:
    return "postgresql" if op.get_bind().dialect.name == "postgresql" else "sqlite"
