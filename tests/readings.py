"""Readings written by hand: a PageResult for a text, without any recognition."""

from __future__ import annotations

from collections.abc import Mapping

from ocrq.types import (
    Box,
    CharResult,
    EngineInfo,
    LineResult,
    PageResult,
    Quality,
    RegionKind,
    RegionResult,
)

ENGINE = EngineInfo(name="resnet", version="1", weights_sha256="0" * 64)
CHAR_WIDTH_PX = 10
LINE_HEIGHT_PX = 30


def make_line(
    text: str,
    *,
    number: int = 0,
    region: int = 0,
    doubts: Mapping[int, float] | None = None,
) -> LineResult:
    """A line whose characters are certain except `doubts` (position -> confidence)."""
    y0_px = 100 + LINE_HEIGHT_PX * number
    y1_px = y0_px + 20
    chars = []
    for position, char in enumerate(text):
        confidence = (doubts or {}).get(position, 1.0)
        x0_px = 50 + CHAR_WIDTH_PX * position
        chars.append(
            CharResult(
                char=char,
                confidence=confidence,
                box=Box(x0_px=x0_px, y0_px=y0_px, x1_px=x0_px + CHAR_WIDTH_PX, y1_px=y1_px),
                alternatives=(("?", round(1 - confidence, 6)),) if confidence < 0.99 else (),
            )
        )
    x1_px = 50 + CHAR_WIDTH_PX * max(1, len(text))
    return LineResult(
        box=Box(x0_px=50, y0_px=y0_px, x1_px=x1_px, y1_px=y1_px),
        region=region,
        baseline=((50.0, float(y1_px)), (float(x1_px), float(y1_px))),
        chars=tuple(chars),
        missing_risk=0.125,
        engine="crnn",
        cell=(number, 0) if number else None,
        changed=((0, "~"),) if text.startswith("-") else (),
    )


def make_result(text: str, *, doubts: Mapping[tuple[int, int], float] | None = None) -> PageResult:
    """A page with this text: an empty line begins a new region (paragraph).

    Args:
        text: Lines of the page.
        doubts: (line, position) -> confidence of characters that are not certain.
    """
    lines: list[LineResult] = []
    for region, paragraph in enumerate(text.split("\n\n")):
        for line_text in paragraph.split("\n") if paragraph else ():
            number = len(lines)
            own = {p: c for (line, p), c in (doubts or {}).items() if line == number}
            lines.append(make_line(line_text, number=number, region=region, doubts=own))
    regions = tuple(
        RegionResult(
            number=number,
            kind=RegionKind.TEXT,
            box=Box.union(line.box for line in lines if line.region == number),
        )
        for number in sorted({line.region for line in lines})
    )
    return PageResult(
        width_px=2000,
        height_px=3000,
        dpi=300,
        dpi_is_estimated=False,
        rotation_deg=0,
        skew_deg=0.5,
        quality=Quality(
            sharpness=0.5,
            contrast=0.75,
            ink=0.125,
            is_blank=not lines,
            x_height_px=18.0,
            noise=0.0625,
            flags=("blank",) if not lines else (),
        ),
        regions=regions,
        lines=tuple(lines),
        engine=ENGINE,
        elapsed_s={"load": 0.25, "read": 0.5},
    )
