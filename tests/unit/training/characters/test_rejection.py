"""How a model's rejection is measured."""

from __future__ import annotations

import numpy as np

from training.characters.rejection import fit_threshold, score_rejection


def shares(*values: float) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return np.array(values, np.float32)


def test_the_threshold_loses_one_character_in_a_hundred() -> None:
    rng = np.random.default_rng(1)
    handprint, printed = rng.random(4000, np.float32), rng.random(500, np.float32) * 0.5
    threshold = fit_threshold(handprint, printed)
    # Both count alike, so the few printed ones weigh as much as the many by hand.
    lost = 0.5 * (handprint > threshold).mean() + 0.5 * (printed > threshold).mean()
    assert 0.008 < lost <= 0.0101


def test_negatives_are_counted_one_by_one_and_by_kind() -> None:
    figures = score_rejection(
        0.5,
        shares(0.1, 0.2, 0.9, 0.1),
        shares(0.1, 0.2),
        {"pairs": shares(0.9, 0.9, 0.4), "noise": shares(0.5)},
    )
    assert figures["characters_rejected"] == 0.125
    assert figures["negatives_accepted"] == 0.5
    assert figures["accepted_by_kind"] == {"pairs": 0.3333, "noise": 1.0}
