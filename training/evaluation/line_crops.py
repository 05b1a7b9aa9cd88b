"""A line crop from a file as the line image that engines read on pages."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.binarize import binarize
from pipeline.engines.engine import LineImage
from pipeline.image import GrayImage
from pipeline.layout.components import Components, find_components, text_height
from pipeline.layout.page import Layout, Paragraph
from pipeline.layout.row import Row
from pipeline.lines import cut_lines
from pipeline.rotation import Rotation

#: Ink whose middle is so near the upper or lower edge (share of the height) is a sliver of a
#: neighbouring line, if it touches that edge.
_EDGE = 0.2


def line_image(gray: GrayImage) -> LineImage:
    """Segment a crop: its components are one level row.

    The line recogniser is given the crop as it is: its first glyph is made to reach from edge to
    edge, so that faint ink which thresholding loses is still in the picture. Ink is told by the
    owners of pixels, not by the glyph's box.

    Args:
        gray: (H, W) uint8, 0 = ink; one line of text.

    Returns:
        A line of a page that is the crop.
    """
    return _whole(_segmented(gray), gray)


def _whole(line: LineImage, gray: GrayImage) -> LineImage:
    if not line.glyphs:
        return line
    dx_px, dy_px = line.left_px, line.top_px
    owner = np.zeros(gray.shape, np.int32)
    owner[dy_px : dy_px + line.gray.shape[0], dx_px : dx_px + line.gray.shape[1]] = line.owner
    glyphs = [
        replace(g, x0_px=g.x0_px + dx_px, y0_px=g.y0_px + dy_px, x1_px=g.x1_px + dx_px,
                y1_px=g.y1_px + dy_px)
        for g in line.glyphs
    ]  # fmt: skip
    glyphs[0] = replace(glyphs[0], y0_px=0, y1_px=gray.shape[0])
    level = line.baseline_px[0] + dy_px
    return replace(
        line,
        gray=gray,
        owner=owner,
        glyphs=tuple(glyphs),
        left_px=0,
        top_px=0,
        baseline_px=(level, level),
    )


def _segmented(gray: GrayImage) -> LineImage:
    height_px, width_px = gray.shape
    found = find_components(binarize(gray))
    rotation = Rotation.of(width_px, height_px, 0.0)
    members = _own(found, height_px)
    if len(members) == 0:
        return LineImage(
            gray=gray,
            owner=np.zeros(gray.shape, np.int32),
            glyphs=(),
            left_px=0,
            top_px=0,
            baseline_px=(0.75 * height_px, 0.75 * height_px),
            x_height_px=0.4 * height_px,
            cap_height_px=0.55 * height_px,
            region=0,
            rotation=rotation,
        )
    row = Row(
        members=members,
        x0=int(found.x0[members].min()),
        x1=int(found.x1[members].max()),
        top=_weighted(found, members, found.y0),
        bottom=_weighted(found, members, found.y1),
        slope=0.0,
    )
    layout = Layout(
        found=found, text_height_px=text_height(found), paragraphs=(Paragraph(rows=(row,)),)
    )
    return cut_lines(gray, layout, rotation, split=False)[0]


def _own(found: Components, height_px: int) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    middle = (found.y0 + found.y1) / 2
    sliver = (found.y0 == 0) & (middle < _EDGE * height_px)
    sliver |= (found.y1 == height_px) & (middle > (1 - _EDGE) * height_px)
    return np.flatnonzero(~sliver & (found.area >= 2))


def _weighted(
    found: Components,
    members: np.ndarray[tuple[int], np.dtype[np.intp]],
    edge: np.ndarray[tuple[int], np.dtype[np.int32]],
) -> float:
    """Median of an edge over the ink, so that specks and dots count little."""
    order = members[np.argsort(edge[members])]
    weight = np.cumsum(found.area[order])
    return float(edge[order[np.searchsorted(weight, weight[-1] / 2)]])
