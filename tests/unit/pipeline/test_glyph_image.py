from __future__ import annotations

import numpy as np
import pytest

from pipeline.glyph_image import INK_PX, SIZE_PX, normalise_glyph, normalise_glyphs


def draw_l(height: int = 30, width: int = 20, margin: int = 5) -> np.ndarray:
    ink = np.zeros((height + 2 * margin, width + 2 * margin), dtype=np.bool_)
    ink[margin : margin + height, margin : margin + 4] = True
    ink[margin + height - 4 : margin + height, margin : margin + width] = True
    return ink


def ink_box(picture: np.ndarray) -> tuple[int, int, int, int]:
    ys, xs = np.nonzero(picture > 100)
    return int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1


@pytest.mark.parametrize(("height", "width"), [(30, 20), (8, 5), (10, 60), (300, 200), (1, 1)])
def test_the_ink_is_centred_with_its_longer_side_at_24_px(height: int, width: int) -> None:
    picture = normalise_glyph(np.ones((height, width), dtype=np.bool_))
    x0, y0, x1, y1 = ink_box(picture)
    assert picture.shape == (SIZE_PX, SIZE_PX)
    assert picture.dtype == np.uint8
    assert max(x1 - x0, y1 - y0) == INK_PX
    assert abs((x0 + x1) / 2 - SIZE_PX / 2) <= 0.5
    assert abs((y0 + y1) / 2 - SIZE_PX / 2) <= 0.5


def test_margins_do_not_matter() -> None:
    assert np.array_equal(normalise_glyph(draw_l(margin=1)), normalise_glyph(draw_l(margin=11)))


def test_gray_and_binary_crops_of_the_same_ink_agree() -> None:
    ink = draw_l()
    gray = np.where(ink, 0, 255).astype(np.uint8)
    assert np.array_equal(normalise_glyph(ink), normalise_glyph(gray))


def test_faint_print_on_gray_paper_is_stretched_to_full_ink() -> None:
    gray = np.where(draw_l(), 120, 200).astype(np.uint8)
    faint = normalise_glyph(gray, paper=200)
    assert faint.max() == 255
    assert np.abs(faint.astype(int) - normalise_glyph(draw_l())).mean() < 2


def test_a_crop_without_ink_gives_a_black_picture() -> None:
    assert not normalise_glyph(np.zeros((9, 9), dtype=np.bool_)).any()
    assert not normalise_glyph(np.full((9, 9), 250, dtype=np.uint8)).any()
    assert not normalise_glyph(np.zeros((0, 4), dtype=np.bool_)).any()


def test_a_stack_keeps_order_and_may_be_empty() -> None:
    crops = [draw_l(), np.ones((4, 4), dtype=np.bool_)]
    stack = normalise_glyphs(crops)
    assert np.array_equal(stack[1], normalise_glyph(crops[1]))
    assert normalise_glyphs([]).shape == (0, SIZE_PX, SIZE_PX)


def test_other_arrays_are_refused() -> None:
    with pytest.raises(ValueError, match="uint8"):
        normalise_glyph(np.zeros((3, 3), dtype=np.float32))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="two axes"):
        normalise_glyph(np.zeros((3, 3, 3), dtype=np.uint8))
