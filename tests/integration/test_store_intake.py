"""Writing down what was submitted, duplicates and what becomes of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from sqlalchemy import update

from store.batches import Batch, finish_batches
from store.cancelling import cancel_batch
from store.database import Database
from store.duplicates import find_originals, revive_orphaned_duplicates
from store.failures import fail
from store.foreseeing import foresee_documents
from store.intake import (
    IntakeCounts,
    KnownDocument,
    NewPage,
    OnDuplicate,
    add_documents,
    known_documents,
    known_hash,
)
from store.progress import batch_progress
from store.retrying import RetryFilter, retry_pages
from store.schema import batches
from store.taking_over import take_over_unread
from tests.queueing import (
    column,
    finish,
    make_batch,
    make_document,
    rows,
    take,
    try_take,
    wait_until_blocked,
)

SHA = "a" * 64
OTHER = "b" * 64
THIRD = "c" * 64


def test_every_file_has_a_page_readable_or_not(database: Database) -> None:
    pages = (
        NewPage(number=1, megapixels=8.7),
        NewPage(number=2, megapixels=None, error_code="too_large", error="too many pixels"),
    )
    half_good = dataclasses.replace(make_document("b.tif"), pages=pages)
    bad = make_document("c.pdf", error_code="encrypted")
    batch = make_batch(database)
    counts = add_documents(database, batch, [half_good, bad])
    assert counts == IntakeCounts(documents=2, pages=3, failed=2, unreadable=1)
    assert rows(
        database, "SELECT document_id AS d, number, state, error_code FROM pages ORDER BY id"
    ) == [
        {"d": 1, "number": 1, "state": "queued", "error_code": None},
        {"d": 1, "number": 2, "state": "failed", "error_code": "too_large"},
        {"d": 2, "number": 1, "state": "failed", "error_code": "encrypted"},
    ]


def test_an_interrupted_submit_goes_on_where_it_stopped(database: Database) -> None:
    batch = make_batch(database)
    first, second = make_document("1.png"), make_document("2.png", sha256=SHA)
    add_documents(database, batch, [first])
    assert add_documents(database, batch, [first, second]) == IntakeCounts(
        documents=1, pages=1, known=1
    )
    changed = dataclasses.replace(first, mtime_ns=2)
    assert add_documents(database, batch, [changed]).documents == 1
    known = known_documents(database, batch.id, [b"1.png", b"2.png", b"3.png"])
    assert known[b"1.png"].mtime_ns == 2
    assert known[b"2.png"] == KnownDocument(document_id=2, size_bytes=1000, mtime_ns=1, sha256=SHA)
    assert b"3.png" not in known


def test_the_hash_of_an_unchanged_file_is_known_from_any_batch(database: Database) -> None:
    make_batch(database, make_document(b"\xff.png", sha256=SHA))
    assert known_hash(database, b"\xff.png", 1000, 1) == SHA
    assert known_hash(database, b"\xff.png", 1000, 2) is None
    assert known_hash(database, b"\xfe.png", 1000, 1) is None


def test_long_paths_and_paths_that_are_not_text_are_kept_exactly(database: Database) -> None:
    paths = [b"x" * 4000 + b"/\xf6\\.png", "größe/\\n.png".encode()]
    batch = make_batch(database, *(make_document(path) for path in paths))
    assert set(known_documents(database, batch.id, paths)) == set(paths)
    texts = column(database, "SELECT path FROM documents ORDER BY id")
    assert texts == ["x" * 4000 + "/\\xf6\\\\.png", "größe/\\n.png"]


def test_equal_files_are_read_once(database: Database) -> None:
    docs = [make_document(f"{n}.png", sha256=SHA, pages=2) for n in range(2)]
    first = make_batch(database, *docs)
    second = make_batch(database)
    assert add_documents(database, second, docs) == IntakeCounts(duplicates=2)
    finish(database, take(database, first), "one page")
    assert try_take(database, second) is None
    assert column(database, "SELECT count(*) FROM pages") == [2]
    assert rows(database, "SELECT batch, path, text FROM page_text ORDER BY document_id") == [
        {"batch": batch.name, "path": f"{n}.png", "text": "one page"}
        for batch in (first, second)
        for n in range(2)
    ]


@pytest.mark.parametrize("how", ["again", "skip"])
def test_duplicates_are_read_again_or_left_out_when_asked(
    database: Database, how: OnDuplicate
) -> None:
    docs = [make_document(f"{n}.png", sha256=SHA) for n in range(2)]
    make_batch(database, docs[0])
    counts = add_documents(database, make_batch(database), docs, how)
    wanted = {
        "again": IntakeCounts(documents=2, pages=2),
        "skip": IntakeCounts(skipped=2, skipped_paths=(b"0.png", b"1.png")),
    }
    assert counts == wanted[how]


@pytest.mark.parametrize("on_duplicate", ["link", "again", "skip"])
def test_a_dry_run_foresees_the_counts_and_writes_nothing(
    database: Database, on_duplicate: OnDuplicate
) -> None:
    make_batch(database, make_document("old.tif", sha256=SHA, pages=2))
    docs = [
        make_document("again.tif", sha256=SHA, pages=2),
        make_document("new.tif", sha256=OTHER),
        make_document("copy.tif", sha256=OTHER),
        make_document("bad.pdf", sha256=SHA, error_code="encrypted"),
    ]
    foreseen = foresee_documents(database, "hash", docs, on_duplicate, set(), {})
    assert column(database, "SELECT count(*) FROM documents") == [1]
    batch = make_batch(database, sealed=False)
    assert add_documents(database, batch, docs, on_duplicate) == foreseen


def test_a_dry_run_remembers_what_it_took_before(database: Database) -> None:
    taken: set[str] = set()
    docs = [make_document("new.tif", sha256=SHA)]
    assert foresee_documents(database, "hash", docs, "link", taken, {}).documents == 1
    assert foresee_documents(database, "hash", docs, "link", taken, {}).duplicates == 1


def test_files_are_equal_only_with_equal_options(database: Database) -> None:
    make_batch(database, make_document("a.png", sha256=SHA))
    other = make_batch(database, options_hash="other")
    assert add_documents(database, other, [make_document("a.png", sha256=SHA)]).documents == 1


def test_unreadable_files_and_files_without_hash_are_never_linked(database: Database) -> None:
    bad = make_document("a.pdf", sha256=SHA, error_code="truncated")
    plain = make_document("b.png")
    batch = make_batch(database, bad, plain)
    again = [dataclasses.replace(bad, path=b"2.pdf"), dataclasses.replace(plain, path=b"2.png")]
    assert add_documents(database, batch, again).duplicates == 0


def test_a_file_that_failed_before_is_tried_anew(database: Database) -> None:
    doc = make_document("a.png", sha256=SHA)
    make_batch(database, doc)
    fail(database, take(database), "code", "error")
    assert add_documents(database, make_batch(database), [doc]).documents == 1


def linked(database: Database) -> tuple[Batch, Batch]:
    """A document of two pages, and three duplicates of it in another batch, finished already."""
    first = make_batch(database, make_document("a.tif", sha256=SHA, pages=2))
    second = make_batch(
        database, *(make_document(f"{n}.tif", sha256=SHA, pages=2) for n in range(3))
    )
    assert finish_batches(database) == 1
    return first, second


def test_when_the_original_fails_one_duplicate_takes_its_place(database: Database) -> None:
    first, second = linked(database)
    assert revive_orphaned_duplicates(database) == 0
    fail(database, take(database, first), "code", "error")
    assert try_take(database, second) is None
    assert revive_orphaned_duplicates(database) == 3
    assert revive_orphaned_duplicates(database) == 0
    assert column(database, "SELECT duplicate_of FROM documents ORDER BY id") == [None, None, 2, 2]
    assert [take(database, second).number for _ in range(2)] == [1, 2]
    assert try_take(database, second) is None


def test_when_the_original_is_cancelled_its_duplicates_are_read(database: Database) -> None:
    first, second = linked(database)
    finish(database, take(database, first), "page one")
    cancel_batch(database, first.id)
    assert revive_orphaned_duplicates(database) == 3
    for number in (1, 2):
        held = take(database, second)
        assert held.number == number
        finish(database, held, "again")
    texts = column(database, "SELECT text FROM document_text ORDER BY document_id")
    assert texts == ["page one", "again\x0cagain", "again\x0cagain", "again\x0cagain"]


@pytest.mark.postgres
def test_a_link_whose_batch_is_cancelled_just_then_leaves_the_pages_to_the_next(
    postgres_url: str,
) -> None:
    db = Database.open(postgres_url)
    scan = make_document("a.png", sha256=SHA)
    _, second, third = (make_batch(db, scan) for _ in range(3))
    fail(db, take(db), "code", "error")
    with ThreadPoolExecutor(1) as pool:
        with db.write() as conn:
            now = db.now(conn)
            cancelled = update(batches).where(batches.c.id == second.id).values(cancelled_at=now)
            conn.execute(cancelled)
            revived = pool.submit(revive_orphaned_duplicates, db)
            wait_until_blocked(db)
        assert revived.result() == 2
    assert column(db, "SELECT count(*) FROM pages WHERE batch_id = :id", id=second.id) == [0]
    assert take(db).batch_id == third.id
    db.close()


def test_links_of_a_cancelled_batch_stay_links(database: Database) -> None:
    first, second = linked(database)
    cancel_batch(database, second.id)
    cancel_batch(database, first.id)
    revive_orphaned_duplicates(database)
    assert column(database, "SELECT count(*) FROM pages") == [2]
    assert revive_orphaned_duplicates(database) == 0


def test_an_original_that_was_retried_in_time_keeps_its_links(database: Database) -> None:
    first, _ = linked(database)
    fail(database, take(database, first), "code", "error")
    assert retry_pages(database, RetryFilter(batch_id=first.id)).pages == 1
    revive_orphaned_duplicates(database)
    assert column(database, "SELECT count(*) FROM pages") == [2]


def test_revival_is_done_in_steps(database: Database) -> None:
    first, _ = linked(database)
    fail(database, take(database, first), "code", "error")
    while revive_orphaned_duplicates(database, limit=1):
        pass
    assert column(database, "SELECT count(*) FROM documents WHERE duplicate_of = 1") == [0]
    assert column(database, "SELECT min(page_count) FROM documents") == [2]


def test_two_different_files_are_two_documents(database: Database) -> None:
    batch = make_batch(database)
    docs = [make_document("a", sha256=SHA), make_document("b", sha256=OTHER)]
    assert add_documents(database, batch, docs).documents == 2


def test_a_batch_that_waits_for_no_other_links_only_to_what_is_read(database: Database) -> None:
    doc = make_document("a.tif", pages=2, sha256=SHA)
    other = make_batch(database, doc)
    finish(database, take(database, other))  # the second page is not read yet
    first, second, third = (make_batch(database) for _ in range(3))
    alone = partial(add_documents, database, docs=[doc], waits_for_others=False)
    assert alone(batch=first) == IntakeCounts(documents=1, pages=2)
    finish(database, take(database, other))
    assert alone(batch=second) == IntakeCounts(duplicates=1)
    assert column(database, "SELECT duplicate_of FROM documents WHERE batch_id = 3") == [1]
    unread = make_document("b.tif", sha256=OTHER)
    copy = make_document("c.tif", sha256=OTHER)
    for own, counts in (
        (unread, IntakeCounts(documents=1, pages=1)),
        (copy, IntakeCounts(duplicates=1)),
    ):
        assert alone(batch=third, docs=[own]) == counts  # its own pages are read with it


def test_who_reads_a_batch_alone_reads_what_its_links_wait_for(database: Database) -> None:
    read = make_document("a.tif", sha256=SHA)
    unread, waiting = (make_document(f"{s[0]}.tif", sha256=s, pages=2) for s in (OTHER, THIRD))
    other = make_batch(database, read, unread)
    finish(database, take(database, other))
    make_batch(database, waiting)
    copies = [dataclasses.replace(unread, path=path) for path in (b"1.tif", b"2.tif")]
    mine = make_batch(database, read, *copies, waiting)  # documents 4 to 7
    assert [take_over_unread(database, mine.id, limit=1) for _ in range(3)] == [1, 1, 0]
    links = "SELECT duplicate_of FROM documents WHERE batch_id = 3 ORDER BY id"
    assert column(database, links) == [1, None, 5, None]
    held = [take(database, mine) for _ in range(4)]
    assert [(h.document_id, h.number) for h in held] == [(5, 1), (5, 2), (7, 1), (7, 2)]
    assert try_take(database, mine) is None
    assert batch_progress(database, mine.id).linked_unread == 0
    assert column(database, "SELECT count(*) FROM pages WHERE batch_id <> 3") == [5]


@pytest.mark.postgres
def test_an_original_that_fails_while_it_is_linked_to_is_noticed(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database.open(postgres_url)
    doc = make_document("a.png", sha256=SHA)
    first = make_batch(db, doc)
    second = make_batch(db)
    held = take(db, first)

    def find_then_fail(*args: Any, **more: Any) -> Mapping[str, int]:
        found = find_originals(*args, **more)
        assert found
        assert fail(db, held, "code", "error")
        return found

    monkeypatch.setattr("store.intake.find_originals", find_then_fail)
    assert add_documents(db, second, [doc]).duplicates == 1
    assert revive_orphaned_duplicates(db) == 1
    assert take(db, second).number == 1
    db.close()
