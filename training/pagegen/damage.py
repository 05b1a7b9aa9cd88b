"""What happens to a page before it is scanned: its back shows, a book folds it, a clerk stamps it.

Each takes a clean page and gives it back with the same truth, moved where the page grew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import cv2
import numpy as np

from pipeline.image import GrayImage
from training.pagegen.truth import DrawnPage, Point
from training.pagegen.wear import move_regions

Side = Literal["left", "right"]


def bleed_through(page: DrawnPage, back: DrawnPage, share: float) -> DrawnPage:
    """The print of the back, mirrored and blurred; 1 is as black as the front."""
    height, width = page.gray.shape
    mirrored = cv2.resize(back.gray[:, ::-1], (width, height), interpolation=cv2.INTER_AREA)
    ink = 255.0 - cv2.GaussianBlur(mirrored, (0, 0), page.dpi / 150)
    gray = np.clip(page.gray - share * ink, 0, 255).astype(np.uint8)
    return replace(page, gray=gray)


def faded(page: DrawnPage, start: float, share: float, *, across: bool) -> DrawnPage:
    """Ink that pales from a place on, within a fortieth of the page, as thermal paper does.

    Args:
        page: on white paper.
        start: where it begins, as share of the page's height, or of its width.
        share: of its ink that is left.
        across: to the left of there, else below.
    """
    height, width = page.gray.shape
    length = width if across else height
    off = (np.arange(length) / length - start) * (-40 if across else 40)
    left = 1.0 - (1.0 - share) * np.clip(off + 0.5, 0.0, 1.0)
    ink = (255.0 - page.gray) * (left if across else left[:, None])
    return replace(page, gray=(255.0 - ink).astype(np.uint8))


def fold_shadow(page: DrawnPage, x_px: int, width_px: float, depth: float) -> DrawnPage:
    """The dark of a fold at a column; `depth` is the share of light lost in its middle."""
    off = (np.arange(page.gray.shape[1]) - x_px) / max(width_px, 1.0)
    light = 1.0 - depth * np.exp(-(off**2))
    return replace(page, gray=(page.gray * light).astype(np.uint8))


def with_neighbour(page: DrawnPage, other: DrawnPage, side: Side, width_px: int) -> DrawnPage:
    """A strip of the page that lies beside it in the book, whose lines the scan cuts off."""
    height, width = page.gray.shape
    width_px = min(width_px, other.gray.shape[1])
    gray = np.full((height, width + width_px), 255, np.uint8)
    strip = other.gray[:height, :width_px] if side == "right" else other.gray[:height, -width_px:]
    left = width_px if side == "left" else 0
    gray[:, left : left + width] = page.gray
    at = 0 if side == "left" else width
    gray[: strip.shape[0], at : at + width_px] = strip
    regions = move_regions(page.regions, _shifted(left), gray.shape)
    moved = replace(page, gray=gray, regions=regions)
    return fold_shadow(moved, at if side == "right" else width_px, page.dpi / 12, 0.35)


def side_by_side(left: DrawnPage, right: DrawnPage) -> DrawnPage:
    """Two pages of an open book in one scan, the left one read first."""
    width = left.gray.shape[1]
    gray = np.hstack([left.gray, right.gray])
    regions = (*left.regions, *move_regions(right.regions, _shifted(width), gray.shape))
    return replace(left, gray=gray, regions=regions)


def struck(page: DrawnPage, rng: np.random.Generator, share: float) -> DrawnPage:
    """A pen's stroke through a word of some lines; the words stay legible, and in the truth."""
    gray = page.gray.copy()
    pen = max(1, round(page.dpi / 150))
    for line in page.lines:
        if rng.random() >= share:
            continue
        word = line.words[int(rng.integers(len(line.words)))].box
        y = round(word.y0_px + 0.6 * word.height_px)
        tilt = round(rng.normal(0, 0.06 * word.height_px))
        cv2.line(gray, (word.x0_px, y - tilt), (word.x1_px, y + tilt), 0, pen, cv2.LINE_AA)
    return replace(page, gray=gray)


def stamped(page: DrawnPage, rng: np.random.Generator, words: Sequence[str]) -> DrawnPage:
    """A round stamp somewhere, turned and in grey ink; what it says is no text of the page."""
    side = round(1.3 * page.dpi)
    stamp = np.full((side, side), 255, np.uint8)
    middle, pen = (side // 2, side // 2), max(2, page.dpi // 60)
    cv2.circle(stamp, middle, side // 2 - pen, 0, pen)
    cv2.circle(stamp, middle, round(0.36 * side), 0, max(1, pen // 2))
    for row, word in enumerate(words[:2]):
        place = (round(0.22 * side), round((0.46 + 0.18 * row) * side))
        size = 0.56 * side / (19 * max(len(word), 4))
        cv2.putText(stamp, word, place, cv2.FONT_HERSHEY_SIMPLEX, size, 0, pen, cv2.LINE_AA)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.uniform(-35, 35)), 1.0)
    stamp = np.asarray(cv2.warpAffine(stamp, turn, (side, side), borderValue=255), np.uint8)
    height, width = page.gray.shape
    x = int(rng.integers(0, max(1, width - side)))
    y = int(rng.integers(height // 2, max(height // 2 + 1, height - side)))
    return replace(page, gray=_darkened(page.gray, 90 + stamp * (165 / 255), x, y))


def _darkened(
    gray: GrayImage, patch: np.ndarray[tuple[int, ...], np.dtype[np.floating]], x: int, y: int
) -> GrayImage:
    dark = gray.copy()
    place = dark[y : y + patch.shape[0], x : x + patch.shape[1]]
    patch = patch[: place.shape[0], : place.shape[1]]
    place[:] = np.minimum(place, patch.astype(np.uint8))
    return dark


def _shifted(left_px: int) -> Callable[[Point], Point]:
    return lambda point: (point[0] + left_px, point[1])
