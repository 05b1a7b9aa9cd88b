"""Rules and specks are taken out, what is text stays."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from ocrq.types import PageOptions, PageResult
from pipeline.binarize import binarize
from pipeline.engines.registry import load_engine
from pipeline.image import PageImage
from pipeline.layout.page import find_pieces
from pipeline.rule_removal import remove_rules
from pipeline.run import process_page
from pipeline.specks import remove_specks
from tests.drawing import make_page

Gray = npt.NDArray[np.uint8]
TEXT = ["pack my jig, five quay zip", "the quick brown fox ran", "jumps over it. Was it 1?"] * 2
FAKE = load_engine("tests.engines.fake:make_engine")


def page() -> Gray:
    return make_page(TEXT, dpi=200, size_in=(6.0, 3.0), size_pt=14)


def ruled(off_px: int, thick_px: int = 2) -> Gray:
    """A rule for each line of text, this far below its baseline."""
    gray = page()
    for line in read(gray).lines:
        y = round(line.baseline[0][1]) + off_px
        gray[y : y + thick_px, 30:-30] = 0
    return gray


def read(gray: Gray, **options: bool) -> PageResult:
    image = PageImage(gray=gray, dpi=200, dpi_is_estimated=False, scan_size_px=(1, 1))
    return process_page(image, PageOptions(**options), FAKE)  # type: ignore[arg-type]


@pytest.mark.parametrize("off_px", [-9, -3, 0, 2])
def test_rules_through_text_go_and_its_strokes_stay(off_px: int) -> None:
    clean, dirty = page(), ruled(off_px)
    found = remove_rules(dirty, binarize(dirty), 24.0)
    assert found is not None
    gray, ink = found
    missing = binarize(clean) & ~ink
    assert missing.sum() < 0.2 * binarize(clean).sum()  # what lies in the rule's own rows
    assert (ink & ~binarize(clean)).sum() < 0.05 * (binarize(dirty) & ~binarize(clean)).sum() + 400
    assert gray.shape == dirty.shape
    np.testing.assert_array_equal(dirty, ruled(off_px))  # the scan is not changed


def test_lines_are_found_on_ruled_paper() -> None:
    result = read(ruled(0))
    assert len(result.lines) == len(TEXT)
    assert "rules" in result.elapsed_s
    assert "rules" not in read(ruled(0), remove_rules=False).elapsed_s
    assert "rules" not in read(ruled(0), clean=False).elapsed_s


def test_one_letter_that_hangs_on_a_rule_is_set_free() -> None:
    clean = make_page(["go on"], dpi=200, size_in=(6.0, 1.0), size_pt=14)
    baseline = round(read(clean).lines[0].baseline[0][1])
    dirty = clean.copy()
    dirty[baseline + 3 : baseline + 5, 30:-30] = 0  # through the tail of the g
    found = remove_rules(dirty, binarize(dirty), 24.0)
    assert found is not None
    assert (binarize(clean) & ~found[1]).sum() < 0.1 * binarize(clean).sum()
    assert (found[1] & ~binarize(clean)).sum() < 20
    edges = [
        (box.x0_px, box.y0_px, box.x1_px, box.y1_px)
        for box in (read(gray).lines[0].box for gray in (dirty, clean))
    ]
    np.testing.assert_allclose(edges[0], edges[1], atol=2)


def test_what_a_threshold_leaves_of_a_rule_goes_too() -> None:
    clean = make_page(["go on"], dpi=200, size_in=(6.0, 1.0), size_pt=14)
    line = read(clean).lines[0]
    baseline, left, right = round(line.baseline[0][1]), line.box.x0_px, line.box.x1_px
    dirty = clean.copy()
    dirty[baseline + 4 : baseline + 6, left - 70 : -30] = 0
    dirty[baseline + 4 : baseline + 6, left - 10 : right + 10] = 255  # pale beside letters
    dirty[clean < 255] = clean[clean < 255]
    found = remove_rules(dirty, binarize(dirty), 24.0)
    assert found is not None
    assert not found[1][:, : left - 5].any()
    assert (binarize(clean) & ~found[1]).sum() < 20


def test_lines_by_themselves_and_grids_stay() -> None:
    gray = page()
    gray[-30:-27, 20:-20] = 0
    cv2.rectangle(gray, (10, 5), (gray.shape[1] - 10, gray.shape[0] - 10), 0, 2)
    assert remove_rules(gray, binarize(gray), 24.0) is None
    assert remove_rules(page(), binarize(page()), 24.0) is None
    assert "rules" not in read(page()).elapsed_s


def test_thick_bars_are_no_rules() -> None:
    gray = page()
    gray[60:90, 30:-30] = 0
    assert remove_rules(gray, binarize(gray), 24.0) is None


def test_specks_go_and_points_stay() -> None:
    clean = page()
    dirty = clean.copy()
    rng = np.random.default_rng(5)
    dirty[rng.random(dirty.shape) < 0.004] = 0
    ink = binarize(dirty)
    pieces = find_pieces(ink)
    found = remove_specks(dirty, ink, pieces.found, pieces.text_height_px, 100)
    assert found is not None
    wanted = binarize(clean)
    assert (wanted & ink & ~found[1]).sum() == 0  # the points of i, j and the full stops too
    assert (found[1] & ~wanted).sum() < 0.3 * (ink & ~wanted).sum()
    assert remove_specks(clean, wanted, find_pieces(wanted).found, 24.0, 100) is None
    assert "specks" in read(dirty).elapsed_s
    assert "specks" not in read(dirty, clean=False).elapsed_s


def test_points_of_small_print_are_no_specks() -> None:
    gray = page()
    rng = np.random.default_rng(5)
    gray[rng.random(gray.shape) < 0.004] = 0
    ink = binarize(gray)
    assert remove_specks(gray, ink, find_pieces(ink).found, 13.0, 100) is not None
    assert remove_specks(gray, ink, find_pieces(ink).found, 12.0, 100) is None


def comb(*, filled: bool = True) -> Gray:
    """Text, and below it boxes for digits whose bars stand as close to each other as letters do."""
    gray = page().copy()
    y0, y1, step = 480, 540, 46
    for k in range(10):
        cv2.line(gray, (60 + k * step, y0), (60 + k * step, y1), 0, 2)
    for y in (y0, y1):
        cv2.line(gray, (60, y), (60 + 9 * step, y), 0, 2)
    if filled:
        for k, digit in enumerate("508346217"):
            place = (70 + k * step, y1 - 12)
            cv2.putText(gray, digit, place, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3, cv2.LINE_AA)
    return gray


def test_the_bars_of_a_comb_go_and_its_digits_stay() -> None:
    gray = comb()
    found = remove_rules(gray, binarize(gray), 24.0)
    assert found is not None
    rest = found[1][470:552]
    digits = binarize(comb()) & ~binarize(comb(filled=False))
    wanted = digits[470:552]
    assert (rest & ~wanted).sum() < 0.1 * wanted.sum()  # nothing of the boxes
    assert (wanted & ~rest).sum() < 0.1 * wanted.sum()
    assert (found[1][:400] == binarize(page())[:400]).mean() > 0.999


def test_letters_between_ruled_lines_are_no_bars() -> None:
    before, after = ([len(line.chars) for line in read(g).lines] for g in (page(), ruled(0)))
    assert after == before


def small_table() -> Gray:
    """Small print in a grid whose level rules touch it, uprights far from any letter."""
    gray = make_page(["Western   42/2", "Speedy  106/4", "Valley  78/4"] * 2, dpi=100,
                     size_in=(4.0, 2.0), size_pt=7)  # fmt: skip
    inked = np.flatnonzero((gray < 128).any(axis=1))
    ends = inked[np.flatnonzero(np.diff(inked, append=10_000) > 2)]
    for y in ends.tolist():
        gray[y : y + 2, 10:-10] = 0
    for x in (10, 250, 330, 388):
        gray[ends[0] : ends[-1] + 2, x : x + 2] = 0
    return gray


def test_uprights_of_a_small_table_go_with_its_rules() -> None:
    dirty = small_table()
    height_px = 8.0
    found = remove_rules(dirty, binarize(dirty), height_px)
    assert found is not None
    for x in (250, 330):  # no letter is near
        before, after = binarize(dirty)[:, x - 3 : x + 5], found[1][:, x - 3 : x + 5]
        assert before.sum() > 150
        assert after.sum() < 0.1 * before.sum()
    words = np.s_[:, 42:150]
    assert found[1][words].sum() > 0.8 * (binarize(dirty)[words].sum() - 2 * 6 * 108)


def test_uprights_of_larger_print_are_left_to_the_layout() -> None:
    dirty = small_table()
    found = remove_rules(dirty, binarize(dirty), 17.0)
    assert found is None or found[1][:, 247:255].sum() > 100
