"""The default engine reads as the line recognisers that look twice, under all their names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from ocrq.types import Box, CharResult, EngineInfo, PageOptions
from pipeline.ctc.path import PagePath
from pipeline.engines import auto
from pipeline.engines.auto import AutoEngine
from pipeline.engines.engine import LineImage, LineReading, quick_engine
from pipeline.engines.second_look import SecondLook
from pipeline.rotation import Rotation


def line() -> LineImage:
    return LineImage(
        gray=np.full((20, 60), 255, np.uint8),
        owner=np.zeros((20, 60), np.int32),
        glyphs=(),
        left_px=0,
        top_px=0,
        baseline_px=(15.0, 15.0),
        x_height_px=8.0,
        cap_height_px=12.0,
        region=0,
        rotation=Rotation.of(60, 200, 0.0),
    )


class Says:
    def __init__(self, text: str, name: str = "crnn") -> None:
        self.info = EngineInfo(name=name, version="1", weights_sha256=name[0] * 64)
        box = Box(x0_px=0, y0_px=0, x1_px=9, y1_px=9)
        self.chars = tuple(CharResult(char=c, confidence=0.9, box=box) for c in text)

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        return [LineReading(chars=self.chars) for _ in lines]


HAND = EngineInfo(name="hand", version="2", weights_sha256="2" * 64)
CHARACTERS = EngineInfo(name="resnet", version="3", weights_sha256="3" * 64)
ASKED = [HAND, CHARACTERS]


def test_each_line_names_who_read_it() -> None:
    engine = AutoEngine(Says("twice"), ASKED, quick=Says("once"))
    read = engine.read([line(), line()], PageOptions())
    assert [(r.text, r.engine) for r in read] == [("twice", "crnn")] * 2


def test_a_first_look_is_taken_without_a_second() -> None:
    once = Says("once")
    assert quick_engine(AutoEngine(Says("twice"), ASKED, quick=once)) is once
    assert quick_engine(once) is once


def test_all_models_are_in_its_name() -> None:
    info = AutoEngine(Says(""), ASKED, quick=Says("")).info
    assert (info.name, info.version) == ("auto", "crnn-1+hand-2+resnet-3")
    other = AutoEngine(Says("", "other"), ASKED, quick=Says("")).info
    assert info.weights_sha256 != other.weights_sha256


def test_what_ships_looks_twice_and_its_first_look_does_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[int] = []

    def weigh(
        self: SecondLook, lines: Sequence[LineImage], steps_px: Sequence[float], path: PagePath
    ) -> PagePath:
        shown.append(len(lines))
        return path

    monkeypatch.setattr(SecondLook, "weigh", weigh)
    engine = auto.make_engine()
    engine.quick.read([line()], PageOptions())
    assert shown == []
    engine.read([line()], PageOptions())
    assert shown == [1]
