"""The stages of a page as pictures, so that a person sees where it went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import cv2
import numpy as np

from ocrq.types import PageResult, RegionKind
from pipeline.engines.engine import LineImage
from pipeline.image import GrayImage
from pipeline.orient import rotate_quarter
from pipeline.overlay import BLUE, GREEN, RED, ColourImage, draw_overlay, faded, frame
from pipeline.stages import Stages

_GREY: Final = (150, 150, 150)
_VIOLET: Final = (190, 60, 150)
_BROWN: Final = (30, 90, 160)
_COLOURS: Final = {
    RegionKind.TEXT: BLUE,
    RegionKind.PICTURE: _BROWN,
    RegionKind.PICTURE_TEXT: _VIOLET,
    RegionKind.TABLE: GREEN,
    RegionKind.RULE: _GREY,
}


def draw_stages(
    scan: GrayImage, stages: Stages, result: PageResult
) -> Iterator[tuple[str, ColourImage | GrayImage]]:
    """The name and the picture of each stage, in the order of the work.

    Args:
        scan: (H, W) uint8, 0 = black: the page as it was loaded.
        stages: of this page, filled.
        result: its reading.
    """
    yield "input", scan
    if stages.cleaned is not None:
        yield "cleaned", stages.cleaned
    if stages.mask is not None:
        yield "mask", np.where(stages.mask, np.uint8(0), np.uint8(255))
    if stages.straight is not None:
        yield "straight", stages.straight
    yield "regions", draw_regions(scan, result)
    if stages.straight is not None:
        yield "lines", draw_lines(stages.straight, stages.lines)
    yield "characters", draw_overlay(scan, result)


def draw_regions(scan: GrayImage, result: PageResult) -> ColourImage:
    """Regions with number in reading order and kind, over the upright page."""
    picture = faded(rotate_quarter(scan, result.rotation_deg))
    for region in result.regions:
        label = f"{region.number + 1} {region.kind.value.replace('_', ' ')}"
        frame(picture, region.box, _COLOURS.get(region.kind, RED), label)
    return picture


def draw_lines(straight: GrayImage, lines: Sequence[LineImage]) -> ColourImage:
    """The lines that were cut, read or not: number, glyphs, baseline and top of an x.

    Pieces of one line, which are read apart, have the number of the first.
    """
    picture = faded(straight)
    weight = max(1, round(max(picture.shape) / 2000))
    number = 0
    for line in lines:
        number += not line.continues
        for glyph in line.glyphs:
            corner = (line.left_px + glyph.x0_px, line.top_px + glyph.y0_px)
            opposite = (line.left_px + glyph.x1_px - 1, line.top_px + glyph.y1_px - 1)
            cv2.rectangle(picture, corner, opposite, GREEN, weight)
        left, right = line.baseline_px
        for above_px in (0.0, line.x_height_px):
            start = (line.left_px, round(line.top_px + left - above_px))
            end = (line.left_px + line.gray.shape[1], round(line.top_px + right - above_px))
            cv2.line(picture, start, end, BLUE, weight)
        place = (max(line.left_px - 26 * weight, 0), round(line.top_px + line.baseline_px[0]))
        cv2.putText(
            picture, str(number), place, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * weight, RED, weight
        )
    return picture


def reduced(picture: ColourImage | GrayImage, longest_px: int) -> ColourImage | GrayImage:
    """The picture with its longer side at most `longest_px`; small ones as they are.

    >>> reduced(np.zeros((400, 200), np.uint8), 100).shape
    (100, 50)
    """
    scale = longest_px / max(picture.shape[:2])
    if scale >= 1.0:
        return picture
    size = [max(1, round(side * scale)) for side in reversed(picture.shape[:2])]
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
