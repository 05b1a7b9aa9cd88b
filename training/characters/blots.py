"""Ink that belongs to no character: blots, and pieces of rules as tables and forms leave them."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

Bitmap = npt.NDArray[np.uint8]  # (H, W), 255 = ink


def draw_dirt(rng: np.random.Generator) -> Bitmap:
    """A ragged patch of several blots."""
    noise = rng.normal(size=(40, 40)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), rng.uniform(2.5, 6.0)), np.float32)
    level = np.quantile(noise, rng.uniform(0.55, 0.85))
    return np.where(noise > level, 255, 0).astype(np.uint8)


def draw_rule(rng: np.random.Generator) -> Bitmap:
    """A piece of a rule that no character looks like.

    A short one is a hyphen and an upright one an l, so these are: one far longer than any dash, a
    row of dots, or a rule from which several uprights stand (a form's comb).
    """
    thickness = int(rng.integers(2, 5))
    length = int(rng.integers(90, 170))
    canvas = np.zeros((64, 192), dtype=np.uint8)
    x, y, slope = 10, 30, float(rng.uniform(-0.03, 0.03))
    kind = rng.integers(3)
    if kind == 1:
        # Three and more dots: a leader; two are a colon that lies down.
        gap = int(rng.integers(8, 16))
        for at in range(x, x + max(length // 2, 4 * gap), gap):
            cv2.circle(canvas, (at, y), thickness, 255, -1)
        return _worn(canvas, rng)
    length = length // 2 if kind == 2 else length
    end = (x + length, round(y + slope * length))
    cv2.line(canvas, (x, y), end, 255, thickness if kind == 0 else max(thickness - 1, 2))
    if kind == 2:
        # Four teeth: three make an E on its back, two a U, one a T or an L.
        for tooth in np.linspace(0, length, int(rng.integers(4, 7))):
            at_x = x + round(float(tooth))
            height = int(rng.integers(8, 22))
            cv2.line(canvas, (at_x, y), (at_x, y - height), 255, max(thickness - 1, 2))
    return _worn(canvas, rng)


def _worn(canvas: Bitmap, rng: np.random.Generator) -> Bitmap:
    soft = np.asarray(cv2.GaussianBlur(canvas, (0, 0), rng.uniform(0.4, 1.2)), np.float32)
    soft += rng.normal(0, rng.uniform(1, 25), soft.shape)
    if rng.random() < 0.5:
        return np.where(soft > rng.uniform(70, 150), 255, 0).astype(np.uint8)
    return np.clip(np.where(soft < 60, 0, soft), 0, 255).astype(np.uint8)
