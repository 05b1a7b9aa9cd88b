"""The rule that is fixed never reads a fold worse, and asks no more than it needs to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ocrq.types import Box, CharResult, EngineInfo, PageOptions
from pipeline.engines.auto import Rule
from pipeline.engines.engine import LineImage, LineReading
from training.lines.choose import TwoReadings, best_rule, error_rates, outcome
from training.lines.synthesise import Lines


def reading(text: str, confidence: float) -> LineReading:
    box = Box(x0_px=0, y0_px=0, x1_px=9, y1_px=9)
    return LineReading(
        chars=tuple(CharResult(char=c, confidence=confidence, box=box) for c in text)
    )


PRINT = TwoReadings(
    texts=("alpha", "beta"),
    first=(reading("alpha", 0.99), reading("beta", 0.75)),
    second=(reading("a1pha", 0.9), reading("8eta", 0.9)),
)
HAND = TwoReadings(
    texts=("AB", "CD"),
    first=(reading("H8", 0.5), reading("CD", 0.9)),
    second=(reading("AB", 0.9), reading("CO", 0.8)),
)


def test_error_rates_and_how_often_is_asked() -> None:
    found = outcome(Rule(ask_below=0.6, lead=0.1), {"print": PRINT, "hand": HAND})
    assert found.error_rate == {"print": 0.0, "hand": 0.0}
    assert found.asked == {"print": 0.0, "hand": 0.5}
    eager = outcome(Rule(ask_below=0.8, lead=0.1), {"print": PRINT})
    assert eager.error_rate == {"print": 1 / 9}


def test_the_best_rule_helps_one_fold_without_harming_another() -> None:
    best = best_rule({"print": PRINT, "hand": HAND})
    assert best.error_rate == {"print": 0.0, "hand": 0.0}
    assert 0.5 < best.rule.ask_below < 0.75
    assert best_rule({"print": PRINT}).rule.ask_below == 0.0  # asking does not pay


class SaysAb:
    info = EngineInfo(name="ab", version="0", weights_sha256="0" * 64)

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        return [reading("ab", 0.9) for _ in lines]


def test_an_engine_is_held_against_all_lines_of_a_fold() -> None:
    blank = np.zeros((32, 64), np.uint8)
    lines = Lines(images=(blank,) * 40, texts=("ab",) * 39 + ("abcd",))
    assert error_rates(SaysAb(), {"print": lines}) == {"print": 2 / 82}
