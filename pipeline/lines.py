"""Rows of components become line images: crop, baseline, x-height, glyphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.engines.engine import Glyph, LineImage
from pipeline.foreign_ink import without_foreign
from pipeline.glyphs import Box4, group_components
from pipeline.image import GrayImage
from pipeline.layout.components import Components
from pipeline.layout.page import Layout
from pipeline.layout.row import Row
from pipeline.letter_heights import Heights, PieceHeights, letter_heights, settled, size_of_letters
from pipeline.line_pieces import split_row
from pipeline.rotation import PageMapping

_LETTER: Final = 0.5  # of a row's height: lower ink may be another row's dot or accent
_FOREIGN: Final = -1  # ink of another line
_OWN: Final = -2  # of the same line, but not of the piece of it that is cut out
_TALL: Final = 1.8  # letter heights of ink that may be a line of a table
_MARGIN: Final = 0.25  # of the crop around the ink, in row heights


def cut_lines(
    gray: GrayImage, layout: Layout, rotation: PageMapping, *, split: bool = True
) -> list[LineImage]:
    """The line images of a page in reading order.

    Args:
        gray: (H, W) uint8, 0 = black: the deskewed page; crops without letters of other lines are
            views of it.
        layout: of the same page.
        rotation: how the deskewed page came from the upright one.
        split: whether rows are parted at wide gaps, and where they are too long for a picture.
    """
    found = layout.found
    wholes = [(n, row) for n, paragraph in enumerate(layout.paragraphs) for row in paragraph.rows]
    tall = np.flatnonzero(found.height >= _TALL * layout.text_height_px)
    rows = [
        (number, n, piece, k > 0)
        for number, (n, row) in enumerate(wholes, 1)
        for k, piece in enumerate(split_row(found, row, tall) if split else [row])
    ]
    measured = [
        PieceHeights(row=row, line=number, paragraph=n, heights=letter_heights(found, row))
        for number, n, row, _ in rows
    ]
    heights = settled([each.heights for each in measured])
    sizes = size_of_letters(found, measured, [row for _, row in wholes])
    # What the ink of a component is to the line at hand, by its label; components that were left
    # out as dirt have labels, too, and are nothing to any line.
    kind_of = np.zeros(found.highest + 1, np.int32)
    letters_of: list[npt.NDArray[np.int32]] = []
    for _, row in wholes:
        letters = row.members[found.height[row.members] >= _LETTER * row.height]
        letters_of.append(found.label[letters])
        kind_of[letters_of[-1]] = len(letters_of)
    letters_of = [labels[kind_of[labels] == k] for k, labels in enumerate(letters_of, 1)]
    kind_of[kind_of > 0] = _FOREIGN
    cut = []
    for (number, n, row, continues), h, size in zip(rows, heights, sizes, strict=True):
        own, members = letters_of[number - 1], found.label[row.members]
        before = kind_of[members]
        is_initial = row is wholes[number - 1][1].initial
        # Beside a letter of several rows that of the line is as small as a quote.
        kind_of[own] = _FOREIGN if is_initial else _OWN
        line = _cut_line(gray, found, row, h, n, rotation, kind_of)
        kind_of[members] = before
        kind_of[own] = _FOREIGN
        foreign = line.owner == _FOREIGN
        clear = without_foreign(line.gray, foreign, line.owner)
        np.maximum(line.owner, 0, out=line.owner)
        cut.append(
            replace(line, gray=clear, continues=continues, is_initial=is_initial, letters_are=size)
        )
    return cut


def _cut_line(
    gray: GrayImage,
    found: Components,
    row: Row,
    heights: Heights,
    region: int,
    rotation: PageMapping,
    kind_of: npt.NDArray[np.int32],
) -> LineImage:
    """The line, with the glyphs of its ink in `owner`; other ink is there as `kind_of` has it.

    Args:
        gray: the page.
        found: its components.
        row: the letters of the line.
        heights: of the line.
        region: that the line is in.
        rotation: from the upright page.
        kind_of: by the labels of all components; written to where they are of this line.
    """
    members = row.members
    margin = int(_MARGIN * row.height) + 2
    page_height, page_width = gray.shape
    x0 = max(0, int(found.x0[members].min()) - margin)
    x1 = min(page_width, int(found.x1[members].max()) + margin)
    y0 = max(0, int(found.y0[members].min()) - margin)
    y1 = min(page_height, int(found.y1[members].max()) + margin)
    corners = np.column_stack([v[members] for v in (found.x0, found.y0, found.x1, found.y1)])
    corners -= np.array([x0, y0, x0, y0], np.int32)
    boxes: list[Box4] = [(a, b, c, d) for a, b, c, d in corners.tolist()]
    baseline = (row.bottom + row.slope * x0 - y0, row.bottom + row.slope * x1 - y0)
    under = baseline[0] + (baseline[1] - baseline[0]) * (corners[:, 0] + corners[:, 2]) / 2 / (
        x1 - x0
    )
    groups = group_components(boxes, under.tolist(), heights.x_px)
    of = np.empty(len(members), np.int32)
    for n, group in enumerate(groups, 1):
        of[group] = n
    kind_of[found.label[members]] = of
    return LineImage(
        gray=gray[y0:y1, x0:x1],
        owner=kind_of.take(found.labels[y0:y1, x0:x1], mode="clip"),
        glyphs=tuple(_around([boxes[k] for k in group]) for group in groups),
        left_px=x0,
        top_px=y0,
        baseline_px=baseline,
        x_height_px=heights.x_px,
        cap_height_px=heights.cap_px,
        region=region,
        rotation=rotation,
    )


def _around(boxes: Sequence[Box4]) -> Glyph:
    if len(boxes) == 1:
        left, top, right, bottom = boxes[0]
        return Glyph(x0_px=left, y0_px=top, x1_px=right, y1_px=bottom)
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return Glyph(x0_px=min(x0), y0_px=min(y0), x1_px=max(x1), y1_px=max(y1))
