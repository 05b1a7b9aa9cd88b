"""A page that is turned, enlarged or inverted has the boxes that geometry says."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from ocrq.types import PageOptions, PageResult
from pipeline.deskew import rotate_gray
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.orient import rotate_quarter
from pipeline.rotation import Rotation
from pipeline.run import process_page
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
Points = npt.NDArray[np.float64]
FAKE = load_engine("tests.engines.fake:make_engine")

LINES = (
    "When the scan came in it lay askew,",
    "as old pages do, with a fold in it.",
    "Nobody had typed a line of it since;",
    "the boxes stood in the cellar, dark.",
)


@lru_cache(maxsize=1)
def page() -> Gray:
    return make_page(LINES * 2, dpi=150, size_in=(5.0, 4.0))


def read(gray: Gray) -> PageResult:
    height, width = gray.shape
    image = PageImage(gray=gray, dpi=150, dpi_is_estimated=True, scan_size_px=(width, height))
    return process_page(image, PageOptions(), FAKE)


@lru_cache(maxsize=1)
def usual() -> PageResult:
    return read(page())


def middles(result: PageResult) -> Points:
    boxes = [c.box for line in result.lines for c in line.chars]
    return np.array([((b.x0_px + b.x1_px) / 2, (b.y0_px + b.y1_px) / 2) for b in boxes])


@settings(max_examples=20)
@given(angle_deg=st.floats(-12, 12))
def test_turning_a_page_turns_its_boxes(angle_deg: float) -> None:
    height, width = page().shape
    turned = read(rotate_gray(page(), angle_deg))
    assert len(turned.lines) == len(usual().lines)
    rotation = Rotation.of(width, height, angle_deg)
    found, wanted = rotation.to_upright_points(middles(turned)), middles(usual())
    off = np.hypot(*(found[:, None] - wanted).T).min(axis=0)
    # Letters that nearly touch are one glyph on this page and two on that.
    assert abs(len(found) - len(wanted)) <= 0.03 * len(wanted)
    assert (off < 2.5).mean() > 0.95


@settings(max_examples=12)
@given(turned_deg=st.sampled_from([90, 180, 270]))
def test_a_page_on_its_side_gives_the_same_boxes(turned_deg: int) -> None:
    turned = read(rotate_quarter(page(), turned_deg))
    assert (turned.rotation_deg + turned_deg) % 360 == 0
    assert turned.lines == usual().lines
    assert turned.regions == usual().regions


@settings(max_examples=20)
@given(factor=st.floats(0.4, 2.0))
def test_scaling_a_page_scales_its_boxes(factor: float) -> None:
    # Below 0.7 the letters are small enough for the page to be enlarged on its way.
    size = [round(side * factor) for side in reversed(page().shape)]
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    scaled = read(np.asarray(cv2.resize(page(), size, interpolation=method), np.uint8))
    assert ("enlarge" in scaled.elapsed_s) == (factor < 0.7) or 0.6 < factor < 1.0
    assert len(scaled.lines) == len(usual().lines)
    for line, other in zip(scaled.lines, usual().lines, strict=True):
        edges = (line.box.x0_px, line.box.y0_px, line.box.x1_px, line.box.y1_px)
        wanted = (other.box.x0_px, other.box.y0_px, other.box.x1_px, other.box.y1_px)
        assert np.abs(np.array(edges) / factor - np.array(wanted)).max() < 2.0 + 2.0 / factor


@settings(max_examples=12)
@given(skew_deg=st.floats(-8, 8))
def test_inverting_a_page_changes_nothing(skew_deg: float) -> None:
    gray = rotate_gray(page(), skew_deg)
    negative = read(np.bitwise_not(gray))
    assert negative.lines == read(gray).lines
