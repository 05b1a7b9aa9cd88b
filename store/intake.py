"""Writing down what was submitted: documents, their pages, duplicates."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection, func, select, update

from ocrq.errors import UsageError
from store.batches import Batch
from store.bulk import insert_rows, new_ids
from store.columns import stored_time
from store.database import Database
from store.duplicates import find_originals, recheck_links
from store.new_documents import NewDocument, NewPage, insert_pages, pages_of
from store.old_versions import set_aside_folders
from store.paths import path_text
from store.renewing import failed_by_their_files, take_up
from store.schema import batches, documents
from store.turns import new_turns

__all__ = [
    "IntakeCounts",
    "KnownDocument",
    "NewDocument",
    "NewPage",
    "OnDuplicate",
    "add_documents",
    "is_same",
    "known_documents",
    "known_hash",
    "known_hashes",
    "newest_document",
    "own_counts",
    "takes_up",
]

#: What happens to a file whose content is done or in work already: a link to that document, a
#: document of its own all the same, or nothing but the count.
OnDuplicate = Literal["link", "again", "skip"]

_DOCUMENT_COLUMNS = (
    *("id", "batch_id", "path", "path_bytes", "sha256", "size_bytes", "mtime_ns", "media_type"),
    *("page_count", "error_code", "error", "created_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDocument:
    """A file as it was when this batch took it in."""

    document_id: int
    size_bytes: int
    mtime_ns: int
    sha256: str | None
    is_unseen: bool = False  # it failed as a whole, and is not tried again just now
    is_lost: bool = False  # pages of it failed as the file was away, or another one

    @property
    def is_failed(self) -> bool:
        """Whether to look into the file again, though it be unchanged."""
        return self.is_unseen or self.is_lost


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeCounts:
    """What became of the documents of one call; each is counted once."""

    documents: int = 0  # with pages of their own
    pages: int = 0  # of those documents
    failed: int = 0  # of those pages: can never be read
    unreadable: int = 0  # documents whose page 1 is failed
    duplicates: int = 0  # linked
    skipped: int = 0  # duplicates that were not written down
    known: int = 0  # already in the batch, unchanged
    skipped_paths: tuple[bytes, ...] = ()  # of the skipped ones
    known_at: tuple[int, ...] = field(default=(), compare=False)  # of the known ones, from 0

    def __add__(self, other: IntakeCounts) -> IntakeCounts:
        return IntakeCounts(
            documents=self.documents + other.documents,
            pages=self.pages + other.pages,
            unreadable=self.unreadable + other.unreadable,
            duplicates=self.duplicates + other.duplicates,
            skipped=self.skipped + other.skipped,
            known=self.known + other.known,
            failed=self.failed + other.failed,
            skipped_paths=self.skipped_paths + other.skipped_paths,
            known_at=self.known_at + other.known_at,
        )


def known_documents(
    db: Database, batch_id: int, paths: Collection[bytes]
) -> dict[bytes, KnownDocument]:
    """The newest document of each of these paths in a batch, for going on with a submit."""
    with db.read() as conn:
        return _known(conn, batch_id, paths)


def newest_document(db: Database, batch_id: int) -> int:
    """The id of what a batch took in last; 0: nothing yet."""
    with db.read() as conn:
        newest = select(func.max(documents.c.id)).where(documents.c.batch_id == batch_id)
        return conn.execute(newest).scalar() or 0


def known_hash(db: Database, path: bytes, size_bytes: int, mtime_ns: int) -> str | None:
    """The sha256 of a file that any batch took in with this size and time, without reading it."""
    with db.read() as conn:
        found: str | None = conn.execute(
            select(documents.c.sha256)
            .where(
                documents.c.path_bytes == path,
                documents.c.size_bytes == size_bytes,
                documents.c.mtime_ns == mtime_ns,
                documents.c.sha256.is_not(None),
            )
            .limit(1)
        ).scalar()
        return found


def known_hashes(db: Database, paths: Collection[bytes]) -> dict[tuple[bytes, int, int], str]:
    """The sha256 of files as any batch took them in, by (path, size, time); see `known_hash`."""
    with db.read() as conn:
        found = conn.execute(
            select(documents.c.path_bytes, documents.c.size_bytes, documents.c.mtime_ns)
            .add_columns(documents.c.sha256)
            .where(documents.c.path_bytes.in_(paths), documents.c.sha256.is_not(None))
        )
        return {(bytes(row.path_bytes), row.size_bytes, row.mtime_ns): row.sha256 for row in found}


def _nothing(_conn: Connection) -> None:
    pass


def add_documents(
    db: Database,
    batch: Batch,
    docs: Sequence[NewDocument],
    on_duplicate: OnDuplicate = "link",
    within: Callable[[Connection], None] = _nothing,
    *,
    waits_for_others: bool = True,
) -> IntakeCounts:
    """Write documents and their pages in one durable transaction.

    A document that the batch already holds unchanged (path, size, time) is left out, so the same
    call twice writes once. One that failed because of its file is taken up again, with all that
    was found in the file or with today's error. Give some hundred files, and some thousand pages,
    at a time.

    Args:
        db: the database.
        batch: which takes them.
        docs: what was found.
        on_duplicate: what happens to a file whose content is known.
        within: called first in the same transaction; what it raises undoes everything.
        waits_for_others: content that another batch holds and has not read yet is known. False: it
            is read for this batch, as nobody may ever read it for the other one.

    Raises:
        UsageError: the batch was cancelled, or deleted.
    """
    with db.write(durable=True) as conn:
        within(conn)
        priority = _lock_batch(conn, batch)
        known = _known(conn, batch.id, [doc.path for doc in docs])
        counts, fresh = IntakeCounts(), []
        for place, doc in enumerate(docs):
            before = known.get(doc.path)
            if before is not None and takes_up(doc, before):
                found = _take_up(db, conn, priority, doc, before)
                counts += replace(found, known_at=(place,) * found.known)
            elif is_same(doc, before):
                counts += IntakeCounts(known=1, known_at=(place,))
            else:
                fresh.append(doc)
        originals: dict[str, int | None] = {}
        if on_duplicate != "again":
            hashes = [doc.sha256 for doc in fresh if doc.sha256 and not doc.error_code]
            unread_of = None if waits_for_others else batch.id
            originals.update(find_originals(conn, batch.options_hash, hashes, unread_of=unread_of))
        if on_duplicate == "skip":
            fresh, skipped = _without_duplicates(fresh, originals)
            counts += IntakeCounts(skipped=len(skipped), skipped_paths=tuple(skipped))
        if not fresh:
            return counts
        ids = _insert_documents(db, conn, batch.id, fresh)
        links: dict[int, int] = {}
        new_pages: list[tuple[int, int, NewPage]] = []
        page_count = sum(len(pages_of(doc)) for doc in fresh)
        turns = iter(new_turns(conn, batch.id, priority, db.now(conn), page_count))
        for document_id, doc in zip(ids, fresh, strict=True):
            original = None
            if on_duplicate == "link" and doc.sha256 and not doc.error_code:
                original = originals.setdefault(doc.sha256, document_id)
            if original is not None and original != document_id:
                links[document_id] = original
                counts += IntakeCounts(duplicates=1)
                continue
            new_pages += [(document_id, next(turns), page) for page in pages_of(doc)]
            counts += own_counts(doc)
        insert_pages(conn, batch.id, new_pages)
        set_aside_folders(conn, db.now(conn), batch.id, [doc.path for doc in fresh])
        _link(conn, links)
    return counts


def takes_up(doc: NewDocument, known: KnownDocument) -> bool:
    """Whether a file that failed is the same document again, rather than another one."""
    is_as_it_was = doc.error_code is None and doc.sha256 is not None and doc.sha256 == known.sha256
    return known.is_unseen or (known.is_lost and is_as_it_was)


def _take_up(
    db: Database, conn: Connection, priority: int, doc: NewDocument, known: KnownDocument
) -> IntakeCounts:
    count = take_up(db, conn, known.document_id, priority, doc)
    if count is None or doc.error_code:  # nothing new of it can be read
        return IntakeCounts(known=1)
    return own_counts(doc) if known.is_unseen else IntakeCounts(documents=1, pages=count)


def own_counts(doc: NewDocument) -> IntakeCounts:
    """A document that gets pages of its own, as it is counted."""
    return IntakeCounts(
        documents=1,
        pages=max(1, len(doc.pages)),
        failed=sum(page.error_code is not None for page in pages_of(doc)),
        unreadable=1 if doc.error_code else 0,
    )


def _lock_batch(conn: Connection, batch: Batch) -> int:
    """Hold the batch until the end, so that it is neither finished nor cancelled meanwhile.

    Another submit to the same batch may have sealed it, and stays right about that: that this one
    still fills it is said by its row in `submits`, for as long as it lives.
    """
    row = conn.execute(
        update(batches)
        .where(batches.c.id == batch.id)
        .values(finished_at=None)
        .returning(batches.c.cancelled_at, batches.c.priority)
    ).first()
    if row is None:
        raise UsageError(f"batch {batch.name!r} was deleted (ocrq prune); submit it again")
    if row.cancelled_at is not None:
        raise UsageError(f"batch {batch.name!r} was cancelled; submit under another name")
    priority: int = row.priority
    return priority


def _known(conn: Connection, batch_id: int, paths: Collection[bytes]) -> dict[bytes, KnownDocument]:
    rows = conn.execute(
        select(documents)
        .where(documents.c.path_bytes.in_(paths), documents.c.batch_id == batch_id)
        .order_by(documents.c.id)
    ).all()
    failed = failed_by_their_files(conn, [row.id for row in rows])
    return {
        bytes(row.path_bytes): KnownDocument(
            document_id=row.id,
            size_bytes=row.size_bytes,
            mtime_ns=row.mtime_ns,
            sha256=row.sha256,
            is_unseen=failed.get(row.id) is True,
            is_lost=failed.get(row.id) is False,
        )
        for row in rows
    }


def is_same(doc: NewDocument, known: KnownDocument | None) -> bool:
    """Whether a file is as it was, by its size and time."""
    return (
        known is not None and known.size_bytes == doc.size_bytes and known.mtime_ns == doc.mtime_ns
    )


def _without_duplicates(
    docs: Iterable[NewDocument], originals: Mapping[str, int | None]
) -> tuple[list[NewDocument], list[bytes]]:
    seen = set(originals)
    kept: list[NewDocument] = []
    skipped: list[bytes] = []
    for doc in docs:
        if doc.sha256 and not doc.error_code:
            if doc.sha256 in seen:
                skipped.append(doc.path)
                continue
            seen.add(doc.sha256)
        kept.append(doc)
    return kept, skipped


def _insert_documents(
    db: Database, conn: Connection, batch_id: int, docs: Sequence[NewDocument]
) -> list[int]:
    now = stored_time(conn, db.now(conn))
    ids = new_ids(conn, documents, len(docs))
    rows = (
        (
            *(document_id, batch_id, path_text(doc.path), doc.path, doc.sha256, doc.size_bytes),
            *(doc.mtime_ns, doc.media_type, max(1, len(doc.pages)), doc.error_code, doc.error, now),
        )
        for document_id, doc in zip(ids, docs, strict=True)
    )
    insert_rows(conn, documents, _DOCUMENT_COLUMNS, rows)
    return ids


def _link(conn: Connection, links: Mapping[int, int]) -> None:
    for document_id, original_id in links.items():
        conn.execute(
            update(documents).where(documents.c.id == document_id).values(duplicate_of=original_id)
        )
    if links:
        recheck_links(conn, list(links))
