"""The tables of what was read: readings, their regions, lines and characters, and corrections."""

from __future__ import annotations

from sqlalchemy import (
    REAL,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from store.columns import Key, UtcTime
from store.schema import metadata, pages

models = Table(
    "models",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("weights_sha256", String(64), nullable=False),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("name", "version", "weights_sha256"),
)

readings = Table(
    "readings",
    metadata,
    Column("id", Key, primary_key=True),
    Column("page_id", Key, ForeignKey(pages.c.id), nullable=False, index=True),
    Column("model_id", Key, ForeignKey("models.id"), nullable=False),
    Column("options", Text, nullable=False),
    Column("width_px", Integer, nullable=False),
    Column("height_px", Integer, nullable=False),
    Column("dpi", Integer, nullable=False),
    Column("dpi_is_estimated", Boolean, nullable=False),
    Column("rotation_deg", SmallInteger, nullable=False),
    Column("skew_deg", Double, nullable=False),
    Column("sharpness", Double, nullable=False),
    Column("contrast", Double, nullable=False),
    Column("ink", Double, nullable=False),
    Column("is_blank", Boolean, nullable=False),
    Column("x_height_px", Double),
    Column("confidence", Double),
    Column("character_count", Integer, nullable=False),
    Column("doubtful_count", Integer, nullable=False),
    Column("timings", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("noise", Double),
    Column("flags", Text),
    Column("worker", Text),
)

regions = Table(
    "regions",
    metadata,
    Column("reading_id", Key, ForeignKey("readings.id"), primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("x0_px", Integer, nullable=False),
    Column("y0_px", Integer, nullable=False),
    Column("x1_px", Integer, nullable=False),
    Column("y1_px", Integer, nullable=False),
)

lines = Table(
    "lines",
    metadata,
    Column("reading_id", Key, ForeignKey("readings.id"), primary_key=True, autoincrement=False),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    Column("region", SmallInteger, nullable=False),
    Column("x0_px", Integer, nullable=False),
    Column("y0_px", Integer, nullable=False),
    Column("x1_px", Integer, nullable=False),
    Column("y1_px", Integer, nullable=False),
    Column("baseline_x0_px", Double, nullable=False),
    Column("baseline_y0_px", Double, nullable=False),
    Column("baseline_x1_px", Double, nullable=False),
    Column("baseline_y1_px", Double, nullable=False),
    Column("text", Text, nullable=False),
    Column("corrected_text", Text),
    Column("confidence", Double),
    Column("missing_risk", Double),
    Column("engine", Text),
    Column("table_row", SmallInteger),
    Column("table_column", SmallInteger),
    Column("changed", Text),
)

# The widest table by far: no foreign key (inserts are 2.5 times as fast without), partitions on
# PostgreSQL (store/partitions.py), no row id beside its key on SQLite.
characters = Table(
    "characters",
    metadata,
    Column("reading_id", Key, primary_key=True, autoincrement=False),
    Column("line", SmallInteger, primary_key=True, autoincrement=False),
    Column("position", SmallInteger, primary_key=True, autoincrement=False),
    Column("word", SmallInteger),
    Column("char", Text, nullable=False),
    Column("confidence", REAL, nullable=False),
    Column("x0_px", Integer, nullable=False),
    Column("y0_px", Integer, nullable=False),
    Column("x1_px", Integer, nullable=False),
    Column("y1_px", Integer, nullable=False),
    Column("alternatives", Text),
    postgresql_partition_by="RANGE (reading_id)",
    sqlite_with_rowid=False,
)
Index(
    "characters_doubtful",
    characters.c.reading_id,
    characters.c.confidence,
    postgresql_where=text("confidence < 0.9"),
    sqlite_where=text("confidence < 0.9"),
)

corrections = Table(
    "corrections",
    metadata,
    Column("id", Key, primary_key=True),
    Column("reading_id", Key, ForeignKey("readings.id"), nullable=False, index=True),
    Column("line", SmallInteger, nullable=False),
    Column("position", SmallInteger),
    Column("kind", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reviewer", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("seconds", Double),
    Column("created_at", UtcTime, nullable=False),
)
