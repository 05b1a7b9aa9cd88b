"""The tables of batches, documents and the queue of pages; docs/sql.md explains every column.

Names are an interface: users write SQL against them. What was read is in store/result_tables.py.
"""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    Boolean,
    Column,
    Computed,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.columns import Key, UtcTime

#: The Alembic revision that this program works with (a test compares it with the migrations).
SCHEMA_VERSION = "0004"

metadata = MetaData(
    naming_convention={
        "ix": "%(table_name)s_%(column_0_N_name)s",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "pk": "%(table_name)s_pkey",
    }
)

batches = Table(
    "batches",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("options", Text, nullable=False),
    Column("options_hash", String(16), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("sealed_at", UtcTime),
    Column("paused_at", UtcTime),
    Column("cancelled_at", UtcTime),
    Column("finished_at", UtcTime),
    Column("time_window", Text),
    Column("opens_at", UtcTime),
    Column("closes_at", UtcTime),
    Column("turn_shift", Key, nullable=False, server_default="0"),
    Column("turn_floor", Key),
)
# What a claim probes: without it years of finished batches would be looked at for every page.
Index(
    "batches_open",
    batches.c.id,
    postgresql_where=text("finished_at IS NULL AND cancelled_at IS NULL"),
    sqlite_where=text("finished_at IS NULL AND cancelled_at IS NULL"),
)

# Who is filling a batch just now; several may, and it is complete when none is left.
submits = Table(
    "submits",
    metadata,
    Column("name", Text, primary_key=True),
    Column("batch_id", Key, ForeignKey("batches.id"), nullable=False, index=True),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
)

documents = Table(
    "documents",
    metadata,
    Column("id", Key, primary_key=True),
    Column("batch_id", Key, ForeignKey("batches.id"), nullable=False, index=True),
    Column("path", Text, nullable=False),
    Column("path_bytes", LargeBinary, nullable=False),
    Column("sha256", String(64), index=True),
    Column("size_bytes", Key, nullable=False),
    Column("mtime_ns", Key, nullable=False),
    Column("media_type", Text),
    Column("page_count", Integer, nullable=False),
    Column("duplicate_of", Key, ForeignKey("documents.id"), index=True),
    Column("source_id", Key, Computed("coalesce(duplicate_of, id)", persisted=True), index=True),
    Column("original_lost", SmallInteger, nullable=False, server_default="0"),
    Column("error_code", Text),
    Column("error", Text),
    Column("created_at", UtcTime, nullable=False),
)
# A hash index holds paths of any length; PostgreSQL's trees refuse keys beyond 2,704 bytes.
Index("documents_path_bytes", documents.c.path_bytes, postgresql_using="hash")
Index(
    "documents_links",
    documents.c.batch_id,
    postgresql_where=text("duplicate_of IS NOT NULL"),
    sqlite_where=text("duplicate_of IS NOT NULL"),
)
Index(
    "documents_original_lost",
    documents.c.id,
    postgresql_where=text("original_lost = 1"),
    sqlite_where=text("original_lost = 1"),
)

pages = Table(
    "pages",
    metadata,
    Column("id", Key, primary_key=True),
    Column("batch_id", Key, ForeignKey("batches.id"), nullable=False),
    Column("document_id", Key, ForeignKey("documents.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("megapixels", Double),
    Column("state", String(12), nullable=False),
    Column("turn", Key, nullable=False),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("owner", Text),
    Column("task_id", Text),
    Column("lease_until", UtcTime),
    Column("deadline_at", UtcTime),
    Column("not_before", UtcTime),
    Column("error_code", Text),
    Column("error", Text),
    Column("reading_id", Key),  # no foreign key: readings point here already
    Column("done_at", UtcTime),
    Column("claimed_at", UtcTime),
    Column("redo_id", Key),  # no foreign key: a claim must not touch a second table's locks
    Column("lowest_confidence", REAL),
    UniqueConstraint("document_id", "number"),
    # Heartbeats change lease_until alone, which no index holds: they stay HOT in the free fifth.
    postgresql_with={
        "fillfactor": "80",
        "autovacuum_vacuum_scale_factor": "0.02",
        "autovacuum_analyze_scale_factor": "0.02",
    },
)
Index(
    "pages_queued",
    pages.c.batch_id,
    pages.c.turn,
    pages.c.id,
    postgresql_where=text("state = 'queued' AND not_before IS NULL"),
    sqlite_where=text("state = 'queued' AND not_before IS NULL"),
)
Index(
    "pages_postponed",
    pages.c.not_before,
    postgresql_where=text("state = 'queued' AND not_before IS NOT NULL"),
    sqlite_where=text("state = 'queued' AND not_before IS NOT NULL"),
)
Index(
    "pages_leased",
    pages.c.id,
    postgresql_where=text("state = 'leased'"),
    sqlite_where=text("state = 'leased'"),
)
Index(
    "pages_given_up",
    pages.c.id,
    postgresql_where=text("state IN ('failed', 'quarantined')"),
    sqlite_where=text("state IN ('failed', 'quarantined')"),
)
Index("pages_batch_state", pages.c.batch_id, pages.c.state, pages.c.id)
Index(
    "pages_redo",
    pages.c.redo_id,
    postgresql_where=text("redo_id IS NOT NULL"),
    sqlite_where=text("redo_id IS NOT NULL"),
)
# Where the least certain characters of a batch are, however many it has (store/doubts.py).
Index(
    "pages_doubts",
    pages.c.batch_id,
    pages.c.lowest_confidence,
    pages.c.id,
    postgresql_where=text("reading_id IS NOT NULL"),
    sqlite_where=text("reading_id IS NOT NULL"),
)

redos = Table(
    "redos",
    metadata,
    Column("id", Key, primary_key=True),
    Column("batch_id", Key, ForeignKey("batches.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("options", Text, nullable=False),
    Column("below", Double),
    Column("also_reviewed", SmallInteger, nullable=False),
    Column("page_count", Integer, nullable=False),
)

page_events = Table(
    "page_events",
    metadata,
    Column("id", Key, primary_key=True),
    Column("page_id", Key, ForeignKey("pages.id"), nullable=False, index=True),
    Column("created_at", UtcTime, nullable=False),
    Column("kind", Text, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("attempts", SmallInteger, nullable=False),
    Column("owner", Text),
    Column("detail", Text),
)

workers = Table(
    "workers",
    metadata,
    Column("owner", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("concurrency", SmallInteger, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("draining_at", UtcTime),
    Column("schema_version", Text),
)

# What holds up the whole queue; empty in the usual run of things. The one name is "all".
holds = Table(
    "holds",
    metadata,
    Column("name", Text, primary_key=True),
    Column("created_at", UtcTime, nullable=False),
)

duties = Table(
    "duties",
    metadata,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("due_at", UtcTime, nullable=False),
)

schedules = Table(
    "schedules",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("cron", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("paths", Text, nullable=False),
    Column("options", Text, nullable=False),
    Column("is_recursive", Boolean, nullable=False),
    Column("on_duplicate", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("time_window", Text),
    Column("grace_s", Double, nullable=False),
    Column("next_at", UtcTime, nullable=False),
    Column("paused_at", UtcTime),
    Column("removed_at", UtcTime),
    Column("created_at", UtcTime, nullable=False),
)
# A removed schedule keeps its history but not its name.
Index(
    "schedules_name",
    schedules.c.name,
    unique=True,
    postgresql_where=text("removed_at IS NULL"),
    sqlite_where=text("removed_at IS NULL"),
)

schedule_runs = Table(
    "schedule_runs",
    metadata,
    Column("schedule_id", Key, ForeignKey("schedules.id"), primary_key=True),
    Column("fire_at", UtcTime, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("finished_at", UtcTime),
    Column("batch_id", Key, ForeignKey("batches.id", ondelete="SET NULL"), index=True),
    Column("intake_summary", Text),
    Column("error", Text),
    Column("owner", Text),
    Column("lease_until", UtcTime),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("attempts", SmallInteger, nullable=False, server_default="0"),
)
Index(
    "schedule_runs_unfinished",
    schedule_runs.c.fire_at,
    postgresql_where=text("state IN ('firing', 'intake')"),
    sqlite_where=text("state IN ('firing', 'intake')"),
)

# What a schedule has taken in: batches may be pruned, and their scans are still not new.
schedule_files = Table(
    "schedule_files",
    metadata,
    Column("schedule_id", Key, ForeignKey("schedules.id"), primary_key=True),
    Column("path_key", String(64), primary_key=True),  # paths are too long for a tree's keys
    Column("size_bytes", Key, nullable=False),
    Column("mtime_ns", Key, nullable=False),
    Column("sha256", String(64)),
    Column("fire_at", UtcTime, nullable=False),
)
