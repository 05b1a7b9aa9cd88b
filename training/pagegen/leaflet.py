"""A leaflet: a large title, two columns with a photograph in each, a tinted box of text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrq.types import RegionKind
from training.pagegen.fonts import FontSet, Style
from training.pagegen.pictures import photograph, tint
from training.pagegen.sheet import Sheet, Type
from training.pagegen.truth import DrawnPage

_WIDTH_PT, _HEIGHT_PT = 419.5, 595.3  # A5
_MARGIN_PT = 36.0
_GAP_PT = 18.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaflet:
    """Photographs stand in the columns, each with its caption below, text above and below them."""

    title: str
    paragraphs: tuple[str, ...]  # shared out by the columns in turn
    captions: tuple[str, str]
    box: str  # text on a tint, over both columns at the foot
    tint: int  # grey of that box
    seed: int  # of the photographs

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Set the leaflet; what has no room any more is left out."""
        sheet = Sheet(width_pt=_WIDTH_PT, height_pt=_HEIGHT_PT, dpi=dpi, fonts=fonts)
        rng = np.random.default_rng(self.seed)
        big = Type(style=Style.SANS_BOLD, size_pt=24, leading=1.15)
        text = Type(style=Style.SANS, size_pt=9.5, leading=1.35)
        small = Type(style=Style.SANS, size_pt=7.5)
        room = _WIDTH_PT - 2 * _MARGIN_PT
        top = 14 + sheet.paragraph(self.title, big, x_pt=_MARGIN_PT, y_pt=_MARGIN_PT, width_pt=room)
        column = (room - _GAP_PT) / 2
        lines = 1 + sheet.width_of(self.box, text) / (0.88 * (room - 20))
        box_top = _HEIGHT_PT - _MARGIN_PT - lines * text.leading_pt - 20
        paragraphs = list(self.paragraphs)
        for number in range(2):
            x, y = _MARGIN_PT + number * (column + _GAP_PT), top
            has_photograph = False
            while paragraphs:
                if not has_photograph and (number == 0 or y > top):
                    height = column * float(rng.uniform(0.55, 0.95))
                    photograph(sheet, (x, y, column, height), rng)
                    y = 10 + sheet.paragraph(
                        self.captions[number], small, x_pt=x, y_pt=y + height + 4,
                        width_pt=column, kind=RegionKind.CAPTION,
                    )  # fmt: skip
                    has_photograph = True
                lines = 1 + sheet.width_of(paragraphs[0], text) / (0.88 * column)
                if y + lines * text.leading_pt > box_top - 10:
                    break
                y = 7 + sheet.paragraph(paragraphs.pop(0), text, x_pt=x, y_pt=y, width_pt=column)
        sheet.paragraph(self.box, text, x_pt=_MARGIN_PT + 10, y_pt=box_top + 10, width_pt=room - 20)
        tint(sheet, (_MARGIN_PT, box_top, room, _HEIGHT_PT - _MARGIN_PT - box_top), self.tint)
        return sheet.finish()
