"""Batches and claims for tests of the queue, in a line each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from ocrq.types import PageOptions, PageResult
from store.batches import Batch, open_batch, seal_batch
from store.claims import Claim, ClaimScope, LeaseRules, claim
from store.database import Database
from store.intake import NewDocument, NewPage, OnDuplicate, add_documents
from store.results import complete
from tests.readings import ENGINE, make_result
from tests.services import wait_for

RULES = LeaseRules(
    lease_s=30.0,
    deadline_s=60.0,
    deadline_s_per_megapixel=4.0,
    max_attempts=3,
    max_kills=3,
    max_deadlines=2,
)
OPTIONS = PageOptions()


def make_document(
    path: str | bytes = b"scans/a.png",
    *,
    pages: int = 1,
    sha256: str | None = None,
    mtime_ns: int = 1,
    error_code: str | None = None,
) -> NewDocument:
    """A file of so many pages of 2 megapixels; with an error code one that cannot be read."""
    return NewDocument(
        path=path if isinstance(path, bytes) else path.encode(),
        size_bytes=1000,
        mtime_ns=mtime_ns,
        media_type="image/png",
        sha256=sha256,
        pages=()
        if error_code
        else tuple(NewPage(number=n, megapixels=2.0) for n in range(1, pages + 1)),
        error_code=error_code,
        error=None if error_code is None else f"the file is {error_code}",
    )


def make_batch(
    db: Database,
    *documents: NewDocument,
    pages: int = 0,
    name: str | None = None,
    priority: int = 5,
    options_hash: str = "hash",
    on_duplicate: OnDuplicate = "link",
    sealed: bool = True,
) -> Batch:
    """A batch of these documents, and of one more with `pages` pages."""
    batch = open_batch(db, name=name, options=OPTIONS, options_hash=options_hash, priority=priority)
    if pages:
        documents = (*documents, make_document(f"scans/{batch.name}.tif", pages=pages))
    add_documents(db, batch, documents, on_duplicate)
    if sealed:
        seal_batch(db, batch.id)
    return batch


def take(
    db: Database,
    batch: Batch | None = None,
    *,
    owner: str = "host/1",
    task_id: str | None = None,
    rules: LeaseRules = RULES,
) -> Claim:
    """Claim a page that must be there."""
    found = try_take(db, batch, owner=owner, task_id=task_id, rules=rules)
    assert found is not None, "no page to claim"
    return found


def try_take(
    db: Database,
    batch: Batch | None = None,
    *,
    owner: str = "host/1",
    task_id: str | None = None,
    rules: LeaseRules = RULES,
) -> Claim | None:
    scope = ClaimScope(batch_id=batch.id if batch else None, owner=owner, task_id=task_id)
    return claim(db, scope, rules)


def finish(db: Database, held: Claim, result: PageResult | str = "text") -> bool:
    """Complete a claim with a result, or with a text that was read without doubt."""
    if isinstance(result, str):
        result = make_result(result)
    return complete(db, held, result, ENGINE)


def rows(db: Database, query: str, **values: Any) -> list[Mapping[str, Any]]:
    """The rows of a query in plain SQL, as a user would write it."""
    with db.read() as conn:
        return [dict(row._mapping) for row in conn.execute(text(query), values)]


def column(db: Database, query: str, **values: Any) -> list[Any]:
    """The first column of a query."""
    return [next(iter(row.values())) for row in rows(db, query, **values)]


def execute(db: Database, statement: str, **values: Any) -> None:
    with db.write() as conn:
        conn.execute(text(statement), values)


def wait_until_blocked(db: Database) -> None:
    """Until a statement of another connection waits for a lock (PostgreSQL)."""
    waiting = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    wait_for("a statement waits for a lock", lambda: column(db, waiting) == [1], 60.0)


def page_row(db: Database, page_id: int) -> Mapping[str, Any]:
    return rows(db, "SELECT * FROM pages WHERE id = :id", id=page_id)[0]


def numbers_of(claims: Sequence[Claim]) -> list[tuple[int, int]]:
    """(batch, page number) of each claim."""
    return [(c.batch_id, c.number) for c in claims]
