"""The truth about a page holds after what happened to it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrq.types import RegionKind
from training.pagegen.book import BookPage
from training.pagegen.damage import (
    bleed_through,
    faded,
    fold_shadow,
    side_by_side,
    stamped,
    struck,
    with_neighbour,
)
from training.pagegen.fonts import FontSet
from training.pagegen.pictures import photograph, reverse
from training.pagegen.scenes import Press, draw_scene, print_tones
from training.pagegen.sheet import Sheet, Type
from training.pagegen.truth import DrawnPage

FONTS = FontSet()
DPI = 100


def page(text: str = "Some words of a page") -> DrawnPage:
    sheet = Sheet(width_pt=300, height_pt=200, dpi=DPI, fonts=FONTS)
    sheet.line(text, Type(size_pt=14), x_pt=40, y_pt=80)
    return sheet.finish()


def ink_of_line(drawn: DrawnPage, number: int = 0) -> float:
    box = list(drawn.lines)[number].box
    return float((drawn.gray[box.y0_px : box.y1_px, box.x0_px : box.x1_px] < 100).mean())


def test_an_open_book_has_the_left_page_first_and_both_where_their_ink_is() -> None:
    both = side_by_side(page("Left side"), page("Right side"))

    assert both.text == "Left side\n\nRight side\n"
    left, right = both.lines
    assert right.box.x0_px - left.box.x0_px == page().gray.shape[1]
    assert abs(ink_of_line(both, 0) - ink_of_line(page("Left side"))) < 1e-9
    assert abs(ink_of_line(both, 1) - ink_of_line(page("Right side"))) < 1e-9


def test_a_neighbour_adds_a_strip_and_no_text() -> None:
    wide = with_neighbour(page(), page("Neighbours"), "left", 60)

    assert wide.text == page().text
    assert wide.gray.shape[1] == page().gray.shape[1] + 60
    assert next(wide.lines).box.x0_px == next(page().lines).box.x0_px + 60
    assert abs(ink_of_line(wide) - ink_of_line(page())) < 0.02


def test_the_back_shows_mirrored_and_paler_than_the_front() -> None:
    seen = bleed_through(page(), page("I"), 0.3)

    box = next(page("I").lines).box
    width = page().gray.shape[1]
    ghost = seen.gray[box.y0_px : box.y1_px, width - box.x1_px : width - box.x0_px]
    assert 140 < ghost.min() < 240
    assert seen.text == page().text


def test_a_fold_is_darkest_in_its_middle() -> None:
    light = fold_shadow(page(), 100, 10, 0.5).gray[0]
    assert light.argmin() == 100
    assert light[100] == 127
    assert light[0] == 255


def test_strokes_and_stamps_add_ink_and_leave_the_truth() -> None:
    rng, clean = np.random.default_rng(1), page("Incomprehensibilities")
    for handled in (struck(clean, rng, 1.0), stamped(clean, rng, ("PAID", "1912"))):
        assert handled.regions == clean.regions
        assert (clean.gray - handled.gray > 50).sum() > 20
        assert (handled.gray <= clean.gray).all()


def test_a_photograph_is_a_picture_and_a_black_band_has_white_letters() -> None:
    sheet = Sheet(width_pt=300, height_pt=200, dpi=DPI, fonts=FONTS)
    photograph(sheet, (30, 30, 100, 60), np.random.default_rng(0), Press.GREY)
    sheet.line("White", Type(size_pt=14), x_pt=160, y_pt=120)
    reverse(sheet, (150, 110, 120, 40))

    drawn = sheet.finish()

    picture, text = drawn.regions
    assert picture.kind is RegionKind.PICTURE
    box = picture.box
    tones = drawn.gray[box.y0_px : box.y1_px, box.x0_px : box.x1_px]
    assert len(np.unique(tones)) > 50
    box = text.box
    band = drawn.gray[box.y0_px : box.y1_px, box.x0_px : box.x1_px]
    assert band.max() == 255
    assert np.median(band) == 0


def test_a_drop_capital_stands_on_the_second_line_and_the_text_begins_beside_it() -> None:
    words = "Every word of this is set in a column that is so narrow that it has lines"
    drawn = BookPage(
        head="Head", number="7", paragraphs=(words,), columns=3, caption="", words=(), note="",
        seed=1, has_capitals=True,
    ).draw(FONTS, DPI)  # fmt: skip

    head, capital, first, second, third, *_ = drawn.lines
    assert (head.text, capital.text) == ("Head", "E")
    assert first.text.startswith("very word")
    assert abs(capital.box.y1_px - second.box.y1_px) <= 4
    assert min(first.box.x0_px, second.box.x0_px) > capital.box.x1_px > third.box.x0_px


@pytest.mark.parametrize("across", [False, True])
def test_faded_ink_is_pale_on_one_side_and_dark_on_the_other(across: bool) -> None:
    sheet = np.zeros((200, 400), np.uint8)
    drawn = faded(DrawnPage(gray=sheet, dpi=DPI, skew_deg=0.0, regions=()), 0.5, 0.2, across=across)

    pale, dark = (
        (drawn.gray[:, 0], drawn.gray[:, -1]) if across else (drawn.gray[-1], drawn.gray[0])
    )
    assert (pale == 204).all()
    assert (dark == 0).all()


@pytest.mark.parametrize("press", list(Press))
def test_every_press_prints_the_tones_of_a_scene(press: Press) -> None:
    rng = np.random.default_rng(5)
    tones = draw_scene(rng, 240, 320)

    printed = print_tones(tones, press, 300, rng)

    assert printed.shape == tones.shape
    seen = cv2.GaussianBlur(printed, (0, 0), 12).ravel()
    meant = cv2.GaussianBlur(tones, (0, 0), 12).ravel()
    assert np.corrcoef(seen, meant)[0, 1] > 0.9
    middle = ((printed > 60) & (printed < 195)).mean()
    assert middle > 0.5 if press is Press.GREY else middle < 0.5
