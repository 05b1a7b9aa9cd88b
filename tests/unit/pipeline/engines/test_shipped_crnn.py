"""The line recogniser that ships reads drawn pages, alike on both runtimes."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from rapidfuzz.distance import Levenshtein

from ocrq.types import PageOptions, PageResult
from pipeline.engines.registry import engine_info, load_engine
from pipeline.image import PageImage
from pipeline.run import process_page
from tests.drawing import make_page

TEXT = (
    "The harbour was closed on Monday.\n"
    "Two ships waited outside, and\n"
    "the 14 sailors of the Clara\n"
    "were paid 12.50 each in March 1931."
)


@pytest.fixture(scope="module")
def drawn() -> PageImage:
    gray = make_page(TEXT, dpi=300)
    size = (int(gray.shape[1]), int(gray.shape[0]))
    return PageImage(gray=gray, dpi=300, dpi_is_estimated=False, scan_size_px=size)


@pytest.fixture(scope="module")
def result(drawn: PageImage) -> PageResult:
    return process_page(drawn, PageOptions(engine="crnn"), load_engine("crnn"))


def test_clear_print_is_read(result: PageResult) -> None:
    assert Levenshtein.distance(result.text, TEXT) <= 4
    assert result.engine == engine_info("crnn")
    assert result.confidence is not None
    assert result.confidence > 0.9


def test_every_character_has_its_place_on_the_page(result: PageResult) -> None:
    for line in result.lines:
        assert line.text.strip() == line.text
        centres = [(c.box.x0_px + c.box.x1_px) / 2 for c in line.chars]
        assert centres == sorted(centres)
        for char in line.chars:
            assert char.box.x1_px <= result.width_px
            assert char.box.y1_px <= result.height_px
            assert char.alternatives == () or char.confidence < 0.99


@pytest.mark.parametrize("times", [2.0, 3.0])
def test_type_of_double_height_is_read_in_its_place(times: float) -> None:
    text = "TICKET 20933\nTOTAL 1931"
    plain = make_page(text, dpi=200)
    high = np.asarray(cv2.resize(plain, None, fx=1.0, fy=times), np.uint8)
    size = (int(high.shape[1]), int(high.shape[0]))
    page = PageImage(gray=high, dpi=200, dpi_is_estimated=False, scan_size_px=size)
    result = process_page(page, PageOptions(engine="crnn"), load_engine("crnn"))
    assert result.text.split() == text.split()
    ink = np.flatnonzero((plain < 128).any(axis=0))
    chars = [char.box for line in result.lines for char in line.chars]
    assert min(box.x0_px for box in chars) == pytest.approx(ink[0], abs=3)
    assert max(box.x1_px for box in chars) == pytest.approx(ink[-1], abs=3)


def test_tensorflow_reads_what_litert_reads(drawn: PageImage, result: PageResult) -> None:
    by_keras = process_page(drawn, PageOptions(engine="crnn"), load_engine("crnn", "gpu"))
    assert Levenshtein.distance(by_keras.text, result.text) <= 1
    assert by_keras.confidence == pytest.approx(result.confidence, abs=0.02)
