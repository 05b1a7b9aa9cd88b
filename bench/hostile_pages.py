"""Hostile pages as a hypothesis strategy: noise, patterns, photographs, and text that is turned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from hypothesis import strategies as st

from ocrq.types import PageOptions
from pipeline.image import GrayImage
from pipeline.orient import rotate_quarter
from tests.drawing import make_page
from training.pagegen import content

Rng = np.random.Generator

_SHAPES = ((1, 9000), (9000, 1), (12, 30_000), (300, 30_000), (2, 2), (700, 500), (1500, 1100))
_OPTIONS = ("orient", "deskew", "clean", "remove_rules", "rectify")
_LEAST_LINES, _LEAST_CHARS = 8, 34  # of a page from which anyone could tell which way up it is


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HostilePage:
    """A page and how it is read."""

    kind: str
    gray: GrayImage
    options: PageOptions
    turned_deg: int | None  # clockwise, of text that shows which way up it is; None: nobody knows


@st.composite
def hostile_pages(draw: st.DrawFn) -> HostilePage:
    """A page of any kind, and often of an absurd shape."""
    flags = {name: draw(_MOSTLY) for name in _OPTIONS}
    options = PageOptions(**flags)  # type: ignore[arg-type]
    if draw(st.integers(0, 2)) == 2:
        return draw(turned_pages(options))
    kind = draw(st.sampled_from(sorted(_KINDS)))
    sides = st.floats(0, 11.2).map(lambda power: int(2**power))
    height, width = draw(st.one_of(st.sampled_from(_SHAPES), st.tuples(sides, sides)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    gray = _KINDS[kind](rng, height, width)
    if draw(st.integers(0, 9)) < 3:
        gray = np.bitwise_not(gray)
    if draw(st.integers(0, 9)) < 3:
        small = cv2.GaussianBlur(gray, (0, 0), draw(st.floats(0.3, 6)))
        gray = np.clip(small + rng.normal(0, draw(st.floats(0, 40)), gray.shape), 0, 255)
    page = np.ascontiguousarray(gray, np.uint8)
    return HostilePage(kind=kind, gray=page, options=options, turned_deg=None)


@st.composite
def turned_pages(draw: st.DrawFn, options: PageOptions) -> HostilePage:
    """A page of sentences, of any size, light, dark or dirty, turned by quarters."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    chars = draw(st.integers(_LEAST_CHARS, 70))
    words = content.paragraph(rng, 40)
    lines = draw(st.integers(_LEAST_LINES, 24))
    rows = [words[k * chars : (k + 1) * chars].strip() for k in range(lines)]
    dpi, size_pt = draw(st.sampled_from((150, 200, 300))), draw(st.floats(9, 16))
    gray = make_page(
        rows,
        dpi=dpi,
        size_pt=size_pt,
        size_in=(chars * size_pt / 130 + 1, lines * size_pt * 1.4 / 72 + 1),
        skew_deg=draw(st.floats(-4, 4)),
        ink=draw(st.integers(0, 80)),
        paper=draw(st.integers(170, 255)),
    )
    noise = draw(st.floats(0, 12))
    gray = np.clip(gray + rng.normal(0, noise, gray.shape), 0, 255).astype(np.uint8)
    turned_deg = draw(st.sampled_from((0, 90, 180, 270)))
    gray = np.ascontiguousarray(rotate_quarter(gray, turned_deg))
    if draw(st.integers(0, 9)) == 0:
        gray = np.bitwise_not(gray)
    # Blank pages apart, only a page that is cleaned has its negative seen.
    knows = options.orient and options.clean and len(rows[-1]) > 0
    return HostilePage(
        kind="turned", gray=gray, options=options, turned_deg=turned_deg if knows else None
    )


_MOSTLY = st.integers(0, 9).map(lambda digit: digit >= 3)


def _one_tone(rng: Rng, height: int, width: int) -> GrayImage:
    tone = (0, 255, int(rng.integers(256)))[rng.integers(3)]
    return np.full((height, width), tone, np.uint8)


def _noise(rng: Rng, height: int, width: int) -> GrayImage:
    return rng.integers(0, 256, (height, width), dtype=np.uint8)


def _dots(rng: Rng, height: int, width: int) -> GrayImage:
    share = rng.choice([0.001, 0.02, 0.2, 0.5])
    return np.where(rng.random((height, width)) < share, 0, 255).astype(np.uint8)


def _stripes(rng: Rng, height: int, width: int) -> GrayImage:
    period = int(rng.integers(2, 60))
    y, x = np.ogrid[:height, :width]
    slope = rng.choice([0.0, 0.02, 1.0, 50.0])
    return np.where((y + slope * x) % period < period * rng.uniform(0.1, 0.9), 0, 255).astype(
        np.uint8
    )


def _chequers(rng: Rng, height: int, width: int) -> GrayImage:
    side = int(rng.integers(1, 40))
    y, x = np.ogrid[:height, :width]
    return np.asarray(((y // side + x // side) % 2) * 255, np.uint8)


def _photograph(rng: Rng, height: int, width: int) -> GrayImage:
    picture = np.zeros((height, width), np.float32)
    for scale in (2, 5, 17, 60):
        coarse = rng.normal(0, scale, (height // scale + 2, width // scale + 2))
        picture += cv2.resize(coarse.astype(np.float32), (width, height))
    return np.clip(128 + picture, 0, 255).astype(np.uint8)


def _shapes(rng: Rng, height: int, width: int) -> GrayImage:
    page = np.full((height, width), 230, np.uint8)
    for _ in range(int(rng.integers(1, 80))):
        a, b = ([int(rng.integers(width)), int(rng.integers(height))] for _ in range(2))
        tone = int(rng.integers(256))
        thickness = int(rng.integers(1, 30))
        if rng.random() < 0.5:
            cv2.line(page, a, b, tone, thickness)
        else:
            cv2.rectangle(page, a, b, tone, int(rng.choice([-1, thickness])))
    return page


def _text(rng: Rng, height: int, width: int) -> GrayImage:
    page = np.full((height, width), 255, np.uint8)
    size = float(rng.uniform(0.2, 3))
    step = max(4, int(30 * size))
    for y in range(step, min(height, 40 * step), step):
        words = "".join(chr(rng.integers(33, 127)) for _ in range(int(rng.integers(1, 80))))
        x = int(rng.integers(-20, max(1, width // 2)))
        cv2.putText(page, words, (x, y), int(rng.integers(0, 8)), size, 0, max(1, int(2 * size)))
    turn = rng.choice([0.0, 0.0, rng.uniform(-30, 30), 90.0, 180.0])
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), float(turn), 1.0)
    return np.asarray(cv2.warpAffine(page, matrix, (width, height), borderValue=255), np.uint8)


_KINDS: dict[str, Callable[[Rng, int, int], GrayImage]] = {
    "one tone": _one_tone,
    "noise": _noise,
    "dots": _dots,
    "stripes": _stripes,
    "chequers": _chequers,
    "photograph": _photograph,
    "shapes": _shapes,
    "text": _text,
}
