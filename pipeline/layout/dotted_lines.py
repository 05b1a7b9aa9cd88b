"""Dotted lines that people write on: a thousand dots of one size, and a hundred letters.

By their number the dots are what a page is made of, and its letters large pictures on it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, text_height

Flags = npt.NDArray[np.bool_]

_SQUARE: Final = (0.6, 1.7)  # width by height
_SOLID: Final = 0.55  # of a dot's box is ink
_ALIKE: Final = (0.7, 1.4)  # of the usual height of the dots
_LEAST: Final = 60  # dots of a page
_RUN: Final = 12  # dots of a line, or of a part of it
_GAP: Final = 5.0  # heights of a dot from one to the next
_EVEN: Final = 0.3  # of the usual distance in its run, that one may be off
_IN_RUNS: Final = 0.7  # of all dots


def height_of_letters(found: Components) -> float:
    """Typical height of a letter in pixels, without the dots of dotted lines; 0.0 without any."""
    height_px = text_height(found)
    dots = _dots_of_lines(found, height_px) if height_px > 0 else None
    return height_px if dots is None else text_height(found, dots) or height_px


def _dots_of_lines(found: Components, height_px: float) -> Flags | None:
    """(N,) the dots, as high as a page's letters seem to be, that are nearly all in dotted lines.

    None where they are not, as on any page of small print.

    Args:
        found: the page's components.
        height_px: of what there is most of on the page.
    """
    height, width = found.height, found.width
    shape = width / np.maximum(height, 1)
    is_dot: Flags = (height >= _ALIKE[0] * height_px) & (height <= _ALIKE[1] * height_px)
    is_dot &= (shape >= _SQUARE[0]) & (shape <= _SQUARE[1])
    is_dot &= found.area >= _SOLID * height * width
    dots = np.flatnonzero(is_dot)
    if len(dots) < _LEAST:
        return None
    x, y = (found.x0[dots] + found.x1[dots]) / 2, (found.y0[dots] + found.y1[dots]) / 2
    order = np.lexsort((x, np.round(y / height_px)))
    step, off = np.diff(x[order]), np.abs(np.diff(y[order]))
    follows = (step > 0) & (step <= _GAP * height_px) & (off <= 0.5 * height_px)
    starts = np.concatenate([[0], np.flatnonzero(~follows) + 1])
    ends = np.append(starts[1:], len(dots))
    even = 0
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if end - start >= _RUN:
            steps = step[start : end - 1]
            usual = float(np.median(steps))
            even += 1 + int(np.count_nonzero(np.abs(steps - usual) <= _EVEN * usual))
    return is_dot if even >= _IN_RUNS * len(dots) else None
