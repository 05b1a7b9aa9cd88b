from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from ocrq.errors import ModelError
from pipeline import orient
from pipeline.binarize import binarize
from pipeline.deskew import rotate_gray
from pipeline.letters import WINDOW_SIDE, find_letters, turned_pixels
from pipeline.orient import estimate_orientation, rotate_quarter
from tests.drawing import make_page

LOWER = "\n".join(
    [
        "It was the best of times, it was the worst of times, it was",
        "the age of wisdom, it was the age of foolishness, it was the",
        "epoch of belief, it was the epoch of incredulity, and spring",
    ]
    * 3
)
RECEIPT = "\n".join(
    [
        "PAPER SHOP LTD, 27 HIGH STREET",
        "TEL: 03-5519 0823   TAX INVOICE",
        "2 PENS BLACK         4.50   9.00",
        "1 RULER 30 CM        7.40   7.40",
        "TOTAL AMOUNT PAYABLE RM    16.40",
        "THANK YOU. PLEASE COME AGAIN",
    ]
    * 2
)


@pytest.mark.parametrize("text", [LOWER, RECEIPT], ids=["lower", "capitals"])
@pytest.mark.parametrize("turned_deg", [0, 90, 180, 270])
@pytest.mark.parametrize("dpi", [120, 300])
def test_a_turned_page_is_turned_back(text: str, turned_deg: int, dpi: int) -> None:
    page = make_page(text, dpi=dpi, size_in=(6.0, 4.0), size_pt=11)
    found = estimate_orientation(binarize(rotate_quarter(page, turned_deg)))
    assert (found.rotation_deg + turned_deg) % 360 == 0
    assert found.confidence > 0.99


@pytest.mark.parametrize("size_in", [(20.0, 30.0), (6.0, 45.0)], ids=["poster", "strip"])
@pytest.mark.parametrize("turned_deg", [0, 180])
def test_a_large_sheet_has_no_larger_letters(size_in: tuple[float, float], turned_deg: int) -> None:
    page = make_page(LOWER.split("\n") * 12, dpi=300, size_in=size_in, size_pt=11)
    found = estimate_orientation(binarize(rotate_quarter(page, turned_deg)))
    assert (found.rotation_deg, found.confidence > 0.99) == (turned_deg, True)


@pytest.mark.parametrize("skew_deg", [-10.0, 10.0])
def test_skew_does_no_harm(skew_deg: float) -> None:
    page = rotate_gray(make_page(LOWER, dpi=200, size_in=(6.0, 4.0)), skew_deg)
    assert estimate_orientation(binarize(page)).rotation_deg == 0
    assert estimate_orientation(binarize(rotate_quarter(page, 180))).rotation_deg == 180


@pytest.mark.parametrize(
    "ink",
    [
        np.zeros((500, 400), np.bool_),
        np.ones((500, 400), np.bool_),
        np.random.default_rng(1).random((500, 400)) < 0.3,
        binarize(make_page("on")),
        binarize(make_page("SOS HIS OX NON SIS\n" * 4, size_in=(6.0, 4.0))),
        np.tile(np.arange(400) % 8 < 3, (500, 1)),
    ],
    ids=["white", "black", "noise", "a word", "symmetric letters", "bars"],
)
def test_without_evidence_a_page_is_not_turned(ink: np.ndarray) -> None:
    assert estimate_orientation(ink).rotation_deg == 0


def test_windows_of_a_turned_page_are_the_turned_windows() -> None:
    ink = binarize(make_page(LOWER, dpi=100, size_in=(6.0, 4.0)))
    windows = find_letters(ink, 1000).windows(slice(None))
    turned = find_letters(np.ascontiguousarray(np.rot90(ink, 2)), 1000).windows(slice(None))
    assert windows.shape == turned.shape == (len(windows), 2, WINDOW_SIDE, WINDOW_SIDE)
    # Marks are numbered from the top, so the order is another; sums don't care.
    assert windows.sum() == pytest.approx(turned.sum(), rel=0.05)


def test_turned_pixels_turns_clockwise() -> None:
    picture = np.arange(2 * WINDOW_SIDE * WINDOW_SIDE).reshape(2, WINDOW_SIDE, WINDOW_SIDE)
    turned = picture.reshape(-1)[turned_pixels(1)].reshape(picture.shape)
    np.testing.assert_array_equal(turned[0], np.rot90(picture[0], -1))


def test_only_quarter_turns() -> None:
    with pytest.raises(ValueError, match="quarter-turn"):
        rotate_quarter(np.zeros((2, 2), np.uint8), 45)


def test_changed_weights_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "orient_weights.npz").write_bytes(b"something else")
    monkeypatch.setattr(orient, "files", lambda _package: tmp_path)
    orient.load_network.cache_clear()
    with pytest.raises(ModelError, match="not the file"):
        orient.load_network()
    (tmp_path / "orient_weights.npz").unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        orient.load_network()
    orient.load_network.cache_clear()
