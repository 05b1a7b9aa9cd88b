"""Notes that hang out of staves of music, or stand near them, and slurs: no letters of words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import InkImage
from pipeline.connected import label_pieces
from pipeline.image import GrayImage
from pipeline.layout.components import Components, Flags
from pipeline.layout.page import Pieces
from pipeline.staff_words import are_close

Indices = npt.NDArray[np.intp]
Ints = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

_HIGHEST: Final = 12.0  # spaces; higher is a rule between columns
_WIDEST: Final = 4.0  # spaces; wider are words that a stem touches, or the arcs of slurs
_ARC: Final = 0.5  # spaces of ink in each of its columns, on average
#: A slur that touches no staff: so many times as long as high and as a space, of so much ink in a
#: column and at least so high (spaces); a dash is lower, words whose letters touch have more ink.
_LONG: Final = 1.5
_FINE: Final = 0.3
_LEAST_ARC: Final = 0.3
_ASIDE: Final = 0.35  # spaces more, to a note on the first ledger line; words stand farther away
_BROKEN: Final = 0.3  # spaces between parts of one note where the print is worn
_ROUNDS: Final = 3
_LEAST_CLOSE: Final = 0.5  # of the letters of a row have another so near


def hanging_ink(ink: InkImage, bands: GrayImage, about: Mask, space_px: float) -> Mask:
    """(H, W) bool: notes, stems and slurs that touch the staves, as far as they may be theirs.

    Args:
        ink: (H, W) bool, True = ink.
        bands: (H, W) uint8, 1 = staff.
        about: as far from the staves as their notes may be.
        space_px: from line to line.
    """
    outside = bands == 0
    labels, stats = label_pieces(np.asarray(ink & outside))
    rim = np.asarray(cv2.dilate(bands, np.ones((3, 3), np.uint8)), np.bool_) & outside & ink
    hangs = np.zeros(len(stats), np.bool_)
    hangs[np.unique(labels[rim])] = True
    hangs[0] = False
    _, _, width, height, area = stats.T
    is_arc = area <= _ARC * space_px * width
    hangs &= (width <= _WIDEST * space_px) | is_arc | (height > width)
    hangs &= height <= _HIGHEST * space_px
    found: Mask = hangs[labels] & about
    return found


def lone_notes(pieces: Pieces, gone: Mask, bands: GrayImage, about: Mask, space_px: float) -> Mask:
    """(H, W) bool: notes that stand out of the staves without touching them, and slurs.

    Args:
        pieces: of the ink that is left.
        gone: the ink that goes already.
        bands: of the staves.
        about: as far from them as their notes may be.
        space_px: from line to line.
    """
    found, labels = pieces.found, pieces.found.labels
    if pieces.kinds is None:
        return np.zeros_like(gone)
    taken = np.zeros(found.highest + 1, np.bool_)
    _take(taken, found.label[_arcs(found, pieces.kinds.body, space_px)], labels[about])
    lone = _not_in_words(found, pieces.chains, pieces.text_height_px)
    lone = lone[found.width[lone] <= _WIDEST * space_px]
    aside = np.ones((2 * round(_ASIDE * space_px) + 1, 1), np.uint8)
    near = np.ones((2 * round(_BROKEN * space_px) + 1,) * 2, np.uint8)
    reach = _grown(bands, aside) | _grown(gone & (bands == 0), near)
    for _ in range(_ROUNDS):
        before = np.count_nonzero(taken)
        _take(taken, found.label[lone], labels[reach & (labels > 0)])
        if np.count_nonzero(taken) == before:
            break
        reach |= _grown(taken[labels], near)
    return np.asarray(taken[labels] & about)


def _arcs(found: Components, body: Indices, space_px: float) -> Indices:
    width, height, area = found.width[body], found.height[body], found.area[body]
    arcs: Indices = body[
        (width >= _LONG * np.maximum(height, space_px))
        & (height >= _LEAST_ARC * space_px)
        & (area <= _FINE * space_px * width)
    ]
    return arcs


def _take(taken: Flags, candidates: Ints, seen: Ints) -> None:
    """Mark those of the candidate labels that are among the labels seen."""
    taken[np.intersect1d(candidates, seen)] = True


def _grown(mask: GrayImage | Mask, kernel: GrayImage) -> Mask:
    grown = cv2.dilate(np.ascontiguousarray(mask).view(np.uint8), kernel)
    return np.asarray(grown, np.bool_)


def _not_in_words(found: Components, chains: Sequence[Indices], t: float) -> Indices:
    """Members of chains whose pieces stand apart from each other as letters of words do not."""
    lone = [np.empty(0, np.intp)]
    for chain in chains:
        if are_close(found, chain, t).mean() < _LEAST_CLOSE:
            lone.append(chain)
    return np.concatenate(lone)
