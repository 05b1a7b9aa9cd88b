"""Fills of dots become paper under their print; what only looks like one stays as it is."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from ocrq.types import PageOptions, PageResult
from pipeline.binarize import binarize
from pipeline.engines.registry import load_engine
from pipeline.image import GrayImage, PageImage
from pipeline.run import process_page
from pipeline.screened_print import without_screens
from pipeline.screens import find_screens
from tests.drawing import built_in_font

Flags = npt.NDArray[np.bool_]

FAKE = load_engine("tests.engines.fake:make_engine")
BAR = slice(200, 290), slice(100, 1000)  # rows and columns


def page(inks: tuple[int, int] = (0, 0)) -> GrayImage:
    """Lines of text, one of them where the bar is: print and the bar's print have these tones."""
    picture = Image.new("L", (1100, 700), 255)
    pen = ImageDraw.Draw(picture)
    font = built_in_font(32)
    for y in (60, 130, 225, 330, 400, 470, 540):
        pen.text((130, y), "Operating margin of the year 2012", inks[y == 225], font)
    return np.asarray(picture, np.uint8).copy()


def lattice(shape: tuple[int, ...], step: int, dot: float, turned: bool) -> Flags:
    """Round dots every so many pixels, and amid four of them, as printers do, where turned."""
    y, x = np.mgrid[0 : shape[0], 0 : shape[1]]
    dots = np.zeros(shape, np.bool_)
    for shift in (0, step // 2) if turned else (0,):
        off = [(part + shift + step / 2) % step - step / 2 for part in (x, y)]
        dots |= np.hypot(*off) <= dot / 2
    return dots


def shaded(
    gray: GrayImage, step: int = 6, dot: float = 2.1, turned: bool = True, light: bool = False
) -> GrayImage:
    """The page with dots in the bar: under dark print, or around light print."""
    screened = gray.copy()
    bar = screened[BAR]
    dots = lattice(bar.shape, step, dot, turned)
    if light:
        print_here = bar < 128
        bar[:] = np.where(dots & ~print_here, 0, 255)
    else:
        bar[dots] = 0
    return screened


def ink_left(mended: GrayImage, wanted: GrayImage) -> tuple[float, float]:
    """Of the bar: the share of its letters that are ink, and of ink beside them, by their area."""
    ink, letters = binarize(mended)[BAR], binarize(wanted)[BAR]
    near = cv2.dilate(letters.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    return (ink & letters).sum() / letters.sum(), (ink & ~near).sum() / letters.sum()


def read(gray: GrayImage) -> PageResult:
    image = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=(1, 1))
    return process_page(image, PageOptions(), FAKE)


def cleared(gray: GrayImage) -> GrayImage:
    mended = without_screens(gray, find_screens(gray))
    return gray if mended is None else mended


@pytest.mark.parametrize(
    ("step", "dot", "turned"),
    [
        (2, 1.9, False),
        (3, 1.9, False),
        (4, 2.1, False),
        (2, 0.9, True),
        (4, 2.1, True),
        (6, 2.1, True),
        (8, 3.0, True),
    ],
)
def test_dark_print_on_a_screen_comes_back(step: int, dot: float, turned: bool) -> None:
    plain = page()
    mended = cleared(shaded(plain, step, dot, turned))
    kept, added = ink_left(mended, plain)
    assert kept > 0.85
    assert added < 0.05


def test_light_print_on_a_screen_becomes_dark() -> None:
    plain = page()
    kept, added = ink_left(cleared(shaded(plain, 4, 2.1, light=True)), plain)
    assert kept > 0.8
    assert added < 0.05


def test_a_bar_is_mended_to_its_end_however_far_its_letters_reach() -> None:
    plain = np.full((120, 1800), 255, np.uint8)
    picture = Image.fromarray(plain)
    ImageDraw.Draw(picture).text((30, 43), "Precision " * 9, 0, built_in_font(32))
    plain = np.asarray(picture, np.uint8)
    dotted = plain.copy()
    bar = dotted[38:84, 20:1780]
    bar[lattice(bar.shape, 6, 2.1, True)] = 0
    ink, wanted = binarize(cleared(dotted)), binarize(plain)
    near = cv2.dilate(wanted.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert (ink & ~near).sum() < 0.03 * wanted.sum()


def test_a_scan_in_gray_is_mended_too() -> None:
    plain = page()
    soft = np.asarray(cv2.GaussianBlur(shaded(plain, 6, 3.0), (0, 0), 0.9), np.uint8)
    kept, added = ink_left(cleared(soft), plain)
    assert kept > 0.85
    assert added < 0.05


def test_a_fill_that_is_crooked_is_mended() -> None:
    turn = cv2.getRotationMatrix2D((550, 350), 2.0, 1.0)
    plain, dotted = (
        np.asarray(cv2.warpAffine(gray, turn, (1100, 700), borderValue=255), np.uint8)
        for gray in (page(), shaded(page(), 6, 3.0))
    )
    ink, wanted = binarize(cleared(dotted)), binarize(plain)
    near = cv2.dilate(wanted.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    assert (ink & ~near).sum() < 0.03 * wanted.sum()


def test_all_beside_the_fill_stays_as_it_was() -> None:
    dotted = shaded(page())
    mended = cleared(dotted)
    outside = np.ones(dotted.shape, np.bool_)
    outside[BAR[0].start - 8 : BAR[0].stop + 8, BAR[1].start - 8 : BAR[1].stop + 8] = False
    assert np.array_equal(mended[outside], dotted[outside])
    assert not np.array_equal(mended, dotted)


def fine_print() -> GrayImage:
    picture = Image.new("L", (900, 600), 255)
    pen = ImageDraw.Draw(picture)
    for y in range(20, 560, 11):
        pen.text((20, y), "the quick brown fox jumps over lazy dogs " * 3, 0, built_in_font(10))
    return np.asarray(picture, np.uint8).copy()


def leaders() -> GrayImage:
    gray = page()
    for y in range(340, 680, 12):
        gray[y : y + 2, 700:1050:5] = gray[y : y + 2, 701:1050:5] = 0
    return gray


def hatching() -> GrayImage:
    gray = page()
    y, x = np.mgrid[0:200, 0:300]
    gray[450:650, 700:1000] = np.where((x + y) % 6 < 2, 0, 255)
    return gray


def engraving() -> GrayImage:
    """Lines that swell and are weakly crossed by others."""
    gray = page()
    y, x = np.mgrid[0:300, 0:400]
    waves = np.cos(2 * np.pi * (0.3 * x + y) / 5.8) + 0.6 * np.cos(2 * np.pi * (x - 0.4 * y) / 6.5)
    gray[380:680, 650:1050] = np.where(waves > 0, 255, 0)
    return gray


def grain() -> GrayImage:
    noise = np.random.default_rng(1).normal(0, 30, (700, 1100))
    return np.clip(page().astype(np.float64) * 0.7 + noise, 0, 255).astype(np.uint8)


def tint() -> GrayImage:
    gray = page()
    gray[BAR] = np.minimum(gray[BAR], 190)
    return gray


@pytest.mark.parametrize("draw", [page, fine_print, leaders, hatching, engraving, grain, tint])
def test_what_is_no_screen_is_none(draw: Callable[[], GrayImage]) -> None:
    assert find_screens(draw()) == ()


def test_a_round_picture_in_dots_stays_a_picture() -> None:
    gray = page()
    y, x = np.mgrid[0:700, 0:1100]
    around = np.abs(np.hypot(y - 480, x - 850) - 130) < 40
    gray[around & lattice(gray.shape, 6, 3.0, True)] = 0
    assert find_screens(gray)
    assert without_screens(gray, find_screens(gray)) is None


def test_a_reading_says_that_there_were_screens() -> None:
    reading = read(shaded(page()))
    assert "screens" in reading.elapsed_s
    assert "screens" not in read(page()).elapsed_s
    assert len(reading.lines) == 7


@given(st.integers(1, 90), st.integers(1, 90), st.integers(0, 2**32 - 1), st.booleans())
@settings(max_examples=30)
def test_a_scan_of_any_size_has_an_answer(height: int, width: int, seed: int, dots: bool) -> None:
    gray = np.random.default_rng(seed).integers(0, 256, (height, width)).astype(np.uint8)
    if dots:
        gray[lattice(gray.shape, 6, 3.0, True)] = 255
    assert cleared(gray).shape == gray.shape
