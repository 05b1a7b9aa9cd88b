"""What the tests of commands share: a database, the program on it, and some scans."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from store.database import Database
from tests.cli_runner import Ocrq, make_ocrq
from tests.drawing import make_page


@pytest.fixture
def db(sqlite_url: str) -> Iterator[Database]:
    opened = Database.open(sqlite_url)
    yield opened
    opened.close()


@pytest.fixture
def ocrq(db: Database, tmp_path: Path) -> Ocrq:
    return make_ocrq(tmp_path / "home", OCRQ_DATABASE_URL=db.url)


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A good page, one that is broken, and a text beside them."""
    folder = tmp_path / "scans"
    folder.mkdir()
    Image.fromarray(make_page("good")).save(folder / "good.png")
    (folder / "broken.tif").write_bytes(b"II*\x00 and then nothing")
    (folder / "notes.txt").write_text("not a scan")
    return folder
