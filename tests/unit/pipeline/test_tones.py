from __future__ import annotations

import numpy as np
import pytest

from pipeline.tones import paper_tone, upper_quartile


@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (3, 5), (17, 19), (40, 44)])
def test_the_upper_quartile_is_that_of_numpy(shape: tuple[int, int]) -> None:
    tones = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    assert upper_quartile(tones) == np.percentile(tones, 75)
    assert upper_quartile(tones[::2, ::3]) == np.percentile(tones[::2, ::3], 75)


def test_paper_is_lighter_than_the_ink_on_it() -> None:
    page = np.full((900, 40), 200, np.uint8)
    page[100:300] = 20
    assert paper_tone(page) == 200.0
