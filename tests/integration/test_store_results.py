"""Readings go in whole or not at all, and come back as they were."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from ocrq.types import EngineInfo, PageResult, Quality
from store.bulk import insert_rows
from store.claims import Claim, release
from store.corrections import correct_line
from store.database import Database
from store.intake import add_documents
from store.partitions import ensure_partitions
from store.readings import iter_documents, load_reading
from store.results import complete
from tests.queueing import (
    column,
    execute,
    finish,
    make_batch,
    make_document,
    page_row,
    rows,
    take,
    try_take,
)
from tests.readings import ENGINE, make_result

DOUBTS = {(0, 0): 0.5, (0, 4): 0.89999, (2, 0): 0.9, (2, 1): 0.99}
PAGE = make_result("Größe 7\nx  y\n\n„Ω“\t\\N\\\\", doubts=DOUBTS)


def test_a_reading_comes_back_as_it_was(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database)
    assert complete(database, held, PAGE, ENGINE)
    stored = load_reading(database, held.page_id)
    assert stored is not None
    assert stored.result == PAGE
    assert stored.corrected == {}
    row = page_row(database, held.page_id)
    assert (row["state"], row["owner"], row["lease_until"]) == ("done", None, None)
    assert row["done_at"] is not None


def test_measures_are_kept_with_the_reading(database: Database) -> None:
    make_batch(database, pages=1)
    finish(database, take(database), PAGE)
    (row,) = rows(database, "SELECT * FROM readings")
    assert (row["character_count"], row["doubtful_count"]) == (19, 2)
    assert row["confidence"] == pytest.approx(PAGE.confidence)
    assert json.loads(row["timings"]) == {"load": 0.25, "read": 0.5}
    assert not row["is_blank"]


def test_characters_are_rows_with_words_counted(database: Database) -> None:
    make_batch(database, pages=1)
    finish(database, take(database), " ab  c")
    assert rows(database, "SELECT char, word FROM characters ORDER BY position") == [
        {"char": char, "word": word}
        for char, word in zip(" ab  c", [None, 0, 0, None, None, 1], strict=True)
    ]
    assert rows(database, "SELECT number, word, x0_px, x1_px FROM words ORDER BY number") == [
        {"number": 0, "word": "ab", "x0_px": 60, "x1_px": 80},
        {"number": 1, "word": "c", "x0_px": 100, "x1_px": 110},
    ]


def test_alternatives_are_kept_for_doubtful_characters(database: Database) -> None:
    make_batch(database, pages=1)
    finish(database, take(database), make_result("ab", doubts={(0, 0): 0.75}))
    assert column(database, "SELECT alternatives FROM characters ORDER BY position") == [
        '[["?",0.25]]',
        None,
    ]


def test_only_what_is_below_ninety_percent_is_doubtful(database: Database) -> None:
    make_batch(database, pages=1)
    finish(database, take(database), PAGE)
    found = column(database, "SELECT confidence FROM low_confidence_characters")
    assert sorted(found) == [0.5, 0.89999]


def test_an_empty_page_is_done_too(database: Database) -> None:
    make_batch(database, pages=1)
    held = take(database)
    assert finish(database, held, make_result(""))
    stored = load_reading(database, held.page_id)
    assert stored is not None
    assert stored.result.lines == ()
    assert rows(database, "SELECT text, confidence FROM page_text") == [
        {"text": "", "confidence": None}
    ]


def test_a_lost_claim_writes_nothing_at_all(database: Database) -> None:
    make_batch(database, pages=1)
    lost = take(database)
    release(database, lost)
    held = take(database)
    assert not finish(database, lost, PAGE)
    for table in ("readings", "regions", "lines", "characters"):
        assert column(database, f"SELECT count(*) FROM {table}") == [0]
    assert finish(database, held, PAGE)
    assert not finish(database, held, PAGE)
    assert column(database, "SELECT count(*) FROM readings") == [1]


def test_a_write_that_fails_half_way_leaves_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_batch(database, pages=1)
    held = take(database)

    def broken(conn: Any, table: Any, columns: Any, found: Any) -> None:
        insert_rows(conn, table, columns, found)
        if table.name == "characters":
            raise OSError("the disk went away")

    monkeypatch.setattr("store.results.insert_rows", broken)
    with pytest.raises(OSError, match="disk"):
        finish(database, held, PAGE)
    monkeypatch.undo()
    assert column(database, "SELECT count(*) FROM characters") == [0]
    assert finish(database, held, PAGE)


def redo(database: Database, claim: Claim) -> None:
    execute(database, "UPDATE pages SET state = 'queued' WHERE id = :id", id=claim.page_id)


def test_a_page_that_is_read_again_keeps_its_older_reading(database: Database) -> None:
    make_batch(database, pages=1)
    first = take(database)
    finish(database, first, "old")
    redo(database, first)
    finish(database, take(database), "new")
    assert column(database, "SELECT text FROM page_text") == ["new"]
    assert column(database, "SELECT text FROM lines ORDER BY reading_id") == ["old", "new"]


def test_a_corrected_page_keeps_the_reading_that_was_corrected(database: Database) -> None:
    make_batch(database, pages=1)
    first = take(database)
    finish(database, first, "odl")
    correct_line(database, first.page_id, 0, "old", "me")
    redo(database, first)
    assert finish(database, take(database), "new")
    assert column(database, "SELECT text FROM page_text") == ["old"]
    assert column(database, "SELECT state FROM pages") == ["done"]
    assert column(database, "SELECT count(*) FROM readings") == [2]


def test_a_reading_names_its_model(database: Database) -> None:
    make_batch(database, pages=4)
    newer = EngineInfo(name="resnet", version="2", weights_sha256="1" * 64)
    for engine in (ENGINE, newer, ENGINE):
        result = dataclasses.replace(make_result("a"), engine=engine)
        complete(database, take(database), result, engine)
    other_process = Database.open(database.url)
    complete(other_process, take(database), make_result("a"), ENGINE)
    other_process.close()
    assert column(database, "SELECT model_id FROM readings ORDER BY id") == [1, 2, 1, 1]
    stored = load_reading(database, 2)
    assert stored is not None
    assert stored.result.engine == newer


def test_a_blank_page_without_x_height_is_kept(database: Database) -> None:
    make_batch(database, pages=1)
    quality = Quality(sharpness=0.0, contrast=0.0, ink=0.0, is_blank=True)
    blank: PageResult = dataclasses.replace(make_result(""), quality=quality)
    held = take(database)
    finish(database, held, blank)
    stored = load_reading(database, held.page_id)
    assert stored is not None
    assert stored.result.quality == quality


def test_documents_come_in_order_with_their_pages(database: Database) -> None:
    sha256 = "a" * 64
    batch = make_batch(
        database,
        make_document("b.tif", pages=2, sha256=sha256),
        make_document("a.pdf", error_code="encrypted"),
        make_document("copy.tif", pages=2, sha256=sha256),
    )
    finish(database, take(database))
    found = list(iter_documents(database, batch.id))
    assert [(d.path, d.duplicate_of, d.error_code) for d in found] == [
        (b"b.tif", None, None),
        (b"a.pdf", None, "encrypted"),
        (b"copy.tif", 1, None),
    ]
    assert [[p.state for p in d.pages] for d in found] == [
        ["done", "queued"],
        ["failed"],
        ["done", "queued"],
    ]
    assert found[0].pages == found[2].pages
    assert load_reading(database, found[0].pages[1].page_id) is None


def test_long_listings_hold_no_transaction(database: Database) -> None:
    batch = make_batch(database)
    add_documents(database, batch, [make_document(f"{n}.png") for n in range(250)])
    seen = iter_documents(database, batch.id)
    first = next(seen)
    add_documents(database, batch, [make_document("later.png")])
    rest = [document.path for document in seen]
    assert first.path == b"0.png"
    assert len(rest) == 250
    assert rest[-1] == b"later.png"


@pytest.mark.postgres
def test_partitions_are_made_ahead_of_the_readings(postgres_url: str) -> None:
    db = Database.open(postgres_url)
    assert ensure_partitions(db) == 0
    execute(db, "SELECT setval('readings_id_seq', 149999)")
    make_batch(db, pages=2)
    for _ in range(2):
        finish(db, take(db))
    made = (
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'characters'::regclass"
    )
    names = column(db, made)
    assert {"characters_p3", "characters_p4", "characters_p5", "characters_p6"} <= set(names)
    assert column(db, "SELECT count(*) FROM characters_p3") == [8]
    assert try_take(db) is None
    db.close()
