"""Of shares that read alike, the language counts as little as it may."""

from __future__ import annotations

from training.lines.expect import Expectation, most_careful


def tried(weight: float, bonus: float, rate: float) -> Expectation:
    return Expectation(weight=weight, character_bonus=bonus, error_rate={"books": rate})


def test_the_least_weight_that_reads_as_well_as_the_best_and_its_best_bonus() -> None:
    best = tried(0.4, 1.6, 0.0196)
    careful, mean_bonus, deletes = (
        tried(0.3, 1.2, 0.0197),
        tried(0.3, 1.5, 0.0199),
        tried(0.4, 0.8, 0.0199),
    )
    worse = tried(0.2, 0.8, 0.0204)
    assert most_careful([best, mean_bonus, careful, deletes, worse]) is careful
    assert most_careful([worse]) is worse
