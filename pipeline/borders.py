"""Ornamental borders around a page's text: flowers and vases in rows are no letters.

A border is known by what it does: a band of ink, thicker than any rule, closes a large white place
in from all sides. What it is made of need not be known.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.connected import label_pieces

Flags = npt.NDArray[np.bool_]  # (h, w) of cells
Mask = npt.NDArray[np.bool_]  # (H, W) of pixels
Cells = npt.NDArray[np.uint8]
Inner = tuple[int, int, int, int]  # x0, y0, x1, y1 of the white within a border, in cells

_CELL: Final = 0.25  # letter heights
#: Cells that ink is grown to; pieces up to two, then up to six cells apart are of one border.
_JOINED: Final = (3, 5, 7)
_LEAST: Final = 0.3  # of the page's width and height: the white within a border
_LEAST_PART: Final = 0.02  # of the page: a part of that white, where a rule parts it
_THICK: Final = (0.8, 5.0)  # letter heights of a band
_BANDS: Final = 2  # of a border that has a white line within it
_END: Final = 0.35  # of a side has ink where its band still goes on; a line beside it has less
_CLOSED: Final = 0.85  # of a side has ink anywhere across its band; a corner may be torn off
_OWN: Final = 0.5  # of a piece's ink is in the band: what is left of a flower would be read


def find_borders(ink: InkImage, text_height_px: float) -> Mask | None:
    """(H, W) bool: the ink of ornamental borders; None where there is none.

    Args:
        ink: (H, W) bool, True = ink, of a level page.
        text_height_px: of a typical letter.
    """
    cell_px = max(1, round(_CELL * text_height_px))
    cells = _cells(ink, cell_px)
    if min(cells.shape) < 4 * _THICK[1] / _CELL:
        return None
    within = np.zeros(cells.shape, np.bool_)
    for _ in range(_BANDS):
        before = np.count_nonzero(within)
        for side in _JOINED:
            for piece, inner in _enclosing(cells, side):
                band = _band(piece, inner)
                if band is not None:
                    within |= band
            cells = cells & ~within
        if np.count_nonzero(within) == before:
            break
    if not within.any():
        return None
    band = within.repeat(cell_px, axis=0).repeat(cell_px, axis=1)
    height, width = band.shape
    found = np.zeros(ink.shape, np.bool_)
    found[:height, :width] = band & ink[:height, :width]
    labels, stats = label_pieces(ink)
    inside = np.bincount(labels[found], minlength=len(stats))
    whole = inside >= _OWN * stats[:, cv2.CC_STAT_AREA]
    whole[0] = False
    return np.asarray(found | whole[labels])


def _cells(ink: InkImage, cell_px: int) -> Cells:
    """(h, w) uint8, 1 where a cell has any ink."""
    height, width = (side // cell_px for side in ink.shape)
    whole = ink[: height * cell_px, : width * cell_px]
    across = whole.reshape(height, cell_px, width * cell_px).any(axis=1)
    return np.asarray(across.reshape(height, width, cell_px).any(axis=2), np.uint8)


def _enclosing(cells: Cells, side: int) -> Iterator[tuple[Flags, Inner]]:
    """Ink (h, w) that closes a large white place in, with that place; in parts or as a whole.

    Args:
        cells: (h, w) uint8, 1 = ink.
        side: of the square that each is grown to.
    """
    height, width = cells.shape
    joined = np.asarray(cv2.dilate(cells, np.ones((side, side), np.uint8)), np.uint8)
    _, whites, stats, _ = cv2.connectedComponentsWithStats(1 - joined, connectivity=4)
    large = 1 + np.flatnonzero(stats[1:, cv2.CC_STAT_AREA] >= _LEAST_PART * cells.size)
    closed = [
        (n, x, y, across, down)
        for n, (x, y, across, down) in zip(large.tolist(), stats[large, :4].tolist(), strict=True)
        if min(x, y, width - x - across, height - y - down) > 0
    ]
    if not closed:
        return
    pieces, _ = label_pieces(joined)
    parts: dict[int, list[Inner]] = {}
    for n, x, y, across, down in closed:
        row = y + int(np.argmax(whites[y : y + down, x] == n))
        inner = (x, y, x + across, y + down)
        parts.setdefault(int(pieces[row, x - 1]), []).append(inner)
    for label, inners in parts.items():
        whole = np.array(inners)
        around: list[int] = [*whole[:, :2].min(axis=0).tolist(), *whole[:, 2:].max(axis=0).tolist()]
        for x0, y0, x1, y1 in {(around[0], around[1], around[2], around[3]), *inners}:
            if x1 - x0 >= _LEAST * width and y1 - y0 >= _LEAST * height:
                yield (pieces == label) & (cells > 0), (x0, y0, x1, y1)


def _band(piece: Flags, inner: Inner) -> Flags | None:
    """(h, w) bool: where the border around a white place is; None when it is none.

    Args:
        piece: (h, w) the ink that closes the place in.
        inner: the place.
    """
    x0, y0, x1, y1 = inner
    sides = (
        piece[:y0, x0:x1][::-1],
        piece[y1:, x0:x1],
        piece[y0:y1, :x0].T[::-1],
        piece[y0:y1, x1:].T,
    )
    ends = [_end_of_band(side) for side in sides]
    if min(ends) == 0:
        return None
    above, below, left, right = ends
    band = np.zeros(piece.shape, np.bool_)
    outer = slice(max(0, y0 - above), y1 + below), slice(max(0, x0 - left), x1 + right)
    band[outer] = piece[outer]
    band[y0:y1, x0:x1] = False
    return band


def _end_of_band(side: Flags) -> int:
    """Cells from the white (the first row of `side`) to where a band of ink ends; 0: there is none.

    Columns of text around a white place are thicker than a border, rules are thinner.
    """
    least, most = (round(thick / _CELL) for thick in _THICK)
    inked = side[: most + 1].mean(axis=1) >= _END
    first = int(np.argmax(inked))
    behind = np.flatnonzero(~inked[first:])
    if not inked.any() or not len(behind) or behind[0] < least:
        return 0
    end = first + int(behind[0])
    return end if side[:end].any(axis=0).mean() >= _CLOSED else 0
