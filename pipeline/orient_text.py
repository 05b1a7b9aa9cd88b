"""Which way up a page is, by reading some of it: for pages whose letters alone don't tell.

Dot-matrix print, a title page and a form of boxes give the vote of the letters little to go by. A
recogniser knows more: text that is held wrong is read with little confidence, or hardly at all.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from ocrq.types import PageOptions, mean_confidence
from pipeline.binarize import InkImage, binarize
from pipeline.deskew import estimate_skew, rotate_gray
from pipeline.engines.engine import Engine, LineImage, quick_engine
from pipeline.engines.plausible import check_answer
from pipeline.image import GrayImage
from pipeline.layout.page import Layout, find_layout
from pipeline.lines import cut_lines
from pipeline.orient import Orientation, rotate_quarter
from pipeline.rotation import Rotation
from pipeline.shrink import shrink

_LINES: Final = 8  # those with the most glyphs: more don't change the answer
_ROWS: Final = 3 * _LINES  # that may have them; dots and accents are pieces of ink, too
_LEAST_CHARS: Final = 8
#: On generated and cut-out pages of print the right way is read with 0.88 to 1.00, upside down with
#: 0.57 to 0.81, on its side with 0.25 to 0.68; where nothing is readable, the two may be as good.
_READABLE: Final = 0.75
#: A page that is read better as it lies is not turned for its letters alone, poor as it may be: a
#: fax of 90 dpi is read with 0.69 as it lies and 0.53 upside down.
_READABLE_AS_IT_LIES: Final = 0.6
#: Ahead of every other way to hold it. Letters that want a page turned are doubted sooner than
#: they are overruled: capitals and ornaments look much the same upside down.
_LEAD: Final = 0.1
_LEAD_AS_IT_LIES: Final = 0.05
_READ_WRONGLY: Final = 0.81
_EVIDENT: Final = 0.92
_EVIDENT_CHARS: Final = 24
#: Of the page, the part that most letters stand in: enough to read most pages without doubt, and
#: what finding the lines of a whole page costs is three times as much.
_BAND: Final = 1 / 3
_LEAST_BAND_PX: Final = 600
_MAX_PIXELS: Final = 20_000_000  # a page is halved above four times as many


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnReading:
    """What the longest lines of a page gave when it was turned by `rotation_deg`."""

    rotation_deg: int
    confidence: float  # mean over the characters, 0 without any
    count: int  # of characters

    @property
    def is_evident(self) -> bool:
        """Whether it is read so well that the page need not be held otherwise to compare."""
        return self.confidence >= _EVIDENT and self.count >= _EVIDENT_CHARS


def settle_orientation(
    gray: GrayImage, ink: InkImage, letters: Orientation, options: PageOptions, engine: Engine
) -> Orientation:
    """Ask the engine where the letters are in doubt or want a page turned.

    A page that surely lies as it should costs nothing; one that is turned wrongly is lost whole,
    so that every turn is confirmed by reading.

    Args:
        gray: (H, W) uint8, 0 = black: the page as it lies.
        ink: (H, W) bool, its binarisation.
        letters: what `estimate_orientation` said.
        options: `classes` and the like, for the engine.
        engine: reads at most eight lines, once for each way to hold the page, the way that the
            letters think likeliest first, of a part of the page before the whole of it; one that
            is read without doubt ends it.

    Returns:
        The turn that is read with the highest mean confidence; `letters` when no way is readable
        and clearly better than the others.
    """
    surely_upright = letters.rotation_deg == 0 and not letters.is_doubtful
    if surely_upright or not ink.any():
        return letters
    factor = max(1, int(math.sqrt(gray.size / _MAX_PIXELS)))
    if factor > 1:
        gray = shrink(gray, factor, factor)
        ink = binarize(gray)
    likeliest = letters.rotation_deg
    band = busiest_band(ink, lies=likeliest % 180 != 0)
    if ink[band].size < ink.size:
        reading = _read_turned(gray[band], ink[band], likeliest, options, engine)
        if reading.is_evident:
            return _turned_by(likeliest, reading.confidence - _READ_WRONGLY)
    readings: list[TurnReading] = []
    for turn_deg in sorted((0, 90, 180, 270), key=lambda turn: turn != likeliest):
        reading = _read_turned(gray, ink, turn_deg, options, engine)
        if reading.is_evident:
            others = max([_READ_WRONGLY, *(r.confidence for r in readings)])
            return _turned_by(turn_deg, reading.confidence - others)
        readings.append(reading)
    return judge(letters, readings)


def busiest_band(ink: InkImage, *, lies: bool) -> tuple[slice, slice]:
    """Rows and columns of the part of a page that has most strokes, as wide as its lines are.

    Args:
        ink: (H, W) bool, True = ink.
        lies: whether its lines run down the page.
    """
    along = ink.T if lies else ink
    height_px = len(along)
    band_px = min(height_px, max(round(_BAND * height_px), _LEAST_BAND_PX))
    strokes = np.count_nonzero(along[:, 1:] & ~along[:, :-1], axis=1)
    upto = np.concatenate(([0], np.cumsum(strokes)))
    first = int(np.argmax(upto[band_px:] - upto[: len(upto) - band_px]))
    band = slice(first, first + band_px)
    return (slice(None), band) if lies else (band, slice(None))


def judge(letters: Orientation, readings: Sequence[TurnReading]) -> Orientation:
    """The verdict from how well each way was read.

    >>> judge(
    ...     Orientation(rotation_deg=0, confidence=0.5),
    ...     [
    ...         TurnReading(rotation_deg=0, confidence=0.6, count=90),
    ...         TurnReading(rotation_deg=180, confidence=0.9, count=95),
    ...     ],
    ... )
    Orientation(rotation_deg=180, confidence=0.999998)
    """
    best, second = sorted(readings, key=lambda r: r.confidence, reverse=True)[:2]
    lead = best.confidence - second.confidence
    least, ahead = (
        (_READABLE, _LEAD) if best.rotation_deg else (_READABLE_AS_IT_LIES, _LEAD_AS_IT_LIES)
    )
    if best.count < _LEAST_CHARS or best.confidence < least or lead < ahead:
        return letters
    return _turned_by(best.rotation_deg, lead)


def _turned_by(rotation_deg: int, lead: float) -> Orientation:
    """The verdict on a way that is read more surely than every other, by `lead`."""
    # A lead of 0.1 is about 99 % sure; smaller ones were not trusted.
    sure = 1.0 / (1.0 + math.exp(-45.0 * lead))
    return Orientation(rotation_deg=rotation_deg, confidence=round(min(sure, 0.999998), 6))


def _read_turned(
    gray: GrayImage, ink: InkImage, turn_deg: int, options: PageOptions, engine: Engine
) -> TurnReading:
    turned = rotate_quarter(gray, turn_deg)
    turned_ink = np.ascontiguousarray(np.rot90(ink, -turn_deg // 90))
    confidence, count = read_some(turned, turned_ink, options, engine)
    return TurnReading(rotation_deg=turn_deg, confidence=confidence, count=count)


def read_some(
    gray: GrayImage, ink: InkImage, options: PageOptions, engine: Engine
) -> tuple[float, int]:
    """How surely the longest lines of a page are read as it lies.

    Args:
        gray: (H, W) uint8, 0 = black.
        ink: (H, W) bool, its binarisation.
        options: `classes` and the like, for the engine.
        engine: reads at most eight lines.

    Returns:
        The mean confidence (0..1) of the characters, 0 without any, and how many those are.
    """
    lines = _longest_lines(gray, ink)
    if not lines:
        return 0.0, 0
    engine = quick_engine(engine)
    read = engine.read(lines, replace(options, alternatives=0))
    check_answer(engine.info.name, lines, read)
    chars = [c for reading in read for c in reading.chars if c.char != " "]
    return mean_confidence(chars) or 0.0, len(chars)


def _longest_lines(gray: GrayImage, ink: npt.NDArray[np.bool_]) -> list[LineImage]:
    height_px, width_px = gray.shape
    skew_deg = estimate_skew(ink).skew_deg
    if skew_deg:
        gray = rotate_gray(gray, -skew_deg)
        ink = binarize(gray)
    layout = _with_longest_rows(find_layout(ink))
    lines = cut_lines(gray, layout, Rotation.of(width_px, height_px, -skew_deg))
    return sorted(lines, key=lambda line: len(line.glyphs), reverse=True)[:_LINES]


def _with_longest_rows(layout: Layout) -> Layout:
    """The layout with the rows that have most pieces of ink: others need not be cut out."""
    rows = [row for paragraph in layout.paragraphs for row in paragraph.rows]
    longest = {id(row) for row in sorted(rows, key=lambda row: -len(row.members))[:_ROWS]}
    paragraphs = [
        replace(paragraph, rows=tuple(row for row in paragraph.rows if id(row) in longest))
        for paragraph in layout.paragraphs
    ]
    return replace(layout, paragraphs=tuple(paragraphs))
