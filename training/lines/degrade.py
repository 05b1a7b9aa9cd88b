"""What printing, typing, scanning, faxing and photographing do to a line of text.

All functions take and give (H, W) uint8, 0 = ink, 255 = paper, and draw from the given generator.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

GrayImage = npt.NDArray[np.uint8]
Rng = np.random.Generator

#: Pixels of ink in a letter of a picture that says something: print has 40 to 90, broken type 20.
_LEAST_INK_PX = 8
_INK = 96  # tone from which on it is ink


def warp(rng: Rng, image: GrayImage) -> GrayImage:
    """A small slope, slant, stretch and a slow wave of the baseline."""
    height, width = image.shape
    slope = rng.normal(0, 0.006 if rng.random() < 0.8 else 0.015) * min(1.0, 300 / width)
    slant = rng.normal(0, 0.05)
    stretch = rng.uniform(0.8, 1.25)
    new_width = int(width * stretch + abs(slant) * height + 4)
    matrix = np.array([[stretch, slant, 0.0], [slope, 1.0, 0.0]])
    centre = np.array([width / 2, height / 2])
    matrix[:, 2] = np.array([new_width / 2, height / 2]) - matrix[:, :2] @ centre
    out = cv2.warpAffine(image, matrix, (new_width, height), borderValue=255)
    if rng.random() < 0.15:
        x = np.arange(new_width, dtype=np.float32)
        wave = rng.uniform(0.3, 0.04 * height + 0.3) * np.sin(
            x / rng.uniform(60, 400) + rng.uniform(0, 6.3)
        )
        rows = np.arange(height, dtype=np.float32)[:, None] + wave[None].astype(np.float32)
        columns = np.broadcast_to(x, rows.shape).astype(np.float32)
        out = cv2.remap(out, columns, rows, cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(out, np.uint8)


def degrade(
    rng: Rng, image: GrayImage, x_height_px: float, *, damage: float = 1.0, least_px: float = 7.0
) -> GrayImage:
    """Draw a chain of faults.

    Args:
        rng: draws them.
        image: a clean line.
        x_height_px: scales what is measured in strokes.
        damage: how often what takes strokes away or adds some happens, of its usual chance.
        least_px: lowest x-height that a scan may have.
    """
    image = _stroke_weight(rng, image)
    if rng.random() < 0.15 * damage:
        image = _broken_strokes(rng, image)
    if rng.random() < 0.04 * damage:
        image = _dots(rng, image, x_height_px)
    if rng.random() < 0.06 * damage:
        image = _rules(rng, image)
    if rng.random() < 0.04 * damage:
        image = _pencil(rng, image, x_height_px)
    image = _resolution(rng, image, x_height_px, least_px)
    tone = _tones(rng, image, damage)
    if rng.random() < 0.10:
        tone = _bleed_through(rng, tone)
    out = np.clip(tone, 0, 255).astype(np.uint8)
    if rng.random() < 0.25:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 75))]
        out = np.asarray(cv2.imdecode(cv2.imencode(".jpg", out, quality)[1], 0), np.uint8)
    if rng.random() < 0.30:  # bilevel scans: books and faxes
        level, _ = cv2.threshold(out, 0, 255, cv2.THRESH_OTSU)
        out = np.where(out > level + rng.uniform(-25, 25), 255, 0).astype(np.uint8)
    if rng.random() < 0.08:
        out = _speckle(rng, out)
    return np.asarray(out, np.uint8)


def _stroke_weight(rng: Rng, image: GrayImage) -> GrayImage:
    kind = rng.random()
    if kind < 0.12:
        return np.asarray(cv2.erode(image, np.ones((2, 2), np.uint8)), np.uint8)
    if kind < 0.24:
        kernel = np.ones((2, 2) if rng.random() < 0.5 else (1, 2), np.uint8)
        return np.asarray(cv2.dilate(image, kernel), np.uint8)
    return image


def _broken_strokes(rng: Rng, image: GrayImage) -> GrayImage:
    field = cv2.GaussianBlur(
        rng.random(image.shape, dtype=np.float32), (0, 0), rng.uniform(0.8, 2.5)
    )
    limit = np.quantile(field, 1 - rng.uniform(0.03, 0.2))
    return np.where(field > limit, 255, image).astype(np.uint8)


def _dots(rng: Rng, image: GrayImage, x_height_px: float) -> GrayImage:
    """A dot-matrix printer: strokes become dots on a grid of five to seven to the x-height."""
    pitch = x_height_px / rng.uniform(4.5, 7.5)
    height, width = image.shape
    size = (max(8, round(width / pitch)), max(8, round(height / pitch)))
    cells = cv2.resize(image, size, interpolation=cv2.INTER_AREA) < rng.integers(140, 215)
    rows = (np.arange(height) / height * size[1]).astype(int)
    columns = (np.arange(width) / width * size[0]).astype(int)
    y = (np.arange(height) / height * size[1]) % 1 - 0.5
    x = (np.arange(width) / width * size[0]) % 1 - 0.5
    near = x[None] ** 2 + y[:, None] ** 2 < rng.uniform(0.35, 0.62) ** 2
    return np.where(cells[rows][:, columns] & near, 0, 255).astype(np.uint8)


def _pencil(rng: Rng, image: GrayImage, x_height_px: float) -> GrayImage:
    """A reader's stroke under, through or beside the words."""
    height, width = image.shape
    out = image.copy()
    x = np.linspace(rng.uniform(-0.2, 0.6) * width, rng.uniform(0.4, 1.2) * width, 12)
    y = rng.uniform(0.1, 1.0) * height + np.cumsum(rng.normal(0, 0.06 * x_height_px, 12))
    points = np.stack([x, y], axis=1).round().astype(np.int32)
    thickness = int(rng.integers(1, 4))
    cv2.polylines(out, [points], False, int(rng.integers(40, 190)), thickness, cv2.LINE_AA)
    return np.minimum(out, image)


def _rules(rng: Rng, image: GrayImage) -> GrayImage:
    out = image.copy()
    row = int(rng.integers(image.shape[0]))
    thickness = int(rng.integers(1, 3))
    level = int(rng.integers(0, 150))
    out[row : row + thickness] = np.minimum(out[row : row + thickness], level)
    return out


def _resolution(rng: Rng, image: GrayImage, x_height_px: float, least_px: float) -> GrayImage:
    target = rng.uniform(least_px, 24)
    scale = target / x_height_px
    if scale < 1:
        size = (max(8, int(image.shape[1] * scale)), max(8, int(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        x_height_px = target
    if rng.random() < 0.5:
        image = np.asarray(
            cv2.GaussianBlur(image, (0, 0), rng.uniform(0.25, 0.09 * x_height_px + 0.3)), np.uint8
        )
    return image


def _tones(rng: Rng, image: GrayImage, damage: float) -> npt.NDArray[np.float32]:
    ink = rng.uniform(0, 130)
    paper = rng.uniform(max(ink + 60, 160), 255)
    tone = (ink + (paper - ink) * image.astype(np.float32) / 255).astype(np.float32)
    if rng.random() < 0.25:
        tone += np.linspace(rng.uniform(-25, 25), rng.uniform(-25, 25), tone.shape[1])[None]
    if rng.random() < 0.2 * damage:  # ink of a ribbon or a thermal head, uneven along the line
        field = cv2.GaussianBlur(rng.random(tone.shape, dtype=np.float32), (0, 0), 1.0)
        limit = np.quantile(field, 1 - rng.uniform(0.1, 0.35))
        tone = np.where(field > limit, tone * 0.4 + paper * 0.6, tone).astype(np.float32)
    if rng.random() < 0.5:
        tone += rng.normal(0, rng.uniform(2, 16), tone.shape)
    return tone


def _bleed_through(rng: Rng, tone: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    ghost = np.roll(tone[:, ::-1], int(rng.integers(tone.shape[1])), axis=1)
    ghost = cv2.GaussianBlur(ghost, (0, 0), 1.2).astype(np.float32)
    share = rng.uniform(0.1, 0.35)
    return np.minimum(tone, tone * (1 - share) + ghost * share).astype(np.float32)


def _speckle(rng: Rng, image: GrayImage) -> GrayImage:
    out = image.copy()
    for _ in range(int(rng.integers(1, 14))):
        y, x = int(rng.integers(image.shape[0])), int(rng.integers(image.shape[1]))
        size = int(rng.integers(1, 3))
        out[y : y + size, x : x + size] = int(rng.integers(0, 2)) * 255
    return out


def can_be_seen(picture: GrayImage, text: str) -> bool:
    """Whether wear left something of a text; a label without ink teaches to invent.

    Args:
        picture: (H, W), what `normalise_line` made of the worn line: 255 = ink.
        text: that it shows.
    """
    letters = sum(map(str.isalnum, text))
    return bool(np.count_nonzero(picture > _INK) >= max(1, _LEAST_INK_PX * letters))
