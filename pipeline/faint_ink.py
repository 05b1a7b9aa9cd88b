"""Ink that a threshold finds beside ink that it loses: what faded, and what shows from behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage, count_tones, is_bilevel
from pipeline.image import GrayImage
from pipeline.layout.components import Components, find_components
from pipeline.percentiles import percentile
from pipeline.shrink import shrink
from pipeline.tones import percentile_tones

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

STROKE: Final = 0.8  # letter heights: what is narrower stands out from its surroundings
_LETTER_PX: Final = 10  # height of letters in the picture that is looked at, at least
_LEAST_DEPTH: Final = 5.0  # grey levels below the paper around
_NOISE: Final = 2.0  # times the depth that 90 % of the paper stays below
_LEAST_COVER: Final = 0.15  # of a letter's square is ink
_LEAST_SQUARES: Final = 6
_HALO_PX: Final = 2  # of dark ink, in that picture
_FAINT: Final = 0.5  # of the depth of the dark letters, at most
_IN_INK: Final = 0.3  # of a dark letter was found by the threshold, at least
_SAMPLED: Final = 80  # letters whose edges are measured
_EDGE_CALM_PX: Final = 0.7
_LEAST_SIDE_PX: Final = 4
_CORE: Final = 80.0  # percentile of the depths of dark letters: that of strokes, not of their edges


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FaintInk:
    """What could be letters, in a picture that is so many times smaller than the page."""

    factor: int
    letter_px: float  # height of a typical letter in that picture
    found: Components
    mean: Floats  # (N,) depth
    is_faint: Flags  # (N,)
    is_dark: Flags  # (N,)
    depth: float  # grey levels of dark strokes below their paper
    noise: float  # 90 % of the paper is no deeper
    least: float  # from which something is seen


def find_faint(gray: GrayImage, ink: InkImage, text_height_px: float) -> FaintInk | None:
    """What is fainter than the letters of a page; None when there is nothing like it.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level.
        ink: (H, W) bool, its binarisation.
        text_height_px: of a typical letter; 0 on a page without text.
    """
    if text_height_px <= 0 or is_bilevel(gray):
        return None
    factor = max(1, int(text_height_px // _LETTER_PX))
    return _look(gray, ink, factor, text_height_px / factor)


def _look(gray: GrayImage, ink: InkImage, factor: int, letter_px: float) -> FaintInk | None:
    small = shrink(gray, factor, factor)
    inky = shrink(ink.view(np.uint8) * np.uint8(255), factor, factor) >= 64
    depth = depth_of(small, round(STROKE * letter_px))
    halo = np.ones((2 * _HALO_PX + 1, 2 * _HALO_PX + 1), np.uint8)
    paper = cv2.dilate(inky.view(np.uint8), halo) == 0
    tones = count_tones(depth, paper)
    if not tones.any():
        return None
    noise = int(np.searchsorted(np.cumsum(tones), 0.9 * tones.sum()))
    least = max(_LEAST_DEPTH, _NOISE * noise)
    seen = depth >= least
    if not _may_have_letters(seen & paper, round(letter_px)):
        return None
    found = find_components(seen)
    count = found.highest + 1
    at = np.flatnonzero(seen)
    labels, depths = found.labels.ravel()[at], depth.ravel()[at]
    mean = np.bincount(labels, depths, count)[found.label] / found.area
    share = np.bincount(labels, inky.ravel()[at], count)[found.label] / found.area
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
    (core,) = percentile_tones(depths[table[labels]], (_CORE,))
    return FaintInk(
        factor=factor,
        letter_px=letter_px,
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


def depth_of(gray: GrayImage, side_px: int) -> GrayImage:
    """How much darker each pixel is than what is around strokes narrower than this."""
    side = max(3, side_px) | 1
    kernel = np.ones((side, side), np.uint8)
    return np.asarray(cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, kernel), np.uint8)


def edge_of(gray: GrayImage, seen: FaintInk, letters: Sequence[int]) -> float:
    """The steepest edge of letters in shares of their own contrast, a pixel: 0.2 to 0.4.

    Paper blurs what shows through it, whatever the scanner does.
    """
    edges = []
    found, factor = seen.found, seen.factor
    for k in letters[:: max(1, len(letters) // _SAMPLED)]:
        rows = slice(factor * int(found.y0[k]), factor * int(found.y1[k]))
        columns = slice(factor * int(found.x0[k]), factor * int(found.x1[k]))
        tones = gray[rows, columns].astype(np.float32)
        letter = np.asarray(cv2.GaussianBlur(tones, (0, 0), _EDGE_CALM_PX), np.float32)
        if min(letter.shape) < _LEAST_SIDE_PX:
            continue
        across, down = letter[1:-1, 2:] - letter[1:-1, :-2], letter[2:, 1:-1] - letter[:-2, 1:-1]
        steepest = percentile(np.maximum(np.abs(across), np.abs(down)), 95.0) / 2
        contrast = percentile(letter, 95.0) - percentile(letter, 5.0)
        edges.append(steepest / max(contrast, 1.0))
    return float(np.median(edges)) if edges else 0.0
