"""Boxes of the characters of a line read as a whole: where the path says them, snapped to the ink.

A piece of ink that only one character claims is that character's, whole; one that several claim
(they touch) is cut between them at the columns of least ink.
"""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import Indices
from pipeline.engines.engine import Glyph, LineImage

Floats = npt.NDArray[np.float64]
Boxes = npt.NDArray[np.float64]  # (N, 4) x0, y0, x1, y1 in pixels of the line's crop, half-open


def character_boxes(
    line: LineImage, starts: Indices, ends: Indices, is_space: npt.NDArray[np.bool_], step_px: float
) -> Boxes:
    """Boxes of the characters of one line, from left to right.

    Args:
        line: the crop and its ink.
        starts: (N,) first frame of each character.
        ends: (N,) one behind its last.
        is_space: (N,) the box of a space is the gap between its neighbours.
        step_px: columns of the crop for one frame.

    Returns:
        (N, 4) boxes that are never empty. A character without ink gets an x-height's box where the
        path says it.
    """
    width = line.gray.shape[1]
    centres = np.clip((starts + ends) / 2 * step_px, 0.5, width - 0.5)
    bounds = np.concatenate(([0.0], (centres[1:] + centres[:-1]) / 2, [float(width)]))
    boxes = np.stack([*_without_ink(line, bounds, centres, step_px)], axis=1)
    inked = np.flatnonzero(~is_space)
    if len(inked) and line.glyphs:
        _snap(boxes, inked, line, _inked_bounds(centres[inked], width), centres[inked])
    for k in np.flatnonzero(is_space).tolist():
        left = boxes[k - 1, 2] if k > 0 else bounds[k]
        right = boxes[k + 1, 0] if k + 1 < len(boxes) else bounds[k + 1]
        if right > left:
            boxes[k, 0], boxes[k, 2] = left, right
    return boxes


def _without_ink(
    line: LineImage, bounds: Floats, centres: Floats, step_px: float
) -> tuple[Floats, ...]:
    """Columns x0, x1 and rows y0, y1 (as x0, y0, x1, y1) of an x-height about each centre."""
    height, width = line.gray.shape
    reach = max(step_px, 0.35 * line.x_height_px)
    x0 = np.floor(np.clip(np.maximum(bounds[:-1], centres - reach), 0, width - 1))
    x1 = np.clip(np.ceil(np.minimum(bounds[1:], centres + reach)), x0 + 1, width)
    left, right = line.baseline_px
    baseline = left + (right - left) * centres / width
    y0 = np.floor(np.clip(baseline - line.x_height_px, 0, height - 1))
    return x0, y0, x1, np.clip(np.ceil(baseline), y0 + 1, height)


def _inked_bounds(centres: Floats, width: int) -> Floats:
    return np.concatenate(([0.0], (centres[1:] + centres[:-1]) / 2, [float(width)]))


def _snap(boxes: Boxes, inked: Indices, line: LineImage, bounds: Floats, centres: Floats) -> None:
    """Write the boxes of the ink of the characters `inked` into `boxes`."""
    glyphs = np.array([(g.x0_px, g.y0_px, g.x1_px, g.y1_px) for g in line.glyphs], np.float64)
    piece, owner = _claims(glyphs[:, 0], glyphs[:, 2], bounds, centres)
    is_whole = (np.bincount(piece, minlength=len(glyphs)) == 1)[piece]
    found = np.empty((len(inked), 4))
    found[:, :2], found[:, 2:] = np.inf, -np.inf
    whole, own = glyphs[piece[is_whole]], owner[is_whole]
    np.minimum.at(found[:, :2], own, whole[:, :2])
    np.maximum.at(found[:, 2:], own, whole[:, 2:])
    for g in np.unique(piece[~is_whole]).tolist():
        owners = owner[piece == g].tolist()
        for k, box in _cut(line, g, line.glyphs[g], owners, centres):
            np.minimum(found[k, :2], box[:2], out=found[k, :2])
            np.maximum(found[k, 2:], box[2:], out=found[k, 2:])
    has_ink = found[:, 2] > found[:, 0]
    boxes[inked[has_ink]] = found[has_ink]


def _claims(x0: Floats, x1: Floats, bounds: Floats, centres: Floats) -> tuple[Indices, Indices]:
    """Pieces of ink and the characters that they belong to, as pairs.

    Pairs are ascending by piece and within it by character; each piece has at least one.
    """
    piece, owner = np.nonzero((centres > x0[:, None]) & (centres < x1[:, None]))
    unclaimed = _absent(piece, len(x0))
    middle = (x0[unclaimed] + x1[unclaimed]) / 2
    nearest = np.clip(np.searchsorted(bounds, middle) - 1, 0, len(centres) - 1)
    piece, owner = np.concatenate((piece, unclaimed)), np.concatenate((owner, nearest))
    # A character that no piece fell to has its ink in a piece that is another's too.
    bare = _absent(owner, len(centres))
    if len(bare):
        # Columns of each such character that each piece covers: (pieces, characters).
        overlap = np.minimum(x1[:, None], bounds[bare + 1]) - np.maximum(x0[:, None], bounds[bare])
        widest = overlap.argmax(axis=0)
        room = np.maximum(bounds[bare + 1] - bounds[bare], 1e-6)
        is_covered = overlap.max(axis=0) > _COVERED * room
        piece = np.concatenate((piece, widest[is_covered]))
        owner = np.concatenate((owner, bare[is_covered]))
    order = np.lexsort((owner, piece))
    return piece[order], owner[order]


def _absent(numbers: Indices, count: int) -> Indices:
    """Which of the numbers below `count` do not occur, ascending."""
    is_absent = np.ones(count, np.bool_)
    is_absent[numbers] = False
    return np.flatnonzero(is_absent)


#: A character without ink of its own lies in a piece that covers so much of its columns.
_COVERED = 0.4


def _cut(
    line: LineImage, g: int, glyph: Glyph, owners: list[int], centres: Floats
) -> list[tuple[int, Floats]]:
    """The boxes of a piece of ink that several characters share."""
    ink = line.owner[glyph.y0_px : glyph.y1_px, glyph.x0_px : glyph.x1_px] == g + 1
    profile = ink.sum(axis=0)
    places = centres[owners] - glyph.x0_px
    cuts = [0]
    for left, right in itertools.pairwise(places.tolist()):
        low = int(np.clip(round(left), cuts[-1] + 1, len(profile) - 1))
        high = int(np.clip(round(right), low + 1, len(profile)))
        columns = np.arange(low, high)
        # Of columns with alike little ink the one half-way is taken.
        off = np.abs(columns - (left + right) / 2) / max(1.0, right - left)
        cuts.append(low + int(np.argmin(profile[low:high] + _OFF_CENTRE * line.x_height_px * off)))
    cuts.append(len(profile))
    pieces = []
    for k, (x0, x1) in zip(owners, itertools.pairwise(cuts), strict=True):
        part = ink[:, x0:x1]
        rows, columns = np.flatnonzero(part.any(axis=1)), np.flatnonzero(part.any(axis=0))
        if len(rows):
            box = (x0 + columns[0], rows[0], x0 + columns[-1] + 1, rows[-1] + 1)
            pieces.append((k, np.array(box, np.float64) + np.tile([glyph.x0_px, glyph.y0_px], 2)))
    return pieces


#: Ink, in x-heights, that a cut at a centre instead of half-way must save.
_OFF_CENTRE = 0.5
