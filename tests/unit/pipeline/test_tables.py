"""Cells are in the columns of a table, whatever else is on its rows."""

from __future__ import annotations

from ocrq.types import Box, CharResult, LineResult, RegionKind
from pipeline.tables import PiecedLine, cut_tables

TEXT = {0: RegionKind.TEXT}


def piece(text: str, x_px: int, y_px: int) -> LineResult:
    """Text whose letters are 10 px wide and high."""
    chars = tuple(
        CharResult(
            char=char,
            confidence=0.9,
            box=Box(x0_px=x_px + 10 * k, y0_px=y_px, x1_px=x_px + 10 * k + 9, y1_px=y_px + 10),
        )
        for k, char in enumerate(text)
    )
    ends = ((float(x_px), y_px + 10.0), (x_px + 10.0 * len(text), y_px + 10.0))
    return LineResult(
        box=Box.union(c.box for c in chars), region=0, baseline=ends, chars=chars, missing_risk=0.5
    )


def row(y_px: int, *cells: tuple[str, int]) -> PiecedLine:
    pieces = tuple(piece(text, x_px, y_px) for text, x_px in cells)
    return PiecedLine(line=piece(" ".join(t for t, _ in cells), cells[0][1], y_px), pieces=pieces)


def cells_of(rows: list[PiecedLine]) -> dict[tuple[int, int] | None, str]:
    lines, kinds = cut_tables(rows, TEXT)
    assert kinds[0] is RegionKind.TABLE
    assert len({line.cell for line in lines}) == len(lines)
    return {line.cell: line.text for line in lines}


def usual(count: int = 8) -> list[PiecedLine]:
    return [
        row(30 * k, (("Ann", "Bernhard")[k % 2], 0), (f"Street {k}", 200), (f"{110 * k}", 460))
        for k in range(count)
    ]


def test_a_speck_between_columns_makes_no_column() -> None:
    rows = usual()
    rows[3] = row(90, ("Ann", 0), (".", 150), ("Street 3", 200), ("*", 400), ("330", 460))

    found = cells_of(rows)

    assert {cell[1] for cell in found if cell} == {0, 1, 2}
    assert found[3, 0] == "Ann"
    assert found[3, 1] == ". Street 3"
    assert found[3, 2] == "* 330"


def test_a_heading_beside_its_column_belongs_to_it() -> None:
    rows = [row(0, ("Name", 0), ("Street", 200), ("Paid", 410)), *usual()[1:]]

    found = cells_of(rows)

    assert [found[0, k] for k in range(3)] == ["Name", "Street", "Paid"]
    assert found[1, 2] == "110"


def test_a_long_cell_does_not_make_two_columns_one() -> None:
    rows = usual(12)
    rows[4] = row(120, ("A name that goes on for long", 0), ("x", 320), ("440", 460))

    found = cells_of(rows)

    assert {cell[1] for cell in found if cell} == {0, 1, 2}
    assert found[5, 1] == "Street 5"


def test_a_column_that_is_filled_now_and_then_is_one() -> None:
    rows = usual(8)
    for k in (2, 5, 6):
        rows[k] = row(
            30 * k, ("Ann", 0), (f"Street {k}", 200), ("see p. 2", 320), (f"{110 * k}", 460)
        )

    found = cells_of(rows)

    assert found[2, 2] == "see p. 2"
    assert found[2, 3] == "220"
    assert found[1, 3] == "110"


def test_pieces_of_a_cell_are_one_reading() -> None:
    rows = usual()
    rows[1] = row(30, ("Ann", 0), ("Street", 200), ("1", 270), ("110", 460))

    lines, _ = cut_tables(rows, TEXT)

    (cell,) = [line for line in lines if line.cell == (1, 1)]
    assert cell.text == "Street 1"
    assert cell.box.x1_px == 279
    assert cell.baseline[1][0] == 280
    assert cell.missing_risk == 0.75
