"""A brochure: white text on dark bands, boxes and table heads, and dark things without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrq.types import RegionKind
from training.pagegen.fonts import FontSet, Style
from training.pagegen.pictures import photograph, reverse
from training.pagegen.sheet import Cell, Sheet, Type
from training.pagegen.truth import DrawnPage

_WIDTH_PT, _HEIGHT_PT = 420.0, 595.0  # A5
_MARGIN_PT = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Brochure:
    """A heading in a band, a text, a box with a notice, a table with a dark head, a total."""

    title: str
    text: str
    notice: str  # in a dark box with round corners
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, str]  # its amount is white on a band across the right half
    fills: tuple[float, float, float, float]  # darkness of heading, notice, table head, total
    has_photograph: bool = False
    seed: int = 0  # of the photograph

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Print it on a sheet of A5."""
        sheet = Sheet(width_pt=_WIDTH_PT, height_pt=_HEIGHT_PT, dpi=dpi, fonts=fonts)
        room = _WIDTH_PT - 2 * _MARGIN_PT
        body = Type(style=Style.SERIF, size_pt=10)
        bold = Type(style=Style.SANS_BOLD, size_pt=10)
        heading = Type(style=Style.SANS_BOLD, size_pt=17)
        y = _MARGIN_PT
        sheet.line(self.title, heading, x_pt=_WIDTH_PT / 2, y_pt=y + 5, align="middle")
        reverse(sheet, (_MARGIN_PT, y, room, 31.0), fill=self.fills[0])
        y = 12 + sheet.paragraph(self.text, body, x_pt=_MARGIN_PT, y_pt=y + 42, width_pt=room)
        end = sheet.paragraph(
            self.notice, bold, x_pt=_MARGIN_PT + 12, y_pt=y + 8, width_pt=room - 24
        )
        box = (_MARGIN_PT, y, room, end + 6 - y)
        reverse(sheet, box, fill=self.fills[1], radius_pt=8.0)
        y = end + 20
        if self.has_photograph:
            photograph(sheet, (_MARGIN_PT, y, 130.0, 90.0), np.random.default_rng(self.seed))
            sheet.draw.rectangle(
                [round(sheet.px(v)) for v in (_MARGIN_PT + 150, y, _WIDTH_PT - _MARGIN_PT, y + 14)],
                fill=0,
            )
            y += 104
        edges = [_MARGIN_PT + share * room for share in (0.0, 0.4, 0.75)]
        for number, values in enumerate((self.header, *self.rows)):
            cells = [Cell(text=v, x_pt=x + 6) for v, x in zip(values, edges, strict=True)]
            face = body if number else bold
            sheet.row(cells, face, y_pt=y + 3, continues=number > 0, kind=RegionKind.TABLE)
            if not number:
                reverse(sheet, (_MARGIN_PT, y, room, 19.0), fill=self.fills[2])
            y += 19.0
        what, amount = self.total
        right = _WIDTH_PT - _MARGIN_PT
        cells = [
            Cell(text=what, x_pt=_MARGIN_PT + 6),
            Cell(text=amount, x_pt=right - 6, align="right"),
        ]
        sheet.row(cells, bold, y_pt=y + 11)
        reverse(sheet, (right - 0.4 * room, y + 8, 0.4 * room, 20.0), fill=self.fills[3])
        return sheet.finish()
