"""How well boxes of characters fit: a page read against the drawn page it was read from."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ocrq.types import Box, LineResult, PageResult
from training.pagegen.truth import DrawnPage, TrueLine


def box_overlaps(page: DrawnPage, result: PageResult) -> npt.NDArray[np.float64]:
    """Intersection over union for every character that was read right, spaces left out.

    A line read is held against the true line most like it of those in whose box its middle lies
    (boxes of sloping lines overlap); characters are paired by an alignment of their texts.

    Args:
        page: as drawn; it must not be bent or turned by a quarter.
        result: what was read on it.
    """
    found: list[float] = []
    for line in result.lines:
        near = [true for true in page.lines if _lies_in(line.box, true.box)]
        if near:
            likest = max(near, key=lambda true: fuzz.ratio(line.text, true.text))
            found += [iou(read, true) for read, true in _pairs(line, likest)]
    return np.array(found, np.float64)


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes, 0..1.

    >>> iou(Box(x0_px=0, y0_px=0, x1_px=2, y1_px=1), Box(x0_px=1, y0_px=0, x1_px=3, y1_px=1))
    0.3333333333333333
    """
    width = min(a.x1_px, b.x1_px) - max(a.x0_px, b.x0_px)
    height = min(a.y1_px, b.y1_px) - max(a.y0_px, b.y0_px)
    common = max(0, width) * max(0, height)
    return common / (a.width_px * a.height_px + b.width_px * b.height_px - common)


def _lies_in(line: Box, true: Box) -> bool:
    x, y = (line.x0_px + line.x1_px) / 2, (line.y0_px + line.y1_px) / 2
    return true.x0_px <= x < true.x1_px and true.y0_px <= y < true.y1_px


def _pairs(line: LineResult, true: TrueLine) -> Iterator[tuple[Box, Box]]:
    boxes: list[Box | None] = []
    for word in true.words:
        boxes += [None] * bool(boxes) + list(word.chars)
    for op in Levenshtein.opcodes(line.text, true.text):
        if op.tag != "equal":
            continue
        for k in range(op.src_end - op.src_start):
            box = boxes[op.dest_start + k]
            if box is not None:
                yield line.chars[op.src_start + k].box, box
