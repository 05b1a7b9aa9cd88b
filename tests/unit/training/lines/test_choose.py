"""The rule that is fixed never reads a fold worse, and asks no more than it needs to."""

from __future__ import annotations

from ocrq.types import Box, CharResult
from pipeline.engines.auto import Rule
from pipeline.engines.engine import LineReading
from training.lines.choose import TwoReadings, best_rule, outcome


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
