"""Light print on dark bands, boxes and headings, made dark on light before anything else is done.

A background that is evened out takes the band with it, and light strokes are no ink: cleaning and
threshold have to see the text the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import otsu_threshold
from pipeline.dark_regions import DarkRegion, solid_regions, weighted_median
from pipeline.image import GrayImage
from pipeline.layout.chains import Indices, chain_letters
from pipeline.layout.components import MIN_TEXT_HEIGHT_PX, Components, find_components
from pipeline.shrink import shrink

Flags = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int32]

_WORK_SIDE: Final = 850  # px: A4 at 75 dpi
#: Darker than this, white paper being 255: what a shadow joins at one is apart at the next.
_LEVELS: Final = (204, 140)
_REACH: Final = 0.25  # of the page's longer side: how far paper is looked for
_LEAST_CONTRAST: Final = 50.0
_LIGHT_SHARE: Final = (0.01, 0.45)
#: Tones of the ground, 10th to 90th percentile, as share of the contrast to the letters: up to 0.3
#: in a printed fill, 0.7 to 1 in a photograph.
_MOST_SPREAD: Final = 0.4
_LEAST_ROW: Final = 3  # letters
_MOST_LETTER: Final = 0.85  # of the region's shorter side
_IN_ROWS: Final = 0.7  # of what is light
_MOST_UNEVEN: Final = 0.12  # letter heights; below 0.07 for print, 0.3 for a portrait
#: Letter heights squared: smaller light spots are holes in the ink; a full stop has 0.037 or more.
_HOLE: Final = 0.025


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Print:
    """Light letters in a region, at full size."""

    gray: GrayImage  # (H, W) uint8: turned round, on the tone of the paper
    paper: GrayImage  # (H, W) uint8: that tone


def turn_reversed(gray: GrayImage) -> GrayImage:
    """The page with the text of dark regions made dark on the tone of its paper.

    A region is one connected, solid piece of dark tone with its holes; it is turned round when
    what is light inside is letters in rows. Photographs (many tones), the bed of a scanner, bars
    without text and stamps stay as they are.

    Args:
        gray: (H, W) uint8, 0 = black; for the most part dark on light.

    Returns:
        (H, W) uint8; the input itself where there is no such region.
    """
    factor = max(1, round(max(gray.shape) / _WORK_SIDE))
    small = shrink(gray, factor, factor)
    paper = _paper(small)
    even = np.asarray(cv2.divide(small, paper, scale=255), np.uint8)
    turned = gray
    done = np.zeros(small.shape, np.uint8)
    for level in _LEVELS:
        for region in solid_regions(np.less(even, level).view(np.uint8)):
            height, width = region.mask.shape
            window = (slice(region.y, region.y + height), slice(region.x, region.x + width))
            if np.bitwise_and(done[window], region.mask).any():
                continue
            light = _find_print(gray, region, factor, paper[window])
            if light is not None:
                turned = gray.copy() if turned is gray else turned
                _turn(turned, region, factor, light)
                done[window] |= region.mask
    return turned


def _paper(small: GrayImage) -> GrayImage:
    """(h, w) uint8: the tone of the paper around, 1 or more; bands are bridged."""
    height, width = small.shape
    step = max(1, round(max(height, width) / 150))
    tiny = cv2.medianBlur(shrink(small, step, step), 3)
    reach = max(3, round(_REACH * max(tiny.shape))) | 1
    lightest = cv2.dilate(tiny, np.ones((reach, reach), np.uint8))
    calm = cv2.blur(lightest, (reach, reach), borderType=cv2.BORDER_REPLICATE)
    return np.maximum(np.asarray(cv2.resize(calm, (width, height)), np.uint8), 1)


def _find_print(
    gray: GrayImage, region: DarkRegion, factor: int, paper: GrayImage
) -> _Print | None:
    """What is printed light in the region; None when what is light in the region is no print."""
    height, width = (n * factor for n in region.mask.shape)
    y, x = region.y * factor, region.x * factor
    crop = gray[y : y + height, x : x + width]
    white = np.asarray(cv2.resize(paper, (width, height)), np.uint8)
    crop = np.asarray(cv2.divide(crop, white, scale=255), np.uint8)
    inside = _enlarged(region.core, factor) > 0
    histogram = np.bincount(crop[inside], minlength=256).astype(np.float64)
    threshold, contrast = otsu_threshold(histogram)
    total = histogram.sum()
    if total == 0 or contrast < _LEAST_CONTRAST:
        return None
    ground = np.cumsum(histogram[: int(np.ceil(threshold))])
    light_share = 1.0 - ground[-1] / total
    if not _LIGHT_SHARE[0] <= light_share <= _LIGHT_SHARE[1]:
        return None
    low, middle, high = np.searchsorted(ground, np.array([0.1, 0.5, 0.9]) * ground[-1]).tolist()
    if high - low > _MOST_SPREAD * contrast:
        return None
    light = np.logical_and(crop >= threshold, inside)
    found = find_components(light)
    letter_px = _print_height(found) or _print_height(
        find_components(np.ascontiguousarray(light.T))
    )
    if letter_px == 0.0:
        return None
    above = histogram.copy()
    above[: int(np.ceil(threshold))] = 0
    letters = int(np.searchsorted(np.cumsum(above), 0.6 * above.sum()))
    holes = np.zeros(found.highest + 1, np.uint8)
    holes[found.label[found.area < _HOLE * letter_px**2]] = 1
    soft = cv2.dilate(holes[found.labels], np.ones((3, 3), np.uint8))
    tone = 255 * (letters - np.arange(256.0)) / (letters - middle)
    dark = np.clip(tone, 0, 255).astype(np.uint8)[crop]
    dark[soft > 0] = 255
    return _Print(gray=np.asarray(cv2.multiply(dark, white, scale=1 / 255), np.uint8), paper=white)


def _print_height(found: Components) -> float:
    """Height of the letters where most pieces of what is light are letters of rows; else 0."""
    side = _MOST_LETTER * min(found.labels.shape)
    body = np.flatnonzero((found.height >= MIN_TEXT_HEIGHT_PX) & (found.height <= side))
    sizes = found.height[body]
    # Holes in the ink are many and small.
    height_px = weighted_median(sizes, sizes.astype(np.float64) * found.area[body])
    body = body[sizes >= 0.5 * height_px]
    rows = [row for row in chain_letters(found, body, height_px) if len(row) >= _LEAST_ROW]
    if not rows:
        return 0.0
    if sum(_unevenness_px(found, row) for row in rows) > _MOST_UNEVEN * height_px * len(rows):
        return 0.0
    letters = np.concatenate(rows)
    shapes = found.area >= _HOLE * height_px**2
    is_most = found.area[letters].sum() >= _IN_ROWS * found.area[shapes].sum()
    return height_px if is_most else 0.0


def _unevenness_px(found: Components, row: Indices) -> float:
    """Mean distance of the letters' feet from a straight line, which two of them make."""
    x, y = (found.x0[row] + found.x1[row]) / 2.0, found.y1[row].astype(np.float64)
    slope, level = np.polyfit(x - x.mean(), y, 1)
    off = np.abs(y - level - slope * (x - x.mean()))
    return float(off.sum() / (len(row) - 2))


def _turn(gray: GrayImage, region: DarkRegion, factor: int, light: _Print) -> None:
    """Write the region turned round into the page."""
    height, width = light.gray.shape
    y, x = region.y * factor, region.x * factor
    place = gray[y : y + height, x : x + width]
    inner = _enlarged(region.core, factor) > 0
    place[inner] = light.gray[inner]
    # The soft edge of the region would stay as a line around the text.
    outer = cv2.dilate(np.pad(region.mask, 1), np.ones((3, 3), np.uint8))
    edge = _enlarged(cv2.subtract(outer, np.pad(region.core, 1)), factor) > 0
    white = np.pad(light.paper, factor, mode="edge")
    top, left = max(factor - y, 0), max(factor - x, 0)
    around = gray[y - factor + top :, x - factor + left :][
        : len(edge) - top, : edge.shape[1] - left
    ]
    window = (slice(top, top + len(around)), slice(left, left + around.shape[1]))
    around[edge[window]] = white[window][edge[window]]


def _enlarged(mask: cv2.typing.MatLike, factor: int) -> GrayImage:
    return np.asarray(mask, np.uint8).repeat(factor, axis=0).repeat(factor, axis=1)
