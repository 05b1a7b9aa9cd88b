"""Kinds of pages: a letter, an article in columns, a receipt, a table, a form filled in by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ocrq.types import RegionKind
from training.pagegen.codes import barcode, square_code
from training.pagegen.fonts import FontSet, Style
from training.pagegen.sheet import Cell, Sheet, Type
from training.pagegen.truth import DrawnPage

A4_PT = (595.3, 841.9)
_RECEIPT_WIDTH_PT = 226.8  # 80 mm
_MARGIN_PT = 64.0
_CODE_PT = 62.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter or a page of a typescript."""

    sender: tuple[str, ...]
    date: str
    paragraphs: tuple[str, ...]  # the salutation is the first, the greeting the last
    style: Style = Style.MONO
    size_pt: float = 11.0
    size_page_pt: tuple[float, float] = A4_PT

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Set the letter on one sheet."""
        width, height = self.size_page_pt
        sheet = Sheet(width_pt=width, height_pt=height, dpi=dpi, fonts=fonts)
        type_ = Type(style=self.style, size_pt=self.size_pt, leading=1.45)
        room = width - 2 * _MARGIN_PT
        y = sheet.paragraph(
            "\n".join(self.sender), type_, x_pt=_MARGIN_PT, y_pt=_MARGIN_PT, width_pt=room
        )
        y = sheet.line(self.date, type_, x_pt=width - _MARGIN_PT, y_pt=y + 12, align="right") + 12
        for paragraph in self.paragraphs:
            y = sheet.paragraph(paragraph, type_, x_pt=_MARGIN_PT, y_pt=y, width_pt=room) + 12
        return sheet.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """A printed page with a title and one or more columns."""

    title: str
    byline: str
    paragraphs: tuple[str, ...]
    columns: int = 2
    footer: str = ""
    size_page_pt: tuple[float, float] = A4_PT
    size_pt: float = 10.5

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Set the article; paragraphs are shared out so that the columns are equally long."""
        width, height = self.size_page_pt
        sheet = Sheet(width_pt=width, height_pt=height, dpi=dpi, fonts=fonts)
        title = Type(style=Style.SANS_BOLD, size_pt=20)
        text = Type(style=Style.SERIF, size_pt=self.size_pt)
        room = width - 2 * _MARGIN_PT
        y = sheet.paragraph(self.title, title, x_pt=_MARGIN_PT, y_pt=_MARGIN_PT, width_pt=room)
        small = Type(style=Style.SANS, size_pt=9)
        y = sheet.line(self.byline, small, x_pt=_MARGIN_PT, y_pt=y + 4) + 8
        sheet.rule(_MARGIN_PT, y, width - _MARGIN_PT, y)
        gap = 22.0
        column_pt = (room - gap * (self.columns - 1)) / self.columns
        for number, paragraphs in enumerate(_share_out(self.paragraphs, self.columns)):
            x, top = _MARGIN_PT + number * (column_pt + gap), y + 14
            for paragraph in paragraphs:
                top = 6 + sheet.paragraph(
                    paragraph, text, x_pt=x, y_pt=top, width_pt=column_pt, justified=True
                )
        if self.footer:
            sheet.line(self.footer, small, x_pt=width / 2, y_pt=height - 48, align="middle")
        return sheet.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A till receipt on an 80 mm roll."""

    head: tuple[str, ...]
    items: tuple[tuple[str, str], ...]  # what, price
    sums: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]
    code: Literal["", "bars", "square"] = ""  # at the end
    number: str = ""  # below the bars
    seed: int = 0  # of the code

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Print the receipt on as much paper as it needs."""
        type_ = Type(style=Style.MONO, size_pt=9.5, leading=1.35)
        big = Type(style=Style.SANS_BOLD, size_pt=13)
        rows = len(self.head) + len(self.items) + len(self.sums) + len(self.foot)
        height = rows * type_.leading_pt + 110 + (_CODE_PT + 40 if self.code else 0)
        sheet = Sheet(width_pt=_RECEIPT_WIDTH_PT, height_pt=height, dpi=dpi, fonts=fonts)
        left, middle, right = 16.0, _RECEIPT_WIDTH_PT / 2, _RECEIPT_WIDTH_PT - 16.0
        y = 18.0
        for number, text in enumerate(self.head):
            face = type_ if number else big
            y = sheet.line(text, face, x_pt=middle, y_pt=y, align="middle", continues=number > 0)
        y += 10
        for part in (self.items, self.sums):
            for number, (what, price) in enumerate(part):
                cells = [Cell(text=what, x_pt=left), Cell(text=price, x_pt=right, align="right")]
                y = sheet.row(cells, type_, y_pt=y, continues=number > 0)
            sheet.rule(left, y + 4, right, y + 4, width_pt=0.8)
            y += 12
        for number, text in enumerate(self.foot):
            y = sheet.line(text, type_, x_pt=middle, y_pt=y, align="middle", continues=number > 0)
        rng = np.random.default_rng(self.seed)
        if self.code == "bars":
            width = barcode(sheet, left + 8, y + 10, 0.6 * _CODE_PT, rng)
            place = left + 8 + width / 2
            sheet.line(self.number, type_, x_pt=place, y_pt=y + 12 + 0.6 * _CODE_PT, align="middle")
        elif self.code == "square":
            square_code(sheet, middle - _CODE_PT / 2, y + 10, _CODE_PT, rng)
        return sheet.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A ruled table with a title; numbers are set flush right."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    columns_pt: tuple[float, ...]  # widths
    has_grid: bool = True

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Rule and fill the table on a sheet of A4."""
        width, height = A4_PT
        sheet = Sheet(width_pt=width, height_pt=height, dpi=dpi, fonts=fonts)
        bold = Type(style=Style.SANS_BOLD, size_pt=10.5)
        text = Type(style=Style.SANS, size_pt=10.5)
        title = Type(style=Style.SERIF_BOLD, size_pt=16)
        top = 14 + sheet.line(self.title, title, x_pt=_MARGIN_PT, y_pt=_MARGIN_PT)
        edges = [_MARGIN_PT]
        for column in self.columns_pt:
            edges.append(edges[-1] + column)
        row_pt = 2 * text.size_pt
        for number, values in enumerate((self.header, *self.rows)):
            y = top + number * row_pt
            sheet.rule(edges[0], y, edges[-1], y)
            cells = [
                _table_cell(value, edges[n], edges[n + 1])
                for n, value in enumerate(values)
                if value
            ]
            face = text if number else bold
            top_pt, kind = y + 0.4 * text.size_pt, RegionKind.TABLE
            sheet.row(cells, face, y_pt=top_pt, continues=number > 0, kind=kind)
        bottom = top + (len(self.rows) + 1) * row_pt
        sheet.rule(edges[0], bottom, edges[-1], bottom)
        for x in edges if self.has_grid else ():
            sheet.rule(x, top, x, bottom)
        return sheet.finish()


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A printed form whose fields are filled in by hand."""

    title: str
    note: str
    fields: tuple[tuple[str, str], ...]  # label, what was written
    combs: tuple[tuple[str, str], ...] = field(default=())  # label, a character for each box

    def draw(self, fonts: FontSet, dpi: int) -> DrawnPage:
        """Print the form on a sheet of A5 across and fill it in."""
        width = 595.3
        height = 150.0 + 34 * len(self.fields) + 40 * len(self.combs)
        sheet = Sheet(width_pt=width, height_pt=height, dpi=dpi, fonts=fonts)
        label = Type(style=Style.SANS, size_pt=10)
        hand = Type(style=Style.HAND, size_pt=17)
        title = Type(style=Style.SANS_BOLD, size_pt=16)
        y = sheet.line(self.title, title, x_pt=48, y_pt=36)
        y = 16 + sheet.paragraph(self.note, label, x_pt=48, y_pt=y + 2, width_pt=width - 96)
        x_value = 190.0
        for number, (name, value) in enumerate(self.fields):
            row = [Cell(text=name, x_pt=48), Cell(text=value, x_pt=x_value + 6, type_=hand)]
            sheet.row(row, label, y_pt=y + 10, continues=number > 0)
            sheet.rule(x_value, y + 26, width - 48, y + 26)
            y += 34
        for name, value in self.combs:
            side = 24.0
            cells = [Cell(text=name, x_pt=48)]
            for place, char in enumerate(value):
                x = x_value + place * side
                cells.append(Cell(text=char, x_pt=x + side / 2, align="middle", type_=hand))
                sheet.frame(x, y + 4, side, side)
            sheet.row(cells, label, y_pt=y + 11, continues=True)
            y += 40
        return sheet.finish()


def _share_out(paragraphs: tuple[str, ...], columns: int) -> list[list[str]]:
    shares: list[list[str]] = [[] for _ in range(columns)]
    total = sum(map(len, paragraphs))
    done = 0
    for paragraph in paragraphs:
        # By the middle of the paragraph: where most of it lies.
        middle = done + len(paragraph) / 2
        shares[min(columns - 1, int(columns * middle / total))].append(paragraph)
        done += len(paragraph)
    return shares


def _table_cell(value: str, left_pt: float, right_pt: float) -> Cell:
    is_number = value.replace(".", "").replace(",", "").isdigit()
    if is_number:
        return Cell(text=value, x_pt=right_pt - 6, align="right")
    return Cell(text=value, x_pt=left_pt + 6)
