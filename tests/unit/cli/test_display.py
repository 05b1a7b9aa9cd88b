from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from cli.display import as_json, format_table, print_json, show_path, show_text, show_time
from ocrq.types import Box, PageState


def test_a_path_cannot_drive_the_terminal() -> None:
    assert show_path("a\x1b[2J\n‮.tif".encode()) == "a\\x1b[2J\\n\\u202e.tif"
    assert show_path("Größe 中.tif") == "Größe 中.tif"
    assert show_path(b"\xff.tif") == show_path("\udcff.tif") == "\\xff.tif"


def test_wide_and_combining_characters_keep_columns_straight() -> None:
    table = format_table(("a", "b"), [("中文", "x"), ("e\u0301", "y")])
    assert table.splitlines() == ["a     b", "中文  x", "e\u0301     y"]


def test_a_table_without_rows_is_its_header() -> None:
    assert format_table(("batch", "pages"), []) == "batch  pages"


def test_json_takes_every_kind_of_value(capsys: pytest.CaptureFixture[str]) -> None:
    value = {
        "at": datetime(2026, 11, 20, 13, 0, tzinfo=UTC),
        "box": Box(x0_px=1, y0_px=2, x1_px=3, y1_px=4),
        "state": PageState.DONE,
        "path": b"\xff",
        "none": None,
        "many": (1, 2.5, "x"),
    }
    print_json(value)
    assert json.loads(capsys.readouterr().out) == {
        "at": "2026-11-20T13:00:00Z",
        "box": {"x0_px": 1, "y0_px": 2, "x1_px": 3, "y1_px": 4},
        "state": "done",
        "path": "\\xff",
        "none": None,
        "many": [1, 2.5, "x"],
    }
    assert as_json(object).startswith("<class")


def test_unknown_times_are_dashes() -> None:
    assert show_time(None) == "-"
    assert show_text("plain") == "plain"
