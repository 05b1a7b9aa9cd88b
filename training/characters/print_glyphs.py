"""Printed characters as scans show them: small, blurred, two-level, worn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.glyph_image import normalise_intensity
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.charset import CharacterSet
from training.fonts import FontFace

Bitmap = npt.NDArray[np.uint8]  # (H, W), 255 = ink

#: Rounded counts per 1000 characters of English prose mixed with receipts; what is missing is 1.
_FREQUENCY: Final = {
    **dict(zip("etaoinshrdlcumwfgypbvkjxqz", (
        100, 72, 64, 60, 55, 54, 50, 48, 46, 34, 32, 22, 22, 19, 19, 18, 16, 16, 15, 12, 8, 6, 2,
        2, 1, 1), strict=True)),
    **dict(zip("ETAOINSHRDLCUMWFGYPBVKJXQZ", (
        16, 14, 14, 12, 13, 11, 12, 8, 11, 7, 9, 8, 5, 9, 5, 5, 5, 4, 7, 6, 3, 3, 3, 2, 1, 1),
        strict=True)),
    **dict(zip("0123456789", (14, 12, 9, 7, 6, 7, 6, 5, 6, 6), strict=True)),
    ".": 14, ",": 12, "-": 5, ":": 4, "'": 4, '"': 4, "/": 3, "(": 2, ")": 2, ";": 2, "*": 2,
    "!": 2, "?": 2, "%": 2, "&": 2, "$": 2,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Wear:
    """How the scans of print vary."""

    x_height_px: tuple[float, float] = (7.0, 42.0)  # log-uniform: 200-400 dpi, notes to headings
    rotation_deg: float = 2.5  # what deskewing leaves
    shear: float = 0.08
    stretch: float = 0.1  # of width against height
    two_level: float = 0.55  # share of two-level scans ...
    softened: float = 0.4  # ... and share of those that deskewing made gray again
    broken: float = 0.15  # share with gaps in their strokes
    compressed: float = 0.15  # share of gray scans with JPEG's ringing
    specks: float = 0.06  # share with dirt beside them
    cut: float = 0.15  # share whose box lost a row or column of ink


@lru_cache(maxsize=8)
def class_shares(evenness: float = 0.5, allowed: str = ASCII_CLASSES) -> npt.NDArray[np.float64]:
    """How often each class is drawn, (94,), sums to 1; nought for those that are not allowed.

    A text's frequencies to the power `evenness`: 0 is uniform, 1 as in text. In between, rare
    characters are learnt and the twins (l I 1 |) still lean to what texts hold.
    """
    weights = np.array([_FREQUENCY.get(c, 1) for c in ASCII_CLASSES], dtype=np.float64) ** evenness
    weights *= [c in allowed for c in ASCII_CLASSES]
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares


def family_shares(faces: Sequence[FontFace]) -> npt.NDArray[np.float64]:
    """How often each face is drawn: a family of 70 counts as three of 8, not as nine."""
    counts = Counter(f.family for f in faces)
    weights = np.array([counts[f.family] ** -0.5 for f in faces])
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares


def draw_print(
    faces: Sequence[FontFace],
    count: int,
    wear: Wear,
    rng: np.random.Generator,
    allowed: str = ASCII_CLASSES,
) -> CharacterSet:
    """Draw `count` characters, of those allowed, of random faces, worn at random."""
    picks = rng.choice(len(faces), size=count, p=family_shares(faces))
    classes = rng.choice(len(ASCII_CLASSES), size=count, p=class_shares(allowed=allowed))
    images, labels = [], []
    for pick, label in zip(picks.tolist(), classes.tolist(), strict=True):
        face = faces[pick]
        if label not in face.glyphs:  # a font without this sign: a letter instead
            label = label % 62
        scale = draw_scale(face, wear, rng)
        images.append(normalise_intensity(scan(face.glyphs[label], scale, wear, rng)))
        labels.append(label)
    return CharacterSet(images=np.stack(images), labels=np.array(labels, dtype=np.int64))


def draw_scale(face: FontFace, wear: Wear, rng: np.random.Generator) -> float:
    """Factor from the face's bitmaps to a scan's pixels."""
    low, high = np.log(wear.x_height_px)
    return float(np.exp(rng.uniform(low, high))) / face.x_height_px


def scan(glyph: Bitmap, scale: float, wear: Wear, rng: np.random.Generator) -> Bitmap:
    """One ink bitmap as a scanner and a binariser may give it; never empty."""
    ink = _place(glyph, scale, wear, rng)
    height_px = glyph.shape[0] * scale
    # From sharp to the focus of a cheap lens; small print from typescripts is the worst.
    blur_px = rng.uniform(0.25, 0.55 + 0.04 * min(height_px, 30.0))
    ink = np.asarray(cv2.GaussianBlur(ink, (0, 0), blur_px), np.float32)
    if rng.random() < wear.broken:
        ink = _break(ink, rng)
    ink = ink + rng.normal(0.0, rng.uniform(1.0, 14.0), ink.shape).astype(np.float32)
    peak = float(ink.max())
    if rng.random() < wear.two_level:
        # Levels far from the middle thicken strokes and close holes, or thin and break them.
        level = peak * np.clip(rng.normal(0.45, 0.14), 0.15, 0.8)
        result = np.where(ink > level, 255, 0).astype(np.uint8)
        if rng.random() < wear.softened:
            result = _soften(result, rng)
    else:
        # What binarisation did not call ink is cleared around gray crops too, or not.
        floor = peak * rng.choice((0.0, 0.1, 0.25))
        ink = np.where(ink < floor, 0.0, ink)
        result = np.clip(ink, 0, 255).astype(np.uint8)
        if rng.random() < wear.compressed:
            result = _compress(result, rng)
    if rng.random() < wear.specks:
        y, x = (int(rng.integers(0, n)) for n in result.shape)
        result[y : y + int(rng.integers(1, 3)), x : x + int(rng.integers(1, 3))] = 255
    if rng.random() < wear.cut:
        result = _cut(result, rng)
    return result if result.max() > 60 else glyph


def _place(
    glyph: Bitmap, scale: float, wear: Wear, rng: np.random.Generator
) -> npt.NDArray[np.float32]:
    """Scale, turn and slant the bitmap to float ink 0..255 with a margin, at any subpixel."""
    if scale < 0.7:
        # warpAffine samples points; without this, thin strokes would fall between them.
        glyph = np.asarray(cv2.GaussianBlur(glyph, (0, 0), 0.35 / scale), np.uint8)
    angle, shear, stretch, dx, dy = rng.uniform(-1.0, 1.0, 5)
    turn = np.deg2rad(angle * wear.rotation_deg)
    linear = scale * np.array(
        [
            [np.cos(turn) * (1 + stretch * wear.stretch), -np.sin(turn) + shear * wear.shear],
            [np.sin(turn), np.cos(turn)],
        ]
    )
    height, width = glyph.shape
    margin = 3
    out_width = int(width * scale * 1.1 + height * scale * 0.15) + 2 * margin + 1
    out_height = int(height * scale + width * scale * 0.1) + 2 * margin + 1
    centre = np.array([(width - 1) / 2, (height - 1) / 2])
    target = np.array([(out_width - 1) / 2, (out_height - 1) / 2]) + 0.5 * np.array([dx, dy])
    matrix = np.column_stack([linear, target - linear @ centre])
    placed = cv2.warpAffine(glyph, matrix, (out_width, out_height), flags=cv2.INTER_LINEAR)
    return placed.astype(np.float32)


def _break(ink: npt.NDArray[np.float32], rng: np.random.Generator) -> npt.NDArray[np.float32]:
    """Fade the ink in soft patches: worn type, dry ribbons, faint thermal paper."""
    coarse = rng.uniform(0.0, 1.0, (int(rng.integers(3, 8)), int(rng.integers(3, 8))))
    patches = cv2.resize(coarse.astype(np.float32), ink.shape[::-1])
    strength = np.float32(rng.uniform(0.4, 0.95))
    return np.asarray(ink * (1 - strength * np.clip(1.6 * patches - 0.6, 0, 1)), np.float32)


def _soften(ink: Bitmap, rng: np.random.Generator) -> Bitmap:
    """Turn a two-level scan a little, as deskewing does: its edges get gray steps."""
    height, width = ink.shape
    turn, dx, dy = rng.uniform(-0.03, 0.03), rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)
    matrix = np.array(
        [[1, -turn, dx + turn * height / 2], [turn, 1, dy - turn * width / 2]], np.float64
    )
    return np.asarray(cv2.warpAffine(ink, matrix, (width, height)), np.uint8)


def _compress(ink: Bitmap, rng: np.random.Generator) -> Bitmap:
    """What JPEG leaves of it, at qualities from poor to usual."""
    _, data = cv2.imencode(".jpg", ink, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 80))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)


def _cut(ink: Bitmap, rng: np.random.Generator) -> Bitmap:
    """Take one outer row or column of the ink away: a box that was cut too tight."""
    ys, xs = np.nonzero(ink > 100)
    if len(ys) == 0 or np.ptp(ys) < 8 or np.ptp(xs) < 8:
        return ink
    y0, y1, x0, x1 = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    sides = [(y0 + 1, y1, x0, x1), (y0, y1 - 1, x0, x1), (y0, y1, x0 + 1, x1), (y0, y1, x0, x1 - 1)]
    top, bottom, left, right = sides[int(rng.integers(4))]
    return ink[top:bottom, left:right]
