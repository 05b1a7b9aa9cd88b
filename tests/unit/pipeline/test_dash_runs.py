"""Different dashes side by side are hyphens; others stay as they are; changes are named."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ctc.dash_runs import settle_dashes
from pipeline.ctc.doubt import doubt_page
from pipeline.ctc.path import best_path
from pipeline.vocabulary import decode
from tests.unit.pipeline.test_expected_texts import spelled


@pytest.mark.parametrize(
    ("line", "wanted", "changed"),
    [
        ("no-– he", "no-- he", [(3, "–")]),
        ("no—- he", "no-- he", [(2, "—")]),
        ("–—", "--", [(0, "–"), (1, "—")]),
        ("a--b c—d 3–4", "a--b c—d 3–4", []),
        ("——", "——", []),
        ("- – -", "- – -", []),
        ("a", "a", []),
    ],
)
def test_different_dashes_side_by_side_are_hyphens(
    line: str, wanted: str, changed: list[tuple[int, str]]
) -> None:
    path = best_path([spelled(line)])
    found, _, changes = settle_dashes(path, doubt_page(path, alternatives=4))
    assert decode(found.labels.tolist()) == wanted
    assert changes == changed


def test_dashes_of_two_lines_are_not_side_by_side() -> None:
    path = best_path([spelled("so-"), spelled("–so")])
    _, _, changes = settle_dashes(path, doubt_page(path, alternatives=4))
    assert changes == []


@pytest.mark.parametrize("shares", [{"–": 0.7, "-": 0.3}, {"–": 0.999, "-": 1e-9, "x": 1e-3}])
def test_what_was_read_stays_an_alternative(shares: dict[str, float]) -> None:
    path = best_path([spelled("no-– he", at_3=shares)])
    doubt = doubt_page(path, alternatives=4)
    _, settled, _ = settle_dashes(path, doubt)
    assert settled.odds[3] == pytest.approx(0.1, rel=0.1)
    assert decode([int(settled.others[3, 0])]) == "–"
    assert (np.diff(settled.other_odds[3]) <= 0).all()
    others = np.arange(len(doubt.odds)) != 3
    assert np.array_equal(settled.odds[others], doubt.odds[others])


@given(st.text("-–—a ", min_size=1, max_size=12))
def test_no_line_has_different_dashes_side_by_side(line: str) -> None:
    path = best_path([spelled(line)])
    found, _, _ = settle_dashes(path, doubt_page(path, alternatives=2))
    text = decode(found.labels.tolist())
    assert len(text) == len(line)
    assert all(len(set(run)) == 1 for run in re.findall("[-–—]+", text))
