"""Sums over the readings of a batch, for the summary at the end of a run."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from ocrq.quality_gate import QualityFlag
from store.database import Database
from store.duplicates import count_linked_unread
from store.result_tables import readings
from store.schema import pages


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchTotals:
    """What the current readings of a batch's own pages (not of its duplicates) add up to."""

    pages: int  # with a reading
    blank_pages: int
    blurred_pages: int  # flagged too_blurred
    low_dpi_pages: int  # flagged dpi_too_low
    characters: int
    doubtful: int  # characters below the threshold of store.results.DOUBTFUL_BELOW
    confidence: float | None  # mean over the characters; None without any
    linked_unread: int  # pages of other batches that duplicates link to and that are not read yet


def batch_totals(db: Database, batch_id: int) -> BatchTotals:
    """Add up the readings of a batch; one row a page is read, none of its characters."""
    characters = func.coalesce(func.sum(readings.c.character_count), 0)
    with db.read() as conn:
        count, blank, blurred, low_dpi, total, doubtful, weighted = conn.execute(
            select(
                func.count(),
                func.count().filter(readings.c.is_blank),
                func.count().filter(readings.c.flags.contains(QualityFlag.TOO_BLURRED.value)),
                func.count().filter(readings.c.flags.contains(QualityFlag.DPI_TOO_LOW.value)),
                characters,
                func.coalesce(func.sum(readings.c.doubtful_count), 0),
                func.sum(readings.c.confidence * readings.c.character_count),
            )
            .select_from(pages)
            .join(readings, readings.c.id == pages.c.reading_id)
            .where(pages.c.batch_id == batch_id)
        ).one()
        linked_unread = count_linked_unread(conn, batch_id)
    return BatchTotals(
        pages=count,
        blank_pages=blank,
        blurred_pages=blurred,
        low_dpi_pages=low_dpi,
        characters=int(total),
        doubtful=int(doubtful),
        confidence=weighted / int(total) if total else None,
        linked_unread=linked_unread,
    )
