"""`ocrq review` for tired people: wrong keys, clicks beside it, slow networks; nothing is lost."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Route, expect

from store.corrected_line import CorrectionKind
from store.corrections import correct_character
from store.database import Database
from tests.e2e.review_looks import asked, corrections, settled, text
from tests.reviewing import draw_scan, read_page


def _open(page: Page, address: str, batch: str, first: str) -> None:
    page.goto(f"{address}/batches/{batch}/doubtful")
    asked(page, first)


def _second(scan: Path) -> Path:
    return draw_scan(scan.with_name("second.png"))


def test_each_kind_of_answer_is_mended_by_going_back(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    doubts = {(0, p): 0.3 + p / 100 for p in range(4)} | {(1, 0): 0.8, (1, 1): 0.85}
    page_id = read_page(db, scan, "abcd\nefgh", doubts=doubts, batch="mend")
    _open(page, address, "mend", "a")
    page.keyboard.press("Delete")  # a mistake
    asked(page, "b")
    page.keyboard.press("Shift+Tab")
    asked(page, "a")
    expect(page.locator(".choice.chosen")).to_contain_text("as you said")
    page.keyboard.press("Enter")  # keeps it
    asked(page, "b")
    assert text(db, page_id) == "bcd\nefgh"
    page.keyboard.press("Shift+Tab")
    asked(page, "a")
    page.keyboard.type("A")
    page.keyboard.press("Enter")
    asked(page, "b")
    assert text(db, page_id) == "Abcd\nefgh"
    page.keyboard.press("Enter")  # a mistake: it is no b
    asked(page, "c")
    page.keyboard.press("Shift+Tab")
    asked(page, "b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    asked(page, "c")
    assert text(db, page_id) == "A?cd\nefgh"
    settled(page, 2)  # however often it was said
    page.keyboard.press("F2")
    page.locator("#line-text").fill("wrong")
    page.keyboard.press("Enter")
    asked(page, "e")
    page.keyboard.press("Shift+Tab")
    asked(page, "d")
    page.keyboard.press("Enter")  # keeps the line
    asked(page, "e")
    assert text(db, page_id) == "wrong\nefgh"
    page.keyboard.press("Shift+Tab")
    asked(page, "d")
    page.keyboard.press("F2")
    page.get_by_role("button", name="as it was read").click()
    page.keyboard.press("Enter")
    asked(page, "e")
    assert text(db, page_id) == "abcd\nefgh"
    page.keyboard.press("Shift+Delete")  # the line is no text: a mistake
    expect(page.locator("#finished")).to_be_visible()
    assert text(db, page_id) == "abcd\n"
    page.keyboard.press("Shift+Tab")  # also from behind the last one
    asked(page, "f")
    page.keyboard.press("F2")
    page.get_by_role("button", name="as it was read").click()
    page.keyboard.press("Enter")
    expect(page.locator("#finished")).to_be_visible()
    assert text(db, page_id) == "abcd\nefgh"


def test_an_unchanged_line_confirms_and_never_takes_back(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "ab", doubts={(0, 0): 0.3, (0, 1): 0.4}, batch="unchanged")
    _open(page, address, "unchanged", "a")
    page.keyboard.type("X")
    page.keyboard.press("Enter")
    asked(page, "b")
    page.keyboard.press("Shift+Tab")
    asked(page, "a")
    page.keyboard.press("F2")
    page.keyboard.press("Enter")  # the line is right as it stands
    asked(page, "b")
    assert text(db, page_id) == "Xb"


def test_keys_count_after_a_click_beside_everything(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "abc", doubts={(0, p): 0.3 for p in range(3)}, batch="beside it")
    _open(page, address, "beside it", "a")
    page.locator("#text").click()
    page.keyboard.type("x")
    page.keyboard.press("Enter")
    asked(page, "b")
    page.locator("#text").click()
    page.keyboard.press("Enter")
    asked(page, "c")
    page.get_by_label("You are").fill("carla")
    page.keyboard.press("Enter")  # is no answer
    page.get_by_role("button", name="take it").click()
    expect(page.locator("#finished")).to_be_visible()
    assert [(c["after"], c["reviewer"]) for c in corrections(db, page_id)] == [
        *[("x", "anna"), ("b", "anna"), ("c", "carla")]
    ]


def test_the_keyboard_is_no_trap(page: Page, address: str, db: Database, scan: Path) -> None:
    read_page(db, scan, "abc", doubts={(0, 0): 0.3}, batch="trap")
    _open(page, address, "trap", "a")
    page.keyboard.press("Escape")
    expect(page.locator("#place a")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator(".choice").first).to_be_focused()
    expect(page.locator("#text mark")).to_have_text("a")


def test_what_is_typed_is_one_character_as_people_see_it(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "a b", doubts={(0, p): 0.3 for p in range(3)}, batch="typed")
    _open(page, address, "typed", "a")
    page.keyboard.type("xy")  # the last one counts
    page.keyboard.insert_text("e")
    page.keyboard.insert_text("\u0301")  # as some keyboards send accents
    page.keyboard.press("Enter")
    asked(page, "␣")
    page.keyboard.insert_text("m\u0304")  # has no single character
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("more than one character")
    page.keyboard.type(" ")
    page.keyboard.press("Enter")
    asked(page, "b")
    page.keyboard.insert_text("𝔟")  # beyond 16 bits
    page.keyboard.press("Enter")
    expect(page.locator("#finished")).to_be_visible()
    assert text(db, page_id) == "é 𝔟"


def test_a_second_enter_and_a_held_one_settle_nothing_unseen(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "abc", doubts={(0, p): 0.3 for p in range(3)}, batch="twice")
    _open(page, address, "twice", "a")
    page.evaluate(  # in one task of the browser: no answer comes between
        """() => { for (const repeat of [false, false, true])
          document.getElementById("typed").dispatchEvent(
            new KeyboardEvent("keydown", { key: "Enter", repeat, bubbles: true })); }"""
    )
    asked(page, "b")
    page.evaluate(
        """() => document.getElementById("typed").dispatchEvent(
          new KeyboardEvent("keydown", { key: "Enter", repeat: true, bubbles: true }))"""
    )
    asked(page, "b")
    assert [c["position"] for c in corrections(db, page_id)] == [0]


def test_on_a_slow_network_an_answer_is_for_the_card_that_is_seen(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(
        db, scan, "a\nb\nc\nd", doubts={(k, 0): 0.3 for k in range(4)}, batch="slow"
    )
    _open(page, address, "slow", "a")
    slow: list[Route] = []
    page.route("**/picture?**", lambda route: slow.append(route))  # no picture comes
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("#text mark")).to_have_text("c")
    page.keyboard.press("Enter")  # nobody has seen it yet
    expect(page.locator("#card")).to_have_attribute("aria-busy", "true")
    for route in slow[::-1]:
        route.continue_()
    page.unroute("**/picture?**")
    asked(page, "c")
    page.keyboard.press("Enter")
    asked(page, "d")
    assert [c["line"] for c in corrections(db, page_id)] == [2]


def test_when_the_server_is_back_it_goes_on(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    first = read_page(db, scan, "a", doubts={(0, 0): 0.3}, batch="back")
    read_page(db, _second(scan), "b", doubts={(0, 0): 0.4}, batch="back")
    page.route("**/api/pages/*", lambda route: route.abort())
    page.goto(f"{address}/batches/back/doubtful")
    expect(page.locator("#message")).to_contain_text("does not answer")
    page.unroute("**/api/pages/*")
    page.reload()
    asked(page, "a")
    page.route("**/lines/**", lambda route: route.abort())
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("does not answer")
    page.unroute("**/lines/**")
    page.keyboard.press("Enter")
    asked(page, "b")
    expect(page.locator("#message")).to_be_hidden()
    assert len(corrections(db, first)) == 1


def test_pages_and_characters_that_were_skipped_come_again(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    read_page(db, scan, "noise", doubts={(0, p): 0.2 for p in range(5)}, batch="skips")
    read_page(db, _second(scan), "xyz", doubts={(0, 0): 0.5}, batch="skips")
    _open(page, address, "skips", "n")
    page.keyboard.press("PageDown")
    asked(page, "x")
    page.keyboard.press("Tab")
    expect(page.locator("#progress")).to_have_text(
        "0 settled, 1 skipped, 1 pages skipped; nothing else is in doubt."
    )
    page.get_by_role("button", name="look again").click()
    asked(page, "n")


def test_a_line_that_is_half_written_is_not_lost(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "ab\ncd", doubts={(0, 0): 0.3, (1, 0): 0.4}, batch="half")
    _open(page, address, "half", "a")
    page.keyboard.press("F2")
    page.locator("#line-text").fill("half")
    page.keyboard.press("F2")
    page.get_by_role("button", name="skip Tab").click()
    expect(page.locator("#message")).to_contain_text("not saved yet")
    expect(page.locator("#line-text")).to_have_value("half")
    page.locator("#line-text").press("Escape")
    page.goto(f"{address}/pages/{page_id}")
    page.locator("#line-0").click()
    page.get_by_label("what line 1 reads").fill("whole")
    page.locator("#line-1").click()  # saves it
    expect(page.get_by_label("what line 2 reads")).to_be_visible()
    assert text(db, page_id) == "whole\ncd"


def test_a_page_saves_once_and_goes_on_from_there(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    doubts = {(0, 0): 0.3, (1, 0): 0.4, (2, 0): 0.4, (2, 1): 0.4}
    page_id = read_page(db, scan, "ab\ncd\nef", doubts=doubts, batch="on")
    correct_character(db, page_id, 2, 0, CorrectionKind.REPLACE, "E", "bo")
    page.goto(f"{address}/pages/{page_id}")
    page.locator("#line-1").click()
    page.get_by_label("what line 2 reads").fill("CD")
    page.evaluate(
        """() => { const form = document.querySelector("#line-1 form");
          form.requestSubmit(); form.requestSubmit(); }"""
    )
    expect(page.locator("#line-1 .corrected")).to_have_text("CD")
    expect(page.locator("#message")).to_be_hidden()
    page.keyboard.press("F2")  # not the first line again; the f of the third is still open
    page.get_by_label("what line 3 reads").press("Enter")
    expect(page.locator("#line-2 form")).to_have_count(0)
    page.keyboard.press("F2")
    expect(page.get_by_label("what line 1 reads")).to_be_visible()
    said = [(c["line"], c["position"], c["after"]) for c in corrections(db, page_id)]
    assert said == [(2, 0, "E"), (1, None, "CD"), (2, 1, "f")]


def test_more_than_the_list_has_at_once_can_be_gone_back_through(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "ab", doubts={(0, 0): 0.3, (0, 1): 0.4}, batch="long list")
    _open(page, address, "long list", "a")
    page.keyboard.press("Enter")
    asked(page, "b")
    correct_character(db, page_id, 0, 1, CorrectionKind.REPLACE, "B", "bo")
    page.keyboard.press("Enter")
    expect(page.locator("#message")).to_contain_text("somebody else corrected")
    page.keyboard.press("Shift+Tab")
    asked(page, "a")


def test_a_list_that_cannot_be_loaded_is_asked_for_again(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    read_page(db, scan, "a", doubts={(0, 0): 0.3}, batch="list")
    page.route("**/doubtful?**", lambda route: route.abort())
    page.goto(f"{address}/batches/list/doubtful")
    expect(page.locator("#message")).to_contain_text("does not answer")
    page.unroute("**/doubtful?**")
    page.get_by_role("button", name="look again").click()
    asked(page, "a")
    expect(page.locator("#message")).to_be_hidden()


def test_a_long_line_is_sharp_and_a_page_of_noise_small(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page.goto(address)
    sizes = page.evaluate(
        """async () => { const { pictureSize } = await import("/static/cards.js");
          return [[0, 0, 3400, 30], [0, 0, 9000, 9000], [0, 0, 5, 3]].map(
            (box) => pictureSize(box, { box })); }"""
    )
    assert sizes == [3400, 128, 16]


def test_on_a_phone_nothing_is_beside_the_screen(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "a long line " * 30, doubts={(0, 0): 0.3}, batch="phone")
    page.set_viewport_size({"width": 390, "height": 800})
    is_wider = "document.documentElement.scrollWidth > innerWidth"
    for path in ("", "/batches/phone", "/batches/phone/doubtful", f"/pages/{page_id}#line-0"):
        page.goto(f"{address}{path}")
        page.wait_for_load_state("networkidle")
        assert not page.evaluate(is_wider), path
    expect(page.get_by_label("what line 1 reads")).to_be_visible()
    page.locator(".strip-picture").evaluate("picture => picture.decode()")
    assert not page.evaluate(is_wider)


def test_text_is_corrected_where_a_picture_does_not_come(
    page: Page, address: str, db: Database, scan: Path
) -> None:
    page_id = read_page(db, scan, "ab", doubts={(0, 0): 0.3}, batch="hangs")
    waiting: list[Route] = []
    page.route("**/picture?**", lambda route: waiting.append(route))
    page.clock.install()
    page.goto(f"{address}/batches/hangs/doubtful")
    expect(page.locator("#text mark")).to_have_text("a")
    page.clock.run_for(11_000)
    expect(page.locator("#message")).to_contain_text("still loading")
    page.clock.run_for(1_000)
    asked(page, "a")
    page.keyboard.press("Delete")
    expect(page.locator("#finished")).to_be_visible()
    assert text(db, page_id) == "b"
    page.unroute("**/picture?**")
