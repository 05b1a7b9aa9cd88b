"""`ocrq review` as people use it: a real server, a real browser, keys and clicks."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from store.corrections import correct_line
from store.database import Database
from tests.e2e.review_looks import asked, corrections, settled, text
from tests.reviewing import read_page

HOSTILE = "<img src=x onerror=alert(1)>"


def test_doubtful_characters_are_settled_by_keys_alone(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    doubts = {(0, p): 0.3 + p / 100 for p in range(4)} | {(1, 0): 0.6, (1, 1): 0.7, (2, 0): 0.8}
    page_id = read_page(db, scan, "abcd\nefgh\nijkl", doubts=doubts, batch="keys")
    page.goto(address)
    page.get_by_role("link", name="keys").click()
    page.get_by_role("link", name="Review what is doubtful").click()
    asked(page, "a")
    page.keyboard.press("Enter")  # it is an a
    settled(page, 1)
    asked(page, "b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")  # its alternative
    settled(page, 2)
    expect(page.locator("#text .now")).to_have_text("now: a?cd")
    asked(page, "c")
    page.keyboard.type("é")
    page.keyboard.press("Enter")
    settled(page, 3)
    asked(page, "d")
    page.keyboard.press("Delete")  # the d is not there
    settled(page, 4)
    asked(page, "e")
    page.keyboard.press("Tab")
    asked(page, "f")
    page.keyboard.press("Shift+Tab")
    asked(page, "e")
    page.keyboard.press("F2")
    page.locator("#line-text").fill("E.F.")
    page.keyboard.press("Enter")  # settles both of the line
    settled(page, 6)
    asked(page, "i")
    page.keyboard.press("Tab")  # the last one is skipped
    expect(page.locator("#progress")).to_have_text(
        "6 settled, 1 skipped; nothing else is in doubt."
    )
    assert text(db, page_id) == "a?é\nE.F.\nijkl"
    said = corrections(db, page_id)
    assert [row["kind"] for row in said] == ["replace", "replace", "replace", "delete", "line"]
    assert {(row["reviewer"], row["mode"]) for row in said} == {("anna", "review")}


def test_the_mark_lies_on_the_character(page: Page, address: str, db: Database, scan: Path) -> None:
    read_page(db, scan, "abcd", doubts={(0, 2): 0.3}, batch="mark")
    page.goto(f"{address}/batches/mark/doubtful")
    expect(page.locator("#strip img")).to_have_js_property("complete", True)
    strip = page.locator("#strip").bounding_box()
    mark = page.evaluate(  # as it is laid out, before it is drawn a little larger
        "(m => [m.offsetLeft + m.offsetWidth / 2, m.offsetTop + m.offsetHeight / 2])"
        "(document.querySelector('.mark'))"
    )
    assert strip is not None
    # The line's box is x 50..90, y 100..120; the strip has paper around it: 0..230, 90..130.
    assert mark[0] / strip["width"] == pytest.approx((75 - 0) / 230, abs=0.02)
    assert mark[1] / strip["height"] == pytest.approx((110 - 90) / 40, abs=0.05)


def test_a_page_is_corrected_beside_its_scan(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    read = f"sure\ndoubtful\n{HOSTILE}"
    page_id = read_page(db, scan, read, doubts={(1, 0): 0.4}, batch="beside")
    page.goto(f"{address}/pages/{page_id}")
    expect(page.locator("#lines li")).to_have_count(3)
    expect(page.locator("#line-2")).to_have_text(HOSTILE)  # text, never markup
    expect(page.locator("#lines .doubtful")).to_have_text("d")
    page.keyboard.press("F2")
    field = page.get_by_label("what line 2 reads")
    assert field.evaluate("f => [f.selectionStart, f.selectionEnd]") == [0, 1]
    field.press("D")
    field.press("Enter")
    expect(page.locator("#line-1 .corrected")).to_have_text("Doubtful")
    page.keyboard.press("F2")
    expect(page.locator("#message")).to_have_text("No line of this page is in doubt any more.")
    page.locator("#box-0").click()
    page.get_by_label("what line 1 reads").press("Escape")
    expect(page.locator("form")).to_have_count(0)
    assert text(db, page_id) == f"sure\nDoubtful\n{HOSTILE}"
    assert [row["mode"] for row in corrections(db, page_id)] == ["page"]


def test_a_line_that_is_right_is_confirmed_as_it_stands(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "right", doubts={(0, 0): 0.4, (0, 3): 0.5}, batch="right")
    page.goto(f"{address}/pages/{page_id}")
    expect(page.locator("#lines .doubtful")).to_have_count(2)
    page.keyboard.press("F2")
    page.get_by_label("what line 1 reads").press("Enter")
    expect(page.locator("#lines form")).to_have_count(0)
    expect(page.locator("#lines .doubtful")).to_have_count(0)
    said = corrections(db, page_id)
    assert [(row["position"], row["after"]) for row in said] == [(0, "r"), (3, "h")]


def test_a_colleagues_correction_is_shown_and_not_overwritten(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "line", doubts={(0, 0): 0.4}, batch="two")
    page.goto(f"{address}/batches/two/doubtful")
    asked(page, "l")
    correct_line(db, page_id, 0, "their line", "bo")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("somebody else corrected line 0")
    expect(page.locator("#progress")).to_contain_text("nothing is in doubt")
    assert text(db, page_id) == "their line"


def test_text_can_be_corrected_where_the_scan_is_gone(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "text", batch="gone")
    scan.unlink()
    page.goto(f"{address}/pages/{page_id}")
    expect(page.locator("#message")).to_contain_text("letter.png is not there any more")
    page.locator("#line-0").click()
    page.get_by_label("what line 1 reads").fill("Text")
    page.keyboard.press("Enter")
    expect(page.locator("#line-0")).to_have_text("Text")
    assert text(db, page_id) == "Text"
