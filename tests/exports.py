"""Pages and documents for tests of the export formats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from export.document import ExportDocument, ExportPage, correct_page
from ocrq.types import Box, LineResult, PageResult, PageState, RegionKind, RegionResult
from tests.readings import make_line, make_result

READ_AT = datetime(2026, 11, 20, 13, 25, 5, tzinfo=UTC)
FAILED = ExportPage(
    page_id=6,
    number=2,
    state=PageState.FAILED,
    error_code="truncated",
    error='it ends "too early" <&\x07',
)
#: (kind, the text of its lines); each is a region of `rich_result`.
RICH: tuple[tuple[RegionKind, list[str]], ...] = (
    (RegionKind.RUNNING_HEAD, ["Minutes"]),
    (RegionKind.TEXT, ["The coun-", "cil met"]),
    (RegionKind.PICTURE, []),
    (RegionKind.CAPTION, ["A harbour"]),
    (RegionKind.RULE, []),
    (RegionKind.TABLE, ["Name", "Boat", "Holt", "Swift"]),
    (RegionKind.PICTURE_TEXT, ["~ ;"]),
    (RegionKind.PAGE_NUMBER, ["7"]),
)


def rich_result() -> PageResult:
    """A page with a region of each kind, reading downwards; the table has two rows and columns."""
    lines: list[LineResult] = []
    regions: list[RegionResult] = []
    top = 100
    for number, (kind, texts) in enumerate(RICH):
        own = [
            replace(
                make_line(text, number=len(lines) + k, region=number, doubts={0: 0.625}),
                cell=divmod(k, 2) if kind is RegionKind.TABLE else None,
            )
            for k, text in enumerate(texts)
        ]
        lines += own
        box = Box(x0_px=50, y0_px=top, x1_px=400, y1_px=top + 5)
        if own:
            box = Box.union(line.box for line in own)
        regions.append(RegionResult(number=number, kind=kind, box=box))
        top = box.y1_px
    return replace(make_result(""), regions=tuple(regions), lines=tuple(lines))


def done(result: PageResult, corrected: dict[int, str] | None = None, **more: Any) -> ExportPage:
    """A page that was read, and corrected by people."""
    result, machine_text = correct_page(result, corrected or {})
    values: dict[str, Any] = {"page_id": 5, "number": 1, "state": PageState.DONE, "reading_id": 9}
    values |= {"options": '{"engine":"auto"}', "read_at": READ_AT}
    return ExportPage(**(values | more), result=result, machine_text=machine_text)


def document(*pages: ExportPage, path: bytes = b"scans/a.tif", **more: Any) -> ExportDocument:
    return ExportDocument(
        batch="box 17", path=path, pages=pages, page_count=len(pages), sha256="ab" * 32, **more
    )
