"""What crosses a line of text: strokes of pens, hairs, creases, stains, scratches.

All work on the recogniser's own picture, (32, W) uint8 with ink 255.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

GrayImage = npt.NDArray[np.uint8]
Rng = np.random.Generator

#: Share of the lines that are crossed by strokes, shaded in part, scratched.
_STRUCK, _SHADED, _SCRATCHED = 0.10, 0.04, 0.02
_FINE_BITS = 3  # of a pixel's parts in which strokes are placed
_POINTS = 24  # of a curve


def crossed(rng: Rng, image: GrayImage) -> GrayImage:
    """The line with what may lie across it, now and then."""
    kind = rng.random()
    if kind < _STRUCK:
        return _struck(rng, image)
    if kind < _STRUCK + _SHADED:
        return _shaded(rng, image)
    if kind < _STRUCK + _SHADED + _SCRATCHED:
        return np.asarray(cv2.subtract(image, _strokes(rng, image.shape, steep=True)), np.uint8)
    return image


def _struck(rng: Rng, image: GrayImage) -> GrayImage:
    """Crossed by dark strokes: steep ones of a crease or a pen, long flat ones, hairs."""
    strokes = _strokes(rng, image.shape, steep=bool(rng.random() < 0.6))
    return np.asarray(np.maximum(image, strokes), np.uint8)


def _strokes(rng: Rng, shape: tuple[int, ...], *, steep: bool) -> GrayImage:
    height, width = shape
    drawn = np.zeros((height, width), np.uint8)
    tone, thick = int(rng.uniform(90, 255)), int(rng.choice((1, 1, 2)))
    for _ in range(1 + rng.poisson(width / 400)):
        along = np.linspace(0, 1, _POINTS)
        reach = rng.uniform(-40, 40) if steep else rng.uniform(0.2, 1.0) * width
        x = rng.uniform(0, width) + reach * along
        if steep:
            y = np.linspace(-4, height + 4, _POINTS)
        else:
            y = rng.uniform(-0.3, 1.3) * height + rng.uniform(-0.8, 0.8) * height * along
        x = x + rng.uniform(-12, 12) * np.sin(np.pi * along) + np.cumsum(_jag(rng))
        y = y + rng.uniform(-8, 8) * np.sin(np.pi * along) + np.cumsum(_jag(rng))
        points = np.round(np.stack([x, y], axis=1) * 2**_FINE_BITS).astype(np.int32)
        cv2.polylines(drawn, [points], False, tone, thick, cv2.LINE_AA, _FINE_BITS)
    return drawn


def _jag(rng: Rng) -> npt.NDArray[np.float64]:
    return rng.normal(0, 0.7, _POINTS) if rng.random() < 0.4 else np.zeros(_POINTS)


def _shaded(rng: Rng, image: GrayImage) -> GrayImage:
    """Darker in a part, as under a marker, the edge of a stain or a watermark."""
    height, width = image.shape
    x = rng.uniform(-0.2, 1.0) * width
    corners = np.array(
        [
            [x + rng.uniform(-20, 20), -1],
            [x + rng.uniform(10, max(12.0, 0.6 * width)), -1],
            [x + rng.uniform(10, max(12.0, 0.6 * width)), height],
            [x + rng.uniform(-20, 20), height],
        ]
    )
    place = np.zeros((height, width), np.uint8)
    cv2.fillPoly(place, [np.round(corners).astype(np.int32)], 255)
    if rng.random() < 0.5:
        place = np.asarray(cv2.GaussianBlur(place, (0, 0), rng.uniform(0.8, 4)), np.uint8)
    depth = place * (rng.uniform(0.1, 0.4) / 255)
    return np.asarray(image + (255.0 - image) * depth, np.uint8)
