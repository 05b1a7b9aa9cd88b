"""The line recogniser reads all; in doubt the character engine is asked, and must lead clearly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrq.types import Box, CharResult, EngineInfo, PageOptions
from pipeline.engines.auto import AutoEngine, Rule, expected_share
from pipeline.engines.engine import LineImage, LineReading, quick_engine
from pipeline.rotation import Rotation

RULE = Rule(ask_below=0.8, lead=0.1)


def line(number: int) -> LineImage:
    return LineImage(
        gray=np.full((20, 60), 255, np.uint8),
        owner=np.zeros((20, 60), np.int32),
        glyphs=(),
        left_px=0,
        top_px=20 * number,
        baseline_px=(15.0, 15.0),
        x_height_px=8.0,
        cap_height_px=12.0,
        region=0,
        rotation=Rotation.of(60, 200, 0.0),
    )


def reading(text: str, confidence: float, missing_risk: float | None = None) -> LineReading:
    box = Box(x0_px=0, y0_px=0, x1_px=9, y1_px=9)
    chars = tuple(CharResult(char=c, confidence=confidence, box=box) for c in text)
    return LineReading(chars=chars, missing_risk=missing_risk)


class Scripted:
    """Answers each line by its number on the page, and remembers what it was asked."""

    def __init__(self, name: str, answers: dict[int, LineReading]) -> None:
        self.info = EngineInfo(name=name, version="1", weights_sha256=name[0] * 64)
        self.answers = answers
        self.asked: list[int] = []

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        numbers = [image.top_px // 20 for image in lines]
        self.asked += numbers
        return [self.answers[n] for n in numbers]


def test_only_doubtful_lines_are_read_twice_and_the_better_reading_stays() -> None:
    first = Scripted(
        "crnn",
        {0: reading("sure", 0.99), 1: reading("dcubt", 0.6), 2: reading("poor", 0.6),
         3: LineReading(), 4: reading("bad", 0.2)},
    )  # fmt: skip
    second = Scripted(
        "resnet", {1: reading("doubt", 0.9), 2: reading("p00r", 0.65), 4: reading("b4d", 0.7)}
    )
    read = AutoEngine(first, second, RULE).read([line(k) for k in range(5)], PageOptions())
    assert [r.text for r in read] == ["sure", "doubt", "poor", "", "bad"]
    assert [r.engine for r in read] == ["crnn", "resnet", "crnn", "crnn", "crnn"]
    assert second.asked == [1, 2, 4]


def test_a_page_without_doubt_never_wakes_the_second_engine() -> None:
    first, second = Scripted("crnn", {0: reading("sure", 0.99)}), Scripted("resnet", {})
    AutoEngine(first, second, RULE).read([line(0)], PageOptions())
    assert second.asked == []


def test_a_first_look_is_taken_by_the_line_recogniser_alone() -> None:
    first, second = Scripted("crnn", {}), Scripted("resnet", {})
    assert quick_engine(AutoEngine(first, second, RULE)) is first
    assert quick_engine(second) is second


def test_what_may_be_missing_counts_as_wrong() -> None:
    assert expected_share(LineReading()) == 0.0
    assert expected_share(reading("ab", 0.9)) == pytest.approx(0.9)
    assert expected_share(reading("ab", 0.9, missing_risk=0.5)) == pytest.approx(1.8 / 2.5)


def test_both_models_are_in_its_name() -> None:
    info = AutoEngine(Scripted("crnn", {}), Scripted("resnet", {}), RULE).info
    other = AutoEngine(Scripted("crnn", {}), Scripted("other", {}), RULE).info
    assert (info.name, info.version) == ("auto", "crnn-1+resnet-1")
    assert info.weights_sha256 != other.weights_sha256
