"""What is done to pages long after they were printed: pens, markers, stamps, holes, coffee.

Faults as those of `bench.faults`: (H, W) uint8, 0 = ink, and a generator.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

GrayImage = npt.NDArray[np.uint8]
Rng = np.random.Generator
Points = npt.NDArray[np.float64]


def pens_across(gray: GrayImage, rng: Rng) -> GrayImage:
    """Three curves of a pen from anywhere to anywhere."""
    height, width = gray.shape
    out = gray.copy()
    for _ in range(3):
        ends = rng.uniform(0, 1, (4, 2)) * (width, height)
        _draw(out, _bezier(ends), 40, max(2, height // 500))
    return out


def struck_out(gray: GrayImage, _: Rng) -> GrayImage:
    """One straight stroke from corner to corner."""
    height, width = gray.shape
    out = gray.copy()
    ends = np.array([[0.1 * width, 0.2 * height], [0.9 * width, 0.85 * height]])
    _draw(out, ends, 30, max(2, height // 600))
    return out


def underlined(gray: GrayImage, rng: Rng) -> GrayImage:
    """Half of the lines underlined in part by an unsteady hand."""
    height, width = gray.shape
    out = gray.copy()
    inked = np.flatnonzero((gray < 128).mean(axis=1) > 0.04)
    firsts = inked[1:][np.diff(inked) > 3]
    for top in firsts[::2].tolist():
        x = rng.uniform(0.1, 0.4) * width + np.arange(int(0.4 * width))
        y = top + 0.017 * height + np.cumsum(rng.normal(0, 0.25, len(x)))
        _draw(out, np.stack([x, y], axis=1), 60, 2)
    return out


def marked(gray: GrayImage, rng: Rng) -> GrayImage:
    """Eight strokes of a marker, which a grey scan shows as dark as 62 parts in a hundred."""
    height, width = gray.shape
    out = gray.astype(np.float32)
    for _ in range(8):
        x, y = int(rng.uniform(0.05, 0.6) * width), int(rng.uniform(0.1, 0.9) * height)
        out[y : y + height // 45, x : x + int(0.3 * width)] *= 0.62
    return out.astype(np.uint8)


def shaded_rows(gray: GrayImage, _: Rng) -> GrayImage:
    """Every second thirtieth of the page printed on grey."""
    height, width = gray.shape
    out = gray.astype(np.float32)
    row = max(1, height // 30)
    for y in range(row, height, 2 * row):
        out[y : y + row, int(0.05 * width) : int(0.95 * width)] *= 0.66
    return out.astype(np.uint8)


def stamped(gray: GrayImage, _: Rng) -> GrayImage:
    """Two rings and a word of a stamp over the text."""
    height, width = gray.shape
    out = gray.copy()
    middle, radius = (int(0.6 * width), int(0.4 * height)), int(0.12 * width)
    cv2.circle(out, middle, radius, 70, max(2, width // 250), cv2.LINE_AA)
    cv2.circle(out, middle, int(0.8 * radius), 70, max(1, width // 400), cv2.LINE_AA)
    at = (middle[0] - int(0.75 * radius), middle[1] + 8)
    cv2.putText(out, "RECEIVED", at, cv2.FONT_HERSHEY_DUPLEX, radius / 85, 70, 2, cv2.LINE_AA)
    return out


def under_a_cup(gray: GrayImage, rng: Rng) -> GrayImage:
    """Two rings of coffee."""
    height, width = gray.shape
    y, x = np.mgrid[:height, :width]
    out = gray.astype(np.float32)
    for _ in range(2):
        cx, cy = rng.uniform(0.2, 0.8) * width, rng.uniform(0.2, 0.8) * height
        radius = rng.uniform(0.12, 0.2) * width
        far = np.hypot(x - cx, y - cy)
        out *= 1 - 0.35 * np.exp(-(((far - radius) / (0.008 * width)) ** 2)) - 0.1 * (far < radius)
    return np.clip(out, 0, 255).astype(np.uint8)


def punched(gray: GrayImage, _: Rng) -> GrayImage:
    """Four holes at the left, black as the bed of the scanner."""
    height, width = gray.shape
    out = gray.copy()
    for share in (0.1, 0.37, 0.63, 0.9):
        middle = (int(0.035 * width), int(share * height))
        cv2.circle(out, middle, int(0.014 * height), 0, -1)
    return out


def on_ruled_paper(gray: GrayImage, _: Rng) -> GrayImage:
    """Grey rules at a distance that is not the text's."""
    height = len(gray)
    out = gray.copy()
    step = max(3, height // 40)
    for y in range(step, height, step):
        out[y : y + 2] = np.minimum(out[y : y + 2], 120)
    return out


def dusty(gray: GrayImage, rng: Rng) -> GrayImage:
    """Hairs and dust on the glass."""
    height, width = gray.shape
    out = gray.copy()
    for _ in range(25):
        start = rng.uniform(0, 1, 2) * (width, height)
        _draw(out, start + np.cumsum(rng.normal(0, 6, (40, 2)), axis=0), 60, 1)
    for x, y in (rng.uniform(0, 1, (150, 2)) * (width, height)).astype(int).tolist():
        cv2.circle(out, (x, y), int(rng.integers(1, 4)), 60, -1)
    return out


def _draw(gray: GrayImage, points: Points, tone: int, thick_px: int) -> None:
    cv2.polylines(gray, [np.round(points).astype(np.int32)], False, tone, thick_px, cv2.LINE_AA)


def _bezier(ends: Points) -> Points:
    """(200, 2) points of the cubic curve of four points."""
    t = np.linspace(0, 1, 200)[:, None]
    weights = np.hstack([(1 - t) ** 3, 3 * (1 - t) ** 2 * t, 3 * (1 - t) * t**2, t**3])
    return np.asarray(weights @ ends)
