"""How high each character stands on its line: what tells o from O and , from '.

A classifier sees characters without their size and place; x-height and baseline of the line give
them back as a likelihood of the top and the bottom of the glyph.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_DESCENT: Final = -0.42
_SPREAD: Final = 0.13  # of tops and bottoms among fonts, in x-heights
_PIXEL: Final = 0.7  # uncertainty of an edge in pixels
_FLOOR: Final = 1e-5  # chance of any height at all: broken letters, wrong baselines
_OLD_STYLE: Final = 0.35  # share of old-style digits, which have the heights of small letters

# Rows: characters; top and bottom above the baseline. The top is `a + b * cap`, with all heights in
# x-heights; the last figure widens the spread. Medians of Latin text faces, by eye.
_HEIGHTS: Final = (
    ("acemnorsuvwxz", 1.0, 0.0, 0.0, 1.0),
    ("bdhkl", 0.0, 1.04, 0.0, 1.0),
    ("f", 0.0, 1.04, 0.0, 1.2),
    ("i", 0.0, 0.98, 0.0, 1.2),
    ("j", 0.0, 0.98, _DESCENT, 1.2),
    ("t", 0.45, 0.6, 0.0, 1.2),
    ("gpqy", 1.0, 0.0, _DESCENT, 1.2),
    ("ABCDEFGHIKLMNOPRSTUVWXYZ", 0.0, 1.0, 0.0, 1.0),
    ("J", 0.0, 1.0, -0.1, 1.5),
    ("Q", 0.0, 1.0, -0.15, 1.5),
    ("0123456789", 0.0, 0.98, 0.0, 1.0),
    (".", 0.2, 0.0, 0.0, 1.0),
    (",", 0.2, 0.0, -0.2, 1.2),
    (":", 0.95, 0.0, 0.0, 1.2),
    (";", 0.95, 0.0, -0.2, 1.2),
    ("!?", 0.0, 1.0, 0.0, 1.2),
    ("'\"`", 0.0, 1.02, 0.9, 1.8),
    ("-", 0.55, 0.0, 0.4, 1.2),
    ("~", 0.65, 0.0, 0.35, 1.5),
    ("=", 0.75, 0.0, 0.25, 1.5),
    ("+", 0.95, 0.0, 0.05, 1.8),
    ("<>", 1.0, 0.0, 0.0, 1.8),
    ("_", -0.12, 0.0, -0.22, 1.5),
    ("*", 0.0, 1.0, 0.7, 2.5),
    ("^", 0.0, 1.0, 0.8, 2.0),
    ("/\\", 0.0, 1.02, -0.1, 1.8),
    ("|", 0.0, 1.05, -0.3, 2.0),
    ("()[]{}", 0.0, 1.04, -0.3, 1.5),
    ("@", 0.0, 1.0, -0.15, 2.0),
    ("$", 0.05, 1.0, -0.1, 1.5),
    ("#%&", 0.0, 1.0, 0.0, 1.3),
)
_OLD_DIGITS: Final = (("012", 0.0, 0.0), ("34579", 0.0, _DESCENT), ("68", 1.0, 0.0))


class HeightModel:
    """Likelihood of tops and bottoms for the classes of one classifier.

    >>> model = HeightModel("oO.'")
    >>> scores = model.log_likelihood(np.array([[20.0, 0.0], [28.0, 18.0]]), 20.0, 28.0)
    >>> scores.argmax(axis=1).tolist()
    [0, 3]
    """

    def __init__(self, classes: str) -> None:
        rows = {c: (a, b, low, wide) for chars, a, b, low, wide in _HEIGHTS for c in chars}
        # An unknown character could be anywhere.
        table = np.array([rows.get(c, (0.0, 1.0, 0.0, 4.0)) for c in classes])
        self._base, self._per_cap, self._bottom, self._wide = table.reshape(-1, 4).T
        old = {c: (tall, low) for chars, tall, low in _OLD_DIGITS for c in chars}
        self._digits = np.array([k for k, c in enumerate(classes) if c in old], np.intp)
        self._old = np.array([old[classes[k]] for k in self._digits]).reshape(-1, 2)

    def log_likelihood(self, edges_px: Floats, x_height_px: float, cap_height_px: float) -> Floats:
        """(N, C) log likelihood, up to a constant.

        Args:
            edges_px: (N, 2) heights of the top and the bottom edge above the baseline, px.
            x_height_px: of the line.
            cap_height_px: of the line.
        """
        cap = cap_height_px / x_height_px
        edges = edges_px / x_height_px
        spread = np.hypot(_SPREAD, _PIXEL / x_height_px) * self._wide
        density = _density(edges, self._base + self._per_cap * cap, self._bottom, spread)
        if len(self._digits):
            tops = np.where(self._old[:, 0] > 0, cap, 1.0)
            old = _density(edges, tops, self._old[:, 1], spread[self._digits])
            lining = density[:, self._digits]
            density[:, self._digits] = (1 - _OLD_STYLE) * lining + _OLD_STYLE * old
        result: Floats = np.log(density + _FLOOR)
        return result


def _density(edges: Floats, top: Floats, bottom: Floats, spread: Floats) -> Floats:
    """Two normal densities; a spread of 0.13 gives height 1 at its middle."""
    square = (edges[:, :1] - top) ** 2 + (edges[:, 1:] - bottom) ** 2
    result: Floats = np.exp(-0.5 * square / spread**2) * (_SPREAD / spread) ** 2
    return result
