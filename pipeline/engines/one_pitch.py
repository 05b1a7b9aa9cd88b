"""Type of one width: on a typewritten page every character stands in a cell of the same width.

A narrow letter leaves white in its cell, which looks like a space to whoever reads without
counting cells. On a page whose lines share one pitch, two characters one step apart have nothing
between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ocrq.types import CharResult
from pipeline.engines.engine import LineReading
from pipeline.layout.row import median
from pipeline.line_knowledge.spaces import find_pitch

Floats = npt.NDArray[np.float64]

_LINE: Final = 12  # characters of a line that says something about the page's pitch
_LINES: Final = 5  # of these that a page needs
_SHARED: Final = 0.6  # of these that have the pitch; of proportional type fewer than a third do
_ALIKE: Final = 0.04  # how far two lines' pitches may differ, as a share
_UNEVEN: Final = 0.13  # steps of a line off whole cells, in the mean, that say nothing any more
_SOFT: Final = 0.1  # cells from a step and a half where the odds of a space are e : 1
_CERTAIN: Final = 0.9999  # no space is so sure that counting cells could not outweigh it


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cells:
    """The characters of a line that are no spaces."""

    index: npt.NDArray[np.intp]  # (T,) in the line's characters
    centre_px: Floats  # (T,)
    height_px: float

    @property
    def steps_px(self) -> Floats:
        return np.diff(self.centre_px)


def without_narrow_spaces(readings: Sequence[LineReading]) -> list[LineReading]:
    """The readings of a page without the spaces for which a typewriter had no cell.

    A space goes where its odds, by its confidence, are outweighed by the step that it spans. The
    odds that are left for it count into its line's `missing_risk`. Pages that have no pitch stay as
    they are.

    Args:
        readings: all lines of one page, boxes on the upright page.
    """
    cells = [_cells(reading.chars) for reading in readings]
    pitch_px = page_pitch_px([(c.steps_px, c.height_px) for c in cells])
    if pitch_px is None:
        return list(readings)
    return [_settled(r, c, pitch_px) for r, c in zip(readings, cells, strict=True)]


def page_pitch_px(lines: Sequence[tuple[Floats, float]]) -> float | None:
    """The width of a cell of a page in pixels, or None for proportional type.

    Args:
        lines: for each line its steps from character to character and a height to measure them
            by, px.
    """
    long = [(steps, height) for steps, height in lines if len(steps) >= _LINE - 1]
    if len(long) < _LINES:
        return None
    pitches: list[float] = []
    for done, (steps, height) in enumerate(long):
        # Most pages are proportional: the first half of their lines tells.
        if len(pitches) + len(long) - done < _SHARED * len(long):
            return None
        pitch = find_pitch(steps / height)
        if pitch is not None:
            pitches.append(pitch * height)
    if not pitches:
        return None
    pitch_px = float(np.median(pitches))
    alike = np.abs(np.array(pitches) / pitch_px - 1) < _ALIKE
    return pitch_px if alike.sum() >= _SHARED * len(long) else None


def _cells(chars: Sequence[CharResult]) -> _Cells:
    index = np.array([k for k, c in enumerate(chars) if c.char != " "], np.intp)
    boxes = [chars[k].box for k in index]
    return _Cells(
        index=index,
        centre_px=np.array([(b.x0_px + b.x1_px) / 2 for b in boxes], np.float64),
        height_px=median(np.array([b.y1_px - b.y0_px for b in boxes])) if boxes else 1.0,
    )


def _settled(reading: LineReading, cells: _Cells, pitch_px: float) -> LineReading:
    steps = cells.steps_px / pitch_px
    if len(steps) < 2 or np.abs(steps - np.round(steps)).mean() > _UNEVEN:
        return reading
    spaces = cells.index[:-1][np.diff(cells.index) == 2] + 1
    spanned = steps[np.diff(cells.index) == 2]
    sure = np.array([min(reading.chars[k].confidence, _CERTAIN) for k in spaces])
    odds = np.log(np.maximum(sure, 1e-9)) - np.log1p(-sure) + (spanned - 1.5) / _SOFT
    gone = odds < 0
    if not gone.any():
        return reading
    dropped = set(spaces[gone].tolist())
    kept = float(np.prod(1 - 1 / (1 + np.exp(-odds[gone]))))
    risk = reading.missing_risk
    stay = [k for k in range(len(reading.chars)) if k not in dropped]
    place = {k: number for number, k in enumerate(stay)}
    return replace(
        reading,
        chars=tuple(reading.chars[k] for k in stay),
        changed=tuple((place[k], seen) for k, seen in reading.changed if k in place),
        missing_risk=None if risk is None else 1 - (1 - risk) * kept,
    )
