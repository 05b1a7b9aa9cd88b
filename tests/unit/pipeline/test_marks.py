from __future__ import annotations

import numpy as np
import pytest

from pipeline.binarize import binarize
from pipeline.deskew import estimate_skew
from pipeline.marks import Overview, find_marks, reduce_ink
from pipeline.orient import estimate_orientation
from pipeline.quality import measure_quality
from tests.drawing import make_page

TEXT = "One look at the page,\nthree that ask.\nNobody looks twice."


@pytest.mark.parametrize("is_negative", [False, True])
def test_all_who_share_an_overview_answer_as_they_do_alone(is_negative: bool) -> None:
    page = make_page(TEXT, dpi=300, skew_deg=1.5)
    ink = binarize(page) ^ is_negative
    overview = Overview.of(ink)
    assert estimate_skew(ink, overview) == estimate_skew(ink)
    assert estimate_orientation(ink, overview) == estimate_orientation(ink)
    assert measure_quality(page, ink, overview) == measure_quality(page, ink)


def test_print_is_what_there_is_less_of() -> None:
    ink = binarize(make_page(TEXT, dpi=100))
    dark, light = Overview.of(ink), Overview.of(~ink)
    assert dark.of_print() is dark
    assert np.array_equal(light.of_print().ink, reduce_ink(ink))
    assert np.array_equal(light.of_print().marks.area_px, find_marks(reduce_ink(ink)).area_px)
