from __future__ import annotations

import dataclasses

import pytest

from ocrq.config import Settings
from ocrq.quality_gate import QualityGate, sentences
from ocrq.types import Quality

GOOD = Quality(sharpness=0.6, contrast=0.8, ink=0.1, is_blank=False, x_height_px=20.0)


def test_the_defaults_are_those_of_the_settings() -> None:
    assert QualityGate() == QualityGate.from_settings(Settings())


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({}, ()),
        ({"is_blank": True, "sharpness": 0.0, "x_height_px": None}, ("blank",)),
        ({"x_height_px": 3.0}, ("too_blurred", "dpi_too_low")),
        ({"x_height_px": 3.0, "sharpness": 1.0}, ("dpi_too_low",)),
        ({"sharpness": 0.05}, ("too_blurred",)),
        ({"sharpness": 0.05, "x_height_px": 60.0}, ()),
        ({"sharpness": 0.0, "x_height_px": None}, ("too_blurred",)),
        ({"x_height_px": None}, ()),
    ],
)
def test_flags_name_what_is_wrong(changes: dict[str, object], flags: tuple[str, ...]) -> None:
    page = dataclasses.replace(GOOD, **changes)  # type: ignore[arg-type]
    assert QualityGate(min_x_height_px=8.0, max_blur=0.5).flags_of(page) == flags


def test_thresholds_can_be_moved() -> None:
    settings = Settings(min_x_height_px=30.0, max_blur=0.01)
    assert QualityGate.from_settings(settings).flags_of(GOOD) == ("too_blurred", "dpi_too_low")


def test_a_person_reads_the_measure() -> None:
    page = dataclasses.replace(
        GOOD, sharpness=0.062, x_height_px=6.2, flags=("too_blurred", "dpi_too_low", "new_one")
    )
    assert sentences(page) == [
        "too blurred: sharpness 0.06",
        "dpi too low: x-height 6 px",
        "new one",
    ]
    assert sentences(dataclasses.replace(GOOD, flags=("blank",))) == ["blank"]
    assert sentences(GOOD) == []
