"""Draw a line of text with a font and spoil it as scans do, as the recogniser will see it."""

from __future__ import annotations

import itertools
import random
import re
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from pipeline.line_image import STRIDE_PX, normalise_line
from training.lines.degrade import can_be_seen, degrade, warp

GrayImage = npt.NDArray[np.uint8]

_SIZES_PX = (22, 26, 32, 40, 48)
#: Of lines with a long s; of others, set as close as full lines are.
_CAST_TOGETHER, _TIGHT = 0.6, 0.15
_WORD_SPACES = ((0.05, 0.15), (0.09, 0.3))  # in sizes, as often each; a font's own is 0.25
_OLD_LIGATURES = ["liga", "dlig", "hlig"]
_THIN_SPACE_BEFORE = frozenset(";:!?”»")
_THIN_SPACE_AFTER = frozenset("“«")
_RAISED = re.compile(
    r"(?<=\d)(?:ers?|re|res|es?|mes?|st|nd|rd|th)\b|(?<=\d)m(?=,\d)"
    r"|(?<=\bM)(?:me|mes|lle|lles|gr|r|rs)\b|(?<=\bD)rs?\b|(?<=\bS)t\b"
)


@lru_cache(maxsize=2500)
def _font(path: str, size_px: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size_px)


def render_line(rng: random.Random, text: str, font_path: str) -> GrayImage | None:
    """Draw `text`; (32, W) uint8, 255 = ink, or None where the drawing is useless.

    Useless: nothing was drawn or all of it worn away (a text to be read where nothing is teaches to
    invent), the line is too narrow for CTC to spell it, or the font's own hinting program is faulty
    at this size.
    """
    size = rng.choice(_SIZES_PX)
    font = _font(font_path, size)
    try:
        clean = _draw(rng, text, font, size)
    except OSError:  # FreeType: "invalid opcode"
        return None
    np_rng = np.random.default_rng(rng.getrandbits(63))
    bent = warp(np_rng, clean)
    cropped = _crop(rng, bent, size)
    if cropped is None:
        return None
    picture = normalise_line(degrade(np_rng, cropped, x_height_px=size * 0.48))
    repeats = sum(a == b for a, b in itertools.pairwise(text))
    if picture.shape[1] // STRIDE_PX <= (len(text) + repeats) * 1.1:
        return None
    return picture if can_be_seen(picture, text) else None


def _draw(rng: random.Random, text: str, font: ImageFont.FreeTypeFont, size: int) -> GrayImage:
    ascent, descent = font.getmetrics()
    letter_space = _letter_space(rng) * size
    grid_px = rng.uniform(0.05, 0.11) * size if rng.random() < 0.06 else 0.0
    word_space = _word_space(rng) * size
    jump = rng.uniform(0.01, 0.05) * size if rng.random() < 0.10 else 0.0  # typewriter baselines
    sideways = rng.uniform(0.01, 0.05) * size if jump and rng.random() < 0.7 else 0.0
    thin = rng.uniform(0.08, 0.26) * size if rng.random() < 0.2 else 0.0
    overstrike = rng.random() < 0.03
    small_capitals = _smaller(font, rng) if rng.random() < 0.03 and "ſ" not in text else None
    raised = raised_places(text) if rng.random() < 0.7 else frozenset()
    raised_px = max(8, round(size * rng.uniform(0.5, 0.7)))
    lift = rng.uniform(0.0, 0.15) * size
    height = ascent + descent + 2 * size
    width = int(font.getlength(text) + (abs(letter_space) + abs(word_space) + thin) * len(text))
    image = Image.new("L", (width + 4 * size, height), 255)
    pen = ImageDraw.Draw(image)
    x, top = float(size), float(size)
    # Old type: si, st and ct were cast as one piece, which only words drawn as a whole have.
    cast = "ſ" in text and rng.random() < _CAST_TOGETHER
    moved = any((letter_space, word_space, jump, thin, grid_px))
    changed = moved or small_capitals or overstrike or raised
    if cast or (not changed and rng.random() < _TIGHT):
        x = _draw_words(pen, x, top, text, font, rng.uniform(*rng.choice(_WORD_SPACES)) * size)
    elif not changed:
        pen.text((x, top), text, font=font, fill=0)
    else:
        for k, char in enumerate(text):
            if thin and char in _THIN_SPACE_BEFORE and k and text[k - 1].isalnum():
                x += thin
            y = top + (rng.uniform(-jump, jump) if jump else 0.0)
            if small_capitals and char.islower() and len(char.upper()) == 1:
                # read as the small letters that they stand for
                y += ascent - small_capitals.getmetrics()[0]
                pen.text((x, y), char.upper(), font=small_capitals, fill=0)
                x += small_capitals.getlength(char.upper()) + letter_space
                continue
            if k in raised:
                superscript = _font(str(font.path), raised_px)
                pen.text((x, top - lift), char, font=superscript, fill=0)
                x += superscript.getlength(char) + letter_space
                continue
            aside = rng.uniform(-sideways, sideways) if sideways else 0.0
            pen.text((x + aside, y), char, font=font, fill=0)
            if thin and char in _THIN_SPACE_AFTER:
                x += thin
            if overstrike and rng.random() < 0.1:
                pen.text((x + rng.uniform(-2, 2), y + rng.uniform(-2, 2)), char, font=font, fill=0)
            x += font.getlength(char) + letter_space + (word_space if char == " " else 0.0)
            if grid_px:  # a screen's pixels, where its letters were placed before they were printed
                x = round(x / grid_px) * grid_px
    if rng.random() < 0.04:  # underlined
        y = top + ascent + rng.uniform(0.02, 0.15) * size
        end = x if x > size else size + font.getlength(text)
        points = (size, y, end, y + rng.uniform(-2, 2))
        pen.line(points, fill=rng.randint(0, 120), width=rng.randint(1, 3))
    return np.asarray(image, np.uint8)


def _letter_space(rng: random.Random) -> float:
    """What stands between letters besides a font's own, in sizes: tight, or spaced out."""
    kind = rng.random()
    if kind < 0.76:
        return 0.0
    return rng.uniform(-0.06, -0.01) if kind < 0.85 else rng.uniform(-0.03, 0.16)


def _word_space(rng: random.Random) -> float:
    """What is added to a font's own space of about 0.25, in sizes: justified, or set tight."""
    kind = rng.random()
    if kind < 0.58:
        return 0.0
    return rng.uniform(-0.15, -0.03) if kind < 0.7 else rng.uniform(-0.08, 0.5)


def _draw_words(
    pen: ImageDraw.ImageDraw, x: float, top: float, text: str, font: ImageFont.FreeTypeFont,
    space_px: float,
) -> float:  # fmt: skip
    """Word by word, with the pieces that old type has; the place behind the last."""
    for word in text.split(" "):
        pen.text((x, top), word, font=font, fill=0, features=_OLD_LIGATURES)
        x += font.getlength(word, features=_OLD_LIGATURES) + space_px
    return x - space_px


def raised_places(text: str) -> frozenset[int]:
    """Places of letters that printers set small and high: 1er, 2nd, Mme, Dr, 0m,15.

    >>> sorted(raised_places("Le 1er, Mme X au No 7, 0m,15 the 2nd"))
    [4, 5, 9, 10, 24, 34, 35]
    """
    return frozenset(k for found in _RAISED.finditer(text) for k in range(*found.span()))


def _smaller(font: ImageFont.FreeTypeFont, rng: random.Random) -> ImageFont.FreeTypeFont:
    return _font(str(font.path), max(8, round(font.size * rng.uniform(0.72, 0.85))))


def _crop(rng: random.Random, image: GrayImage, size: int) -> GrayImage | None:
    """Cut the line out as a segmenter would: unevenly, with slivers of neighbouring lines."""
    rows = np.flatnonzero((image < 128).any(axis=1))
    columns = np.flatnonzero((image < 128).any(axis=0))
    if len(rows) == 0:
        return None
    y0, y1 = int(rows[0]), int(rows[-1]) + 1
    if y1 - y0 < size * 0.6:  # small signs alone: a crop is never lower than an x-height line
        missing = size * 0.8 - (y1 - y0)
        share = rng.uniform(0.2, 0.8)
        y0, y1 = int(y0 - missing * share), int(y1 + missing * (1 - share))
    line_height = y1 - y0
    most = 0.18 if rng.random() < 0.85 else 0.35
    above = int(rng.uniform(-0.06, most) * line_height)
    below = int(rng.uniform(-0.06, most) * line_height)
    x0 = max(0, int(columns[0] - rng.uniform(0, 0.4) * size))
    x1 = min(image.shape[1], int(columns[-1] + 1 + rng.uniform(0, 0.4) * size))
    y0, y1 = max(0, y0 - above), min(image.shape[0], y1 + below)
    crop = image[y0:y1, x0:x1].copy()
    if rng.random() < 0.15 and crop.shape[0] > 12:
        depth = min(int(rng.uniform(0.03, 0.14) * crop.shape[0]) + 1, rows[-1] + 1 - rows[0])
        source = np.roll(image[rows[0] : rows[-1] + 1, x0:x1], rng.randrange(50, 400), axis=1)
        if rng.random() < 0.5:
            crop[:depth] = np.minimum(crop[:depth], source[-depth:])
        else:
            crop[-depth:] = np.minimum(crop[-depth:], source[:depth])
    return crop
