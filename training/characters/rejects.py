"""Pictures of what is no single character: touching pairs, parts of characters, dirt.

Only such as cannot be taken for a character: half an O is a bracket, r and n make an m.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from pipeline.glyph_image import normalise_intensity
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.charset import REJECT, CharacterSet
from training.characters.print_glyphs import (
    Bitmap,
    Wear,
    class_shares,
    draw_scale,
    family_shares,
    scan,
)
from training.fonts import FontFace

#: Halves of these are no character.
_CUTTABLE: Final = "aegsSRKX4692@#%&kzZxA"
#: Thin characters: two of them side by side look like one (ll, "", H).
_THIN: Final = frozenset("|lI1!'`.,:;-_/\\()[]{}ij\"~^*=tfr")
#: Pairs that touch into another character.
_LOOKALIKES: Final = frozenset({"vv", "VV", "cl", "rn", "lo", "Io", "oo", "nn", "cc", "Vv", "vV"})


def draw_rejects(
    faces: Sequence[FontFace], count: int, wear: Wear, rng: np.random.Generator
) -> CharacterSet:
    """Draw `count` negatives from random faces."""
    picks = rng.choice(len(faces), size=count, p=family_shares(faces))
    kinds = rng.random(count)
    images = []
    for pick, kind in zip(picks.tolist(), kinds.tolist(), strict=True):
        face = faces[pick]
        if kind < 0.1:
            images.append(normalise_intensity(_draw_dirt(rng)))
            continue
        if kind < 0.65:
            ink = _draw_pair(face, rng)
        elif kind < 0.8:
            ink = _cut_joint(_draw_pair(face, rng), rng)
        else:
            ink = _cut_half(face, rng)
        images.append(normalise_intensity(scan(ink, draw_scale(face, wear, rng), wear, rng)))
    return CharacterSet(images=np.stack(images), labels=np.full(count, REJECT, dtype=np.int64))


def _draw_pair(face: FontFace, rng: np.random.Generator) -> Bitmap:
    """Two characters on one baseline that touch or overlap a little."""
    while True:
        first, second = rng.choice(len(ASCII_CLASSES), size=2, p=class_shares()).tolist()
        chars = ASCII_CLASSES[first] + ASCII_CLASSES[second]
        if (
            first in face.glyphs
            and second in face.glyphs
            and not (chars[0] in _THIN and chars[1] in _THIN)
            and not (_THIN & set(".,'`-_\"~^") & set(chars))
            and chars not in _LOOKALIKES
        ):
            break
    left, right = face.glyphs[first], face.glyphs[second]
    top = max(face.tops_px[first], face.tops_px[second])
    tops = top - face.tops_px[first], top - face.tops_px[second]
    height = max(tops[0] + left.shape[0], tops[1] + right.shape[0])
    start = max(0, left.shape[1] - int(rng.integers(-2, 5)))
    canvas = np.zeros((height, start + right.shape[1] + left.shape[1]), dtype=np.uint8)
    canvas[tops[0] : tops[0] + left.shape[0], : left.shape[1]] = left
    place = canvas[tops[1] : tops[1] + right.shape[0], start : start + right.shape[1]]
    np.maximum(place, right, out=place)
    return np.ascontiguousarray(canvas[:, : max(start + right.shape[1], left.shape[1])])


def _cut_joint(pair: Bitmap, rng: np.random.Generator) -> Bitmap:
    """The end of one character and the beginning of the next."""
    width = pair.shape[1]
    start, end = rng.uniform(0.2, 0.32), rng.uniform(0.68, 0.8)
    return np.ascontiguousarray(pair[:, int(start * width) : max(int(end * width), 1)])


def _cut_half(face: FontFace, rng: np.random.Generator) -> Bitmap:
    """Most or half of a character, left or right."""
    chars = [c for c in _CUTTABLE if ASCII_CLASSES.index(c) in face.glyphs]
    glyph = face.glyphs[ASCII_CLASSES.index(chars[int(rng.integers(len(chars)))])]
    width = glyph.shape[1]
    at = max(1, round(width * rng.uniform(0.4, 0.6)))
    return np.ascontiguousarray(glyph[:, :at] if rng.random() < 0.5 else glyph[:, at - 1 :])


def _draw_dirt(rng: np.random.Generator) -> Bitmap:
    """A ragged patch of several blots."""
    noise = rng.normal(size=(40, 40)).astype(np.float32)
    noise = np.asarray(cv2.GaussianBlur(noise, (0, 0), rng.uniform(2.5, 6.0)), np.float32)
    level = np.quantile(noise, rng.uniform(0.55, 0.85))
    return np.where(noise > level, 255, 0).astype(np.uint8)
