from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions
from pipeline.engines.registry import load_engine
from pipeline.homography import Homography, chained
from pipeline.image import PageImage
from pipeline.rotation import Rotation
from pipeline.run import process_page
from pipeline.sheet import find_sheet
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
TEXT = ["the quick brown fox ran on", "and jumps over the lazy dog"] * 4
CORNERS = np.array([[140, 90], [860, 60], [980, 1010], [60, 1050]], np.float32)


def photograph(ground: int = 60) -> tuple[Gray, npt.NDArray[np.float64]]:
    """A sheet on a table, and the map from the sheet to the picture."""
    sheet = np.minimum(make_page(TEXT, dpi=150, size_in=(5.0, 6.0), size_pt=16), 230)
    height, width = sheet.shape
    square = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    matrix = cv2.getPerspectiveTransform(square, CORNERS)
    picture = cv2.warpPerspective(
        sheet, matrix, (1040, 1120), flags=cv2.INTER_AREA, borderValue=ground
    )
    return np.asarray(picture, np.uint8), np.asarray(matrix, np.float64)


def test_a_photographed_sheet_is_found_by_its_edges() -> None:
    picture, _ = photograph()
    found = find_sheet(picture)
    assert found is not None
    width, height = found.target_size
    corners = found.to_upright_points([[0, 0], [width, 0], [width, height], [0, height]])
    assert np.abs(corners - CORNERS).max() < 8
    assert found.apply(picture).shape == (height, width)
    assert np.median(found.apply(picture)[:10]) > 200


@pytest.mark.parametrize("kind", ["scan", "level", "cut off", "round", "noise", "tiny"])
def test_without_four_clear_edges_nothing_is_done(kind: str) -> None:
    picture, _ = photograph()
    if kind == "scan":
        picture = make_page(TEXT, dpi=150, size_in=(5.0, 6.0))
    elif kind == "level":
        picture = np.pad(make_page(TEXT, dpi=150), 80, constant_values=40)
    elif kind == "cut off":
        picture = np.ascontiguousarray(picture[:, 200:])
    elif kind == "round":
        picture = np.full((900, 900), 50, np.uint8)
        cv2.circle(picture, (450, 450), 400, 230, -1)
    elif kind == "noise":
        picture = np.random.default_rng(1).integers(0, 256, (700, 700), dtype=np.uint8)
    else:
        picture = picture[:20, :20]
    assert find_sheet(picture) is None


def test_boxes_of_a_rectified_page_lie_on_the_photograph() -> None:
    picture, matrix = photograph()
    image = PageImage(gray=picture, dpi=150, dpi_is_estimated=True, scan_size_px=(1, 1))
    engine = load_engine("tests.engines.fake:make_engine")
    result = process_page(image, PageOptions(orient=False, rectify=True), engine)
    assert "rectify" in result.elapsed_s
    assert (result.width_px, result.height_px) == picture.shape[::-1]
    assert len(result.lines) == len(TEXT)
    # The first letter of each line stands at the same margin of the sheet.
    firsts = [line.chars[0].box for line in result.lines]
    points = [(box.x0_px, (box.y0_px + box.y1_px) / 2, 1.0) for box in firsts]
    on_sheet = np.array(points) @ np.linalg.inv(matrix).T
    x = on_sheet[:, 0] / on_sheet[:, 2]
    assert np.ptp(x) < 8
    assert "rectify" not in process_page(image, PageOptions(orient=False), engine).elapsed_s


def test_maps_one_after_the_other() -> None:
    larger = Homography.scaling(100, 50, 2)
    turn = Rotation.of(200, 100, 90.0)
    both = chained([larger], turn)
    assert both.source_size == (100, 50)
    np.testing.assert_allclose(both.to_upright_points([[100.0, 0.0]]), [[0.0, 0.0]], atol=1e-9)
    (box,) = both.boxes_to_upright([(80, 0, 100, 40)])
    assert (box.x0_px, box.y0_px, box.x1_px, box.y1_px) == (0, 0, 20, 10)
    assert both.boxes_to_upright(np.empty((0, 4))) == []
    assert chained([], turn) is turn
