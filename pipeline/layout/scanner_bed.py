"""The black bed of a scanner beside a page, which a photograph at the page's edge runs into."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Flags

Tones = npt.NDArray[np.float32]

_ACROSS: Final = 0.9  # of a row or column of the scan is dark: from edge to edge
_OUTER: Final = 0.3  # of the scan's height or width on either side, in which a bed may be
_BLACK: Final = 0.2  # brightness of a bed, as a share of the paper's
_PAPER: Final = 0.87  # brightness of the darkest paper
_LEAST_PAPER: Final = 0.5  # of what is no bed
_RIM: Final = 2  # cells beside it that a bed covers in part, where it slopes


def without_bed(tones: Tones) -> Tones:
    """The tones of a scan with paper where rows or columns at its sides are black all along.

    Args:
        tones: (h, w) brightness of cells, 1 = paper.

    >>> tones = np.ones((10, 10), np.float32)
    >>> tones[8:] = tones[4:, :4] = 0.0
    >>> without_bed(tones)[:, 0].tolist()
    [1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    """
    black = tones <= _BLACK
    rows, columns = (_at_sides(black.mean(axis=axis) >= _ACROSS) for axis in (1, 0))
    is_bed = rows[:, None] | columns
    # A photograph all over the scan is black at a side, too, but beside a bed there is paper.
    if not is_bed.any() or is_bed.all() or (tones[~is_bed] >= _PAPER).mean() < _LEAST_PAPER:
        return tones
    return np.where(is_bed, np.float32(1.0), tones)


def _at_sides(flags: Flags) -> Flags:
    """Those of the flags that are in the outer parts, and what is right beside them."""
    outer = int(_OUTER * len(flags))
    kept = flags.copy()
    kept[outer : len(flags) - outer] = False
    # Not "same": of fewer flags than the kernel has it gives as many as that.
    wide: Flags = np.convolve(kept, np.ones(2 * _RIM + 1), "full") > 0
    return wide[_RIM : _RIM + len(flags)]
