"""What a line misses and which engine read it, cells of tables, quality flags, workers at rest."""

from __future__ import annotations

from typing import Any

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
    op.add_column("readings", sa.Column("worker", sa.Text(), nullable=True))
    op.add_column("workers", sa.Column("draining_at", UtcTime(), nullable=True))
    op.add_column("workers", sa.Column("schema_version", sa.Text(), nullable=True))
    op.add_column("batches", sa.Column("turn_shift", _key(), server_default="0", nullable=False))
    op.add_column("pages", sa.Column("claimed_at", UtcTime(), nullable=True))
    op.add_column("pages", sa.Column("redo_id", _key(), nullable=True))
    op.create_index(
        "pages_redo",
        "pages",
        ["redo_id"],
        unique=False,
        postgresql_where=sa.text("redo_id IS NOT NULL"),
        sqlite_where=sa.text("redo_id IS NOT NULL"),
    )
    op.create_table(
        "redos",
        sa.Column("id", _key(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("below", sa.Double(), nullable=True),
        sa.Column("also_reviewed", sa.SmallInteger(), nullable=False),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="redos_batch_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="redos_pkey"),
    )
    op.create_index("redos_batch_id", "redos", ["batch_id"], unique=False)
    op.create_table(
        "holds",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="holds_pkey"),
    )
    for statement in views.create_statements(_dialect()):
        op.execute(statement)


def downgrade() -> None:
    """Take the columns away again."""
    for statement in views.drop_statements():
        op.execute(statement)
    op.drop_table("holds")
    op.drop_table("redos")
    op.drop_index("pages_redo", table_name="pages")
    for table, column in (
        ("pages", "redo_id"),
        ("pages", "claimed_at"),
        ("batches", "turn_shift"),
        ("workers", "schema_version"),
        ("workers", "draining_at"),
        ("readings", "worker"),
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


def _key() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _dialect() -> views_0001.Dialect:
    return "postgresql" if op.get_bind().dialect.name == "postgresql" else "sqlite"
