"""Pieces of a line that may be characters: whole glyphs, glyphs cut in columns, runs of either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.engines.engine import LineImage

_MOST_CUTS: Final = 24  # of one glyph: a whole word whose letters touch
_NARROWEST: Final = 0.2  # piece, in x-heights
_RING: Final = np.ones((3, 3), np.uint8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The ink of one glyph between two columns; half-open pixels of the line crop."""

    glyph: int
    x0_px: int
    y0_px: int
    x1_px: int
    y1_px: int


def whole(line: LineImage, glyph: int) -> Piece:
    """A glyph as one piece."""
    g = line.glyphs[glyph]
    return Piece(glyph=glyph, x0_px=g.x0_px, y0_px=g.y0_px, x1_px=g.x1_px, y1_px=g.y1_px)


def cut(line: LineImage, glyph: int) -> list[Piece]:
    """A glyph cut where letters could touch: at the columns with least ink.

    Returns:
        At least one piece, from left to right.
    """
    g = line.glyphs[glyph]
    mine = line.owner[g.y0_px : g.y1_px, g.x0_px : g.x1_px] == glyph + 1
    ink = mine.sum(axis=0)
    edges = [0, *_valleys(ink, max(2, round(_NARROWEST * line.x_height_px))), len(ink)]
    pieces = []
    for x0, x1 in pairwise(edges):
        rows = np.flatnonzero(mine[:, x0:x1].any(axis=1))
        columns = np.flatnonzero(ink[x0:x1])
        if len(rows):
            pieces.append(
                Piece(
                    glyph=glyph,
                    x0_px=g.x0_px + x0 + int(columns[0]),
                    y0_px=g.y0_px + int(rows[0]),
                    x1_px=g.x0_px + x0 + int(columns[-1]) + 1,
                    y1_px=g.y0_px + int(rows[-1]) + 1,
                )
            )
    return pieces


def _valleys(ink: npt.NDArray[np.intp], apart_px: int) -> list[int]:
    """Columns of local minima, the emptiest first taken, none nearer than `apart_px`."""
    smooth = np.convolve(np.pad(ink, 1, mode="edge"), (0.25, 0.5, 0.25), mode="valid")
    low = np.flatnonzero(
        (smooth[1:-1] <= smooth[:-2])
        & (smooth[1:-1] <= smooth[2:])
        & (smooth[1:-1] <= 0.7 * np.percentile(smooth, 90))
    )
    taken: list[int] = []
    for x in (low[np.argsort(smooth[low + 1], kind="stable")] + 1).tolist():
        near_end = x < apart_px or len(ink) - x < apart_px
        if not near_end and all(abs(x - t) >= apart_px for t in taken):
            taken.append(x)
        if len(taken) == _MOST_CUTS:
            break
    return sorted(taken)


def box_around(pieces: Sequence[Piece]) -> tuple[int, int, int, int]:
    """(x0, y0, x1, y1) of some pieces, px of the crop."""
    return (
        min(p.x0_px for p in pieces),
        min(p.y0_px for p in pieces),
        max(p.x1_px for p in pieces),
        max(p.y1_px for p in pieces),
    )


def crop(line: LineImage, pieces: Sequence[Piece]) -> npt.NDArray[np.uint8]:
    """The gray picture of some pieces alone: (H, W) uint8, all other ink painted over with paper.

    A ring of one pixel around the ink is kept, for the soft edges of a gray scan.
    """
    x0, y0, x1, y1 = box_around(pieces)
    height, width = line.gray.shape
    x0, y0, x1, y1 = max(x0 - 1, 0), max(y0 - 1, 0), min(x1 + 1, width), min(y1 + 1, height)
    owner = line.owner[y0:y1, x0:x1]
    mine = np.zeros(owner.shape, np.uint8)
    for p in pieces:
        columns = slice(max(p.x0_px - x0, 0), p.x1_px - x0)
        mine[:, columns] |= owner[:, columns] == p.glyph + 1
    near = cv2.dilate(mine, _RING).view(np.bool_) & (mine.view(np.bool_) | (owner == 0))
    picture: npt.NDArray[np.uint8] = np.where(near, line.gray[y0:y1, x0:x1], np.uint8(255))
    return picture
