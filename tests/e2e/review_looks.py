"""What tests of `ocrq review` look at: the card in the browser, and what was stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from playwright.sync_api import Page, expect

from store.database import Database
from tests.queueing import column, rows


def text(db: Database, page_id: int) -> str:
    (text,) = column(db, "SELECT text FROM page_text WHERE page_id = :page", page=page_id)
    return str(text)


def corrections(db: Database, page_id: int) -> list[Mapping[str, Any]]:
    return rows(
        db,
        "SELECT c.* FROM corrections c JOIN readings r ON r.id = c.reading_id"
        " WHERE r.page_id = :page ORDER BY c.id",
        page=page_id,
    )


def settled(page: Page, count: int) -> None:
    expect(page.locator("#progress")).to_contain_text(f"{count} settled")


def asked(page: Page, char: str) -> None:
    """The card of this character is there, and takes keys."""
    expect(page.locator("#text mark")).to_have_text(char)
    expect(page.locator("#card")).to_have_attribute("aria-busy", "false")
