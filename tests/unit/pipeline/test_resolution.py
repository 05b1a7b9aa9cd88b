from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from pipeline.scans.resolution import believable, declared_dpi, estimate_dpi, square_pixels

A4_300 = (2480, 3508)


@pytest.mark.parametrize(
    ("dpi", "size_px", "expected"),
    [
        (300, A4_300, True),
        (1, A4_300, False),
        (72, A4_300, False),  # a camera's default: the sheet would be 1.2 m high
        (72, (595, 842), True),  # A4 at 72 dpi
        (96, A4_300, False),
        (180, A4_300, True),
        (2, (100, 100), False),
        (40_000, A4_300, False),
        (600, (100, 40), False),  # a page of 4 mm
    ],
)
def test_which_claims_are_believed(dpi: float, size_px: tuple[int, int], expected: bool) -> None:
    assert believable(dpi, size_px) is expected


@pytest.mark.parametrize(
    ("size_px", "dpi"),
    [
        (A4_300, 300),
        (A4_300[::-1], 300),
        ((2550, 3300), 300),  # US letter
        ((576, 1500), 183),  # a receipt
        ((4, 4), 50),
        ((30_000, 40_000), 1200),
    ],
)
def test_estimate(size_px: tuple[int, int], dpi: int) -> None:
    assert estimate_dpi(size_px) == dpi


def test_resolution_in_exif_units() -> None:
    image = Image.new("L", (8, 8))
    assert declared_dpi(image) is None
    image.getexif().update({282: 118.11, 283: 118.11, 296: 3})
    found = declared_dpi(image)
    assert found is not None
    assert found[0] == pytest.approx(300, abs=0.1)


def test_nearly_square_pixels_are_left_alone() -> None:
    gray = np.zeros((10, 20), np.uint8)
    assert square_pixels(gray, 204, 196) == (gray, 200)
