"""What a submit would write down, for a dry run: looked up and counted, nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from ocrq.types import PageOptions
from store.batches import Batch, batch_of, check_name, check_same
from store.database import Database
from store.duplicates import find_originals
from store.intake import (
    IntakeCounts,
    KnownDocument,
    NewDocument,
    OnDuplicate,
    is_same,
    own_counts,
    takes_up,
)
from store.schema import batches
from store.windows import Window


def foresee_batch(
    db: Database | None,
    *,
    name: str | None,
    options: PageOptions,
    options_hash: str,
    window: Window | None = None,
) -> Batch | None:
    """The batch that `store.batches.open_batch` would take up; None: it would make a new one.

    Without a database it would make that, too.

    Raises:
        UsageError: as from `open_batch`.
    """
    if name is None:
        return None
    row = None
    if db is not None:
        with db.read() as conn:
            row = conn.execute(select(batches).where(batches.c.name == name)).first()
    if row is None:
        check_name(name)
        return None
    batch = batch_of(row)
    check_same(batch, options, options_hash, window)
    return batch


def foresee_documents(
    db: Database | None,
    options_hash: str,
    docs: Sequence[NewDocument],
    on_duplicate: OnDuplicate,
    taken: set[str],
    failed: Mapping[bytes, KnownDocument],
) -> IntakeCounts:
    """What `store.intake.add_documents` would answer for files that the batch does not hold yet.

    Pages of a document that is taken up again are all counted, though some may have been read.

    Args:
        db: the database; None: there is none yet.
        options_hash: of the batch.
        docs: what was found.
        on_duplicate: what would happen to a file whose content is known.
        taken: the sha256 of what the calls before for the same submit took; this one adds its own.
        failed: documents of the batch, by path, that failed because of their files.
    """
    known = set(taken)
    if db is not None and on_duplicate != "again":
        hashes = [doc.sha256 for doc in docs if doc.sha256 and not doc.error_code]
        with db.read() as conn:
            known.update(find_originals(conn, options_hash, hashes, is_held=False))
    counts = IntakeCounts()
    for doc in docs:
        before = failed.get(doc.path)
        if before is not None and takes_up(doc, before):
            counts += IntakeCounts(known=1) if doc.error_code else own_counts(doc)
        elif is_same(doc, before):
            counts += IntakeCounts(known=1)
        elif on_duplicate == "again" or not doc.sha256 or doc.error_code:
            counts += own_counts(doc)
        elif doc.sha256 not in known:
            known.add(doc.sha256)
            taken.add(doc.sha256)
            counts += own_counts(doc)
        elif on_duplicate == "skip":
            counts += IntakeCounts(skipped=1, skipped_paths=(doc.path,))
        else:
            counts += IntakeCounts(duplicates=1)
    return counts
