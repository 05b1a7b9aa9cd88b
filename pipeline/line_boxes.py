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
Box4 = tuple[int, int, int, int]  # x0, y0, x1, y1
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
    centres = np.minimum(np.maximum((starts + ends) / 2 * step_px, 0.5), width - 0.5)
    bounds = np.concatenate(([0.0], (centres[1:] + centres[:-1]) / 2, [float(width)]))
    boxes = _without_ink(line, bounds, centres, step_px)
    inked = (~is_space).nonzero()[0]
    if len(inked) and line.glyphs:
        _snap(boxes, inked, line, _inked_bounds(centres[inked], width), centres[inked])
    for k in is_space.nonzero()[0].tolist():
        left = boxes[k - 1, 2] if k > 0 else bounds[k]
        right = boxes[k + 1, 0] if k + 1 < len(boxes) else bounds[k + 1]
        if right > left:
            boxes[k, 0], boxes[k, 2] = left, right
    return boxes


def _without_ink(line: LineImage, bounds: Floats, centres: Floats, step_px: float) -> Boxes:
    """(N, 4) boxes of an x-height about each centre."""
    height, width = line.gray.shape
    reach = max(step_px, 0.35 * line.x_height_px)
    boxes = np.empty((len(centres), 4))
    x0, y0, x1, y1 = boxes.T
    x0[:] = np.floor(np.minimum(np.maximum(np.maximum(bounds[:-1], centres - reach), 0), width - 1))
    x1[:] = np.minimum(np.maximum(np.ceil(np.minimum(bounds[1:], centres + reach)), x0 + 1), width)
    left, right = line.baseline_px
    baseline = left + (right - left) * centres / width
    y0[:] = np.floor(np.minimum(np.maximum(baseline - line.x_height_px, 0), height - 1))
    y1[:] = np.minimum(np.maximum(np.ceil(baseline), y0 + 1), height)
    return boxes


def _inked_bounds(centres: Floats, width: int) -> Floats:
    return np.concatenate(([0.0], (centres[1:] + centres[:-1]) / 2, [float(width)]))


def _snap(boxes: Boxes, inked: Indices, line: LineImage, bounds: Floats, centres: Floats) -> None:
    """Write the boxes of the ink of the characters `inked` into `boxes`."""
    glyphs = line.glyph_edges()
    piece, owner = _claims(glyphs[:, 0], glyphs[:, 2], bounds, centres)
    claims = np.bincount(piece, minlength=len(glyphs))
    is_whole = (claims == 1)[piece]
    taken, taker = [glyphs[piece[is_whole]]], [owner[is_whole]]
    for g in (claims > 1).nonzero()[0].tolist():
        cut = _cut(line, g, line.glyphs[g], owner[piece == g].tolist(), centres)
        taken.append(np.array([box for _, box in cut], np.float64).reshape(-1, 4))
        taker.append(np.array([k for k, _ in cut], np.intp))
    ink, who = np.concatenate(taken), np.concatenate(taker)
    # One edge after the other: rows of four numbers are gone through by a slower way.
    found = np.empty((4, len(inked)))
    found[:2], found[2:] = np.inf, -np.inf
    for outermost, edge, own in zip(
        (np.minimum, np.minimum, np.maximum, np.maximum), found, ink.T, strict=True
    ):
        outermost.at(edge, who, own)
    has_ink = found[2] > found[0]
    boxes[inked[has_ink]] = found.T[has_ink]


def _claims(x0: Floats, x1: Floats, bounds: Floats, centres: Floats) -> tuple[Indices, Indices]:
    """Pieces of ink and the characters that they belong to, as pairs.

    Pairs are ascending by piece and within it by character; each piece has at least one.
    """
    piece, owner = np.nonzero((centres > x0[:, None]) & (centres < x1[:, None]))
    unclaimed = _absent(piece, len(x0))
    middle = (x0[unclaimed] + x1[unclaimed]) / 2
    nearest = np.minimum(np.maximum(bounds.searchsorted(middle) - 1, 0), len(centres) - 1)
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
    return is_absent.nonzero()[0]


#: A character without ink of its own lies in a piece that covers so much of its columns.
_COVERED = 0.4


def _cut(
    line: LineImage, g: int, glyph: Glyph, owners: list[int], centres: Floats
) -> list[tuple[int, Box4]]:
    """The boxes of a piece of ink that several characters share."""
    ink = line.owner[glyph.y0_px : glyph.y1_px, glyph.x0_px : glyph.x1_px] == g + 1
    profile = ink.sum(axis=0)
    places = centres[owners] - glyph.x0_px
    cuts = [0]
    for left, right in itertools.pairwise(places.tolist()):
        low = min(max(round(left), cuts[-1] + 1), len(profile) - 1)
        high = min(max(round(right), low + 1), len(profile))
        columns = np.arange(low, high)
        # Of columns with alike little ink the one half-way is taken.
        off = np.abs(columns - (left + right) / 2) / max(1.0, right - left)
        cuts.append(low + int(np.argmin(profile[low:high] + _OFF_CENTRE * line.x_height_px * off)))
    cuts.append(len(profile))
    pieces = []
    for k, (x0, x1) in zip(owners, itertools.pairwise(cuts), strict=True):
        rows = ink[:, x0:x1].any(axis=1).nonzero()[0].tolist()
        if rows:
            columns = profile[x0:x1].nonzero()[0].tolist()
            left_px, top_px = glyph.x0_px + x0, glyph.y0_px
            pieces.append(
                (
                    k,
                    (
                        left_px + columns[0],
                        top_px + rows[0],
                        left_px + columns[-1] + 1,
                        top_px + rows[-1] + 1,
                    ),
                )
            )
    return pieces


#: Ink, in x-heights, that a cut at a centre instead of half-way must save.
_OFF_CENTRE = 0.5
