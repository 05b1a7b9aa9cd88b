"""Lines that run up or down the margin are no letters of the lines beside them.

The name of a journal along the outer edge, where a file came from, a turned footer: each of its
letters looked like a line of its own, or like the first letter of the line that it is level with.
They stand below each other as closely as letters do, wider than high, with white at their sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.chains import chain_letters
from pipeline.layout.components import Components, Sorted
from pipeline.layout.placed import Placed

Indices = npt.NDArray[np.intp]

_NONE: Final = np.empty(0, np.intp)
_WHITE: Final = 1.2  # letter heights beside what may be a letter of such a line
_MOST_BESIDE: Final = 2  # pieces without so much between them
_LEAST_LETTERS: Final = 8
_CLOSE: Final = 0.4  # letter heights from one to the next, typically; lines have more between them
_TURNED: Final = 1.05  # times as wide as high, typically; upright letters are narrower
_MOST: Final = 0.3  # of the letters: else the page lies on its side
_MARGIN: Final = 0.3  # letter heights around such a line that dots of its letters stand in


def set_sideways_apart(
    found: Components, kinds: Sorted, chains: Sequence[Indices], text_height_px: float
) -> tuple[Sorted, tuple[Indices, ...], tuple[Placed, ...]]:
    """The kinds and chains without lines that run up or down, and the places of these.

    Args:
        found: the components of the page.
        kinds: what they are.
        chains: letters beside each other.
        text_height_px: of a typical letter.
    """
    t = text_height_px
    alone = [part for chain in chains for part in _parts(found, chain, _WHITE * t)]
    asked = np.concatenate([part for part in alone if len(part) <= _MOST_BESIDE] or [_NONE])
    if len(asked) < _LEAST_LETTERS:
        return kinds, tuple(chains), ()
    turned = replace(found, x0=found.y0, x1=found.y1, y0=found.x0, y1=found.x1)
    lines = [c for c in chain_letters(turned, asked, t) if _is_line(turned, c, t)]
    letters = np.concatenate([*lines, _NONE])
    if not lines or len(letters) > _MOST * len(kinds.body):
        return kinds, tuple(chains), ()
    places = tuple(
        Placed.around([Placed.of_component(found, k) for k in line.tolist()]) for line in lines
    )
    gone = np.zeros(len(found), np.bool_)
    gone[letters] = True
    for place in places:
        gone |= (
            (found.x0 >= place.x0 - _MARGIN * t)
            & (found.x1 <= place.x1 + _MARGIN * t)
            & (found.y0 >= place.y0 - _MARGIN * t)
            & (found.y1 <= place.y1 + _MARGIN * t)
        )
    left = [chain[~gone[chain]] for chain in chains]
    return kinds.without(gone), tuple(chain for chain in left if len(chain)), places


def _parts(found: Components, chain: Indices, white_px: float) -> list[Indices]:
    """A chain in parts with so much white between them."""
    if len(chain) < 2:
        return [chain]
    chain = chain[np.argsort(found.x0[chain], kind="stable")]
    ends = np.maximum.accumulate(found.x1[chain])[:-1]
    return np.split(chain, np.flatnonzero(found.x0[chain][1:] - ends >= white_px) + 1)


def _is_line(turned: Components, chain: Indices, t: float) -> bool:
    """Whether a chain of pieces below each other, its axes exchanged, is a line of letters."""
    if len(chain) < _LEAST_LETTERS:
        return False
    gap = turned.x0[chain][1:] - turned.x1[chain][:-1]
    wide = turned.height[chain] / np.maximum(turned.width[chain], 1)
    return bool(np.median(gap) <= _CLOSE * t and np.median(wide) >= _TURNED)
