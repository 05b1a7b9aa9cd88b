"""A page of an illustrated book or newspaper: everything around the text that is not the text."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ocrq.types import RegionKind
from training.pagegen.fonts import FontSet, Style
from training.pagegen.pictures import draw_map, photograph, reverse
from training.pagegen.sheet import Sheet, Type
from training.pagegen.truth import DrawnPage

_WIDTH_PT, _HEIGHT_PT = 430.0, 660.0
_MARGIN_PT = 58.0
_GAP_PT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPage:
    """Running head, page number, a map with words and a caption, columns, a note in the margin."""

    head: str
    number: str
    paragraphs: tuple[str, ...]  # shared out by the columns in turn
    columns: int
    caption: str  # empty: no picture
    words: tuple[str, ...]  # in the picture, a map; none: it is a photograph
    note: str  # in the margin; empty for none
    seed: int  # of the drawing
    title: str = ""  # over the columns, white in a black band
    has_capitals: bool = False  # drop capitals, two lines high, begin the columns
    justified: bool = True

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Set the page; what has no room any more is left out."""
        sheet = Sheet(width_pt=_WIDTH_PT, height_pt=_HEIGHT_PT, dpi=dpi, fonts=fonts)
        small = Type(style=Style.SERIF, size_pt=8.5)
        text = Type(style=Style.SERIF, size_pt=10.5)
        middle, room = _WIDTH_PT / 2, _WIDTH_PT - 2 * _MARGIN_PT
        sheet.line(
            self.head, small, x_pt=middle, y_pt=34, align="middle", kind=RegionKind.RUNNING_HEAD
        )
        y = 62.0
        if self.caption:
            rng, frame = np.random.default_rng(self.seed), (_MARGIN_PT, y, room, 190.0)
            if self.words:
                names = Type(style=Style.SANS, size_pt=9)
                draw_map(sheet, frame, words=self.words, type_=names, rng=rng)
            else:
                photograph(sheet, frame, rng)
            y = 12 + sheet.line(
                self.caption, small, x_pt=middle, y_pt=y + 196, align="middle",
                kind=RegionKind.CAPTION,
            )  # fmt: skip
        if self.title:
            band = (_MARGIN_PT, y, room, 26.0)
            big = Type(style=Style.SANS_BOLD, size_pt=15)
            sheet.line(self.title, big, x_pt=_MARGIN_PT + 10, y_pt=y + 4)
            reverse(sheet, band)
            y += 38
        width = (room - _GAP_PT * (self.columns - 1)) / self.columns
        bottom = _HEIGHT_PT - 62
        paragraphs = list(self.paragraphs)
        for column in range(self.columns):
            left, top = _MARGIN_PT + column * (width + _GAP_PT), y
            while paragraphs:
                lines = 1 + sheet.width_of(paragraphs[0], text) / (0.88 * width)
                if top + lines * text.leading_pt > bottom:
                    break
                begins = self.has_capitals and top == y
                top = self._paragraph(sheet, paragraphs.pop(0), text, left, top, width, begins)
        if self.note:
            side = Type(style=Style.SERIF, size_pt=7.5)
            sheet.paragraph(self.note, side, x_pt=6, y_pt=y + 30, width_pt=_MARGIN_PT - 18)
        sheet.line(
            self.number, small, x_pt=middle, y_pt=_HEIGHT_PT - 44, align="middle",
            kind=RegionKind.PAGE_NUMBER,
        )  # fmt: skip
        return sheet.finish()

    def _paragraph(
        self, sheet: Sheet, words: str, text: Type, left: float, top: float, width: float,
        begins: bool,
    ) -> float:  # fmt: skip
        """Set a paragraph of a column, the first one with a drop capital; gives its end."""
        indent, indented = 12.0, 1
        if begins:
            large = Type(style=text.style, size_pt=(1.62 + text.leading) * text.size_pt)
            # The foot of the capital stands on the second line.
            foot = top + text.size_pt + text.leading_pt
            sheet.line(words[0], large, x_pt=left, y_pt=foot - large.size_pt)
            indent, indented = sheet.width_of(words[0], large) + 3, 2
            words = words[1:]
        return sheet.paragraph(
            words, text, x_pt=left, y_pt=top, width_pt=width, justified=self.justified,
            indent_pt=indent, indented=indented,
        )  # fmt: skip
