"""What a photograph shows, as tones, and how a press brings tones onto paper."""

from __future__ import annotations

from enum import StrEnum

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.image import GrayImage

Tones = npt.NDArray[np.float32]  # (H, W), 0 = black, 1 = white

_SCREENS_LPI = (65.0, 110.0)  # lines an inch of halftones, newspaper to book
_LINES_LPI = (38.0, 60.0)  # of engravings
#: Ordered dither (Bayer 1973).
_BAYER = (
    np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]], np.float32) + 0.5
) / 16


class Press(StrEnum):
    """How tones are printed."""

    GREY = "grey"  # as a photograph that was glued in
    HALFTONE = "halftone"  # dots of several sizes
    DITHER = "dither"  # dots of one size: a bilevel scan
    ENGRAVING = "engraving"  # lines of several widths


def draw_scene(rng: np.random.Generator, height_px: int, width_px: int) -> Tones:
    """A sky over hills, ovals with darker spots as faces are, and grain of several scales."""
    y, x = np.mgrid[0 : 1 : height_px * 1j, 0 : 1 : width_px * 1j].astype(np.float32)
    tones = rng.uniform(0.5, 0.95) - rng.uniform(0, 0.35) * (1 - y)
    for k in range(int(rng.integers(1, 4))):
        ridge = 0.3 + 0.2 * k + 0.08 * _waves(rng, x[0])
        tones = np.where(y > ridge, rng.uniform(0.15, 0.6) + 0.2 * _noise(rng, y.shape, 12), tones)
    for _ in range(int(rng.integers(1, 5))):
        centre = rng.uniform(0.15, 0.85, 2)
        radius = rng.uniform(0.08, 0.2)
        tone = rng.uniform(0.55, 0.85)
        for off_x, off_y, size, shade in (
            (0.0, -0.25, 1.25, 0.2),  # hair
            (0.0, 0.0, 1.0, tone),
            (-0.35, -0.15, 0.16, 0.2),
            (0.35, -0.15, 0.16, 0.2),
            (0.0, 0.45, 0.3, 0.3),
        ):
            squared = ((x - centre[0] - off_x * radius) / size) ** 2 * (width_px / height_px) ** 2
            squared = squared + ((y - centre[1] - off_y * radius) / size) ** 2 / 1.5
            soft = 1 / (1 + np.exp(np.clip((squared / radius**2 - 1) * 8, -40, 40)))
            tones = tones * (1 - soft) + shade * soft
    for cells, depth in ((4, 0.08), (16, 0.06), (60, 0.05), (200, 0.03)):
        tones = tones + depth * _noise(rng, y.shape, cells)
    return np.asarray(np.clip(tones, 0.03, 0.97), np.float32)


def print_tones(tones: Tones, press: Press, dpi: int, rng: np.random.Generator) -> GrayImage:
    """Tones as ink on white paper.

    Args:
        tones: (H, W), 0 = black, 1 = white.
        press: how.
        dpi: of the picture.
        rng: chooses the screen's width and angle.

    Returns:
        (H, W) uint8; of GREY all tones, else 0 and 255 with soft edges.
    """
    if press is Press.GREY:
        return np.clip(20 + 215 * tones, 0, 255).astype(np.uint8)
    height, width = tones.shape
    if press is Press.DITHER:
        # Dots of a 150 dpi bilevel scan, whatever this page has.
        side = max(1, round(dpi / 150))
        ys, xs = np.mgrid[0:height, 0:width] // side
        return np.where(tones > _BAYER[ys % 4, xs % 4], 255, 0).astype(np.uint8)
    is_line = press is Press.ENGRAVING
    pitch_px = dpi / rng.uniform(*(_LINES_LPI if is_line else _SCREENS_LPI))
    angle = rng.uniform(-0.4, 0.4) if is_line else np.pi / 4
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    along = 2 * np.pi * (xs * np.cos(angle) + ys * np.sin(angle)) / pitch_px
    across = 2 * np.pi * (ys * np.cos(angle) - xs * np.sin(angle)) / pitch_px
    if is_line:
        across = across + 0.8 * _noise(rng, tones.shape, 6) * 2
        wave = 0.5 + 0.5 * np.cos(across)
    else:
        wave = 0.5 + 0.25 * (np.cos(along) + np.cos(across))
    # The share of the wave above a level is the share of paper.
    edge = np.clip((tones - wave) * pitch_px + 0.5, 0, 1)
    return np.asarray(255 * edge, np.uint8)


def _noise(rng: np.random.Generator, shape: tuple[int, ...], cells: int) -> Tones:
    coarse = rng.normal(0, 1, (cells, cells)).astype(np.float32)
    smooth = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth, np.float32)


def _waves(rng: np.random.Generator, x: Tones) -> Tones:
    waves = [np.sin(2 * np.pi * (n * x + rng.uniform())) / n for n in (1, 2, 3, 7)]
    return np.asarray(np.sum(waves, axis=0), np.float32)
