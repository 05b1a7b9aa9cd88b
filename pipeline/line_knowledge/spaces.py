"""Where the spaces are: the gaps between characters, against those of the same page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.row import median

Floats = npt.NDArray[np.float64]

_LEAST: Final = 0.22  # a word gap in x-heights is never narrower
_MOST: Final = 0.8  # a gap that is wider always parts words
_USUAL: Final = 0.42  # where a line is too short to tell
_SOFT: Final = 0.07  # x-heights from the threshold where the odds are e : 1
_SOFT_PITCH: Final = 0.1
_ENOUGH: Final = 8  # gaps that tell a threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Spacing:
    """Edges of the characters of a line, from left to right."""

    left_px: Floats  # (T,)
    right_px: Floats
    x_height_px: float

    @property
    def gaps(self) -> Floats:
        """(T - 1,) white between neighbours in x-heights; negative where they overlap."""
        result: Floats = (self.left_px[1:] - self.right_px[:-1]) / self.x_height_px
        return result

    @property
    def steps(self) -> Floats:
        """(T - 1,) from centre to centre, in x-heights."""
        centre = (self.left_px + self.right_px) / 2
        result: Floats = np.diff(centre) / self.x_height_px
        return result


def space_probabilities(lines: Sequence[Spacing]) -> list[Floats]:
    """For each line (T - 1,) the probability that a space follows each character but the last.

    Type of one width (typewriters, tills) is told by its even steps and parted by counting them;
    other type by the threshold between the narrow and the wide gaps of the line.
    """
    pooled = np.concatenate([s.gaps for s in lines]) if lines else np.zeros(0)
    page = _threshold(pooled, _USUAL)
    return [_of_line(line, page) for line in lines]


def _of_line(line: Spacing, page_threshold: float) -> Floats:
    if len(line.left_px) < 2:
        return np.zeros(0)
    pitch = find_pitch(line.steps)
    if pitch is not None:
        return _sigmoid((line.steps / pitch - 1.5) / _SOFT_PITCH)
    threshold = _threshold(line.gaps, page_threshold)
    return _sigmoid((line.gaps - threshold) / _SOFT)


def with_habits(probability: Floats, characters: str) -> Floats:
    """The same, knowing what stands at both sides of each gap.

    Few spaces stand before a comma or within a number, most commas are followed by one.

    Args:
        probability: (T - 1,) from the gaps alone.
        characters: the T characters of the line.

    >>> with_habits(np.array([0.5, 0.5]), "a,b").round(2).tolist()
    [0.08, 0.73]
    """
    pairs = pairwise(characters)
    habit = np.array([_habit(before, after) for before, after in pairs])
    odds = np.log(np.maximum(probability, 1e-9)) - np.log(np.maximum(1 - probability, 1e-9))
    return _sigmoid(odds + habit)


def _habit(before: str, after: str) -> float:
    """Log odds of a space between two characters, beyond what the gap says."""
    if after in ",.;:!?)]}%'" or before in "([{$#@":
        return -2.5
    if before in ",;:!?" and after not in "\"'":
        return 1.0 if after.isalpha() else 0.0
    if before in "-/" or after in "-/":
        return -2.0
    if before == "'":
        return -1.0
    if before.isdigit() and after.isdigit():
        # Figures stand in cells of one width, so a 1 has wide white at both sides.
        return -2.5 if "1" in (before, after) else -1.5
    return 0.0


def find_pitch(steps: Floats) -> float | None:
    """The width of a cell if steps are whole multiples of one, else None.

    >>> find_pitch(np.array([1.0, 1.02, 0.99, 2.0, 1.0, 0.98, 1.01, 3.0, 1.0, 1.01]))
    1.0
    >>> find_pitch(np.array([0.8, 1.1, 1.6, 0.5, 1.2, 0.9, 1.9, 0.6, 1.0, 0.7])) is None
    True
    """
    near = steps[steps > 0.3]
    if len(near) < _ENOUGH:
        return None
    pitch = median(near[near <= 1.4 * median(near)])
    for _ in range(2):
        cells = np.round(near / pitch)
        use = (cells >= 1) & (cells <= 3)
        if not use.any():
            return None
        pitch = median(near[use] / cells[use])
    off = np.abs(near / pitch - np.round(near / pitch))
    # Steps without any pattern are off by a quarter in the mean.
    return pitch if float(off.mean()) < 0.11 else None


def _threshold(gaps: Floats, usual: float) -> float:
    """Middle between narrow and wide gaps (two means); `usual` where they don't differ."""
    values = np.sort(np.clip(gaps, -0.1, 1.2))
    if len(values) < _ENOUGH:
        return usual
    count = np.arange(1, len(values))
    sums = np.cumsum(values)
    low, high = sums[:-1] / count, (sums[-1] - sums[:-1]) / (len(values) - count)
    between = count * (len(values) - count) * (high - low) ** 2
    cut = int(np.argmax(between)) + 1
    if high[cut - 1] - low[cut - 1] < 0.25:
        return usual
    middle = (values[cut - 1] + values[cut]) / 2
    return float(np.clip(0.5 * middle + 0.5 * (low[cut - 1] + high[cut - 1]) / 2, _LEAST, _MOST))


def _sigmoid(x: Floats) -> Floats:
    result: Floats = 1 / (1 + np.exp(-np.clip(x, -30, 30)))
    return result
