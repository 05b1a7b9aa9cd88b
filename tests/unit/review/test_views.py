"""The pages as HTML, before anything moves on them."""

from __future__ import annotations

from fastapi.testclient import TestClient

from store.database import Database
from tests.queueing import make_batch, make_document


def test_batches_are_listed(client: TestClient, page_id: int) -> None:
    html = client.get("/").text
    assert "box 17" in html
    assert 'href="/batches/1/doubtful"' in html
    assert page_id


def test_an_empty_database_says_what_to_do(client: TestClient) -> None:
    assert "ocrq run ./scans" in client.get("/").text


def test_names_from_a_disk_are_text_and_never_markup(client: TestClient, page_id: int) -> None:
    html = client.get("/batches/1").text
    assert "&lt;scan&gt; &amp; 1.png" in html
    assert "<scan>" not in html
    assert f'href="/pages/{page_id}"' in html


def test_pages_that_could_not_be_read_say_why(client: TestClient, db: Database) -> None:
    make_batch(db, make_document(b"broken.tif", error_code="damaged"), name="bad")
    html = client.get("/batches/bad").text
    assert "failed" in html
    assert "the file is damaged" in html


def test_a_long_batch_is_shown_in_steps(client: TestClient, db: Database) -> None:
    make_batch(db, pages=150, name="long")
    first = client.get("/batches/long").text
    assert first.count("queued") == 100
    assert 'href="?after=1~100"' in first
    second = client.get("/batches/long?after=1~100").text
    assert second.count("queued") == 50
    assert "next pages" not in second


def test_what_is_not_there_is_a_page_that_says_so(client: TestClient) -> None:
    missing = client.get("/pages/7")
    assert missing.status_code == 404
    assert "there is no page with the id 7" in missing.text
    assert missing.headers["content-type"].startswith("text/html")
