"""Negatives of handprint: two characters that touch, and halves that look like nothing."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.charset import CharacterSet

Bitmap = npt.NDArray[np.uint8]  # (H, W), 255 = ink

#: A pair with one of these may be a character: cl is d, l3 is B, VV is W, 1< is K.
_RISKY: Final = frozenset("1Iil|jJtrfcCLTvVuUnr7(y")
_LOW: Final = frozenset("aceimnorsuvwxz")  # drawn at x-height beside others
_LEFT_HALVES: Final = "sSzZ"
_RIGHT_HALVES: Final = "sSzZR"
_BOX_LEVEL: Final = 60


def draw_hand_pair(handprint: CharacterSet, rng: np.random.Generator) -> Bitmap:
    """Two characters of like size on one line, touching or overlapping a little."""
    rows = _rows(handprint, "".join(c for c in ASCII_CLASSES[:62] if c not in _RISKY))
    first, second = rng.choice(rows, size=2)
    parts = []
    for row in (first, second):
        char = ASCII_CLASSES[int(handprint.labels[row])]
        height = rng.uniform(15, 22) if char in _LOW else rng.uniform(22, 30)
        parts.append(_scaled(_cropped(handprint.images[row]), height))
    left, right = parts
    overlap = int(rng.integers(-1, 1 + max(2, min(left.shape[1], right.shape[1]) // 5)))
    start = max(1, left.shape[1] - overlap)
    height_px = max(left.shape[0], right.shape[0]) + 3
    canvas = np.zeros((height_px, start + max(right.shape[1], overlap)), dtype=np.uint8)
    for part, x in ((left, 0), (right, start)):
        y = height_px - part.shape[0] - int(rng.integers(0, 4))
        place = canvas[max(y, 0) : max(y, 0) + part.shape[0], x : x + part.shape[1]]
        np.maximum(place, part[: place.shape[0], : place.shape[1]], out=place)
    return canvas


def draw_hand_half(handprint: CharacterSet, rng: np.random.Generator) -> Bitmap:
    """Less than half of a character, left or right, of those whose halves are none."""
    is_left = rng.random() < 0.5
    row = int(rng.choice(_rows(handprint, _LEFT_HALVES if is_left else _RIGHT_HALVES)))
    glyph = _cropped(handprint.images[row])
    kept = max(2, round(glyph.shape[1] * rng.uniform(0.33, 0.48)))
    return np.ascontiguousarray(glyph[:, :kept] if is_left else glyph[:, -kept:])


def _rows(handprint: CharacterSet, chars: str) -> npt.NDArray[np.int64]:
    """Rows that show one of these; all rows when none does."""
    rows = np.flatnonzero(_marks(chars)[handprint.labels])
    return rows if len(rows) else np.arange(len(handprint))


@lru_cache(maxsize=8)
def _marks(chars: str) -> npt.NDArray[np.bool_]:
    marks = np.zeros(len(ASCII_CLASSES) + 1, dtype=np.bool_)
    marks[[ASCII_CLASSES.index(c) for c in chars]] = True
    return marks


def _cropped(image: Bitmap) -> Bitmap:
    x, y, width, height = cv2.boundingRect((image > _BOX_LEVEL).view(np.uint8))
    return image[y : y + height, x : x + width] if width else image


def _scaled(glyph: Bitmap, height_px: float) -> Bitmap:
    scale = height_px / glyph.shape[0]
    # A flat stroke blown up to the height of a letter would be a blot.
    scale = min(scale, 30 / glyph.shape[1])
    width = max(2, round(glyph.shape[1] * scale))
    height = max(2, round(glyph.shape[0] * scale))
    return np.asarray(cv2.resize(glyph, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
