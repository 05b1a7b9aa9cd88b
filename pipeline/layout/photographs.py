"""Photographs and halftones: places that are darker than paper and have no white between lines.

A page is made even before its ink is looked for, which leaves scraps of a photograph that look like
letters. The scan still shows it. Between lines of text there is paper within a letter's height,
in a photograph there is none, whether it is printed in greys or in dots: so the scan is averaged
over cells that are larger than dots, and its dark places that are narrower than a few letters are
closed (a morphological closing, as Serra 1982 has it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage
from pipeline.layout.components import Flags
from pipeline.layout.placed import Placed
from pipeline.layout.rectangles import rectangles_of
from pipeline.layout.scanner_bed import without_bed
from pipeline.rotation import PageMapping
from pipeline.shrink import shrink

Tones = npt.NDArray[np.float32]  # (h, w) a cell each: brightness, 1 = the paper around

_CELL: Final = 0.35  # letter heights: wider than the dots of a screen, narrower than line gaps
_CLOSED: Final = 1.2  # letter heights around a dark place within which text has paper
_DARK: Final = 0.87  # of the paper's brightness
_LEAST: Final = 6.0  # letter heights: the sides of a photograph
_GAP: Final = 1.5  # letter heights of light between dark parts of one picture
_LEAST_DARK: Final = 0.5  # of the box is dark
_LEAST_RANGE: Final = 0.04  # between the quartiles of its tones: a tint has one tone
_BLACK: Final = 0.4  # of the paper's brightness: a tint that is printed on is lighter
_LEAST_OF_BLACK: Final = 0.8  # of its box; a table beside a crooked sheet is a wedge
_PAPER_TOLERANCE: Final = 0.06  # that a cell may be darker than the paper's surface and be paper
_PAPER_STEPS: Final = 6
_KNOTS: Final = 32  # at which the paper's surface is fitted, along the shorter side
_LEAST_KEPT: Final = 12
_MOST_CELLS: Final = 400_000
_MOST_FOUND: Final = 60
_EDGE: Final = 2  # cells from the edge of the scan that still are its edge
_LEAST_SPANNING: Final = 0.2  # of the scan's height or width; tables beside a sheet are narrower
_LEAST_OF_SPANNING: Final = 0.8  # of its box is dark; a sheet on a table leaves a ring
_COARSE: Final = 2.0  # letter heights: what is smaller is a detail
#: Typical difference of a cell from those around it: 0.02 to 0.05 in photographs, 0.001 to 0.003
#: in a shadow.
_LEAST_DETAIL: Final = 0.01


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScanTones:
    """How bright an upright scan is from place to place, before it was made even."""

    cells: Tones  # (h, w) without text, 1 = paper
    cell_px: int  # side of a cell


def scan_tones(scan: GrayImage, letter_px: float) -> ScanTones:
    """The tones of a scan (H, W) uint8, 0 = black; a typical letter on it is `letter_px` high."""
    cell_px = max(1, round(_CELL * letter_px))
    if scan.size > _MOST_CELLS * cell_px**2:
        cell_px = int(np.ceil(np.sqrt(scan.size / _MOST_CELLS)))
    closed = max(1, round(_CLOSED * letter_px / cell_px))
    return ScanTones(cells=_tones(shrink(scan, cell_px, cell_px), closed), cell_px=cell_px)


def find_dark(
    scan: ScanTones,
    letter_px: float,
    mapping: PageMapping,
    page_size: tuple[int, int],
    scale: int = 1,
) -> tuple[Placed, ...]:
    """Places that may be photographs; text on a dark ground is told from them by its rows.

    What reaches from one edge of the scan to the other is a shadow, the bed of the scanner or the
    table that a sheet lies on, unless it is a large part of the scan and has details all over.

    Args:
        scan: tones of the upright page.
        letter_px: height of a typical letter on it.
        mapping: from the upright page.
        page_size: (width, height) of the page that lines are cut from, px.
        scale: how many times larger letters are on that page.

    Returns:
        Boxes on that page, none within another.
    """
    tones, cell_px = scan.cells, scan.cell_px
    least = _LEAST * letter_px / cell_px
    if np.count_nonzero(tones < _DARK) < _LEAST_DARK * least**2:
        return ()
    step_px = cell_px * scale
    tones = without_bed(_on_page(tones, cell_px, mapping, page_size, step_px))
    dark = np.less(tones, _DARK).astype(np.uint8)
    reach = 2 * round(_GAP * letter_px / cell_px / 2) + 1
    joined = cv2.morphologyEx(dark, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=4)
    found = []
    for k in np.argsort(-stats[1:, cv2.CC_STAT_AREA])[:_MOST_FOUND] + 1:
        x, y, width, height = stats[k, :4].tolist()
        window = slice(y, y + height), slice(x, x + width)
        if min(width, height) < least:
            continue
        own = (labels[window] == k) & (dark[window] > 0)
        if _spans(x, y, width, height, tones.shape):
            is_picture = (
                own.mean() >= _LEAST_OF_SPANNING
                and _is_large(width, height, tones.shape)
                and _has_details(tones[window], own, _COARSE * letter_px / cell_px)
            )
            parts = [(0, 0, width, height)] if is_picture else []
        else:
            parts = rectangles_of(own, (2 * least, least))
        for left, top, across, down in parts:
            cells = own[top : top + down, left : left + across]
            if min(across, down) < least or cells.mean() < _LEAST_DARK:
                continue
            at = x + left, y + top, x + left + across, y + top + down
            if _has_tones(tones[at[1] : at[3], at[0] : at[2]][cells], cells.mean()):
                x0, y0, x1, y1 = (side * step_px for side in at)
                found.append(Placed(x0=x0, y0=y0, x1=x1, y1=y1))
    return tuple(box for box in found if not any(_is_within(box, other) for other in found))


def _tones(cells: GrayImage, reach: int) -> Tones:
    """Brightness without text, as a share of the paper's."""
    kernel = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    closed = np.asarray(cv2.morphologyEx(cells, cv2.MORPH_CLOSE, kernel), np.float32)
    return np.asarray(closed / _paper(closed), np.float32)


def _paper(closed: Tones) -> Tones:
    """Brightness of the paper everywhere: a surface of second order through the bright cells.

    Cells that are darker than the surface are left out, step by step, as in iterated trimming.
    """
    height, width = closed.shape
    step = max(1, min(height, width) // _KNOTS)
    seen = closed[::step, ::step].astype(np.float64)
    x, y = np.linspace(-1, 1, width)[None, ::step], np.linspace(-1, 1, height)[::step, None]
    ones = np.ones_like(seen)
    powers = np.stack([ones, x * ones, y * ones, x * x * ones, x * y, y * y * ones]).reshape(6, -1)
    seen = seen.ravel()
    kept = seen >= np.median(seen)
    paper = seen
    for _ in range(_PAPER_STEPS):
        some = powers[:, kept]
        # A little of nothing keeps a page of one row solvable.
        square = some @ some.T + 1e-6 * np.eye(6)
        paper = np.linalg.solve(square, some @ seen[kept]) @ powers
        kept = seen >= (1 - _PAPER_TOLERANCE) * paper
        if np.count_nonzero(kept) < _LEAST_KEPT:
            break
    coarse = np.maximum(paper, 1.0).astype(np.float32).reshape(ones.shape)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(smooth, np.float32)


def _on_page(
    tones: Tones,
    cell_px: int,
    mapping: PageMapping,
    page_size: tuple[int, int],
    step_px: float,
) -> Tones:
    """The tones on a grid of the page that lines are cut from; paper beside the scan."""
    width, height = (max(1, int(side / step_px)) for side in page_size)
    y, x = np.mgrid[0:height, 0:width]
    points = np.column_stack([x.ravel() + 0.5, y.ravel() + 0.5]) * step_px
    at = np.floor(mapping.to_upright_points(points) / cell_px).astype(np.intp)
    inside = np.all((at >= 0) & (at < tones.shape[::-1]), axis=1)
    sampled = np.ones(len(at), np.float32)
    sampled[inside] = tones[at[inside, 1], at[inside, 0]]
    return sampled.reshape(height, width)


def _spans(x: int, y: int, width: int, height: int, shape: tuple[int, ...]) -> bool:
    rows, columns = shape
    across = x <= _EDGE and x + width >= columns - _EDGE
    down = y <= _EDGE and y + height >= rows - _EDGE
    return across or down


def _has_tones(tones: Tones, share: float) -> bool:
    """Whether the dark cells (N,) of a box, that are this share of it, are no tint."""
    low, high = np.percentile(tones, (25, 75))
    is_black = high <= _BLACK and share >= _LEAST_OF_BLACK
    return bool(is_black or high - low >= _LEAST_RANGE)


def _is_large(width: int, height: int, shape: tuple[int, ...]) -> bool:
    return min(height / shape[0], width / shape[1]) >= _LEAST_SPANNING


def _has_details(tones: Tones, own: Flags, coarse: float) -> bool:
    """Whether a dark place differs from its own blur all over, as no shadow does.

    Args:
        tones: (h, w) of the place.
        own: (h, w) its dark cells.
        coarse: sigma of the blur, cells.
    """
    rest = np.abs(tones - cv2.GaussianBlur(tones, (0, 0), coarse))
    return float(np.median(rest[own])) >= _LEAST_DETAIL


def _is_within(box: Placed, other: Placed) -> bool:
    return (
        box is not other
        and other.x0 <= box.x0
        and other.y0 <= box.y0
        and other.x1 >= box.x1
        and other.y1 >= box.y1
    )
