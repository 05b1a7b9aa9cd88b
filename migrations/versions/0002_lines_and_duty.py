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
    op.add_column("batches", sa.Column("turn_floor", _key(), nullable=True))
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
    _find_doubts()
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
    _new_schedules()
    for statement in views.create_statements(_dialect()):
        op.execute(statement)


def downgrade() -> None:
    """Take the columns away again."""
    _old_schedules()
    for statement in views.drop_statements():
        op.execute(statement)
    op.drop_table("holds")
    op.drop_table("redos")
    op.drop_index("pages_redo", table_name="pages")
    op.drop_index("pages_doubts", table_name="pages")
    op.drop_index("documents_links", table_name="documents")
    for table, column in (
        ("pages", "lowest_confidence"),
        ("pages", "redo_id"),
        ("pages", "claimed_at"),
        ("batches", "turn_floor"),
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


def _find_doubts() -> None:
    """Note how sure the least certain character of each page is; read every character once."""
    op.add_column("pages", sa.Column("lowest_confidence", sa.REAL(), nullable=True))
    op.execute(
        "UPDATE pages SET lowest_confidence = coalesce((SELECT min(c.confidence) FROM characters c"
        " WHERE c.reading_id = pages.reading_id AND NOT EXISTS (SELECT 1 FROM corrections k"
        " WHERE k.reading_id = c.reading_id AND k.line = c.line AND k.kind <> 'insert'"
        " AND (k.position IS NULL OR k.position = c.position))), 1)"
        " WHERE reading_id IS NOT NULL"
    )
    op.create_index(
        "pages_doubts",
        "pages",
        ["batch_id", "lowest_confidence", "id"],
        unique=False,
        postgresql_where=sa.text("reading_id IS NOT NULL"),
        sqlite_where=sa.text("reading_id IS NOT NULL"),
    )
    op.create_index(
        "documents_links",
        "documents",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("duplicate_of IS NOT NULL"),
        sqlite_where=sa.text("duplicate_of IS NOT NULL"),
    )


def _new_schedules() -> None:
    """Made anew: no program has ever written to the tables of 0001."""
    op.drop_table("schedule_runs")
    op.drop_table("schedules")
    op.create_table(
        "schedules",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("is_recursive", sa.Boolean(), nullable=False),
        sa.Column("on_duplicate", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("time_window", sa.Text(), nullable=True),
        sa.Column("grace_s", sa.Double(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("paused_at", UtcTime(), nullable=True),
        sa.Column("removed_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="schedules_pkey"),
    )
    op.create_index(
        "schedules_name",
        "schedules",
        ["name"],
        unique=True,
        postgresql_where=sa.text("removed_at IS NULL"),
        sqlite_where=sa.text("removed_at IS NULL"),
    )
    op.create_table(
        "schedule_runs",
        sa.Column("schedule_id", _key(), nullable=False),
        sa.Column("fire_at", UtcTime(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("batch_id", _key(), nullable=True),
        sa.Column("intake_summary", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"],
            ["batches.id"],
            name="schedule_runs_batch_id_fkey",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name="schedule_runs_schedule_id_fkey"
        ),
        sa.PrimaryKeyConstraint("schedule_id", "fire_at", name="schedule_runs_pkey"),
    )
    op.create_index("schedule_runs_batch_id", "schedule_runs", ["batch_id"])
    op.create_index(
        "schedule_runs_unfinished",
        "schedule_runs",
        ["fire_at"],
        postgresql_where=sa.text("state IN ('firing', 'intake')"),
        sqlite_where=sa.text("state IN ('firing', 'intake')"),
    )
    op.create_table(
        "schedule_files",
        sa.Column("schedule_id", _key(), nullable=False),
        sa.Column("path_key", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", _key(), nullable=False),
        sa.Column("mtime_ns", _key(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("fire_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name="schedule_files_schedule_id_fkey"
        ),
        sa.PrimaryKeyConstraint("schedule_id", "path_key", name="schedule_files_pkey"),
    )


def _old_schedules() -> None:
    op.drop_table("schedule_files")
    op.drop_table("schedule_runs")
    op.drop_table("schedules")
    op.create_table(
        "schedules",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cron", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("grace_s", sa.Double(), nullable=False),
        sa.Column("next_at", UtcTime(), nullable=False),
        sa.Column("paused_at", UtcTime(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="schedules_pkey"),
        sa.UniqueConstraint("name", name="schedules_name_key"),
    )
    op.create_table(
        "schedule_runs",
        sa.Column("schedule_id", _key(), nullable=False),
        sa.Column("fire_at", UtcTime(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("batch_id", _key(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="schedule_runs_batch_id_fkey"),
        sa.ForeignKeyConstraint(
            ["schedule_id"], ["schedules.id"], name="schedule_runs_schedule_id_fkey"
        ),
        sa.PrimaryKeyConstraint("schedule_id", "fire_at", name="schedule_runs_pkey"),
    )
