"""Letters that fell apart to dots and strokes are closed again.

Needles of a dot-matrix printer, worn ribbons and hard thresholds leave white within letters. Pieces
of letters then count as small letters, and rows are looked for among them. Where closing gaps of a
pixel or two (Serra 1982, "Image Analysis and Mathematical Morphology") makes pieces much higher and
brings more of them into line, they were pieces; of letters that are whole it glues together some,
and fewer are in line.

Of thin print half of the strokes are lost, and gaps are as wide as a third of a letter. Those are
closed in the ink alone, for lines to be found by: in the picture that is read letters would fill.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ocrq.types import PageOptions
from pipeline.binarize import InkImage, binarize
from pipeline.layout.page import Pieces, find_pieces
from pipeline.level_page import LevelPage, close_gaps
from pipeline.page_dirt import Changed, Timer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gap:
    """What gaps are closed with, and what shows that letters were broken."""

    side_px: int
    #: Share of letters in line up to which a page may be broken: 0.80 on dot-matrix receipts that
    #: fell apart, 0.16 to 0.48 on typescript of which half of the strokes are lost.
    most_in_line: float
    #: So much higher are letters in line when closed (dot matrix 1.29 to 1.67; whole print 0.9 to
    #: 1.28, and then fewer of them are in line),
    least_higher: float
    #: and so much more of them is in line (dot matrix 0.047 to 0.052; whole print loses up to
    #: 0.4, but where staves and ornaments are what is closed).
    least_more: float


_GAPS: Final = (
    _Gap(side_px=3, most_in_line=0.82, least_higher=1.25, least_more=0.04),
    *(
        _Gap(side_px=side, most_in_line=0.6, least_higher=1.25, least_more=0.1)
        for side in (5, 7, 9)
    ),
)
#: A wider gap is closed where so much more is in line then than with a narrower one,
_LEAST_GAIN: Final = 0.04
#: and where it is no wider than this share of the letters' height: eyes and lines fill up.
_WIDEST: Final = 0.42
#: In the picture that is read no wider gaps are closed: letters become blots.
_READ_PX: Final = 3
#: A page of single dots has no letters: closed it has, so many of them in line.
_OF_PRINT: Final = 0.65
_LEAST_PIECES: Final = 50


def close_broken(page: LevelPage, pieces: Pieces, _: PageOptions, timed: Timer) -> Changed:
    """The page with the gaps of its letters closed, and its pieces; None when they are whole."""
    best: tuple[int, InkImage, Pieces] | None = None
    for gap in _GAPS:
        so_far = pieces if best is None else best[2]
        if so_far.share_in_line > gap.most_in_line or len(pieces.found) < _LEAST_PIECES:
            break
        ink = binarize(close_gaps(page.gray, gap.side_px))
        closed = find_pieces(ink)
        height = _height_in_line(closed)
        if gap.side_px - 1 > _WIDEST * height and gap.side_px > _READ_PX:
            continue
        is_higher = height > gap.least_higher * _height_in_line(pieces)
        least = pieces.share_in_line + gap.least_more if pieces.kinds is not None else _OF_PRINT
        if best is not None:
            least = max(least, so_far.share_in_line + _LEAST_GAIN)
        if is_higher and closed.share_in_line >= least:
            best = gap.side_px, ink, closed
    if best is None:
        return None
    side_px, ink, closed = best
    with timed("broken"):
        gray = close_gaps(page.gray, min(side_px, _READ_PX))
        return replace(LevelPage.of(gray, ink, 0.0), closed_px=side_px), closed


def _height_in_line(pieces: Pieces) -> float:
    """Median height of the letters that stand beside others, px: grain of pictures does not."""
    heights = [pieces.found.height[chain] for chain in pieces.chains]
    return float(np.median(np.concatenate(heights))) if heights else 0.0
