"""What a file holds that was looked into, and its pages as rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from ocrq.types import PageState
from store.bulk import insert_rows
from store.schema import pages

_PAGE_COLUMNS = (
    *("batch_id", "document_id", "number", "megapixels", "state", "turn", "error_code", "error"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPage:
    """A page found in a submitted file; with an error it is failed from the start."""

    number: int  # from 1
    megapixels: float | None
    error_code: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    """A submitted file; one that cannot be read has an error and no pages."""

    path: bytes
    size_bytes: int
    mtime_ns: int
    media_type: str | None
    sha256: str | None
    pages: tuple[NewPage, ...]
    error_code: str | None = None
    error: str | None = None


def pages_of(doc: NewDocument) -> tuple[NewPage, ...]:
    """At least one page for every document, so that none is silently skipped."""
    if doc.pages:
        return doc.pages
    code, error = doc.error_code or "no_pages", doc.error or "the file holds no page"
    return (NewPage(number=1, megapixels=None, error_code=code, error=error),)


def insert_pages(
    conn: Connection, batch_id: int, found: Iterable[tuple[int, int, NewPage]]
) -> None:
    """Insert pages, queued or failed, each with the id of its document and its turn before it."""
    rows = []
    for document_id, turn, page in found:
        state = PageState.FAILED if page.error_code else PageState.QUEUED
        rows.append(
            (
                *(batch_id, document_id, page.number, page.megapixels, state.value),
                *(turn, page.error_code, page.error),
            )
        )
    insert_rows(conn, pages, _PAGE_COLUMNS, rows)
