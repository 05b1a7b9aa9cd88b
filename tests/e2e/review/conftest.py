"""A browser, and a server whose database the tests of a module share."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

from store.database import Database
from tests.reviewing import draw_scan, reviewing
from tests.services import unavailable


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if program is None:
        unavailable("chromium is not installed")
    with sync_playwright() as playwright:
        # Root, as in a container of CI, gets no sandbox from Chromium.
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """One for all: each test has a batch of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('review') / 'ocrq.db'}"
    opened = Database.open(url, create=True)
    yield opened
    opened.close()


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return draw_scan(tmp_path / "scans" / "letter.png")


@pytest.fixture(scope="module")
def address(db: Database) -> Iterator[str]:
    with reviewing("--port", "0", "--reviewer", "anna", database_url=db.url) as server:
        yield server.address.rstrip("/")
        assert server.ended_by(signal.SIGTERM) == 0


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of the browser; what its console complains of fails the test."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        is_expected = "status of 4" in message.text or "net::ERR_FAILED" in message.text
        if message.type == "error" and not is_expected:
            complaints.append(message.text)

    def broke(error: Error) -> None:
        complaints.append(str(error))

    opened = browser.new_page(viewport={"width": 1300, "height": 850})
    opened.on("console", heard)
    opened.on("pageerror", broke)
    yield opened
    opened.close()
    assert complaints == []
