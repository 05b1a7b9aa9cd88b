"""What shows of the back of the sheet becomes paper again.

The letters of the back lie between and under those of the front. A threshold loses most of them,
but not where they are beside letters, and the recogniser's picture of a line has them all.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from pipeline.binarize import InkImage
from pipeline.faint_ink import FaintInk, edge_of
from pipeline.image import GrayImage
from pipeline.tones import paper_tone, percentile_tones

#: Paper blurs what shows through it: edges are 0.68 to 0.84 of those of the front; 0.86 and more
#: of what faded, of pencils and of stains.
_AS_SHARP: Final = 0.85
_LEAST_FOUND: Final = 40  # faint letters
_LEAST_SHARE: Final = 0.1  # of the dark ones; pale stamps and notes are few
#: Letters of a back that is so blurred run together, and there are fewer pieces of them.
_VERY_SOFT: Final = 0.6
_LEAST_SOFT: Final = 8
_PLACES: Final = (10, 5)  # that a page is divided into
_LEAST_PLACES: Final = (12, 5)  # of these that have faint letters; very soft ones
_DEEPEST: Final = 0.5  # of the depth of the front's letters
_DEPTHS: Final = 95  # percentile of the depths of the back's letters: nearly all of them
_DEEPER: Final = 1.3  # times that depth: its darkest strokes are taken for the front's
_STRONG: Final = 0.65  # of the depth of the front's letters; what is near such ink stays
_NEAR: Final = 0.12  # letter heights
_BESIDE: Final = 0.3  # letter heights around a letter of the front
#: Median share of a faint piece that lies so near to the front's letters: 0 to 0.02 of a back,
#: which knows nothing of the front, 0.25 where its lines stand close to the front's; 0.38 to 0.6 of
#: paper between the bright rims of letters that a camera or a scanner has sharpened.
_HUGS: Final = 0.31


def clear_back(gray: GrayImage, ink: InkImage, seen: FaintInk) -> tuple[GrayImage, InkImage] | None:
    """The page without what shows of its back, and its ink; None when nothing does.

    It is known by soft edges, and by being all over the page.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level; it is not changed.
        ink: (H, W) bool, its binarisation.
        seen: what is faint on it.
    """
    faint, dark = np.flatnonzero(seen.is_faint), np.flatnonzero(seen.is_dark)
    if len(faint) < _LEAST_SOFT:
        return None
    softness = edge_of(gray, seen, faint.tolist()) / max(edge_of(gray, seen, dark.tolist()), 1e-6)
    is_many = len(faint) >= max(_LEAST_FOUND, _LEAST_SHARE * len(dark))
    is_back = is_many and softness <= _AS_SHARP and _places(seen) >= _LEAST_PLACES[0]
    if not is_back and not (softness <= _VERY_SOFT and _places(seen) >= _LEAST_PLACES[1]):
        return None
    if _share_beside_front(seen) > _HUGS:
        return None
    paper = paper_tone(gray)
    depth = min(_DEEPER * _depth_of_back(gray, seen, paper), _DEEPEST * seen.depth)
    strong = np.less(gray, paper - _STRONG * seen.depth).view(np.uint8)
    side = 2 * max(1, round(_NEAR * seen.letter_px * seen.factor)) + 1
    near = cv2.dilate(strong, np.ones((side, side), np.uint8)).view(np.bool_)
    back = (gray >= paper - depth) & ~near
    return np.where(back, np.uint8(paper), gray), ink & ~back


def _places(seen: FaintInk) -> int:
    """In how many parts of the page there is faint ink."""
    found, faint = seen.found, seen.is_faint
    height, width = found.labels.shape
    rows, columns = _PLACES
    places = found.y0[faint] * rows // height * columns + found.x0[faint] * columns // width
    return len(np.unique(places))


def _share_beside_front(seen: FaintInk) -> float:
    """How much of a faint piece's box lies beside letters of the front, median of the pieces."""
    found, reach = seen.found, max(1, round(_BESIDE * seen.letter_px))
    beside = np.zeros(found.labels.shape, np.uint8)
    for k in np.flatnonzero(seen.is_dark).tolist():
        rows = slice(max(0, int(found.y0[k]) - reach), int(found.y1[k]) + reach)
        beside[rows, max(0, int(found.x0[k]) - reach) : int(found.x1[k]) + reach] = 1
    shares = [
        beside[found.y0[k] : found.y1[k], found.x0[k] : found.x1[k]].mean()
        for k in np.flatnonzero(seen.is_faint).tolist()
    ]
    return float(np.median(shares))


def _depth_of_back(gray: GrayImage, seen: FaintInk, paper: float) -> float:
    """Grey levels that nearly all of the back's letters are below the paper at most."""
    is_faint = np.zeros(int(seen.found.labels.max()) + 1, np.bool_)
    is_faint[seen.found.label[seen.is_faint]] = True
    inside = is_faint[seen.found.labels]
    height, width = inside.shape
    step = seen.factor
    sampled = gray[step // 2 :: step, step // 2 :: step][:height, :width]
    return paper - percentile_tones(sampled[inside], (100.0 - _DEPTHS,))[0]
