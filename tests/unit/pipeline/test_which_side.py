"""Faint writing of this side of a sheet is told from what shows of its back, which is mirrored."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from ocrq.types import PageOptions
from pipeline.engines.engine import Engine
from pipeline.engines.registry import load_engine
from pipeline.image import GrayImage, PageImage
from pipeline.run import process_page
from pipeline.which_side import darken_this_side
from tests.drawing import make_page

PRINT = ["Name of the person", "", "Place of birth", "", "Remarks and notes", "", "Occupation", ""]
PENCIL = ["", "written with a pencil", "", "soft and rather faint", "", "by hand on a form", "", ""]
PRINT_DEPTH = 255.0


@pytest.fixture(scope="module")
def engine() -> Engine:
    return load_engine("crnn")


def drawn(texts: list[str]) -> GrayImage:
    return make_page(texts * 2, dpi=300, size_in=(6.0, 7.0), size_pt=16)


def faint(texts: list[str], depth: float = 0.25) -> GrayImage:
    """Soft, and a quarter as dark as print."""
    soft = cv2.GaussianBlur(drawn(texts), (0, 0), 2.0).astype(np.float64)
    return np.round(255 - (255 - soft) * depth).astype(np.uint8)


def test_what_reads_as_it_stands_is_of_this_side(engine: Engine) -> None:
    front = drawn(PRINT)
    here = np.minimum(front, faint(PENCIL))
    behind = np.minimum(front, np.ascontiguousarray(faint(PENCIL)[:, ::-1]))
    darker = darken_this_side(here, front, PRINT_DEPTH, PageOptions(), engine)
    assert darker is not None
    assert (darker <= here).all()
    assert darker[here < front].mean() < here[here < front].mean() - 20
    assert darken_this_side(behind, front, PRINT_DEPTH, PageOptions(), engine) is None
    assert darken_this_side(front, front, PRINT_DEPTH, PageOptions(), engine) is None


def test_a_sheet_that_lies_below_is_not_of_this_side(engine: Engine) -> None:
    """It reads as it stands, but so faint is no pencil."""
    front = drawn(PRINT)
    below = np.minimum(front, faint(PENCIL, depth=0.1))
    assert darken_this_side(below, front, PRINT_DEPTH, PageOptions(), engine) is None
    stronger = (255 - (255 - below.astype(np.float64)) * 2).clip(0, 255).astype(np.uint8)
    cleared = np.where(front < 255, stronger, front)
    assert darken_this_side(stronger, cleared, PRINT_DEPTH, PageOptions(), engine) is not None


def test_a_soft_pencil_all_over_a_form_is_read(engine: Engine) -> None:
    gray = np.minimum(drawn(PRINT), faint(PENCIL))
    image = PageImage(gray=gray, dpi=300, dpi_is_estimated=False, scan_size_px=(1, 1))
    reading = process_page(image, PageOptions(), engine)
    text = " ".join("".join(c.char for c in line.chars) for line in reading.lines)
    assert text.count("pencil") == 2
    assert text.count("rather faint") == 2
