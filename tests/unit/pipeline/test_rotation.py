from __future__ import annotations

import numpy as np
import pytest

from pipeline.deskew import rotate_gray
from pipeline.rotation import Rotation


@pytest.mark.parametrize("angle_deg", [-14.0, -0.3, 0.0, 2.5, 15.0])
def test_a_dot_is_found_back_after_turning(angle_deg: float) -> None:
    page = np.full((301, 500), 255, np.uint8)
    page[70:76, 400:406] = 0
    turned = rotate_gray(page, angle_deg)
    rotation = Rotation.of(500, 301, angle_deg)
    assert turned.shape == rotation.target_size[::-1]
    y, x = np.indices(turned.shape)
    middle = [np.average(axis + 0.5, weights=255 - turned) for axis in (x, y)]
    np.testing.assert_allclose(rotation.to_upright_points(middle), [(403.0, 73.0)], atol=0.05)


def test_nothing_is_cut_off() -> None:
    page = np.full((200, 300), 255, np.uint8)
    page[:30, :] = page[-30:, :] = 0
    turned = rotate_gray(page, 10.0)
    assert abs(np.count_nonzero(turned < 128) - 60 * 300) < 0.02 * 60 * 300


def test_a_box_in_the_padding_is_the_nearest_pixel_of_the_page() -> None:
    rotation = Rotation.of(100, 100, 15.0)
    box = rotation.box_to_upright(0, 0, 2, 2)
    assert box.width_px >= 1 and box.height_px >= 1
    assert box.x1_px <= 100 and box.y1_px <= 100


def test_an_empty_page_is_refused() -> None:
    with pytest.raises(ValueError, match="empty page"):
        Rotation.of(0, 10, 1.0)


def test_no_turn_gives_the_page_itself() -> None:
    page = np.zeros((4, 5), np.uint8)
    assert rotate_gray(page, 0.0) is page
    assert Rotation.of(5, 4, 0.0).is_identity
