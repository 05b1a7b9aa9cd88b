"""The first schema: batches, the queue of pages, readings and corrections, with their views."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

from migrations import views_0001 as views
from store.columns import UtcTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make everything."""
    dialect = op.get_bind().dialect.name
    op.create_table(
        "batches",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("options_hash", sa.String(length=16), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("sealed_at", UtcTime(), nullable=True),
        sa.Column("paused_at", UtcTime(), nullable=True),
        sa.Column("cancelled_at", UtcTime(), nullable=True),
        sa.Column("finished_at", UtcTime(), nullable=True),
        sa.Column("time_window", sa.Text(), nullable=True),
        sa.Column("opens_at", UtcTime(), nullable=True),
        sa.Column("closes_at", UtcTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="batches_pkey"),
        sa.UniqueConstraint("name", name="batches_name_key"),
    )
    op.create_index(
        "batches_open",
        "batches",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at IS NULL AND cancelled_at IS NULL"),
        sqlite_where=sa.text("finished_at IS NULL AND cancelled_at IS NULL"),
    )
    op.create_table(
        "characters",
        sa.Column("reading_id", _key(), autoincrement=False, nullable=False),
        sa.Column("line", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("word", sa.SmallInteger(), nullable=True),
        sa.Column("char", sa.Text(), nullable=False),
        sa.Column("confidence", sa.REAL(), nullable=False),
        sa.Column("x0_px", sa.Integer(), nullable=False),
        sa.Column("y0_px", sa.Integer(), nullable=False),
        sa.Column("x1_px", sa.Integer(), nullable=False),
        sa.Column("y1_px", sa.Integer(), nullable=False),
        sa.Column("alternatives", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("reading_id", "line", "position", name="characters_pkey"),
        postgresql_partition_by="RANGE (reading_id)",
        sqlite_with_rowid=False,
    )
    op.create_index(
        "characters_doubtful",
        "characters",
        ["reading_id", "confidence"],
        unique=False,
        postgresql_where=sa.text("confidence < 0.9"),
        sqlite_where=sa.text("confidence < 0.9"),
    )
    op.create_table(
        "duties",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("due_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="duties_pkey"),
    )
    op.create_table(
        "models",
        sa.Column("id", _key(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("weights_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="models_pkey"),
        sa.UniqueConstraint(
            "name", "version", "weights_sha256", name="models_name_version_weights_sha256_key"
        ),
    )
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
        "workers",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("concurrency", sa.SmallInteger(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("owner", name="workers_pkey"),
    )
    op.create_table(
        "documents",
        sa.Column("id", _key(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("path_bytes", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size_bytes", _key(), nullable=False),
        sa.Column("mtime_ns", _key(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("page_count", sa.Integer(), nullable=False),
        sa.Column("duplicate_of", _key(), nullable=True),
        sa.Column(
            "source_id",
            _key(),
            sa.Computed("coalesce(duplicate_of, id)", persisted=True),
            nullable=True,
        ),
        sa.Column("original_lost", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="documents_batch_id_fkey"),
        sa.ForeignKeyConstraint(
            ["duplicate_of"], ["documents.id"], name="documents_duplicate_of_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="documents_pkey"),
    )
    op.create_index("documents_batch_id", "documents", ["batch_id"], unique=False)
    op.create_index("documents_duplicate_of", "documents", ["duplicate_of"], unique=False)
    op.create_index(
        "documents_original_lost",
        "documents",
        ["id"],
        unique=False,
        postgresql_where=sa.text("original_lost = 1"),
        sqlite_where=sa.text("original_lost = 1"),
    )
    op.create_index(
        "documents_path_bytes", "documents", ["path_bytes"], unique=False, postgresql_using="hash"
    )
    op.create_index("documents_sha256", "documents", ["sha256"], unique=False)
    op.create_index("documents_source_id", "documents", ["source_id"], unique=False)
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
    op.create_table(
        "pages",
        sa.Column("id", _key(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("document_id", _key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("megapixels", sa.Double(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("turn", _key(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("fence", sa.Integer(), server_default="0", nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("task_id", sa.Text(), nullable=True),
        sa.Column("lease_until", UtcTime(), nullable=True),
        sa.Column("deadline_at", UtcTime(), nullable=True),
        sa.Column("not_before", UtcTime(), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("reading_id", _key(), nullable=True),
        sa.Column("done_at", UtcTime(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="pages_batch_id_fkey"),
        sa.ForeignKeyConstraint(["document_id"], ["documents.id"], name="pages_document_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="pages_pkey"),
        sa.UniqueConstraint("document_id", "number", name="pages_document_id_number_key"),
        postgresql_with={
            "fillfactor": "80",
            "autovacuum_vacuum_scale_factor": "0.02",
            "autovacuum_analyze_scale_factor": "0.02",
        },
    )
    op.create_index("pages_batch_state", "pages", ["batch_id", "state", "id"], unique=False)
    op.create_index(
        "pages_given_up",
        "pages",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state IN ('failed', 'quarantined')"),
        sqlite_where=sa.text("state IN ('failed', 'quarantined')"),
    )
    op.create_index(
        "pages_leased",
        "pages",
        ["id"],
        unique=False,
        postgresql_where=sa.text("state = 'leased'"),
        sqlite_where=sa.text("state = 'leased'"),
    )
    op.create_index(
        "pages_queued",
        "pages",
        ["batch_id", "turn", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
        sqlite_where=sa.text("state = 'queued'"),
    )
    op.create_table(
        "page_events",
        sa.Column("id", _key(), nullable=False),
        sa.Column("page_id", _key(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="page_events_page_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="page_events_pkey"),
    )
    op.create_index("page_events_page_id", "page_events", ["page_id"], unique=False)
    op.create_table(
        "readings",
        sa.Column("id", _key(), nullable=False),
        sa.Column("page_id", _key(), nullable=False),
        sa.Column("model_id", _key(), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("width_px", sa.Integer(), nullable=False),
        sa.Column("height_px", sa.Integer(), nullable=False),
        sa.Column("dpi", sa.Integer(), nullable=False),
        sa.Column("dpi_is_estimated", sa.Boolean(), nullable=False),
        sa.Column("rotation_deg", sa.SmallInteger(), nullable=False),
        sa.Column("skew_deg", sa.Double(), nullable=False),
        sa.Column("sharpness", sa.Double(), nullable=False),
        sa.Column("contrast", sa.Double(), nullable=False),
        sa.Column("ink", sa.Double(), nullable=False),
        sa.Column("is_blank", sa.Boolean(), nullable=False),
        sa.Column("x_height_px", sa.Double(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.Column("character_count", sa.Integer(), nullable=False),
        sa.Column("doubtful_count", sa.Integer(), nullable=False),
        sa.Column("timings", sa.Text(), nullable=False),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name="readings_model_id_fkey"),
        sa.ForeignKeyConstraint(["page_id"], ["pages.id"], name="readings_page_id_fkey"),
        sa.PrimaryKeyConstraint("id", name="readings_pkey"),
    )
    op.create_index("readings_page_id", "readings", ["page_id"], unique=False)
    op.create_table(
        "corrections",
        sa.Column("id", _key(), nullable=False),
        sa.Column("reading_id", _key(), nullable=False),
        sa.Column("line", sa.SmallInteger(), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("created_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reading_id"], ["readings.id"], name="corrections_reading_id_fkey"
        ),
        sa.PrimaryKeyConstraint("id", name="corrections_pkey"),
    )
    op.create_index("corrections_reading_id", "corrections", ["reading_id"], unique=False)
    op.create_table(
        "lines",
        sa.Column("reading_id", _key(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("region", sa.SmallInteger(), nullable=False),
        sa.Column("x0_px", sa.Integer(), nullable=False),
        sa.Column("y0_px", sa.Integer(), nullable=False),
        sa.Column("x1_px", sa.Integer(), nullable=False),
        sa.Column("y1_px", sa.Integer(), nullable=False),
        sa.Column("baseline_x0_px", sa.Double(), nullable=False),
        sa.Column("baseline_y0_px", sa.Double(), nullable=False),
        sa.Column("baseline_x1_px", sa.Double(), nullable=False),
        sa.Column("baseline_y1_px", sa.Double(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("corrected_text", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="lines_reading_id_fkey"),
        sa.PrimaryKeyConstraint("reading_id", "number", name="lines_pkey"),
    )
    op.create_table(
        "regions",
        sa.Column("reading_id", _key(), autoincrement=False, nullable=False),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("x0_px", sa.Integer(), nullable=False),
        sa.Column("y0_px", sa.Integer(), nullable=False),
        sa.Column("x1_px", sa.Integer(), nullable=False),
        sa.Column("y1_px", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["reading_id"], ["readings.id"], name="regions_reading_id_fkey"),
        sa.PrimaryKeyConstraint("reading_id", "number", name="regions_pkey"),
    )
    if dialect == "postgresql":
        for number in range(4):
            op.execute(
                f"CREATE TABLE characters_p{number} PARTITION OF characters"
                f" FOR VALUES FROM ({number * 50_000}) TO ({(number + 1) * 50_000})"
            )
    for statement in views.create_statements("postgresql" if dialect == "postgresql" else "sqlite"):
        op.execute(statement)


def downgrade() -> None:
    """Leave nothing."""
    for statement in views.drop_statements():
        op.execute(statement)
    for table in (
        "regions",
        "lines",
        "corrections",
        "readings",
        "page_events",
        "pages",
        "schedule_runs",
        "documents",
        "workers",
        "schedules",
        "models",
        "duties",
        "characters",
        "batches",
    ):
        op.drop_table(table)


def _key() -> Any:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
