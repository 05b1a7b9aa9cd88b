"""Letter case of labels in capitals, by what is seen of each letter."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageDraw

from pipeline.engines.registry import load_engine
from pipeline.line_image import normalise_line
from pipeline.runtime.classifier import load_classifier
from pipeline.weights import find_model
from tests.drawing import built_in_font
from training.lines.seen_case import _written, settle_case


def drawn(text: str) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    font = built_in_font(44)
    image = Image.new("L", (int(font.getlength(text)) + 20, 64), 255)
    ImageDraw.Draw(image).text((10, 48), text, font=font, fill=0, anchor="ls")
    return normalise_line(np.asarray(image, np.uint8))


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ("Total 6% Supplies (GST): 12", "total 6% supplies (Gst): 12"),
        ("GOODS SOLD ARE NOT RETURNABLE", "Goods SOLD ARE NOT RETURNABLE"),
        ("please come back again and see", "please Come back again and see"),
        ("Tax Invoice No 12345", "Tax invoice No 12345"),
    ],
)
def test_the_picture_is_believed_and_not_the_label(shown: str, told: str) -> None:
    engine, classifier = load_engine("crnn"), load_classifier(find_model("resnet"), "cpu")
    assert settle_case([drawn(shown)], [told], engine, classifier) == [shown]
    assert settle_case([drawn(shown)], [shown], engine, classifier) == [shown]


def test_where_nothing_is_seen_a_label_stays() -> None:
    for label in ("Total (rm)", "x5B", "McDonald’s kWh"):
        assert _written(label, np.zeros(len(label))) == label


def test_a_word_is_written_as_people_write() -> None:
    """One letter that is seen otherwise than its word changes nothing."""
    odds = np.array([4.0, -4.0, -4.0, 1.0, -4.0])
    assert _written("total", odds) == "Total"
    assert _written("TOTAL", odds) == "Total"
    assert _written("total", np.array([0.0, 2.0, 0.0, 0.0, 0.0])) == "total"
