"""How far the lines of a page bend or fan out, and the page with its lines made straight.

A skew estimate gives the page one slope. Paper that curls, a receipt that was laid down crookedly
and a book's gutter give every place its own: it is modelled as one smooth vertical shift, fitted to
the lower edges of all letters at once, so that lines far too short to show a slope get that of
their neighbours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self

import cv2
import numpy as np
import numpy.typing as npt

from ocrq.types import Box
from pipeline.image import GrayImage
from pipeline.layout.components import Components, Floats
from pipeline.rotation import Points, Rotation

Indices = npt.NDArray[np.intp]

#: Powers of x (from 1: the middle column stays) and of y of the shift's polynomial.
_X_POWERS: Final = (1, 2, 3, 4)
_Y_POWERS: Final = (0, 1, 2)
_LEAST_CHAIN: Final = 5  # letters that show a slope together
_LEAST_LETTERS: Final = 60
_LEAST_CHAINS: Final = 6
#: A shift below this many letter heights along the lines is left: the line crop copes with it.
_WORTH: Final = 0.4
#: What chains left out of the fit must gain, as share of their mean residual.
_LEAST_GAIN: Final = 0.08
_RIDGE: Final = 1e-3
_STRIP_ROWS: Final = 256  # of the page at a time, so that the maps stay small


@dataclass(frozen=True, slots=True, kw_only=True)
class Bend:
    """A vertical shift that is smooth over the page: flat (x, y) shows what was at y + shift.

    Beyond the text the shift goes on as it was at its edge.
    """

    x0_px: float  # the text that was fitted
    x1_px: float
    y0_px: float
    y1_px: float
    shifts_px: tuple[float, ...]  # for each power of x, for each power of y

    def shift_at(self, x_px: npt.ArrayLike, y_px: npt.ArrayLike) -> Floats:
        """Pixels by which the ink at flat (x, y) lay lower; arguments are broadcast."""
        x = _unit(np.asarray(x_px, np.float64), self.x0_px, self.x1_px)
        y = _unit(np.asarray(y_px, np.float64), self.y0_px, self.y1_px)
        total: Floats = np.zeros(np.broadcast_shapes(x.shape, y.shape))
        shifts = np.array(self.shifts_px).reshape(len(_X_POWERS), len(_Y_POWERS))
        for power, row in zip(_X_POWERS, shifts, strict=True):
            total = total + x**power * sum(
                c * y**p for c, p in zip(row.tolist(), _Y_POWERS, strict=True)
            )
        return total

    @property
    def most_px(self) -> float:
        """The largest shift either way."""
        x = np.linspace(self.x0_px, self.x1_px, 33)[None]
        y = np.linspace(self.y0_px, self.y1_px, 33)[:, None]
        return float(np.abs(self.shift_at(x, y)).max())


@dataclass(frozen=True, slots=True, kw_only=True)
class Flattening:
    """The mapping between the upright page and its deskewed, flattened copy; see `Rotation`."""

    rotation: Rotation
    bend: Bend
    margin_px: int  # rows that the flat copy has more at its top and at its bottom

    @classmethod
    def of(cls, rotation: Rotation, bend: Bend) -> Self:
        """With room enough that no ink is shifted off the page."""
        return cls(rotation=rotation, bend=bend, margin_px=math.ceil(bend.most_px) + 1)

    @property
    def source_size(self) -> tuple[int, int]:
        """Of the upright page."""
        return self.rotation.source_size

    def to_upright_points(self, xy: npt.ArrayLike) -> Points:
        """Points (N, 2) of the flat page on the upright page; they may lie outside of it."""
        return self.rotation.to_upright_points(self._bent(xy))

    def boxes_to_upright(self, boxes: npt.ArrayLike) -> list[Box]:
        """Boxes (N, 4) of the flat page on the upright page, clipped to it, none empty."""
        edges = np.asarray(boxes, np.float64).reshape(-1, 4)
        middle = self._bent(np.column_stack([edges[:, [0, 2]].mean(1), edges[:, [1, 3]].mean(1)]))
        # Boxes are of characters: within one the shift hardly changes.
        moved = edges.copy()
        moved[:, [1, 3]] += (middle[:, 1] - edges[:, [1, 3]].mean(axis=1))[:, None]
        return self.rotation.boxes_to_upright(moved)

    def _bent(self, xy: npt.ArrayLike) -> Points:
        points = np.array(xy, np.float64).reshape(-1, 2)
        points[:, 1] -= self.margin_px
        points[:, 1] += self.bend.shift_at(points[:, 0], points[:, 1])
        return points


def estimate_bend(
    found: Components, chains: Sequence[Indices], text_height_px: float
) -> Bend | None:
    """The smooth shift under which the lines of a page are straight and level.

    Args:
        found: the components of the deskewed page.
        chains: letters of a line each, from left to right.
        text_height_px: of a typical letter.

    Returns:
        None without evidence: too few letters, a shift that is too small to matter, or one that
        does not straighten lines that were left out when it was fitted.
    """
    long = [c for c in chains if len(c) >= _LEAST_CHAIN]
    if len(long) < _LEAST_CHAINS or sum(map(len, long)) < _LEAST_LETTERS:
        return None
    letters = np.concatenate(long)
    owner = np.repeat(np.arange(len(long)), [len(c) for c in long])
    x = (found.x0[letters] + found.x1[letters]) / 2.0
    y = found.y1[letters].astype(np.float64)
    fit = _Fit(x=x, y=y, owner=owner, count=len(long), height_px=text_height_px)
    even = owner % 2 == 0
    gained = before = 0.0
    for half in (even, ~even):
        bend = fit.solve(half)
        straight, bent = fit.residual(bend, ~half), fit.residual(None, ~half)
        gained, before = gained + bent - straight, before + bent
    if before <= 0 or gained < _LEAST_GAIN * before:
        return None
    bend = fit.solve(np.ones(len(x), np.bool_))
    return bend if bend.most_px >= _WORTH * text_height_px else None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Fit:
    """Lower edges of letters (N,), and to which of `count` chains each belongs."""

    x: Floats
    y: Floats
    owner: Indices
    count: int
    height_px: float

    def solve(self, used: npt.NDArray[np.bool_]) -> Bend:
        """Least squares over the used letters, reweighted so that descenders don't count."""
        x, y, owner = self.x[used], self.y[used], self.owner[used]
        frame = Bend(
            x0_px=float(self.x.min()),
            x1_px=float(self.x.max()) + 1,
            y0_px=float(self.y.min()),
            y1_px=float(self.y.max()) + 1,
            shifts_px=(0.0,) * (len(_X_POWERS) * len(_Y_POWERS)),
        )
        bend = frame
        ridge = _RIDGE * len(x) * np.eye(len(frame.shifts_px))
        for _ in range(5):
            level = y - _powers(frame, x, y) @ np.array(bend.shifts_px)
            design = _powers(frame, x, level)
            rest = y - design @ np.array(bend.shifts_px)
            rest -= self._median(rest, owner)
            weight = 1.0 / (1.0 + (rest / (0.08 * self.height_px)) ** 2)
            both = np.column_stack([design, y])
            both -= _means(both, weight, owner)
            centred, target = both[:, :-1], both[:, -1]
            normal = (centred * weight[:, None]).T @ centred + ridge
            shifts = np.linalg.solve(normal, (centred * weight[:, None]).T @ target)
            bend = Bend(
                x0_px=frame.x0_px,
                x1_px=frame.x1_px,
                y0_px=frame.y0_px,
                y1_px=frame.y1_px,
                shifts_px=tuple(shifts.tolist()),
            )
        return bend

    def residual(self, bend: Bend | None, used: npt.NDArray[np.bool_]) -> float:
        """Sum of the distances from the chains' own levels, each at most a fifth of a letter."""
        x, y, owner = self.x[used], self.y[used], self.owner[used]
        rest = y
        if bend is not None:
            shifts = np.array(bend.shifts_px)
            level = y - _powers(bend, x, y) @ shifts
            rest = y - _powers(bend, x, level) @ shifts
        rest = np.abs(rest - self._median(rest, owner))
        return float(np.minimum(rest, 0.2 * self.height_px).sum())

    def _median(self, values: Floats, owner: Indices) -> Floats:
        """Of the values of its chain, for each letter."""
        order = np.lexsort((values, owner))
        counts = np.bincount(owner, minlength=self.count)
        ends = np.cumsum(counts)
        middle = np.minimum(ends - counts + counts // 2, len(values) - 1)
        medians: Floats = values[order][middle]
        return medians[owner]


def _means(values: Floats, weight: Floats, owner: Indices) -> Floats:
    """(N, P): the weighted mean of the columns (N, P) over the chain of each letter.

    Letters of a chain come one after the other.
    """
    starts = np.flatnonzero(np.diff(owner, prepend=-1))
    sums = np.add.reduceat(values * weight[:, None], starts, axis=0)
    total = np.add.reduceat(weight, starts)
    means: Floats = np.repeat(
        sums / np.maximum(total, 1e-9)[:, None], np.diff(starts, append=len(owner)), axis=0
    )
    return means


def _powers(frame: Bend, x_px: Floats, y_px: Floats) -> Floats:
    """(N, P): the powers of x, for each those of y, whose sum is the shift."""
    x, y = _unit(x_px, frame.x0_px, frame.x1_px), _unit(y_px, frame.y0_px, frame.y1_px)
    # Multiplied step by step, which takes a hundredth of the time of raising to a power.
    of_x = np.vander(x, _X_POWERS[-1] + 1, increasing=True)[:, _X_POWERS]
    of_y = np.vander(y, _Y_POWERS[-1] + 1, increasing=True)[:, _Y_POWERS]
    powers: Floats = (of_x[:, :, None] * of_y[:, None, :]).reshape(len(x), -1)
    return powers


def _unit(values: Floats, low: float, high: float) -> Floats:
    """low..high as -1..1, cut off there."""
    unit: Floats = np.clip((2 * values - low - high) / (high - low), -1.0, 1.0)
    return unit


def flatten_gray(gray: GrayImage, flattening: Flattening) -> GrayImage:
    """The page level and with its lines straight, in one go so that it is blurred only once.

    Args:
        gray: (H, W) uint8: the upright page.
        flattening: of the same page.

    Returns:
        (H', W') uint8: the flat page.
    """
    width, height = flattening.rotation.target_size
    margin = flattening.margin_px
    flat = np.empty((height + 2 * margin, width), np.uint8)
    # From deskewed to upright pixels.
    matrix = cv2.invertAffineTransform(flattening.rotation.pixel_matrix()).astype(np.float32)
    columns = np.arange(width, dtype=np.float32)
    # The shift is smooth: between two knots it is a straight line to a hundredth of a pixel.
    knots = np.unique(np.append(np.arange(0, width, 16), width - 1))
    for top in range(0, len(flat), _STRIP_ROWS):
        rows = np.arange(top, min(top + _STRIP_ROWS, len(flat)), dtype=np.float64) - margin
        coarse = flattening.bend.shift_at(knots[None] + 0.5, rows[::8, None] + 0.5)
        shift = np.repeat(_stretched(coarse, knots, width), 8, axis=0)[: len(rows)]
        y = shift + rows[:, None].astype(np.float32)
        flat[top : top + len(rows)] = cv2.remap(
            gray,
            matrix[0, 0] * columns + matrix[0, 1] * y + matrix[0, 2],
            matrix[1, 0] * columns + matrix[1, 1] * y + matrix[1, 2],
            cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )
    return flat


def _stretched(coarse: Floats, knots: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.float32]:
    """Rows of values at the knots, interpolated to every column."""
    columns = np.arange(width)
    return np.stack([np.interp(columns, knots, row) for row in coarse]).astype(np.float32)
