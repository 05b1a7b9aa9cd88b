from __future__ import annotations

from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ocrq.errors import ModelError, UsageError
from training.evaluation.characters import evaluate_characters


@pytest.fixture(scope="module")
def typed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Letters and digits of a typewriter's width, clean, as this project's npz."""
    ttf = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSansMono.ttf"
    font = ImageFont.truetype(ttf, 26)
    text = "23456789ABDEFGHJLMNQRTYabdefghnqrt"
    pictures = []
    for char in text:
        image = Image.new("L", (40, 40), 0)
        ImageDraw.Draw(image).text((8, 4), char, fill=255, font=font)
        pictures.append(np.asarray(image))
    path = tmp_path_factory.mktemp("typed") / "typed.npz"
    np.savez(path, images=np.stack(pictures), labels=np.array(list(text)))
    return path


def test_a_file_is_scored_once_for_each_class_set(typed: Path) -> None:
    found = evaluate_characters([typed], class_sets=("digits", "alnum"))
    digits, alnum = (entry.score for entry in found.sets)
    assert (digits.class_set, digits.count, digits.accuracy) == ("digits", 8, 1.0)
    assert alnum.count == 34
    assert alnum.accuracy > 0.9
    assert [share for share, _ in alnum.errors_found] == [0.01, 0.02, 0.05, 0.1, 0.2]
    assert {f.char for f in digits.figures} == set("23456789")


def test_what_cannot_be_scored_is_said_before_anything_is_loaded(typed: Path) -> None:
    with pytest.raises(UsageError, match="known are digits"):
        evaluate_characters([typed], class_sets=("runes",))
    with pytest.raises(ModelError, match="there is no model"):
        evaluate_characters([typed], model="absent")
