"""Numbers, texts and bodies that no database would take: said to the asker, never a fault of ours.

On both databases, which refuse different things.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ocrq.config import Settings
from review.access import Access
from review.server import create_app
from store.database import Database
from tests.reviewing import draw_scan, read_page

BIG = 10**30
JSON = {"Content-Type": "application/json"}
TEXT = "Hello"


@pytest.fixture
def asked(database: Database, tmp_path: Path) -> TestClient:
    """Page 1 of batch 1, "Hello" with a doubtful l; a fault of the server fails the test."""
    read_page(database, draw_scan(tmp_path / "a.png"), TEXT, doubts={(0, 2): 0.4})
    app = create_app(database, Settings(home=tmp_path), Access.of("127.0.0.1", None), "anna")
    return TestClient(app, base_url="http://localhost:8021", follow_redirects=False)


NOT_THERE = [
    f"/api/pages/{BIG}",
    f"/api/pages/{2**63}",
    "/api/pages/-1",
    f"/pages/{BIG}",
    f"/api/pages/{BIG}/picture",
    "/api/batches/%00/pages",
    "/batches/a%00b",
    "/api/batches/%ff/doubtful",
    f"/batches/{BIG}",
    f"/api/batches/1/pages?after={BIG}~1",
    f"/api/batches/1/pages?after=1~{BIG}",
    "/api/batches/1/pages?after=%00~1",
    "/api/batches/1/pages?only_doubtful=1&after=nan~1",
    "/api/batches/1/pages?only_doubtful=1&after=1e300~1",
    f"/api/batches/1/pages?only_doubtful=1&after=0~{BIG}",
    "/batches/1?after=1~2~3",
    "/api/batches/1/doubtful?below=nan",
    "/api/batches/1/doubtful?limit=0",
    f"/api/batches?limit={BIG}",
    "/api/pages/1/picture?box=" + "1" * 5_000 + ",0,0,0",
    f"/api/pages/1/picture?longest={BIG}",
    "/static/..%2fserver.py",
    "/static/%00",
]
ANSWERED = [
    f"/api/pages/1/picture?box=0,0,{BIG},{BIG}&longest=16",
    "/api/batches/1/pages?only_doubtful=1&after=1e-320~1",
    "/api/batches/1/doubtful?below=1e-320",
    f"/api/batches/1/doubtful?without_page={BIG}",
]
SAID: list[tuple[str, dict[str, Any], int]] = [
    ("1/lines/0", {"text": "a\0b"}, 422),
    ("1/lines/0", {"text": "\ud800"}, 422),
    ("1/lines/0", {"text": "x" * 10_001}, 422),
    ("1/lines/0", {"text": "x", "reviewer": "a\0b"}, 422),
    ("1/lines/0", {"text": "x", "reviewer": "\x1b[2J"}, 422),
    ("1/lines/0", {"text": "x", "mode": "a\nb"}, 422),
    ("1/lines/0", {"text": "x", "seconds": float("inf")}, 422),
    ("1/lines/0", {"text": "x", "reading_id": BIG}, 409),
    (f"1/lines/{BIG}", {"text": "x"}, 404),
    (f"{BIG}/lines/0", {"text": "x"}, 422),
    ("1/lines/0/characters/2", {"kind": "replace", "char": "xy"}, 422),
    ("1/lines/0/characters/2", {"kind": "line", "char": "x"}, 422),
    (f"1/lines/0/characters/{BIG}", {"kind": "delete"}, 404),
    ("1/lines/0/characters/-1", {"kind": "delete"}, 404),
]


def test_what_no_database_knows_is_not_there(asked: TestClient) -> None:
    for path in NOT_THERE:
        assert asked.get(path).status_code in (404, 422), path
    for path in ANSWERED:
        assert asked.get(path).status_code == 200, path


def test_what_cannot_be_said_is_refused(asked: TestClient) -> None:
    for path, said, status in SAID:
        body = {"reading_id": 1, "seen": TEXT, "reviewer": "bo", **said}
        answer = asked.post(f"/api/pages/{path}", content=json.dumps(body), headers=JSON)
        assert answer.status_code == status, (path, said, answer.text)
        assert answer.json()["error"]
    assert asked.get("/api/pages/1").json()["lines"][0]["text"] == TEXT


def test_a_body_has_a_bound_and_says_its_length(asked: TestClient) -> None:
    path = "/api/pages/1/lines/0"
    assert asked.post(path, content=b" " * 500_001, headers=JSON).status_code == 413
    chunked = asked.post(path, content=iter([b"{}"]), headers=JSON)
    assert chunked.status_code == 411
    longest = {"reading_id": 1, "seen": TEXT, "reviewer": "bo", "text": "\U0001d400" * 10_000}
    assert asked.post(path, json=longest).status_code == 200
