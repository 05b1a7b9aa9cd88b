"""A page with what was read drawn over it: boxes coloured by confidence, lines and regions."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from ocrq.types import Box, PageResult
from pipeline.image import GrayImage
from pipeline.orient import rotate_quarter

ColourImage = npt.NDArray[np.uint8]  # (H, W, 3), blue, green, red as OpenCV writes it

RED: Final = (40, 40, 220)
_AMBER: Final = (0, 150, 245)
GREEN: Final = (70, 160, 50)
BLUE: Final = (200, 120, 30)
_FADE: Final = 0.45  # of the page's ink, so that the boxes stand out
_TINT: Final = 0.25  # of the colour inside of a box

#: Below the first a character is doubtful, from the second on it is sure.
DOUBTFUL, SURE = 0.9, 0.99


def draw_overlay(scan: GrayImage, result: PageResult) -> ColourImage:
    """Draw a reading over its page.

    Characters are red when they are doubtful, amber when they are fair, green when they are sure;
    spaces are left out. Baselines are thin and blue, regions have blue frames and their number in
    reading order.

    Args:
        scan: (H, W) uint8, 0 = black: the page as it was loaded, before any turn.
        result: its reading.

    Returns:
        (H', W', 3) uint8 of the upright page, in OpenCV's order of colours.
    """
    upright = rotate_quarter(scan, result.rotation_deg)
    picture = faded(upright)
    weight = max(1, round(max(picture.shape) / 2000))
    for line in result.lines:
        for char in line.chars:
            if char.char != " ":
                _draw_box(picture, char.box, confidence_colour(char.confidence), weight)
        (x0, y0), (x1, y1) = line.baseline
        cv2.line(picture, (round(x0), round(y0)), (round(x1), round(y1)), BLUE, weight)
    for region in result.regions:
        frame(picture, region.box, BLUE, str(region.number + 1))
    return picture


def faded(gray: GrayImage) -> ColourImage:
    """A page with pale ink, in colour, to be drawn on."""
    pale = 255 - (255 - gray.astype(np.float32)) * (1 - _FADE)
    return np.repeat(pale.astype(np.uint8)[..., None], 3, axis=2)


def frame(picture: ColourImage, box: Box, colour: tuple[int, int, int], label: str) -> None:
    """A frame around a box, with a label at its upper left corner."""
    weight = max(1, round(max(picture.shape) / 2000))
    corner, opposite = (box.x0_px, box.y0_px), (box.x1_px - 1, box.y1_px - 1)
    cv2.rectangle(picture, corner, opposite, colour, weight)
    place = (max(box.x0_px - 22 * weight, 0), box.y0_px + 14 * weight)
    cv2.putText(picture, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.5 * weight, colour, weight)


def confidence_colour(confidence: float) -> tuple[int, int, int]:
    """Red, amber or green.

    >>> confidence_colour(0.5) == RED, confidence_colour(1.0) == GREEN
    (True, True)
    """
    if confidence < DOUBTFUL:
        return RED
    return _AMBER if confidence < SURE else GREEN


def _draw_box(
    picture: npt.NDArray[np.uint8], box: Box, colour: tuple[int, int, int], weight: int
) -> None:
    inside = picture[box.y0_px : box.y1_px, box.x0_px : box.x1_px]
    inside[:] = (inside * (1 - _TINT) + np.array(colour) * _TINT).astype(np.uint8)
    corner, opposite = (box.x0_px, box.y0_px), (box.x1_px - 1, box.y1_px - 1)
    cv2.rectangle(picture, corner, opposite, colour, weight)
