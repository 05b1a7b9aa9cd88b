"""Rules that touch text are no ink and stay in the picture that is read; boxes go from it."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from pipeline.binarize import binarize
from pipeline.flatten import Bend, Flattening, flatten_gray
from pipeline.image import GrayImage
from pipeline.layout.components import find_components
from pipeline.level_page import LevelPage
from pipeline.rule_removal import remove_rules
from pipeline.slanted_rules import without_slanted_rules
from tests.drawing import make_page

RULE = np.s_[100:102, 30:-30]


def ruled() -> GrayImage:
    gray = make_page(["rules through letters"] * 3, dpi=200, size_in=(6.0, 2.0), size_pt=14)
    gray[RULE] = 0
    return gray


def covered_page() -> LevelPage:
    """A page with a rule that is no ink."""
    gray = ruled()
    covered = np.zeros(gray.shape, np.bool_)
    covered[RULE] = True
    ink = binarize(gray)
    flat = LevelPage.of(gray, ink & ~covered, 0.0)
    return LevelPage(upright=gray, gray=gray, ink=flat.ink, rotation=flat.rotation, covered=covered)


def longest_run(ink: npt.NDArray[np.bool_]) -> int:
    runs = cv2.morphologyEx(ink.view(np.uint8), cv2.MORPH_OPEN, np.ones((1, 60), np.uint8))
    return int(runs.sum(axis=1).max())


def test_a_rule_through_text_stays_in_the_picture() -> None:
    gray = make_page(["rules through letters"] * 3, dpi=200, size_in=(6.0, 2.0), size_pt=14)
    inked = np.flatnonzero((gray < 128).any(axis=1))
    gray[inked[0] + 12 : inked[0] + 14, 30:-30] = 0
    found = remove_rules(gray, binarize(gray), 24.0)
    assert found is not None
    np.testing.assert_array_equal(found[0], gray)
    assert longest_run(binarize(gray)) > 600
    assert not longest_run(found[1])


def test_boxes_of_a_comb_go_from_the_picture() -> None:
    gray = np.full((300, 700), 255, np.uint8)
    for k in range(10):
        cv2.line(gray, (60 + k * 54, 100), (60 + k * 54, 160), 0, 2)
    for y in (100, 160):
        cv2.line(gray, (60, y), (60 + 9 * 54, y), 0, 2)
    for k, digit in enumerate("508346217"):
        cv2.putText(gray, digit, (70 + k * 54, 152), cv2.FONT_HERSHEY_SIMPLEX, 1.4, 0, 3)
    found = remove_rules(gray, binarize(gray), 24.0)
    assert found is not None
    bar = np.s_[106:154, 60 + 54 * 4 - 1 : 60 + 54 * 4 + 2]
    assert gray[bar].min() == 0
    assert found[0][bar].min() > 200


def open_comb(slope: float = 0.0) -> GrayImage:
    """A rule with short teeth to write single digits between, askew or not."""
    gray = np.full((300, 900), 255, np.uint8)
    cv2.line(gray, (60, 160), (60 + 14 * 54, round(160 + 14 * 54 * slope)), 0, 2)
    for k in range(15):
        x, y = 60 + k * 54, round(160 + k * 54 * slope)
        cv2.line(gray, (x, y - 16), (x, y), 0, 2)
    for k, digit in enumerate("508346217"):
        place = (72 + k * 54, round(154 + k * 54 * slope))
        cv2.putText(gray, digit, place, cv2.FONT_HERSHEY_SIMPLEX, 1.2, 0, 3)
    return gray


def tooth_of(gray: GrayImage, k: int, slope: float = 0.0) -> int:
    """The darkest tone of a tooth."""
    y = round(160 + k * 54 * slope)
    return int(gray[y - 12 : y - 6, 60 + k * 54 - 1 : 60 + k * 54 + 2].min())


def test_teeth_on_a_rule_are_a_combs() -> None:
    gray = open_comb()
    found = remove_rules(gray, binarize(gray), 24.0)
    assert found is not None
    assert [tooth_of(gray, k) for k in (3, 12)] == [0, 0]
    assert min(tooth_of(found[0], k) for k in (3, 12)) > 200
    assert np.count_nonzero(find_components(found[1]).area > 9) == 9  # the digits


def test_teeth_of_a_comb_that_is_askew_go_from_the_picture() -> None:
    slope = 0.006
    gray = open_comb(slope)
    ink = binarize(gray)
    found = without_slanted_rules(gray, ink, find_components(ink), 24.0)
    assert found is not None
    assert min(tooth_of(found[0], k, slope) for k in (3, 12)) > 200


def test_the_soft_edges_of_a_box_go_with_it() -> None:
    gray = np.asarray(cv2.GaussianBlur(open_comb(), (0, 0), 1.0), np.uint8)
    found = remove_rules(gray, binarize(gray), 24.0)
    assert found is not None
    assert min(found[0][148:154, 60 + 54 * k - 3 : 60 + 54 * k + 4].min() for k in (11, 13)) > 245


def test_letters_on_a_rule_are_no_teeth() -> None:
    gray = make_page(["Illinois, Ill. in all 111 little hills"], dpi=200, size_in=(6.0, 1.0))
    inked = np.flatnonzero((gray < 128).any(axis=1))
    gray[inked[-1] - 8 : inked[-1] - 6, 30:-30] = 0
    found = remove_rules(gray, binarize(gray), 24.0)
    assert found is not None
    np.testing.assert_array_equal(found[0], gray)


def test_a_covered_rule_is_no_ink_of_an_enlarged_page() -> None:
    page, _ = covered_page().enlarged(2)
    assert longest_run(binarize(page.gray)) > 1000
    assert not longest_run(page.ink)


def test_a_covered_rule_is_no_ink_of_a_page_made_straight() -> None:
    page = covered_page()
    height, width = page.gray.shape
    bend = Bend(x0_px=0, x1_px=width, y0_px=0, y1_px=height, shifts_px=(0.0,) * 12)
    flattening = Flattening.of(page.rotation, bend)
    straight = flatten_gray(page.upright, flattening)
    assert longest_run(binarize(straight)) > 600
    assert not longest_run(page.ink_of(straight, flattening))
