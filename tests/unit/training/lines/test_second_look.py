"""What an engine reads is held against all lines of a fold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrq.types import Box, CharResult, EngineInfo, PageOptions
from pipeline.engines.engine import LineImage, LineReading
from training.lines.second_look import error_rates
from training.lines.synthesise import Lines


class SaysAb:
    info = EngineInfo(name="ab", version="0", weights_sha256="0" * 64)

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        box = Box(x0_px=0, y0_px=0, x1_px=9, y1_px=9)
        chars = tuple(CharResult(char=c, confidence=0.9, box=box) for c in "ab")
        return [LineReading(chars=chars) for _ in lines]


def test_an_engine_is_held_against_all_lines_of_a_fold() -> None:
    blank = np.zeros((32, 64), np.uint8)
    lines = Lines(images=(blank,) * 40, texts=("Ab",) * 39 + ("abcd",))
    folds = {"print": lines, "capitals": lines}
    assert error_rates(SaysAb(), folds, ["capitals"]) == {"print": 41 / 82, "capitals": 2 / 82}
