"""What was read, back out of SQL: page by page, document by document, in short transactions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from ocrq.types import (
    Box,
    CharResult,
    EngineInfo,
    LineResult,
    PageResult,
    PageState,
    Quality,
    RegionKind,
    RegionResult,
)
from store.database import Database
from store.result_tables import characters, lines, models, readings, regions
from store.schema import documents, pages

_DOCUMENTS_AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredReading:
    """The current reading of a page, and what people made of it."""

    reading_id: int
    result: PageResult  # as the machine read it
    corrected: dict[int, str]  # line number (its index in result.lines) -> corrected text
    options: str  # `PageOptions` that it was made with, as JSON
    read_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPage:
    """A page of a document; of the original when the document is a duplicate."""

    page_id: int
    number: int  # from 1
    state: PageState
    error_code: str | None
    error: str | None
    reading_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDocument:
    """A submitted file with its pages in order."""

    id: int
    path: bytes
    size_bytes: int
    mtime_ns: int
    media_type: str | None
    sha256: str | None
    duplicate_of: int | None
    error_code: str | None
    error: str | None
    pages: tuple[StoredPage, ...]


def quality_of(row: Row[Any]) -> Quality:
    """What was measured on the page, from a row of `readings`."""
    return Quality(
        sharpness=row.sharpness,
        contrast=row.contrast,
        ink=row.ink,
        is_blank=row.is_blank,
        x_height_px=row.x_height_px,
        noise=row.noise,
        flags=tuple((row.flags or "").split()),
    )


def load_reading(db: Database, page_id: int) -> StoredReading | None:
    """The current reading of a page; None when it has none."""
    with db.read() as conn:
        row = conn.execute(
            select(readings, models.c.name, models.c.version, models.c.weights_sha256)
            .join_from(pages, readings, readings.c.id == pages.c.reading_id)
            .join(models, models.c.id == readings.c.model_id)
            .where(pages.c.id == page_id)
        ).first()
        if row is None:
            return None
        line_rows = _children(conn, lines, row.id, lines.c.number)
        region_rows = _children(conn, regions, row.id, regions.c.number)
        char_rows = _children(conn, characters, row.id, characters.c.line, characters.c.position)
    chars = {line: list(group) for line, group in groupby(char_rows, key=lambda c: c.line)}
    return StoredReading(
        reading_id=row.id,
        result=PageResult(
            width_px=row.width_px,
            height_px=row.height_px,
            dpi=row.dpi,
            dpi_is_estimated=row.dpi_is_estimated,
            rotation_deg=row.rotation_deg,
            skew_deg=row.skew_deg,
            quality=quality_of(row),
            regions=tuple(
                RegionResult(number=r.number, kind=RegionKind(r.kind), box=_box(r))
                for r in region_rows
            ),
            lines=tuple(_line(line, chars.get(line.number, [])) for line in line_rows),
            engine=EngineInfo(
                name=row.name, version=row.version, weights_sha256=row.weights_sha256
            ),
            elapsed_s=json.loads(row.timings),
        ),
        corrected={
            line.number: line.corrected_text
            for line in line_rows
            if line.corrected_text is not None
        },
        options=row.options,
        read_at=row.created_at,
    )


def iter_documents(db: Database, batch_id: int) -> Iterator[StoredDocument]:
    """The documents of a batch in the order of their submit.

    A duplicate comes with the pages of the document that it equals. Read in steps by key, so
    that no transaction lasts while the caller works; what is added meanwhile comes at the end.
    """
    after = 0
    while True:
        with db.read() as conn:
            rows = conn.execute(
                select(documents)
                .where(documents.c.batch_id == batch_id, documents.c.id > after)
                .order_by(documents.c.id)
                .limit(_DOCUMENTS_AT_ONCE)
            ).all()
            found = _pages_by_document(conn, sorted({row.source_id for row in rows}))
        for row in rows:
            yield StoredDocument(
                id=row.id,
                path=bytes(row.path_bytes),
                size_bytes=row.size_bytes,
                mtime_ns=row.mtime_ns,
                media_type=row.media_type,
                sha256=row.sha256,
                duplicate_of=row.duplicate_of,
                error_code=row.error_code,
                error=row.error,
                pages=found.get(row.source_id, ()),
            )
        if len(rows) < _DOCUMENTS_AT_ONCE:
            return
        after = rows[-1].id


def _pages_by_document(
    conn: Connection, document_ids: Sequence[int]
) -> dict[int, tuple[StoredPage, ...]]:
    rows = conn.execute(
        select(pages)
        .where(pages.c.document_id.in_(document_ids))
        .order_by(pages.c.document_id, pages.c.number)
    )
    return {
        document_id: tuple(
            StoredPage(
                page_id=page.id,
                number=page.number,
                state=PageState(page.state),
                error_code=page.error_code,
                error=page.error,
                reading_id=page.reading_id,
            )
            for page in group
        )
        for document_id, group in groupby(rows, key=lambda page: page.document_id)
    }


def _children(conn: Connection, table: Any, reading_id: int, *order: Any) -> Sequence[Row[Any]]:
    found = select(table).where(table.c.reading_id == reading_id).order_by(*order)
    return conn.execute(found).all()


def _line(row: Any, chars: Sequence[Any]) -> LineResult:
    return LineResult(
        box=_box(row),
        region=row.region,
        baseline=(
            (row.baseline_x0_px, row.baseline_y0_px),
            (row.baseline_x1_px, row.baseline_y1_px),
        ),
        chars=tuple(
            CharResult(
                char=c.char,
                confidence=c.confidence,
                box=_box(c),
                alternatives=parse_alternatives(c.alternatives),
            )
            for c in chars
        ),
        missing_risk=row.missing_risk,
        engine=row.engine,
        cell=None if row.table_row is None else (row.table_row, row.table_column),
        changed=tuple((position, char) for position, char in json.loads(row.changed or "[]")),
    )


def _box(row: Any) -> Box:
    return Box(x0_px=row.x0_px, y0_px=row.y0_px, x1_px=row.x1_px, y1_px=row.y1_px)


def parse_alternatives(text: str | None) -> tuple[tuple[str, float], ...]:
    """The alternatives of a character as they are kept in SQL.

    >>> parse_alternatives('[["O",0.03],["Q",0.01]]')
    (('O', 0.03), ('Q', 0.01))
    """
    return tuple((char, confidence) for char, confidence in json.loads(text or "[]"))
