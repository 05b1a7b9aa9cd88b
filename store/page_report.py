"""All about one page: its state, every reading that it ever got, and what happened to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from ocrq.errors import UsageError
from ocrq.types import PageState, Quality
from store.database import Database
from store.readings import quality_of
from store.result_tables import corrections, models, readings
from store.schema import batches, documents, page_events, pages, redos


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingReport:
    """One reading of the page."""

    reading_id: int
    is_current: bool
    created_at: datetime
    engine: str
    version: str
    options: Mapping[str, Any]
    confidence: float | None
    characters: int
    doubtful: int
    corrections: int
    worker: str | None
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReport:
    """Something unusual that happened to the page."""

    created_at: datetime
    kind: str
    attempts: int
    fence: int
    owner: str | None
    detail: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageReport:
    """A page with its history."""

    page_id: int
    batch: str
    batch_id: int
    document_id: int
    path: bytes
    number: int
    state: PageState
    waits_for: str | None  # why a queued page is not begun
    megapixels: float | None
    attempts: int
    fence: int
    owner: str | None
    claimed_at: datetime | None
    deadline_at: datetime | None
    not_before: datetime | None
    error_code: str | None
    error: str | None
    done_at: datetime | None
    redo_id: int | None
    options: Mapping[str, Any]  # how it was, or will be, read
    duplicates: int  # documents that show this page too
    readings: tuple[ReadingReport, ...]
    events: tuple[EventReport, ...]


def report_page(db: Database, page_id: int) -> PageReport:
    """Look a page up.

    Raises:
        UsageError: there is no such page.
    """
    corrected = (
        select(func.count())
        .where(corrections.c.reading_id == readings.c.id)
        .scalar_subquery()
        .label("corrections")
    )
    with db.read() as conn:
        page = conn.execute(
            select(pages, batches.c.name, documents.c.path_bytes)
            .add_columns(batches.c.paused_at, batches.c.opens_at, batches.c.cancelled_at)
            .add_columns(func.coalesce(redos.c.options, batches.c.options).label("options"))
            .join_from(pages, batches, batches.c.id == pages.c.batch_id)
            .join(documents, documents.c.id == pages.c.document_id)
            .outerjoin(redos, redos.c.id == pages.c.redo_id)
            .where(pages.c.id == page_id)
        ).first()
        if page is None:
            raise UsageError(
                f"there is no page with the id {page_id}; `ocrq failures` and `ocrq doubtful`"
                " show page ids"
            )
        read = conn.execute(
            select(readings, models.c.name.label("engine"), models.c.version, corrected)
            .join(models, models.c.id == readings.c.model_id)
            .where(readings.c.page_id == page_id)
            .order_by(readings.c.id)
        ).all()
        happened = conn.execute(
            select(page_events).where(page_events.c.page_id == page_id).order_by(page_events.c.id)
        ).all()
        links = conn.execute(
            select(func.count()).where(documents.c.duplicate_of == page.document_id)
        ).scalar_one()
        now = db.now(conn)
    return PageReport(
        page_id=page.id,
        batch=page.name,
        batch_id=page.batch_id,
        document_id=page.document_id,
        path=bytes(page.path_bytes),
        number=page.number,
        state=PageState(page.state),
        waits_for=_waits_for(page, now),
        megapixels=page.megapixels,
        attempts=page.attempts,
        fence=page.fence,
        owner=page.owner,
        claimed_at=page.claimed_at,
        deadline_at=page.deadline_at,
        not_before=page.not_before,
        error_code=page.error_code,
        error=page.error,
        done_at=page.done_at,
        redo_id=page.redo_id,
        options=json.loads(page.options),
        duplicates=links,
        readings=tuple(
            ReadingReport(
                reading_id=row.id,
                is_current=row.id == page.reading_id,
                created_at=row.created_at,
                engine=row.engine,
                version=row.version,
                options=json.loads(row.options),
                confidence=row.confidence,
                characters=row.character_count,
                doubtful=row.doubtful_count,
                corrections=row.corrections,
                worker=row.worker,
                quality=quality_of(row),
            )
            for row in read
        ),
        events=tuple(
            EventReport(
                created_at=row.created_at,
                kind=row.kind,
                attempts=row.attempts,
                fence=row.fence,
                owner=row.owner,
                detail=row.detail,
            )
            for row in happened
        ),
    )


def _waits_for(page: Any, now: datetime) -> str | None:
    """Why a queued page is not begun; None when it only waits for its turn."""
    if page.state != PageState.QUEUED:
        return None
    if page.paused_at is not None:
        return "its batch is paused"
    if page.opens_at is not None and page.opens_at > now:
        return f"its batch is outside its hours until {page.opens_at:%Y-%m-%d %H:%M} UTC"
    if page.not_before is not None and page.not_before > now:
        return f"it is tried again at {page.not_before:%H:%M:%S} UTC"
    return None
