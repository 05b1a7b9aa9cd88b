"""Even grey fills with sharp edges: markers, shaded rows of tables, grey boxes of forms.

The paper of a page is taken to change slowly (`pipeline.clean`), and a threshold finds ink along
the edges of what does not. Where a fill is even and its edge a step, its own tone is its paper.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import is_bilevel
from pipeline.connected import label_pieces
from pipeline.image import GrayImage
from pipeline.shrink import shrink

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

_SIDE: Final = 700  # px of the longer side of the picture in which fills are looked for
_STROKE: Final = 7  # px there: strokes of letters are narrower, fills wider
_AROUND: Final = 0.5  # of the longer side: paper is looked for in squares of it
_TINT: Final = (0.35, 0.93)  # of the paper's tone; darker fills have light print on them
_LEAST_AREA: Final = 350  # px there
_LEAST_SIDE: Final = 8  # px there
_RIM: Final = 3  # px there, on both sides of an edge
_EVEN: Final = 0.06  # of its tone that a fill varies by from place to place, ...
_MOSTLY: Final = 0.75  # ... in so much of it; photographs vary more
_STEP: Final = 0.6  # of a fill's depth is at its very edge; a shadow's is spread
_STEPPED: Final = 0.5  # of its edge is so
_LETTERS: Final = (
    11  # px there: white strokes of letters on a fill are narrower, white fields wider
)
_DARKER: Final = 0.8  # of a fill's tone is ink on it
_LEAST_LIGHT: Final = 0.01  # of a fill is its light print ...
_MORE_LIGHT: Final = 4  # ... for each pixel of ink: a marker on two lines has white between them
_MOST: Final = 0.5  # of the page: no fill is more, but paper may be


def without_tints(gray: GrayImage) -> GrayImage:
    """The page with even fills as light as the paper around; the same array where there are none.

    Args:
        gray: (H, W) uint8, 0 = black; it is not changed.
    """
    if is_bilevel(gray) or min(gray.shape) < _LEAST_SIDE:
        return gray
    factor = max(1, round(max(gray.shape) / _SIDE))
    small = np.asarray(cv2.medianBlur(shrink(gray, factor, factor), 3), np.uint8)
    ground = _closed(small, _STROKE)
    around = _paper_around(ground)
    share = np.asarray(ground / np.maximum(around, 1.0), np.float32)
    fills = _fills(ground.astype(np.float32), share)
    if fills is None:
        return gray
    flat = gray
    labels, stats = fills
    for n, (x, y, across, down) in enumerate(stats[1:, :4].tolist(), 1):
        rows = slice(max(0, y - _RIM) * factor, (y + down + _RIM) * factor)
        columns = slice(max(0, x - _RIM) * factor, (x + across + _RIM) * factor)
        inside = (labels == n)[rows.start // factor : y + down + _RIM]
        inside = inside[:, columns.start // factor : x + across + _RIM]
        near = cv2.dilate(inside.view(np.uint8), np.ones((2 * _RIM - 1, 2 * _RIM - 1), np.uint8))
        piece = flat[rows, columns]
        own = _closed(piece, _STROKE * factor)
        paper = float(np.median(around[labels == n]))
        near = cv2.resize(near, piece.shape[::-1], interpolation=cv2.INTER_NEAREST)
        if _has_light_print(inside, piece, own, paper):
            continue
        if flat is gray:
            flat = gray.copy()
            piece = flat[rows, columns]
        # Lighter than a fill is paper: it stays as it is.
        gain = np.clip(paper / np.maximum(own.astype(np.float32), 1.0), 1.0, 1 / _TINT[0])
        lighter = np.clip(piece * gain, 0, 255).astype(np.uint8)
        flat[rows, columns] = np.where(near > 0, lighter, piece)
    return flat


def _has_light_print(inside: Flags, piece: GrayImage, own: GrayImage, paper: float) -> bool:
    """Whether a fill's letters are lighter than it is: `pipeline.reversed_print` turns them.

    Args:
        inside: (h, w) bool, the fill, reduced, without its letters.
        piece: (H, W) uint8, the same place of the page.
        own: (H, W) uint8, the fill without what is dark on it.
        paper: the tone around.
    """
    kernel = np.ones((_LETTERS, _LETTERS), np.uint8)
    room = np.pad(inside.view(np.uint8), _LETTERS)
    whole = cv2.erode(cv2.morphologyEx(room, cv2.MORPH_CLOSE, kernel), kernel[:5, :5])
    whole = np.ascontiguousarray(whole[_LETTERS:-_LETTERS, _LETTERS:-_LETTERS])
    within = cv2.resize(whole, piece.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0
    fill = float(np.median(own[within])) if within.any() else paper
    light = np.count_nonzero(piece[within] >= (fill + paper) / 2)
    dark = np.count_nonzero(piece[within] <= _DARKER * fill)
    least = max(_MORE_LIGHT * dark, _LEAST_LIGHT * np.count_nonzero(within))
    return bool(light >= least and light > 0)


def _closed(gray: GrayImage, side_px: int) -> GrayImage:
    """Without what is dark and narrower than so much."""
    kernel = np.ones((side_px | 1, side_px | 1), np.uint8)
    return np.asarray(
        cv2.morphologyEx(gray, cv2.MORPH_CLOSE, kernel, borderType=cv2.BORDER_REPLICATE), np.uint8
    )


def _paper_around(ground: GrayImage) -> Floats:
    """(h, w) the tone of the paper near each place: what is lightest there, but for specks."""
    factor = 4
    coarse = shrink(ground, factor, factor)
    reach = round(_AROUND * max(coarse.shape)) | 1
    lightest = cv2.dilate(coarse, np.ones((reach, reach), np.uint8))
    # Of so wide a blur OpenCV makes whole numbers ten times as slowly as floats.
    smooth = cv2.GaussianBlur(
        lightest.astype(np.float32), (0, 0), reach / 4, borderType=cv2.BORDER_REPLICATE
    )
    full = cv2.resize(
        np.rint(smooth).astype(np.uint8), ground.shape[::-1], interpolation=cv2.INTER_LINEAR
    )
    return np.asarray(full, np.float32)


def _fills(
    ground: Floats, share: Floats
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]] | None:
    """Labels and boxes of the fills, as `label_pieces` gives them; None where there are none."""
    low, high = _TINT
    labels, stats = label_pieces((share >= low) & (share <= high))
    area = stats[:, cv2.CC_STAT_AREA]
    side = stats[:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].min(axis=1)
    is_wanted = (area >= _LEAST_AREA) & (area <= _MOST * labels.size) & (side >= _LEAST_SIDE)
    kept = np.zeros(len(stats), np.bool_)
    for n in (1 + np.flatnonzero(is_wanted[1:])).tolist():
        x, y, across, down = stats[n, :4].tolist()
        rows, columns = slice(max(0, y - 4), y + down + 4), slice(max(0, x - 4), x + across + 4)
        kept[n] = _is_fill(labels[rows, columns] == n, ground[rows, columns], share[rows, columns])
    if not kept.any():
        return None
    return label_pieces(kept[labels])


def _is_fill(piece: Flags, ground: Floats, share: Floats) -> bool:
    """Whether a piece is even nearly everywhere, and its edge a step."""
    kernel = np.ones((2 * _RIM + 1, 2 * _RIM + 1), np.uint8)
    core = cv2.erode(piece.view(np.uint8), kernel, borderValue=1) > 0
    if np.count_nonzero(core) < _LEAST_AREA / 4:
        return False
    spread = cv2.dilate(ground, kernel) - cv2.erode(ground, kernel)
    if float(np.mean(spread[core] <= _EVEN * ground[core])) < _MOSTLY:
        return False
    rim = piece & ~(cv2.erode(piece.view(np.uint8), np.ones((3, 3), np.uint8), borderValue=1) > 0)
    near = np.ones((_RIM, _RIM), np.uint8)
    steps = (cv2.dilate(ground, near) - cv2.erode(ground, near))[rim]
    depths = ground[rim] / share[rim] - ground[rim]
    return bool(rim.any()) and float(np.mean(steps >= _STEP * depths)) >= _STEPPED
