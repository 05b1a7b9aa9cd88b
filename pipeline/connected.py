"""Connected pieces of ink, by the algorithm that is quick on pages."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]


def label_pieces(ink: npt.NDArray[np.bool_] | npt.NDArray[np.uint8]) -> tuple[Ints, Ints]:
    """The 8-connected pieces of ink, numbered as OpenCV does by default.

    The block-based algorithm of Grana, Borghesani and Cucchiara (2010) takes a third of the time
    of OpenCV's usual one where most of a page is paper, and gives the same labels.

    Args:
        ink: (H, W), 0 = paper.

    Returns:
        (H, W) the piece of each pixel, 0 = paper; (N + 1, 5) left, top, width, height and area of
        each in pixels, the paper first.

    >>> labels, stats = label_pieces(np.array([[1, 0, 1], [1, 0, 0]], np.uint8))
    >>> labels.tolist(), stats[1:].tolist()
    ([[1, 0, 2], [1, 0, 0]], [[0, 0, 1, 2, 2], [2, 0, 1, 1, 1]])
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
        ink.view(np.uint8), 8, cv2.CV_32S, cv2.CCL_GRANA
    )
    return np.asarray(labels, np.int32), np.asarray(stats, np.int32)
