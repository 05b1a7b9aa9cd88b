from __future__ import annotations

import numpy as np
import pytest

from pipeline.layout import components
from pipeline.layout.components import find_components, sort_components, text_height
from tests.drawing import make_page


def test_text_height_is_between_x_height_and_cap_height() -> None:
    page = make_page("xxx XXX xxx XXX", dpi=300, size_pt=12)

    height_px = text_height(find_components(page < 128))

    x_px, cap_px = (_height_of(letter) for letter in "xX")
    assert x_px <= height_px <= cap_px


def _height_of(letter: str) -> int:
    rows = np.flatnonzero((make_page(letter, dpi=300, size_pt=12) < 128).any(axis=1))
    return int(rows[-1] - rows[0] + 1)


def test_a_page_without_letters_has_no_text_height() -> None:
    for ink in (np.zeros((50, 50), np.bool_), np.ones((50, 50), np.bool_)):
        assert text_height(find_components(ink)) == 0.0


def test_components_are_sorted_by_size_and_shape() -> None:
    page = make_page("Some letters, and a dot.", dpi=300)
    page[700:703, 100:1200] = 0  # a rule
    page[720:880, 100:700] = 0  # a picture
    page[300:420, 1400:1406] = 0  # a stroke of a pencil
    found = find_components(page < 128)

    kinds = sort_components(found, text_height(found))

    assert sorted(found.y0[kinds.rule].tolist()) == [300, 700]
    assert found.y0[kinds.picture].tolist() == [720]
    assert len(kinds.body) == len("Someletters,andadot.") - 2  # the comma and the dot are marks
    assert len(kinds.mark) == 2


def test_noise_keeps_only_the_largest_components(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(components, "MAX_COMPONENTS", 10)
    ink = np.zeros((100, 100), np.bool_)
    ink[::4, ::4] = True
    ink[50:52, 49:52] = True

    found = find_components(ink)

    assert len(found) == 10
    assert found.area.max() >= 6


def test_a_page_of_letters_keeps_its_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "MAX_COMPONENTS", 10)
    ink = np.zeros((200, 200), np.bool_)
    for k in range(12):
        ink[10 + 10 * k : 16 + 10 * k, 10:16] = True
    ink[150, 100:104:3] = True
    assert len(find_components(ink)) == 14
    dots = np.zeros((200, 200), np.bool_)
    dots[::10, ::10] = True
    assert len(find_components(dots)) == 10
