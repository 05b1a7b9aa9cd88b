"""Hand-printed lines composed from single characters, for forms that people filled in.

No set of hand-printed lines may be trained on here, so lines are put together from hand-printed
characters: each is cut to its ink, brought back to the height and place that its letter has on the
line (single characters come scaled to one size), slanted and inked alike along the line, and set
closer or further apart, touching now and then. Signs, which the characters lack, are drawn as
strokes.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.line_image import STRIDE_PX, normalise_line
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.charset import CharacterSet
from training.lines.degrade import can_be_seen, degrade, warp
from training.lines.synthesise import Lines
from training.lines.text import TextSource, draw_word

GrayImage = npt.NDArray[np.uint8]

#: Top and bottom above the baseline, in x-heights, as schools teach print letters.
_ASCENDERS = frozenset("bdfhklt0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DESCENDERS = frozenset("gpqy")
_X_HEIGHT_PX = 26
#: Row of a composed line that letters stand on.
BASELINE_PX = round(3.4 * _X_HEIGHT_PX)
#: Characters are collected in boxes of so many pixels, centred in their pictures.
_BOX_PX = 20
#: Share of the lines whose characters all fill the same height, as in the boxes of a form.
_AS_BOXED = 0.25
#: Share of the lines that are worn as much as print is.
_DAMAGED = 0.35
_SIGNS = ".,:;-/'!()+=#&%$"
#: Strokes of a sign: polylines of (x, y) in x-heights, y upwards from the baseline.
_STROKES: Mapping[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    ".": (((0.1, 0.05), (0.14, 0.05)),),
    ",": (((0.16, 0.1), (0.05, -0.3)),),
    ":": (((0.1, 0.05), (0.14, 0.05)), ((0.1, 0.75), (0.14, 0.75))),
    ";": (((0.16, 0.1), (0.05, -0.3)), ((0.14, 0.75), (0.18, 0.75))),
    "-": (((0.0, 0.5), (0.55, 0.52)),),
    "/": (((0.0, -0.15), (0.6, 1.6)),),
    "'": (((0.1, 1.6), (0.06, 1.2)),),
    "!": (((0.1, 1.55), (0.1, 0.5)), ((0.1, 0.05), (0.13, 0.05))),
    "(": (((0.35, 1.65), (0.1, 1.1), (0.1, 0.3), (0.35, -0.25)),),
    ")": (((0.0, 1.65), (0.25, 1.1), (0.25, 0.3), (0.0, -0.25)),),
    "+": (((0.0, 0.6), (0.7, 0.6)), ((0.35, 1.0), (0.35, 0.2))),
    "=": (((0.0, 0.75), (0.65, 0.77)), ((0.0, 0.4), (0.65, 0.42))),
    "#": (
        ((0.25, 1.5), (0.1, 0.0)), ((0.65, 1.5), (0.5, 0.0)),
        ((0.0, 1.0), (0.8, 1.02)), ((0.0, 0.5), (0.75, 0.52)),
    ),
    "&": (
        ((0.95, 0.0), (0.25, 1.1), (0.4, 1.5), (0.6, 1.25), (0.1, 0.5), (0.25, 0.0), (0.6, 0.05),
         (0.95, 0.6)),
    ),
    "%": (
        ((0.1, 0.0), (0.85, 1.5)), ((0.1, 1.2), (0.3, 1.4), (0.3, 1.1), (0.1, 1.2)),
        ((0.65, 0.3), (0.85, 0.4), (0.85, 0.1), (0.65, 0.3)),
    ),
    "$": (
        ((0.7, 1.2), (0.35, 1.45), (0.05, 1.15), (0.65, 0.5), (0.4, 0.1), (0.0, 0.3)),
        ((0.35, 1.7), (0.35, -0.15)),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Hand:
    """Pictures of each character, (N, H, W) uint8, ink white on black."""

    pictures: Mapping[str, npt.NDArray[np.uint8]]


def hand_of(characters: CharacterSet) -> Hand:
    """Sort pictures by their label."""
    pictures = {}
    for label in np.unique(characters.labels):
        if label < len(ASCII_CLASSES):
            pictures[ASCII_CLASSES[label]] = characters.images[characters.labels == label]
    return Hand(pictures=pictures)


def compose_lines(
    seed: int, count: int, source: TextSource, hand: Hand, max_chars: int = 44
) -> Lines:
    """Compose `count` lines; equal seeds give equal lines."""
    rng = random.Random(seed)
    images: list[GrayImage] = []
    texts: list[str] = []
    while len(images) < count:
        text = draw_hand_text(rng, source, rng.randint(8, max_chars))
        picture = render_hand_line(rng, text, hand)
        if picture is not None:
            images.append(picture)
            texts.append(text)
    return Lines(images=tuple(images), texts=tuple(texts))


def draw_hand_text(rng: random.Random, source: TextSource, max_chars: int) -> str:
    """What people write into forms: names, numbers, dates, amounts, addresses, short sentences."""
    kind = rng.random()
    if kind < 0.25:
        makers = (
            lambda: (
                f"{rng.randint(1, 31)}{(s := rng.choice('/-.'))}{rng.randint(1, 12)}{s}"
                f"{rng.randint(1900, 2026)}"
            ),
            lambda: f"{rng.randint(0, 9999)}.{rng.randint(0, 99):02d}",
            lambda: "".join(rng.choice("0123456789") for _ in range(rng.randint(1, 12))),
            lambda: f"{rng.randint(100, 999)}-{rng.randint(1000, 99999)}",
            lambda: f"{rng.choice('ABCDEFGHKLMNPRSTUVWXYZ')}{rng.randint(1, 99999)}",
            lambda: f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}",
            lambda: f"${rng.randint(1, 999)}",
        )
        text = rng.choice(makers)()
    else:
        words = [draw_word(rng, source) for _ in range(rng.randint(1, 6))]
        case = rng.random()
        words = [w.upper() if case < 0.4 else w.lower() if case < 0.6 else w for w in words]
        if rng.random() < 0.3:
            words.insert(rng.randrange(len(words) + 1), str(rng.randint(1, 9999)))
        marks = ["" if rng.random() < 0.82 else rng.choice(",.:;!)-'") for _ in words]
        text = " ".join(w + m for w, m in zip(words, marks, strict=True))
    return text[:max_chars].strip() or "A"


def render_hand_line(rng: random.Random, text: str, hand: Hand) -> GrayImage | None:
    """Compose `text`; (32, W) uint8, 255 = ink, or None where a character is lacking."""
    if not can_write(hand, text):
        return None
    clean = compose_line(rng, text, hand)
    np_rng = np.random.default_rng(rng.getrandbits(63))
    bent = warp(np_rng, clean)
    rows = np.flatnonzero((bent < 128).any(axis=1))
    columns = np.flatnonzero((bent < 128).any(axis=0))
    if len(rows) == 0:
        return None
    height = max(int(rows[-1] + 1 - rows[0]), round(0.9 * _X_HEIGHT_PX))
    above, below = (int(rng.uniform(-0.02, 0.2) * height) for _ in range(2))
    y0, y1 = max(0, int(rows[0]) - above), min(bent.shape[0], int(rows[0]) + height + below)
    margin = int(rng.uniform(0, 0.6) * _X_HEIGHT_PX)
    x0, x1 = max(0, int(columns[0]) - margin), min(bent.shape[1], int(columns[-1]) + 1 + margin)
    faint = rng.random() < _DAMAGED  # a pen is not a typewriter: most forms are written plainly
    worn = degrade(
        np_rng, bent[y0:y1, x0:x1], _X_HEIGHT_PX,
        damage=1.0 if faint else 0.15, least_px=7.0 if faint else 11.0,
    )  # fmt: skip
    picture = normalise_line(worn)
    fits = picture.shape[1] // STRIDE_PX > len(text) * 1.2
    return picture if fits and can_be_seen(picture, text) else None


def can_write(hand: Hand, text: str) -> bool:
    """Whether there is a picture of each character."""
    return all(c == " " or c in hand.pictures or c in _STROKES for c in text)


def compose_line(rng: random.Random, text: str, hand: Hand) -> GrayImage:
    """A clean line as one writer would print it.

    Returns:
        (H, W) uint8, 0 = ink, the baseline at `BASELINE_PX`; characters that do not fit are left
        out.
    """
    x_height = float(_X_HEIGHT_PX)
    ascender = rng.uniform(1.35, 1.9)  # of this writer, in x-heights
    descender = rng.uniform(0.4, 0.7)
    slant = rng.gauss(0.05, 0.15)
    spread = rng.uniform(-0.10, 0.25) if rng.random() < 0.85 else rng.uniform(0.3, 0.8)
    word_gap = rng.uniform(0.5, 1.3)
    unevenness = rng.uniform(0.02, 0.10)
    drift = rng.uniform(-0.01, 0.01)
    capital_small = rng.random() < 0.5  # capitals and digits of one height with each other
    as_boxed = rng.random() < _AS_BOXED
    stroke = rng.choice((0, 0, 1, 1, 2))
    height = int(5 * x_height)
    baseline = float(BASELINE_PX)
    out = np.zeros((height, int((len(text) + 4) * 2.4 * x_height)), np.uint8)
    x = x_height
    for char in text:
        if char == " ":
            x += word_gap * x_height * rng.uniform(0.8, 1.3)
            continue
        if as_boxed and char not in _STROKES:
            picture, bottom = _boxed_glyph(rng, char, hand, ascender)
        else:
            picture, bottom = _glyph(rng, char, hand, ascender, descender, capital_small)
        if abs(slant) > 0.02:
            picture = _slanted(picture, slant + rng.gauss(0, 0.03))
        scale = rng.gauss(1.0, unevenness)
        size = (max(2, int(picture.shape[1] * scale)), max(2, int(picture.shape[0] * scale)))
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        foot = baseline + drift * x + bottom + rng.gauss(0, unevenness) * x_height
        y0, x0 = int(foot) - size[1], int(x)
        if x0 + size[0] >= out.shape[1] or y0 < 0 or y0 + size[1] > height:
            break
        part = out[y0 : y0 + size[1], x0 : x0 + size[0]]
        np.maximum(part, picture, out=part)
        x += size[0] + spread * x_height * rng.uniform(0.5, 1.5)
    if stroke == 2:
        out = np.asarray(cv2.dilate(out, np.ones((2, 2), np.uint8)), np.uint8)
    elif stroke == 1:
        out = np.asarray(cv2.erode(out, np.ones((2, 2), np.uint8)), np.uint8)
    return np.asarray(255 - out, np.uint8)


def _glyph(
    rng: random.Random, char: str, hand: Hand, ascender: float, descender: float, tall: bool
) -> tuple[GrayImage, float]:
    """The ink of a character at its size, and how far its foot hangs below the baseline, px."""
    x_height = float(_X_HEIGHT_PX)
    if char in _STROKES:
        return _sign(rng, char)
    ink, _ = _ink(rng, hand.pictures[char])
    if ink.size == 0:
        return np.zeros((4, 4), np.uint8), 0.0
    if char in _ASCENDERS:
        top = ascender * (1.0 if tall or not char.isdigit() else rng.uniform(0.85, 1.0))
        bottom = 0.0
    elif char in "ij":
        top, bottom = 1.45, descender * 0.9 if char == "j" else 0.0
    else:
        top, bottom = 1.0, descender if char in _DESCENDERS else 0.0
    tallness = (top + bottom) * x_height
    width = ink.shape[1] * tallness / ink.shape[0]
    limit = 1.5 * x_height if char in "mwMW" else 1.25 * x_height
    size = (max(2, round(min(width, limit))), max(3, round(tallness)))
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_LINEAR), np.uint8), (
        bottom * x_height
    )


def _ink(rng: random.Random, pictures: npt.NDArray[np.uint8]) -> tuple[GrayImage, int]:
    """One of the pictures cut to its ink (may be empty), and the row below its foot."""
    source = pictures[rng.randrange(len(pictures))]
    rows = np.flatnonzero((source > 60).any(axis=1))
    columns = np.flatnonzero((source > 60).any(axis=0))
    if len(rows) == 0:
        return np.zeros((0, 0), np.uint8), 0
    return source[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1], int(rows[-1]) + 1


def _boxed_glyph(
    rng: random.Random, char: str, hand: Hand, height: float
) -> tuple[GrayImage, float]:
    """The ink of a character as large as it was collected, `height` x-heights for the tallest."""
    ink, foot = _ink(rng, hand.pictures[char])
    if ink.size == 0:
        return np.zeros((4, 4), np.uint8), 0.0
    scale = height * _X_HEIGHT_PX / _BOX_PX
    size = (max(2, round(ink.shape[1] * scale)), max(3, round(ink.shape[0] * scale)))
    side = hand.pictures[char].shape[1]
    foot_px = (foot - (side + _BOX_PX) / 2) * scale
    return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_LINEAR), np.uint8), foot_px


def _sign(rng: random.Random, char: str) -> tuple[GrayImage, float]:
    x_height = float(_X_HEIGHT_PX)
    reach = 0.4 * x_height
    width = int(max(x for line in _STROKES[char] for x, _ in line) * x_height) + 8
    canvas = np.zeros((int(2.2 * x_height + reach), width), np.uint8)
    foot = canvas.shape[0] - reach
    for line in _STROKES[char]:
        points = np.array(
            [
                (
                    4 + (x + rng.gauss(0, 0.03)) * x_height,
                    foot - (y + rng.gauss(0, 0.03)) * x_height,
                )
                for x, y in line
            ]
        )
        cv2.polylines(
            canvas, [points.round().astype(np.int32)], False, 255, rng.randint(2, 4), cv2.LINE_AA
        )
    return canvas, reach


def _slanted(picture: GrayImage, slant: float) -> GrayImage:
    height, width = picture.shape
    extra = abs(slant) * height
    matrix = np.array([[1, -slant, max(0.0, slant) * height], [0, 1, 0]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (int(width + extra) + 1, height)), np.uint8)
