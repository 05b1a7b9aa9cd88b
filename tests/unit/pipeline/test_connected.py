from __future__ import annotations

import cv2
import numpy as np
import pytest

from pipeline.connected import label_pieces
from pipeline.marks import reduce_ink
from tests.drawing import make_page


@pytest.mark.parametrize("share", [0.0, 0.02, 0.1, 0.3, 0.5, 0.6, 0.9, 1.0])
def test_pieces_are_numbered_as_by_default(share: float) -> None:
    ink = np.random.default_rng(1).random((211, 173)) < share
    labels, stats = label_pieces(ink)
    _, usual, table, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)
    np.testing.assert_array_equal(labels, usual)
    np.testing.assert_array_equal(stats[1:], table[1:])
    assert stats[0].tolist() == [0, 0, 173, 211, (~ink).sum()]


@pytest.mark.parametrize("shape", [(1, 1), (1, 70), (70, 1), (2, 3)])
def test_pieces_that_end_at_the_edges_of_narrow_images(shape: tuple[int, int]) -> None:
    ink = np.random.default_rng(3).random(shape) < 0.7
    _, stats = label_pieces(ink)
    _, _, table, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)
    np.testing.assert_array_equal(stats[1:], table[1:])


def test_pieces_of_print() -> None:
    ink = make_page() < 128
    labels, stats = label_pieces(ink)
    assert (labels > 0).sum() == ink.sum() == stats[1:, cv2.CC_STAT_AREA].sum()
    np.testing.assert_array_equal(labels > 0, ink)


@pytest.mark.parametrize("factor", [2, 3])
def test_a_pixel_of_reduced_ink_has_a_quarter_of_ink(factor: int) -> None:
    ink = np.random.default_rng(2).random((1200 * factor + 1, 500)) < 0.25
    small = reduce_ink(ink)
    height, width = 1200, 500 // factor
    blocks = ink[: height * factor, : width * factor].reshape(height, factor, width, factor)
    np.testing.assert_array_equal(small, blocks.sum(axis=(1, 3)) >= 0.249 * factor**2)
