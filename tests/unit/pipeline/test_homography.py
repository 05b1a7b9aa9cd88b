from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.homography import Homography
from tests.drawing import make_page


@pytest.mark.parametrize("factor", [2, 3])
def test_an_enlarged_page_is_what_warping_makes_of_it(factor: int) -> None:
    page = make_page("Small print, made larger.", dpi=100)
    height, width = page.shape
    larger = Homography.scaling(width, height, factor)
    shift = (factor - 1) / 2
    matrix = np.array([[factor, 0, shift], [0, factor, shift], [0, 0, 1]], np.float64)
    warped = cv2.warpPerspective(
        page,
        matrix,
        larger.target_size,
        flags=cv2.INTER_CUBIC,
        borderMode=cv2.BORDER_REPLICATE,
    )
    difference = np.abs(larger.apply(page).astype(int) - warped)
    assert difference.max() <= 2
    assert (difference > 0).mean() < 0.05
