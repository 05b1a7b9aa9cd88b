from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from training.characters.evaluate import Answers
from training.characters.pictures import draw_reliability


def test_too_few_answers_for_any_point_are_no_matter_for_a_warning(tmp_path: Path) -> None:
    rows = np.arange(8)  # a bin of fewer than ten is not drawn
    answers = Answers(
        class_set="digits",
        rows=rows,
        labels=rows,
        answers=rows,
        confidence=np.full(8, 0.9, np.float32),
    )
    draw_reliability([answers], tmp_path / "r.png")  # warnings are errors in tests
    assert cv2.imread(str(tmp_path / "r.png")) is not None
