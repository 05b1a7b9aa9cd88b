"""What a reviewer looks for: the pages of a batch with their doubts, and what people settled."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, and_, func, or_, select

from ocrq.errors import NotFound
from ocrq.types import PageState
from store.corrected_line import CorrectionKind
from store.database import Database
from store.doubtful_pages import Place, lowest_pages
from store.result_tables import corrections, readings
from store.results import DOUBTFUL_BELOW
from store.schema import batches, documents, pages

_SHOWN: Final = (
    select(
        pages,
        documents.c.id.label("shown_id"),
        documents.c.path_bytes,
        readings.c.confidence,
        readings.c.character_count,
        readings.c.doubtful_count,
        select(func.count())
        .where(corrections.c.reading_id == pages.c.reading_id)
        .scalar_subquery()
        .label("corrections"),
    )
    .select_from(pages)
    .outerjoin(readings, readings.c.id == pages.c.reading_id)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPage:
    """A page in the list of its batch."""

    page_id: int
    document_id: int  # of this batch
    path: bytes
    number: int  # in its document, from 1
    state: PageState
    error: str | None
    is_read: bool
    confidence: float | None  # mean of its lines; None where nothing was read
    characters: int
    doubtful: int  # characters, as the machine read them
    lowest_confidence: float | None  # of the characters that nobody has settled
    corrections: int  # what people said of its current reading


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadScan:
    """Where a page was scanned, and how its current reading saw it."""

    page_id: int
    document_id: int
    batch_id: int
    batch: str
    path: bytes
    number: int  # in its document, from 1
    sha256: str | None
    size_bytes: int
    mtime_ns: int
    options: Mapping[str, Any]  # of the reading
    width_px: int
    height_px: int
    rotation_deg: int


def list_pages(
    db: Database, batch_id: int, *, after: tuple[int, int] = (0, 0), limit: int = 100
) -> list[ListedPage]:
    """Pages of a batch as they were submitted; a duplicate has those of its original.

    Args:
        db: the database.
        batch_id: the batch.
        after: only what comes behind this (`document_id`, `number`).
        limit: so many at most.
    """
    document_id, number = after
    is_later = or_(
        documents.c.id > document_id,
        and_(documents.c.id == document_id, pages.c.number > number),
    )
    found = (
        _SHOWN.join(documents, documents.c.source_id == pages.c.document_id)
        .where(documents.c.batch_id == batch_id, documents.c.id >= document_id, is_later)
        .order_by(documents.c.id, pages.c.number)
        .limit(limit)
    )
    with db.read() as conn:
        return [_listed(row) for row in conn.execute(found)]


def list_doubtful_pages(
    db: Database, batch_id: int, *, after: Place = (-1.0, 0), limit: int = 100
) -> list[ListedPage]:
    """Pages with characters in doubt that nobody has settled, the worst first.

    Args:
        db: the database.
        batch_id: the batch.
        after: only what comes behind this (`lowest_confidence`, `page_id`).
        limit: so many at most.
    """
    with db.read() as conn:
        lowest = [page.id for page in lowest_pages(conn, batch_id, limit, DOUBTFUL_BELOW, after)]
        found = conn.execute(
            _SHOWN.join(documents, documents.c.id == pages.c.document_id).where(
                pages.c.id.in_(lowest)
            )
        )
        by_id = {row.id: _listed(row) for row in found}
    # One that was pruned between the two statements is not there any more.
    return [by_id[page_id] for page_id in lowest if page_id in by_id]


def _listed(row: Any) -> ListedPage:
    return ListedPage(
        page_id=row.id,
        document_id=row.shown_id,
        path=bytes(row.path_bytes),
        number=row.number,
        state=PageState(row.state),
        error=row.error,
        is_read=row.reading_id is not None,
        confidence=row.confidence,
        characters=row.character_count or 0,
        doubtful=row.doubtful_count or 0,
        lowest_confidence=row.lowest_confidence,
        corrections=row.corrections,
    )


def neighbours(db: Database, scan: ReadScan) -> tuple[int | None, int | None]:
    """The pages of the batch before and after this one that were read, as they were submitted."""
    document_id, number = scan.document_id, scan.number
    was_read = (
        select(pages.c.id)
        .join(documents, documents.c.id == pages.c.document_id)
        .where(documents.c.batch_id == scan.batch_id, pages.c.reading_id.is_not(None))
        .limit(1)
    )
    same = documents.c.id == document_id
    earlier = or_(documents.c.id < document_id, and_(same, pages.c.number < number))
    later = or_(documents.c.id > document_id, and_(same, pages.c.number > number))
    backwards = (documents.c.id.desc(), pages.c.number.desc())
    with db.read() as conn:
        before = conn.execute(
            was_read.where(documents.c.id <= document_id, earlier).order_by(*backwards)
        ).scalar()
        after = conn.execute(
            was_read.where(documents.c.id >= document_id, later).order_by(
                documents.c.id, pages.c.number
            )
        ).scalar()
    return before, after


def read_scan(db: Database, page_id: int) -> ReadScan:
    """The scan of a page that was read.

    Raises:
        NotFound: there is no such page, or it was not read yet.
    """
    with db.read() as conn:
        row = conn.execute(
            select(pages.c.id, pages.c.number, pages.c.state, pages.c.document_id)
            .add_columns(pages.c.batch_id, batches.c.name)
            .add_columns(documents.c.path_bytes, documents.c.sha256)
            .add_columns(documents.c.size_bytes, documents.c.mtime_ns)
            .add_columns(readings.c.options, readings.c.width_px, readings.c.height_px)
            .add_columns(readings.c.rotation_deg)
            .join(documents, documents.c.id == pages.c.document_id)
            .join(batches, batches.c.id == pages.c.batch_id)
            .outerjoin(readings, readings.c.id == pages.c.reading_id)
            .where(pages.c.id == page_id)
        ).first()
    if row is None:
        raise NotFound(f"there is no page with the id {page_id}")
    if row.options is None:
        raise NotFound(f"page {page_id} was not read yet: it is {row.state}")
    return ReadScan(
        page_id=row.id,
        document_id=row.document_id,
        batch_id=row.batch_id,
        batch=row.name,
        path=bytes(row.path_bytes),
        number=row.number,
        sha256=row.sha256,
        size_bytes=row.size_bytes,
        mtime_ns=row.mtime_ns,
        options=json.loads(row.options),
        width_px=row.width_px,
        height_px=row.height_px,
        rotation_deg=row.rotation_deg,
    )


def settled_characters(db: Database, reading_id: int) -> dict[int, set[int] | None]:
    """What people have said of a reading: by line the positions; None: they wrote the whole line.

    Lines of which nobody said anything are not there.
    """
    with db.read() as conn:
        found = _said(conn, reading_id)
    settled: dict[int, set[int] | None] = {}
    for row in found:
        if row.position is None:
            settled[row.line] = None
            continue
        positions = settled.setdefault(row.line, set())
        if positions is not None and row.kind != CorrectionKind.INSERT.value:
            positions.add(row.position)
    return settled


def _said(conn: Connection, reading_id: int) -> list[Any]:
    return list(
        conn.execute(
            select(corrections.c.line, corrections.c.position, corrections.c.kind)
            .where(corrections.c.reading_id == reading_id)
            .order_by(corrections.c.id)
        )
    )
