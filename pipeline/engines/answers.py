"""Probabilities of a line become its characters, with alternatives and spaces."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ocrq.types import Box, CharResult
from pipeline.engines.engine import LineImage
from pipeline.engines.quotes import join_quotes

Floats = npt.NDArray[np.float64]

_UNLIKELY: Final = 0.001  # an alternative below this is not kept


def characters_of(
    line: LineImage,
    edges: Floats,
    text: npt.NDArray[np.intp],
    probability: Floats,
    space: Floats,
    classes: str,
    alternatives: int,
) -> tuple[CharResult, ...]:
    """The characters of a line from left to right, spaces included.

    Args:
        line: the line.
        edges: (T, 4) x0, y0, x1, y1 of the characters, px of the crop.
        text: (T,) the class of each.
        probability: (T, C) of every class at every character, 0..1.
        space: (T - 1,) probability of a space behind each character but the last.
        classes: the C characters.
        alternatives: how many are kept; calibration drops those of sure characters.
    """
    boxes = line.boxes_to_upright(edges)
    others_first = probability.copy()
    others_first[np.arange(len(text)), text] = -1.0
    order = np.argsort(-others_first, axis=1)[:, :alternatives]
    chars: list[CharResult] = []
    for k, (box, first) in enumerate(zip(boxes, text.tolist(), strict=True)):
        confidence = min(float(probability[k, first]), 1.0)
        others = [(classes[c], float(probability[k, c])) for c in order[k].tolist()]
        chars.append(
            CharResult(
                char=classes[first],
                confidence=confidence,
                box=box,
                alternatives=tuple((c, p) for c, p in others if p >= _UNLIKELY),
            )
        )
        if k < len(space) and space[k] >= 0.5:
            gap = _gap_box(line, edges[k], edges[k + 1])
            chars.append(CharResult(char=" ", confidence=float(space[k]), box=gap))
    return join_quotes(chars, line.x_height_px)


def _gap_box(line: LineImage, left: Floats, right: Floats) -> Box:
    """The white between two characters, as high as a small letter."""
    x0, x1 = float(left[2]), float(max(right[0], left[2] + 1))
    base = line.baseline_at((x0 + x1) / 2)
    return line.to_upright(x0, base - line.x_height_px, x1, base)
