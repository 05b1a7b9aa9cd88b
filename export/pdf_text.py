"""The text of a page as a PDF shows it: word by word along its baseline, in reading order."""

from __future__ import annotations

import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from export.blocks import Word, line_words
from export.pdf_file import number
from export.pdf_font import ADVANCE, ASCENT, InvisibleFont
from ocrq.types import LineResult, PageResult

FONT_NAME = "/F"
_INVISIBLE = 3  # text rendering mode
#: Up to here (10 degrees) each word is level, on the baseline where its middle is: poppler takes
#: a word apart whose letters climb, and it is not found any more (decision 0044).
_LEVEL_SLOPE = 0.176
#: Words that touch are drawn that much apart: poppler goes by gaps, whatever spaces there are.
_LEAST_GAP_EM = 0.16


@dataclass(frozen=True, slots=True, kw_only=True)
class _Baseline:
    """Where a line's letters stand: y = y0 + slope * (x - x0), px, downwards."""

    x0_px: float
    y0_px: float
    slope: float

    def y_px(self, x_px: float) -> float:
        return self.y0_px + self.slope * (x_px - self.x0_px)


def text_operators(
    result: PageResult,
    font: InvisibleFont,
    point_px: float,
    hidden: Container[int] = (),
    *,
    round_s: bool = False,
) -> Iterator[str]:
    """The operators that write the page's words invisibly.

    Args:
        result: what was read.
        font: gives the codes.
        point_px: points a pixel.
        hidden: numbers of the lines that are left out.
        round_s: every long s is written as s.
    """
    for index, line in enumerate(result.lines):
        if index not in hidden:
            yield from _line(line, font, result.height_px, point_px, round_s)


def _line(
    line: LineResult, font: InvisibleFont, height_px: int, point_px: float, round_s: bool
) -> Iterator[str]:
    words = line_words(line)
    if not words:
        return
    baseline = _baseline(line)
    # One size for the whole line, that of its highest letter; poppler takes words of several
    # sizes for several lines.
    above_px = max(baseline.y_px(c.box.x0_px) - c.box.y0_px for w in words for c in w.chars)
    size_pt = max(above_px, 1.0) / ASCENT * point_px
    is_level = abs(baseline.slope) <= _LEVEL_SLOPE
    length = 1.0 if is_level else math.hypot(1.0, baseline.slope)
    cos, sin = (1.0, 0.0) if is_level else (1.0 / length, -baseline.slope / length)
    yield f"BT {_INVISIBLE} Tr {FONT_NAME} 1 Tf"
    pieces = _pieces(words, _LEAST_GAP_EM * size_pt / point_px, round_s)
    for text, x0_px, x1_px in pieces:
        width_pt = max(x1_px - x0_px, 1.0) * length * point_px
        y_px = baseline.y_px((x0_px + x1_px) / 2 if is_level else x0_px)
        stretch = width_pt / (len(text) * ADVANCE)
        matrix = (
            stretch * cos,
            stretch * sin,
            -size_pt * sin,
            size_pt * cos,
            x0_px * point_px,
            (height_px - y_px) * point_px,  # upwards, as PDF counts
        )
        yield f"{' '.join(map(number, matrix))} Tm <{font.encode(text)}> Tj"
    yield "ET"


def _pieces(
    words: Sequence[Word], least_gap_px: float, round_s: bool
) -> Iterator[tuple[str, float, float]]:
    """Words and the spaces between them: text, left and right edge, px."""
    for word, following in zip_longest(words, words[1:]):
        text = word.text.replace("ſ", "s") if round_s else word.text
        x0_px, x1_px = word.box.x0_px, float(word.box.x1_px)
        if following is None:
            yield text, x0_px, x1_px
            return
        next_px = following.box.x0_px
        x1_px = max(min(x1_px, next_px - least_gap_px), (x0_px + x1_px) / 2)
        yield text, x0_px, x1_px
        # A space of the width of the gap: programs that select text need not guess.
        yield " ", x1_px, next_px


def _baseline(line: LineResult) -> _Baseline:
    (x0_px, y0_px), (x1_px, y1_px) = line.baseline
    if x1_px <= x0_px:
        return _Baseline(x0_px=x0_px, y0_px=y0_px, slope=0.0)
    return _Baseline(x0_px=x0_px, y0_px=y0_px, slope=(y1_px - y0_px) / (x1_px - x0_px))
