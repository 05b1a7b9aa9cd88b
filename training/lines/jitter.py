"""Change a line picture a little, so that a line seen twice is not the same twice.

Real lines are few and are seen dozens of times; what a scanner might have done to them is drawn
anew each time. All work on the recogniser's own picture, (32, W) uint8 with ink 255.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from training.lines.crossed import crossed

GrayImage = npt.NDArray[np.uint8]
Rng = np.random.Generator

#: Share of the lines that are shown as they are.
_UNTOUCHED = 0.2
#: Up to where a draw means a photograph out of focus, one of a camera that moved, and a scan of
#: few dots an inch.
_OUT_OF_FOCUS, _SHAKEN, _REDUCED = 0.40, 0.47, 0.53


def jitter(rng: Rng, image: GrayImage) -> GrayImage:
    """Stretch, shift and slant a line a little; cross and wear it now and then."""
    if rng.random() < _UNTOUCHED:
        return image
    return _worn(rng, crossed(rng, _moved(rng, image)))


def _moved(rng: Rng, image: GrayImage) -> GrayImage:
    height, width = image.shape
    slant = rng.normal(0, 0.06) if rng.random() < 0.4 else 0.0
    lean = abs(slant) * height
    new_width = max(8, round(width * rng.uniform(0.92, 1.12) + lean))
    zoom = rng.uniform(0.84, 1.08)
    shift = rng.uniform(-1.0, 1.0) * max(0.0, (1 - zoom) * height / 2 + 1)
    stretch = max(0.5, (new_width - lean) / width)
    left = max(0.0, slant) * height
    matrix = np.array(
        [[stretch, -slant, left], [0, zoom, height / 2 * (1 - zoom) + shift]], np.float32
    )
    return np.asarray(cv2.warpAffine(image, matrix, (new_width, height)), np.uint8)


def _worn(rng: Rng, image: GrayImage) -> GrayImage:
    """Bolder or thinner by a part of a pixel, blurred, shaken, broken, noisy or in two levels."""
    kind = rng.random()
    if kind < 0.12:
        image = _blended(rng, image, np.asarray(cv2.dilate(image, _brush(rng)), np.uint8))
    elif kind < 0.24:
        image = _blended(rng, image, np.asarray(cv2.erode(image, _brush(rng)), np.uint8))
    elif kind < 0.36:
        image = np.asarray(cv2.GaussianBlur(image, (0, 0), rng.uniform(0.4, 1.0)), np.uint8)
    elif kind < _OUT_OF_FOCUS:
        image = _stretched(cv2.GaussianBlur(image, (0, 0), rng.uniform(1.0, 1.8)))
    elif kind < _SHAKEN:
        image = _stretched(cv2.filter2D(image, -1, _path_of_camera(rng)))
    elif kind < _REDUCED:
        image = _reduced(rng, image)
    if rng.random() < 0.06:  # strokes with gaps, unevenly inked
        field = cv2.GaussianBlur(rng.random(image.shape, dtype=np.float32), (0, 0), 1.2)
        gaps = field > np.quantile(field, 1 - rng.uniform(0.03, 0.15))
        image = np.where(gaps, image * rng.uniform(0.0, 0.5), image).astype(np.uint8)
    if rng.random() < 0.12:
        noise = rng.normal(0, rng.uniform(4, 22), image.shape)
        image = np.clip(image + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.03:  # pixels that fell out, black or white
        lost = rng.random(image.shape) < rng.uniform(0.003, 0.03)
        image = np.where(lost, rng.integers(0, 2, image.shape) * 200 + 28, image).astype(np.uint8)
    if rng.random() < 0.10:  # faint or heavy ink
        levels = (np.arange(256) / 255.0) ** rng.uniform(0.6, 1.6) * 255
        image = np.asarray(cv2.LUT(image, levels.astype(np.uint8)), np.uint8)
    if rng.random() < 0.08:
        image = np.where(image > rng.uniform(90, 165), 255, 0).astype(np.uint8)
    return image


def _path_of_camera(rng: Rng) -> npt.NDArray[np.float32]:
    """(K, K) where a camera's picture went while it was open; the sum is 1."""
    reach = rng.uniform(1.0, 2.8)
    angle = rng.uniform(0, np.pi)
    side = 2 * int(np.ceil(reach)) + 1
    fine = 8  # times finer, so that short paths have a direction too
    kernel = np.zeros((side * fine, side * fine), np.float32)
    middle = side * fine / 2
    dx, dy = reach * fine * np.cos(angle), reach * fine * np.sin(angle)
    ends = [(round(middle + s * dx), round(middle + s * dy)) for s in (-1, 1)]
    cv2.line(kernel, ends[0], ends[1], 1.0, fine)
    small = cv2.resize(kernel, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(small / small.sum(), np.float32)


def _reduced(rng: Rng, image: GrayImage) -> GrayImage:
    """A line as it is when scanned 11 to 19 px high, at times in two levels, and enlarged again."""
    height, width = image.shape
    share = rng.uniform(0.34, 0.6)
    small = cv2.resize(
        image,
        (max(4, round(width * share)), max(4, round(height * share))),
        interpolation=cv2.INTER_AREA,
    )
    if rng.random() < 0.3:  # as a fax
        ink = max(60.0, float(np.percentile(small, 99)))
        small = np.where(small > ink * rng.uniform(0.3, 0.55), 255, 0).astype(np.uint8)
    return _stretched(cv2.resize(small, (width, height), interpolation=cv2.INTER_CUBIC))


def _stretched(image: cv2.typing.MatLike) -> GrayImage:
    """Ink as dark again as a line's picture has it (`pipeline.line_image.normalise_line`)."""
    ink = max(60.0, float(np.percentile(image, 99)))
    return np.asarray(np.clip(image * (255.0 / ink), 0, 255), np.uint8)


def _brush(rng: Rng) -> npt.NDArray[np.uint8]:
    return np.ones(((2, 2), (1, 2), (2, 1))[int(rng.integers(3))], np.uint8)


def _blended(rng: Rng, image: GrayImage, other: GrayImage) -> GrayImage:
    share = rng.uniform(0.2, 0.8)
    return np.asarray(cv2.addWeighted(image, 1 - share, other, share, 0), np.uint8)
