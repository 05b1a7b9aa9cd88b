from __future__ import annotations

import numpy as np
import pytest

from ocrq.config import Settings
from pipeline.image import PageImage
from pipeline.limits import Limits


def test_size_of_a_page() -> None:
    page = PageImage(
        gray=np.zeros((3, 5), np.uint8), dpi=300, dpi_is_estimated=False, scan_size_px=(5, 3)
    )
    assert (page.width_px, page.height_px) == (5, 3)


@pytest.mark.parametrize("shape", [(3, 5, 3), (0, 5), (3,)])
def test_what_is_no_grey_image_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="not a grey image"):
        PageImage(
            gray=np.zeros(shape, np.uint8), dpi=300, dpi_is_estimated=False, scan_size_px=(5, 3)
        )


def test_limits_are_those_of_the_settings() -> None:
    assert Limits.from_settings(Settings()) == Limits()
    assert Limits.from_settings(Settings(max_pages=7)).max_pages == 7
