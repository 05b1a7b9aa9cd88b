from __future__ import annotations

import csv
import io

from export.csv_chars import COLUMNS, csv_chunks
from export.document import ExportDocument, ExportPage, correct_page
from ocrq.types import PageResult, PageState
from tests.readings import make_result


def _rows(
    result: PageResult | None, path: bytes = b"a.tif", **page: object
) -> list[dict[str, str]]:
    exported = ExportPage(page_id=7, number=2, state=PageState.DONE, result=result, **page)  # type: ignore[arg-type]
    text = "".join(csv_chunks(ExportDocument(batch="b", path=path, pages=[exported])))
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_row_holds_a_character_with_all_that_is_known() -> None:
    row = _rows(make_result("to be", doubts={(0, 3): 0.625}))[3]
    assert row == {
        "document": "a.tif",
        "page": "2",
        "line": "0",
        "position": "3",
        "word": "1",
        "codepoint": "U+0062",
        "char": "b",
        "confidence": "0.625",
        "x0_px": "80",
        "y0_px": "100",
        "x1_px": "90",
        "y1_px": "120",
        "corrected": "0",
        "alternatives": "U+003F:0.375",
    }
    assert tuple(row) == COLUMNS


def test_spaces_have_rows_but_no_word() -> None:
    assert [(r["char"], r["word"]) for r in _rows(make_result("a b"))] == [
        ("a", "0"),
        (" ", ""),
        ("b", "1"),
    ]


def test_formulas_are_defused_in_characters_and_in_file_names() -> None:
    rows = _rows(make_result("=-"), path=b"=cmd|' /C calc'!A0.tif")
    assert [r["char"] for r in rows] == ["'=", "'-"]
    assert [r["codepoint"] for r in rows] == ["U+003D", "U+002D"]
    assert rows[0]["document"].startswith("'=")


def test_control_characters_and_quotes_survive_as_one_row_each() -> None:
    rows = _rows(make_result('"\x00,'))
    assert [r["char"] for r in rows] == ['"', "�", ","]
    assert rows[1]["codepoint"] == "U+0000"


def test_corrected_lines_are_marked() -> None:
    result, machine_text = correct_page(make_result("c0de"), {0: "code"})
    rows = _rows(result, machine_text=machine_text)
    assert "".join(r["char"] for r in rows) == "code"
    assert {r["corrected"] for r in rows} == {"1"}
    result, machine_text = correct_page(make_result("code"), {0: "code"})
    assert {r["corrected"] for r in _rows(result, machine_text=machine_text)} == {"0"}


def test_a_missing_page_has_no_rows_and_names_that_are_not_utf8_are_escaped() -> None:
    assert _rows(None) == []
    assert _rows(make_result("a"), path=b"caf\xe9.tif")[0]["document"] == "caf\\xe9.tif"
