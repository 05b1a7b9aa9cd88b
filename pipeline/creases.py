"""Creases of folded sheets: jagged dark lines from edge to edge, which tie letters together.

Every letter that a crease touches is one piece of ink with it, as high as the page, and is lost to
its line. A crease is the one way across a page along which there is ink nearly everywhere, between
the lines as well as in them; what is straight is a rule, and left to `pipeline.rule_removal`.
"""

from __future__ import annotations

import math
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.connected import label_pieces
from pipeline.crease_path import InkPath, find_path_down, is_jagged
from pipeline.image import GrayImage
from pipeline.layout.components import Components
from pipeline.shrink import shrink
from pipeline.tones import without_ink

Flags = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.int64]

_STEP: Final = 4.0  # px of a letter's height in the picture in which paths are sought
_COVER: Final = 0.9  # of the ink that a line of one px leaves in a pixel of that picture
#: Gain of a path in lengths of the page: 0.9 and more of creases, rules and the sheet's edges;
#: pages of text without any have 0.5 at most, those with many rules 0.84.
_LEAST_GAIN: Final = 0.86
_LEAST_PIECE: Final = 0.25  # of the page: its longest piece of ink, where there is a crease,
_LEAST_ASIDE: Final = 1.0  # letter heights that this is wide, which a level rule is not
_PATHS: Final = 2  # in each direction that are looked at
_ALONE: Final = 0.6  # of the rows of a crease it meets no letter
_THICK: Final = 0.4  # letter heights
_REACH: Final = 0.8  # letter heights beside the path that ink is looked at
_WIDER: Final = 1.6  # times as wide as the crease: it meets a letter there
_DARKER: Final = 30.0  # grey levels that letters are below the crease, where tones can tell them


def remove_creases(
    gray: GrayImage, ink: InkImage, found: Components, text_height_px: float
) -> tuple[GrayImage, InkImage] | None:
    """The page and its ink without creases; None where there is none.

    Args:
        gray: (H, W) uint8, 0 = black; it is not changed.
        ink: (H, W) bool, its binarisation.
        found: its pieces.
        text_height_px: of a typical letter; 0 on a page without text.
    """
    if text_height_px <= 0:
        return None
    height, width = ink.shape
    gone = np.zeros(ink.shape, np.bool_)
    aside = np.minimum(found.height, found.width) >= _LEAST_ASIDE * text_height_px
    if (aside & (found.height >= _LEAST_PIECE * height)).any():
        gone |= _creases_down(gray, ink, text_height_px)
    if (aside & (found.width >= _LEAST_PIECE * width)).any():
        turned = np.ascontiguousarray(gray.T), np.ascontiguousarray(ink.T)
        gone |= _creases_down(*turned, text_height_px).T
    return without_ink(gray, ink, gone) if gone.any() else None


def _creases_down(gray: GrayImage, ink: InkImage, letter_px: float) -> Flags:
    """(H, W) ink of creases from the top of the page to its bottom."""
    gone = np.zeros(ink.shape, np.bool_)
    factor = max(1, math.floor(letter_px / _STEP))
    inkiness = shrink(ink.view(np.uint8) * np.uint8(255), factor, factor)
    small = _without_straight(inkiness >= 255 * _COVER / factor)
    _, stats = label_pieces(small)
    if stats[1:, cv2.CC_STAT_HEIGHT].max(initial=0) < _LEAST_PIECE * len(small):
        return gone
    for _ in range(_PATHS):
        path = find_path_down(small)
        if path.gain < _LEAST_GAIN * len(small):
            break
        gone |= _crease_along(path, factor, gray, ink, letter_px)
        beside = path.columns[:, None] + np.arange(-2, 3)
        rows = np.arange(path.first, path.first + len(beside))[:, None]
        small[rows, np.clip(beside, 0, small.shape[1] - 1)] = False
    return gone


def _without_straight(ink: Flags) -> Flags:
    """Ink without what runs straight down a part of the page: rules, and the edges of sheets."""
    length = max(3, round(_LEAST_PIECE * len(ink)))
    straight = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_OPEN, np.ones((length, 1), np.uint8))
    return np.asarray(ink & (straight == 0))


def _crease_along(
    path: InkPath, factor: int, gray: GrayImage, ink: InkImage, letter_px: float
) -> Flags:
    """(H, W) ink of the crease along a path; none where that is straight, or thicker than one."""
    gone = np.zeros(ink.shape, np.bool_)
    rows, middle = path.in_pixels(factor, len(ink))
    reach = max(4, round(_REACH * letter_px))
    columns = np.clip(middle[:, None] + np.arange(-reach, reach + 1), 0, ink.shape[1] - 1)
    inked, tones = ink[rows[:, None], columns], gray[rows[:, None], columns]
    run, width_px = _run_in_the_middle(inked)
    usual_px = float(np.median(width_px[width_px > 0])) if width_px.any() else 0.0
    is_alone = (width_px > 0) & (width_px <= _WIDER * usual_px + 1)
    if not 0 < usual_px <= max(3.0, _THICK * letter_px) or np.mean(is_alone) < _ALONE:
        return gone
    crease = run & is_alone[:, None]
    places = np.arange(columns.shape[1])
    centre = (crease * places).sum(axis=1)[is_alone] / width_px[is_alone]
    if not is_jagged(rows[is_alone], columns[is_alone, 0] + centre):
        return gone
    letters, tone = float(np.median(gray[ink])), float(np.median(tones[crease]))
    if tone - letters >= _DARKER:  # where it crosses letters these are darker than it is
        off = np.abs(places - np.interp(rows, rows[is_alone], centre)[:, None])
        crease |= inked & (off <= usual_px / 2 + 1)
        crease &= tones >= (tone + letters) / 2
    at = np.nonzero(crease)
    gone[rows[at[0]], columns[at]] = True
    return gone


def _run_in_the_middle(inked: Flags) -> tuple[Flags, Indices]:
    """The run of ink nearest to the middle of each row, (H, K), and its width, 0 without any."""
    count, middle = inked.shape[1], inked.shape[1] // 2
    off = np.where(inked, np.abs(np.arange(count) - middle), count)
    # Runs are numbered by how many begin up to each place.
    begins = inked & ~np.pad(inked, ((0, 0), (1, 0)))[:, :-1]
    number = np.cumsum(begins, axis=1)
    mine = number[np.arange(len(inked)), off.argmin(axis=1)]
    run = inked & (number == mine[:, None])
    return run, np.count_nonzero(run, axis=1)
