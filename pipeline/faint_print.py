"""Print that faded in places is made as dark as the print beside it.

A threshold that suits the dark letters of a row loses its faint ones, and so does the recogniser's
picture of the row. Faint ink is print where it stands in line with dark print: what shows of the
back of the sheet, shadows, stains and a ground of fine print do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage, is_bilevel
from pipeline.faint_rows import faint_letters
from pipeline.image import GrayImage
from pipeline.layout.components import Components, find_components
from pipeline.layout.rows import Row
from pipeline.shrink import shrink

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Box = tuple[int, int, int, int]  # x0, y0, x1, y1, half-open

_LETTER_PX: Final = 10  # height of letters in the picture that is looked at, at least
_STROKE: Final = 0.8  # letter heights: what is narrower stands out from its surroundings
_LEAST_DEPTH: Final = 5.0  # grey levels below the paper around
_NOISE: Final = 2.0  # times the depth that 90 % of the paper stays below
_LEAST_COVER: Final = 0.15  # of a letter's square is ink
_LEAST_SQUARES: Final = 6
_HALO_PX: Final = 2  # of dark ink, in that picture
_FAINT: Final = 0.5  # of the depth of the dark letters, at most
_IN_INK: Final = 0.3  # of a dark letter was found by the threshold, at least
_AS_SHARP: Final = 0.92  # of the edges of dark letters: 0.97 to 1.05 faded, 0.6 to 0.88 from behind
_SAMPLED: Final = 80  # letters whose edges are measured
_EDGE_CALM_PX: Final = 0.7
_LEAST_SIDE_PX: Final = 4
_AROUND: Final = 1.0  # row heights beside a faint letter that its word may go on
_OVER: Final = 0.4  # row heights above and below a row
_CALM: Final = 0.05  # letter heights of blur against noise, which is made deeper, too
_CORE: Final = 80  # percentile of the depths of dark letters: that of strokes, not of their edges
_RAISED: Final = 0.8  # of the depth of dark strokes: that of faint ones afterwards
_INKY: Final = 0.5  # of the depth of dark strokes, from which it is ink


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Print:
    """What could be letters, in the smaller picture."""

    found: Components
    mean: Floats  # (N,) depth
    is_faint: Flags  # (N,)
    is_dark: Flags  # (N,)
    depth: float  # grey levels of dark strokes below their paper
    noise: float  # 90 % of the paper is no deeper
    least: float  # from which something is seen


def strengthen_faint(
    gray: GrayImage, ink: InkImage, text_height_px: float
) -> tuple[GrayImage, InkImage] | None:
    """The page with its faint letters dark, and its ink; None when it has none.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level; it is not changed.
        ink: (H, W) bool, its binarisation.
        text_height_px: of a typical letter; 0 on a page without text.
    """
    if text_height_px <= 0 or is_bilevel(gray):
        return None
    factor = max(1, int(text_height_px // _LETTER_PX))
    seen = _look(gray, ink, factor, text_height_px / factor)
    if seen is None:
        return None
    found = seen.found
    rows = faint_letters(found, seen.is_faint, seen.is_dark, text_height_px / factor)
    letters = [k for _, row_letters in rows for k in row_letters.tolist()]
    if not letters:
        return None
    usual_edge = _edge(gray, found, np.flatnonzero(seen.is_dark).tolist(), factor)
    if _edge(gray, found, letters, factor) < _AS_SHARP * usual_edge:
        return None
    strong, ink = gray.copy(), ink.copy()
    is_dark = np.zeros(int(found.labels.max()) + 1, np.uint8)
    is_dark[found.label[seen.is_dark]] = 1
    for k, row in ((k, row) for row, row_letters in rows for k in row_letters.tolist()):
        x0, y0, x1, y1 = _around(found, k, row)
        window = slice(factor * y0, factor * y1), slice(factor * x0, factor * x1)
        dark = _darkened(gray[window], float(seen.mean[k]), seen, text_height_px)
        near = cv2.dilate(is_dark[found.labels[y0:y1, x0:x1]], np.ones((3, 3), np.uint8))
        dark[near.repeat(factor, axis=0).repeat(factor, axis=1) > 0] = 255
        ink[window] |= dark <= 255 - _INKY * seen.depth
        np.minimum(strong[window], dark, out=strong[window])
    return strong, ink


def _look(gray: GrayImage, ink: InkImage, factor: int, letter_px: float) -> _Print | None:
    small = shrink(gray, factor, factor)
    inky = shrink(ink.view(np.uint8) * np.uint8(255), factor, factor) >= 64
    depth = _depth(small, round(_STROKE * letter_px))
    halo = np.ones((2 * _HALO_PX + 1, 2 * _HALO_PX + 1), np.uint8)
    paper = cv2.dilate(inky.view(np.uint8), halo) == 0
    tones = np.bincount(depth[paper], minlength=256)
    if not tones.any():
        return None
    noise = int(np.searchsorted(np.cumsum(tones), 0.9 * tones.sum()))
    least = max(_LEAST_DEPTH, _NOISE * noise)
    seen = depth >= least
    if not _may_have_letters(seen & paper, round(letter_px)):
        return None
    found = find_components(seen)
    count = int(found.labels.max()) + 1
    labels = found.labels[seen]
    mean = np.bincount(labels, depth[seen], count)[found.label] / found.area
    share = np.bincount(labels, inky[seen], count)[found.label] / found.area
    height, width = found.height, found.width
    is_letter = (
        (height >= 0.5 * letter_px)
        & (height <= 3 * letter_px)
        & (width <= 8 * letter_px)
        & (found.area >= 0.1 * letter_px**2)
    )
    is_dark: Flags = is_letter & (share >= _IN_INK)
    if not is_dark.any():
        return None
    usual = float(np.median(mean[is_dark]))
    is_faint: Flags = is_letter & ~is_dark & (mean < _FAINT * usual)
    table = np.zeros(count, np.bool_)
    table[found.label[is_dark]] = True
    core = float(np.percentile(depth[table[found.labels]], _CORE))
    return _Print(
        found=found,
        mean=mean,
        is_faint=is_faint,
        is_dark=is_dark,
        depth=core,
        noise=float(noise),
        least=least,
    )


def _may_have_letters(faint: Flags, letter_px: int) -> bool:
    """Whether anything could be letters, by how many squares of a letter's size have ink enough."""
    squares = shrink(faint.view(np.uint8) * np.uint8(255), letter_px, letter_px)
    return int(np.count_nonzero(squares >= 255 * _LEAST_COVER)) >= _LEAST_SQUARES


def _depth(gray: GrayImage, side_px: int) -> GrayImage:
    """How much darker each pixel is than what is around strokes narrower than this."""
    side = max(3, side_px) | 1
    kernel = np.ones((side, side), np.uint8)
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, kernel), np.uint8)


def _edge(gray: GrayImage, found: Components, letters: Sequence[int], factor: int) -> float:
    """The steepest edge of letters in shares of their own contrast, a pixel: 0.2 to 0.4.

    Paper blurs what shows through it, whatever the scanner does.
    """
    edges = []
    for k in letters[:: max(1, len(letters) // _SAMPLED)]:
        rows = slice(factor * int(found.y0[k]), factor * int(found.y1[k]))
        columns = slice(factor * int(found.x0[k]), factor * int(found.x1[k]))
        letter = cv2.GaussianBlur(gray[rows, columns].astype(np.float32), (0, 0), _EDGE_CALM_PX)
        if min(letter.shape) < _LEAST_SIDE_PX:
            continue
        across, down = letter[1:-1, 2:] - letter[1:-1, :-2], letter[2:, 1:-1] - letter[:-2, 1:-1]
        steepest = np.percentile(np.maximum(np.abs(across), np.abs(down)), 95) / 2
        edges.append(steepest / max(float(np.ptp(np.percentile(letter, [5, 95]))), 1.0))
    return float(np.median(edges)) if edges else 0.0


def _around(found: Components, k: int, row: Row) -> Box:
    height, width = found.labels.shape
    beside, over = round(_AROUND * row.height), round(_OVER * row.height)
    top, bottom = row.band_at((found.x0[k] + found.x1[k]) / 2)
    return (
        max(0, int(found.x0[k]) - beside),
        max(0, int(min(top, found.y0[k])) - over),
        min(width, int(found.x1[k]) + beside),
        min(height, int(max(bottom, found.y1[k])) + over),
    )


def _darkened(gray: GrayImage, depth: float, seen: _Print, letter_px: float) -> GrayImage:
    """A piece of the page whose strokes of this depth become as deep as the dark ones."""
    calm = np.asarray(cv2.GaussianBlur(gray, (0, 0), max(0.5, _CALM * letter_px)), np.uint8)
    depths = _depth(calm, round(_STROKE * letter_px)).astype(np.float32) - seen.noise
    gain = _RAISED * seen.depth / max(depth - seen.noise, 1.0)
    return np.asarray(255.0 - np.clip(gain * depths, 0.0, seen.depth), np.uint8)
