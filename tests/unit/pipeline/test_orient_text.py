from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrq.errors import AnswerError
from ocrq.types import CharResult, PageOptions
from pipeline.binarize import binarize
from pipeline.engines.engine import LineImage, LineReading
from pipeline.image import PageImage
from pipeline.layout.page import find_layout
from pipeline.lines import cut_lines
from pipeline.orient import Orientation, rotate_quarter
from pipeline.orient_text import (
    TurnReading,
    _longest_lines,
    busiest_band,
    judge,
    settle_orientation,
)
from pipeline.rotation import Rotation
from pipeline.run import process_page
from tests.drawing import make_page
from tests.engines.fake import FakeEngine, read_line

DOUBTFUL = Orientation(rotation_deg=0, confidence=0.6)


class Reader(FakeEngine):
    """Reads well where there is more ink in the upper half of the lines: they are drawn so."""

    def __init__(self, *, confidence: float = 0.95, count: int | None = None) -> None:
        self.calls = 0
        self.confidence = confidence
        self.count = count

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        self.calls += 1
        return [LineReading(chars=self._chars(line)) for line in lines]

    def _chars(self, line: LineImage) -> tuple[CharResult, ...]:
        top, bottom = np.array_split(255.0 - line.gray, 2)
        wide = line.gray.shape[1] > 5 * line.gray.shape[0]
        confidence = self.confidence if wide and top.sum() > 1.2 * bottom.sum() else 0.4
        chars = read_line(line, 0)[: self.count]
        return tuple(CharResult(char=c.char, confidence=confidence, box=c.box) for c in chars)


class SureReader(Reader):
    """Is sure of whatever it is shown."""

    def _chars(self, line: LineImage) -> tuple[CharResult, ...]:
        chars = read_line(line, 0)[: self.count]
        return tuple(CharResult(char=c.char, confidence=0.95, box=c.box) for c in chars)


def page() -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """Few marks in a row that are heavy above: letters would be in doubt."""
    gray = np.full((400, 900), 255, np.uint8)
    for x in range(100, 800, 50):
        gray[150:165, x : x + 30] = 0
        gray[165:190, x + 12 : x + 18] = 0
    return gray


@pytest.mark.parametrize("turned_deg", [0, 90, 180, 270])
def test_the_way_that_is_read_best_wins(turned_deg: int) -> None:
    gray = rotate_quarter(page(), turned_deg)
    found = settle_orientation(gray, binarize(gray), DOUBTFUL, PageOptions(), Reader())
    assert (found.rotation_deg + turned_deg) % 360 == 0
    assert found.confidence > 0.99

    image = PageImage(gray=gray, dpi=150, dpi_is_estimated=False, scan_size_px=(9, 9))
    result = process_page(image, PageOptions(), Reader())
    assert (result.rotation_deg + turned_deg) % 360 == 0
    assert (result.width_px, result.height_px) == (900, 400)


@pytest.mark.parametrize("turned_deg", [0, 90, 180, 270])
def test_a_large_page_is_read_where_most_of_it_stands(turned_deg: int) -> None:
    gray = np.full((2700, 900), 255, np.uint8)
    gray[1500:1900] = page()
    gray = rotate_quarter(gray, turned_deg)
    lies = turned_deg % 180 != 0
    band = gray[busiest_band(binarize(gray), lies=lies)]
    assert band.shape == ((900, 900))
    assert np.count_nonzero(band == 0) == np.count_nonzero(gray == 0)

    reader = Reader(count=40)
    letters = Orientation(rotation_deg=(360 - turned_deg) % 360, confidence=0.9)
    found = settle_orientation(gray, binarize(gray), letters, PageOptions(), reader)
    assert found.rotation_deg == letters.rotation_deg


def test_what_the_letters_are_sure_of_costs_nothing() -> None:
    reader, gray = Reader(), page()
    sure = Orientation(rotation_deg=0, confidence=0.9999)
    assert settle_orientation(gray, binarize(gray), sure, PageOptions(), reader) is sure
    blank = np.zeros(gray.shape, np.bool_)
    assert settle_orientation(gray, blank, DOUBTFUL, PageOptions(), reader) is DOUBTFUL
    assert reader.calls == 0


def test_a_page_is_not_turned_over_against_what_is_read() -> None:
    reader, gray = Reader(), page()
    sure = Orientation(rotation_deg=180, confidence=0.9999)
    assert settle_orientation(gray, binarize(gray), sure, PageOptions(), reader).rotation_deg == 0


@pytest.mark.parametrize(("count", "calls"), [(None, 1), (2, 4)])
def test_a_way_that_is_read_without_doubt_ends_the_search(count: int | None, calls: int) -> None:
    text = ["WWW WWW WWW WWW WWW WWW WWW"] * 8
    gray = make_page(text, dpi=150, size_in=(6.0, 4.0), size_pt=11)
    reader = SureReader(count=count)
    found = settle_orientation(gray, binarize(gray), DOUBTFUL, PageOptions(), reader)
    assert (reader.calls, found.rotation_deg) == (calls, 0)
    assert (found.confidence > 0.99) == (calls == 1)


@pytest.mark.parametrize("reader", [Reader(confidence=0.7), Reader(confidence=0.45)])
def test_what_nobody_can_read_stays_as_it_is(reader: Reader) -> None:
    gray = rotate_quarter(page(), 180)
    assert settle_orientation(gray, binarize(gray), DOUBTFUL, PageOptions(), reader) is DOUBTFUL


def readings(*values: tuple[int, float, int]) -> list[TurnReading]:
    """Turn, confidence and count of each."""
    return [TurnReading(rotation_deg=t, confidence=c, count=n) for t, c, n in values]


def test_two_ways_alike_or_too_little_text_prove_nothing() -> None:
    assert judge(DOUBTFUL, readings((0, 0.82, 50), (180, 0.9, 50))) is DOUBTFUL
    assert judge(DOUBTFUL, readings((0, 0.2, 50), (180, 0.99, 7))) is DOUBTFUL
    assert judge(DOUBTFUL, readings((0, 0.2, 50), (90, 0.99, 8))).rotation_deg == 90


def test_a_poor_page_is_not_turned_against_how_it_is_read() -> None:
    """Of a fax the letters wanted a half turn, which was read worse than the page as it lies."""
    turned = Orientation(rotation_deg=180, confidence=0.9998)
    assert judge(turned, readings((180, 0.53, 334), (0, 0.69, 442))).rotation_deg == 0
    assert judge(turned, readings((180, 0.53, 334), (0, 0.55, 442))) is turned
    assert judge(turned, readings((180, 0.40, 334), (0, 0.52, 442))) is turned
    assert judge(DOUBTFUL, readings((180, 0.69, 334), (0, 0.53, 442))) is DOUBTFUL


def test_letters_are_doubted_sooner_than_overruled() -> None:
    over = Orientation(rotation_deg=180, confidence=0.985)
    assert judge(over, readings((180, 0.66, 269), (0, 0.75, 285), (90, 0.44, 90))).rotation_deg == 0
    assert judge(over, readings((180, 0.72, 269), (0, 0.75, 285), (90, 0.44, 90))) is over
    upright = Orientation(rotation_deg=0, confidence=0.6)
    assert judge(upright, readings((0, 0.7, 90), (180, 0.78, 90), (90, 0.4, 90))) is upright


def test_a_usual_page_is_read_in_one_call() -> None:
    reader = Reader()
    text = ["It was the best of times, it was the worst of times, it was"] * 8
    gray = make_page(text, dpi=150, size_in=(6.0, 4.0), size_pt=11)
    image = PageImage(gray=gray, dpi=150, dpi_is_estimated=False, scan_size_px=(9, 9))
    assert process_page(image, PageOptions(), reader).rotation_deg == 0
    assert reader.calls == 1


def test_an_impossible_answer_is_an_error_here_too() -> None:
    gray = page()
    reader = Reader()
    reader.read = lambda lines, options: []  # type: ignore[method-assign]
    with pytest.raises(AnswerError):
        settle_orientation(gray, binarize(gray), DOUBTFUL, PageOptions(), reader)


def test_the_longest_lines_are_those_of_the_whole_page() -> None:
    text = "\n".join("word " * (1 + k % 7) for k in range(40))
    page = make_page(text, dpi=150, size_in=(8.0, 11.0))
    ink = binarize(page)
    height, width = page.shape
    every = cut_lines(page, find_layout(ink), Rotation.of(width, height, 0.0))
    lengths = sorted((len(line.glyphs) for line in every), reverse=True)
    assert len(lengths) > 30
    assert [len(line.glyphs) for line in _longest_lines(page, ink)] == lengths[:8]
