"""A read page, and the application that shows it, asked without a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ocrq.config import Settings
from review.access import Access
from review.server import create_app
from store.database import Database
from tests.reviewing import draw_scan, read_page

Client = Callable[[Access], TestClient]


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return draw_scan(tmp_path / "scans" / "<scan> & 1.png")


@pytest.fixture
def page_id(db: Database, scan: Path) -> int:
    """A page of two lines; `l` of the first is doubtful, with "?" as its alternative."""
    return read_page(db, scan, "Hello <b>world</b>\n\nsecond", doubts={(0, 2): 0.4})


@pytest.fixture
def client_of(db: Database, tmp_path: Path) -> Client:
    def make(access: Access) -> TestClient:
        app = create_app(db, Settings(home=tmp_path), access, "anna")
        return TestClient(app, base_url="http://localhost:8021", follow_redirects=False)

    return make


@pytest.fixture
def client(client_of: Client) -> TestClient:
    return client_of(Access.of("127.0.0.1", None))
