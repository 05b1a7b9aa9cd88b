"""What befalls pages between press and file: each fault by itself, as strong as archives see it.

A fault takes a page (H, W) uint8, 0 = ink, and a generator, and gives another of any size.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from bench import later_marks

GrayImage = npt.NDArray[np.uint8]
Rng = np.random.Generator
Fault = Callable[[GrayImage, Rng], GrayImage]


def _resized(share: float, back: float = 1.0) -> Fault:
    def fault(gray: GrayImage, _: Rng) -> GrayImage:
        small = cv2.resize(gray, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
        if back == 1.0:
            return _gray(small)
        return _gray(cv2.resize(small, None, fx=back, fy=back, interpolation=cv2.INTER_CUBIC))

    return fault


def _blurred(sigma_px: float) -> Fault:
    return lambda gray, _: _gray(cv2.GaussianBlur(gray, (0, 0), sigma_px))


def _shaken(length_px: int) -> Fault:
    """The camera moved along a slant while it was open."""

    def fault(gray: GrayImage, rng: Rng) -> GrayImage:
        kernel = np.zeros((length_px, length_px), np.float32)
        slope = float(rng.uniform(-1, 1))
        middle = length_px // 2
        far = round(middle * slope)
        cv2.line(kernel, (0, middle - far), (length_px - 1, middle + far), 1.0)
        return _gray(cv2.filter2D(gray, -1, kernel / kernel.sum()))

    return fault


def _noisy(levels: float, contrast: float = 1.0) -> Fault:
    def fault(gray: GrayImage, rng: Rng) -> GrayImage:
        tones = 255 - (255 - gray.astype(np.float32)) * contrast
        return _gray(tones - 20 + rng.normal(0, levels, gray.shape))

    return fault


def _lit_from_one_side(gray: GrayImage, _: Rng) -> GrayImage:
    return _gray(gray * np.linspace(0.35, 1.0, gray.shape[1], dtype=np.float32))


def _shadow(gray: GrayImage, rng: Rng) -> GrayImage:
    """The edge of a hand's shadow runs across the page."""
    height, width = gray.shape
    y, x = np.ogrid[:height, :width]
    slope, at = rng.uniform(-0.5, 0.5), rng.uniform(0.3, 0.7)
    inside = 1 / (1 + np.exp(((x - at * width) + slope * (y - height / 2)) / (0.006 * width)))
    return _gray(gray * (1 - 0.55 * inside))


def _spotlit(gray: GrayImage, _: Rng) -> GrayImage:
    """A lamp burns out the middle of the page to almost white."""
    height, width = gray.shape
    y, x = np.ogrid[:height, :width]
    near = np.exp(
        -(((x - width / 2) / (0.25 * width)) ** 2 + ((y - height / 2) / (0.2 * height)) ** 2)
    )
    return _gray(gray + (255 - gray.astype(np.float32)) * 0.85 * near)


def _turned(slope_deg: float) -> Fault:
    def fault(gray: GrayImage, _: Rng) -> GrayImage:
        height, width = gray.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), slope_deg, 1.0)
        turn[:, 2] += 0.1 * width, 0.1 * height
        size = (round(1.2 * width), round(1.2 * height))
        paper = int(np.median(gray[gray > gray.mean()]))
        return _gray(cv2.warpAffine(gray, turn, size, flags=cv2.INTER_LINEAR, borderValue=paper))

    return fault


def _from_aside(gray: GrayImage, _: Rng) -> GrayImage:
    height, width = gray.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    seen = corners + np.array([(0.06, 0.05), (-0.01, 0.0), (-0.04, -0.02), (0.0, -0.06)]) * (
        width, height)  # fmt: skip
    matrix = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    return _gray(cv2.warpPerspective(gray, matrix, (width, height), borderValue=90))


def _bent(gray: GrayImage, _: Rng) -> GrayImage:
    """A page that rises to its spine: lines sink at one side, letters crowd there."""
    height, width = gray.shape
    x = np.linspace(0, 1, width, dtype=np.float32)
    near_spine = np.exp(-x / 0.12)
    columns = x * width + 0.02 * width * near_spine
    sink = 0.018 * height * near_spine
    map_x = np.broadcast_to(columns.astype(np.float32), (height, width))
    rows = np.arange(height, dtype=np.float32)[:, None]
    tones = cv2.remap(
        gray, np.ascontiguousarray(map_x), (rows - sink).astype(np.float32), cv2.INTER_LINEAR,
        borderValue=255,
    )  # fmt: skip
    return _gray(tones * (1 - 0.5 * near_spine))


def _creased(gray: GrayImage, rng: Rng) -> GrayImage:
    """Folded in four: dark, jagged creases, letters shifted a little on one side of each."""
    height, width = gray.shape
    out = gray.astype(np.float32)
    for axis, size in ((0, height), (1, width)):
        at = round(size * float(rng.uniform(0.4, 0.6)))
        jagged = at + np.cumsum(rng.normal(0, 0.6, gray.shape[1 - axis]))
        place = np.arange(size)[:, None] if axis == 0 else np.arange(size)[None, :]
        line = jagged[None, :] if axis == 0 else jagged[:, None]
        out *= 1 - 0.6 * np.exp(-(((place - line) / (0.0012 * size)) ** 2))
    return _gray(out)


def _strokes(grow_px: int) -> Fault:
    kernel = np.ones((3, 3), np.uint8)

    def fault(gray: GrayImage, _: Rng) -> GrayImage:
        return _gray(cv2.erode(gray, kernel) if grow_px > 0 else cv2.dilate(gray, kernel))

    return fault


def _salt(share: float) -> Fault:
    def fault(gray: GrayImage, rng: Rng) -> GrayImage:
        dice = rng.random(gray.shape)
        return np.where(dice < share, 0, np.where(dice > 1 - share, 255, gray)).astype(np.uint8)

    return fault


def _jpeg(quality: int) -> Fault:
    def fault(gray: GrayImage, _: Rng) -> GrayImage:
        data = cv2.imencode(".jpg", gray, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)

    return fault


def _shining_through(gray: GrayImage, _: Rng) -> GrayImage:
    back = cv2.GaussianBlur(np.fliplr(np.roll(gray, 37, axis=0)), (0, 0), 3)
    return _gray(np.minimum(gray, 255 - (255 - back.astype(np.float32)) * 0.35))


def _stained(gray: GrayImage, rng: Rng) -> GrayImage:
    """Rings and blots of a cup and a leak."""
    height, width = gray.shape
    stain = np.zeros((height, width), np.float32)
    for _blot in range(6):
        middle = (int(rng.integers(width)), int(rng.integers(height)))
        radius = int(rng.uniform(0.05, 0.2) * width)
        cv2.circle(stain, middle, radius, float(rng.uniform(0.1, 0.25)), -1)
        cv2.circle(stain, middle, radius, float(rng.uniform(0.25, 0.45)), max(2, radius // 18))
    return _gray(gray * (1 - cv2.GaussianBlur(stain, (0, 0), 0.003 * width)))


def _faxed(gray: GrayImage, rng: Rng) -> GrayImage:
    """204 x 98 dpi, one bit, some rows lost."""
    height, width = gray.shape
    small = cv2.resize(
        gray, (round(0.68 * width), round(0.33 * height)), interpolation=cv2.INTER_AREA
    )
    bits = np.where(small < 0.6 * np.median(small), 0, 255).astype(np.uint8)
    bits[rng.random(len(bits)) < 0.004] = 255
    return _gray(cv2.resize(bits, (round(0.68 * width), round(0.66 * height)),
                            interpolation=cv2.INTER_NEAREST))  # fmt: skip


def _dithered(gray: GrayImage, _: Rng) -> GrayImage:
    """Grey paper in one bit by an ordered screen."""
    screen = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) * 16 + 8
    height, width = gray.shape
    tiled = np.tile(screen, (height // 4 + 1, width // 4 + 1))[:height, :width]
    return np.where(gray * 0.82 > tiled, 255, 0).astype(np.uint8)


def _streaked(gray: GrayImage, rng: Rng) -> GrayImage:
    """Dirt on the scanner's glass: dark columns from top to bottom."""
    out = gray.astype(np.float32)
    for _streak in range(8):
        x = int(rng.integers(gray.shape[1] - 3))
        out[:, x : x + int(rng.integers(1, 4))] *= rng.uniform(0.3, 0.8)
    return _gray(out)


def _in_black_bed(gray: GrayImage, _: Rng) -> GrayImage:
    side = round(0.08 * gray.shape[1])
    return _gray(cv2.copyMakeBorder(gray, side, side, side, side, cv2.BORDER_CONSTANT, value=12))


def _by_phone(gray: GrayImage, rng: Rng) -> GrayImage:
    """From aside, under a shadow, a little out of focus, noisy, and saved small."""
    seen = _shadow(_from_aside(gray, rng), rng)
    return _jpeg(40)(_noisy(8)(_blurred(1.2)(seen, rng), rng), rng)


def _copied_thrice(gray: GrayImage, rng: Rng) -> GrayImage:
    """A copy of a copy of a copy: strokes fill in or break, dirt is added each time."""
    for _copy in range(3):
        soft = cv2.GaussianBlur(gray, (0, 0), 1.1) + rng.normal(0, 12, gray.shape)
        gray = np.where(soft < 0.62 * np.median(soft), 0, 255).astype(np.uint8)
        gray = _salt(0.0005)(gray, rng)
    return gray


def _negative(gray: GrayImage, _: Rng) -> GrayImage:
    return _gray(255 - gray)


def _upside_down(gray: GrayImage, _: Rng) -> GrayImage:
    return _gray(gray[::-1, ::-1])


def _gray(tones: npt.ArrayLike) -> GrayImage:
    return np.asarray(np.clip(tones, 0, 255), np.uint8)


FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "as scanned": lambda gray, _: gray,
        "half the resolution": _resized(0.5),
        "a third of it": _resized(1 / 3),
        "a third, enlarged again": _resized(1 / 3, 3.0),
        "blurred by 1.5 px": _blurred(1.5),
        "blurred by 2.5 px": _blurred(2.5),
        "shaken by 9 px": _shaken(9),
        "noise of 25 levels": _noisy(25),
        "a third of the contrast, noise of 8 levels": _noisy(8, 0.33),
        "lit from one side": _lit_from_one_side,
        "a shadow across": _shadow,
        "burnt out by a lamp": _spotlit,
        "turned by 3 degrees": _turned(3),
        "turned by 9 degrees": _turned(-9),
        "photographed from aside": _from_aside,
        "bent towards the spine": _bent,
        "folded in four": _creased,
        "strokes a pixel thicker": _strokes(1),
        "strokes a pixel thinner": _strokes(-1),
        "1 % black, 1 % white pixels": _salt(0.01),
        "JPEG of quality 15": _jpeg(15),
        "the back shines through": _shining_through,
        "stained": _stained,
        "photographed by a phone": _by_phone,
        "copied three times": _copied_thrice,
        "faxed": _faxed,
        "dithered": _dithered,
        "streaked": _streaked,
        "in a black bed": _in_black_bed,
        "a negative": _negative,
        "upside down": _upside_down,
        "pens across": later_marks.pens_across,
        "struck out": later_marks.struck_out,
        "underlined by hand": later_marks.underlined,
        "under a marker": later_marks.marked,
        "shaded rows": later_marks.shaded_rows,
        "stamped": later_marks.stamped,
        "under a cup": later_marks.under_a_cup,
        "punched": later_marks.punched,
        "on ruled paper": later_marks.on_ruled_paper,
        "hairs and dust": later_marks.dusty,
    }
)
