"""Which true lines count as found, merged, split, missed."""

from __future__ import annotations

from pathlib import Path

import pytest

from ocrq.errors import UsageError
from ocrq.types import Box
from training.evaluation.layout import LayoutScore, part_errors
from training.evaluation.layout_truth import TrueLine, TruePage, folder_pages, text_page


def box(x0_px: int, y0_px: int, x1_px: int, y1_px: int) -> Box:
    return Box(x0_px=x0_px, y0_px=y0_px, x1_px=x1_px, y1_px=y1_px)


def score(true: list[Box], predicted: list[Box]) -> LayoutScore:
    counted = LayoutScore()
    counted._add_boxes([TrueLine(text="a", box=b) for b in true], predicted)
    return counted


def test_a_line_inside_of_a_line_of_like_height_is_found() -> None:
    found = score([box(0, 0, 100, 20)], [box(0, 0, 300, 30)])
    assert (found.found, found.extra) == (1, 0)


def test_two_lines_in_one_are_merged() -> None:
    merged = score([box(0, 0, 100, 20), box(0, 25, 100, 45)], [box(0, 0, 100, 45)])
    assert (merged.found, merged.merged) == (0, 2)


def test_halves_are_split_and_nothing_is_missed() -> None:
    parted = score([box(0, 0, 100, 20)], [box(0, 0, 50, 20), box(50, 0, 100, 20)])
    assert (parted.split, parted.missed) == (1, 0)
    assert score([box(0, 0, 100, 20)], []).missed == 1


def test_lines_in_another_order_are_counted() -> None:
    true = [box(0, y, 100, y + 20) for y in (0, 30, 60)]
    wrong = score(true, [true[1], true[0], true[2]])
    assert (wrong.pairs, wrong.order_errors) == (2, 1)


def test_a_part_of_a_line_is_enough() -> None:
    assert part_errors("9.40", "BREAD 9.40 SR") == 0.0
    assert part_errors("9.40", "") == 1.0


def test_running_text_is_looked_for_in_pieces() -> None:
    assert text_page("p", "a b c\nd e") == TruePage(
        name="p", lines=(TrueLine(text="a b c"), TrueLine(text="d e"))
    )
    assert text_page("p", "word " * 60).is_running


def test_a_folder_without_truth_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no scans"):
        list(folder_pages(tmp_path))
    (tmp_path / "img").mkdir()
    (tmp_path / "img" / "a.png").write_bytes(b"")
    with pytest.raises(UsageError, match=r"neither .*a\.csv nor .*a\.txt"):
        list(folder_pages(tmp_path))
