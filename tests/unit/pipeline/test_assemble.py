"""From what was read in pieces to lines, regions, kinds and cells."""

from __future__ import annotations

import pytest

from ocrq.types import Box, CharResult, LineResult, RegionKind
from pipeline.dirt_lines import are_dirt
from pipeline.tables import PiecedLine, cut_tables


def line(
    text: str, x_px: int, y_px: int, *, region: int = 0, confidence: float = 0.99
) -> LineResult:
    """A line of characters 10 px wide and 20 px high."""
    chars = tuple(
        CharResult(
            char=char,
            confidence=confidence,
            box=Box(x0_px=x_px + 10 * k, y0_px=y_px, x1_px=x_px + 10 * k + 9, y1_px=y_px + 20),
        )
        for k, char in enumerate(text)
    )
    box = Box.union(c.box for c in chars)
    ends = ((float(box.x0_px), float(box.y1_px)), (float(box.x1_px), float(box.y1_px)))
    return LineResult(box=box, region=region, baseline=ends, chars=chars)


BODY = [line("running text of a page", 50, 100 + 30 * k) for k in range(12)]
TEXT = dict.fromkeys(range(6), RegionKind.TEXT)


def test_a_doubtful_speck_beside_the_text_is_dirt() -> None:
    speck = line("1", 600, 200, confidence=0.4)
    assert are_dirt([*BODY, speck], [RegionKind.TEXT]) == [False] * len(BODY) + [True]


def test_a_row_of_grain_beside_the_sheet_is_dirt() -> None:
    grain = line("- es. a =", 60, 700, confidence=0.45)
    assert are_dirt([*BODY, grain], [RegionKind.TEXT]) == [False] * len(BODY) + [True]


@pytest.mark.parametrize("y_px", [20, 700])
def test_the_rim_of_a_sheet_above_or_below_the_text_is_dirt(y_px: int) -> None:
    rim = line("seen k. t_-ri __ se be _e", 40, y_px, confidence=0.4)
    assert are_dirt([*BODY, rim], [RegionKind.TEXT]) == [False] * len(BODY) + [True]


def test_a_band_of_ornaments_is_dirt() -> None:
    band = line("0000000404040404040404000000", 50, 60, confidence=0.7)
    assert are_dirt([*BODY, band], [RegionKind.TEXT]) == [False] * len(BODY) + [True]


@pytest.mark.parametrize(
    "kept",
    [
        line("xxxxxxxxxxxxxxxxxxxx", 50, 60, confidence=0.95),  # typed over
        line("1", 60, 700, confidence=0.95),  # sure: a page number
        line("7", 100, 250, confidence=0.4),  # among the text: a person should look
        line("a faint note in the margin", 600, 200, confidence=0.3),  # long
        line("a title in worn type abcd", 40, 20, confidence=0.6),
        line("a doubtful line amid text", 40, 250, confidence=0.4),
    ],
)
def test_what_may_be_text_is_kept(kept: LineResult) -> None:
    assert not any(are_dirt([*BODY, kept], [RegionKind.TEXT]))


def test_nothing_is_dirt_on_a_page_without_a_sure_line() -> None:
    faint = [line("x", 10, 10, confidence=0.2), line("abcdef", 10, 60, confidence=0.3)]
    assert not any(are_dirt(faint, [RegionKind.TEXT]))


def pieced(y_px: int, *cells: tuple[str, int]) -> PiecedLine:
    pieces = tuple(line(text, x_px, y_px) for text, x_px in cells)
    return PiecedLine(line=line(" ".join(t for t, _ in cells), cells[0][1], y_px), pieces=pieces)


def test_pieces_in_columns_are_cells() -> None:
    rows = [pieced(40 * k, ("bread", 0), ("2", 200), ("1.40", 300)) for k in range(4)]
    rows.insert(2, pieced(90, ("tea", 0), ("0.90", 300)))
    lines, kinds = cut_tables(rows, dict(TEXT))
    assert kinds[0] is RegionKind.TABLE
    assert [found.cell for found in lines][6:8] == [(2, 0), (2, 2)]


def test_an_article_and_its_price_are_a_line() -> None:
    rows = [pieced(40 * k, ("bread", 0), ("1.40", 300)) for k in range(6)]
    lines, kinds = cut_tables(rows, dict(TEXT))
    assert kinds == TEXT
    assert lines == [row.line for row in rows]
