"""Setting text on a sheet of paper, remembering where every character's ink went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrq.types import Box, RegionKind
from training.pagegen.fonts import FontSet, Style
from training.pagegen.truth import DrawnPage, TrueLine, TrueRegion, TrueWord

_POINTS_PER_INCH = 72
Align = Literal["left", "middle", "right"]
_SHIFT: dict[Align, float] = {"left": 0.0, "middle": 0.5, "right": 1.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """How text is set."""

    style: Style = Style.SERIF
    size_pt: float = 11.0
    leading: float = 1.3  # distance of baselines, in ems

    @property
    def leading_pt(self) -> float:
        return self.size_pt * self.leading


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A piece of a row."""

    text: str
    x_pt: float  # its left end, middle or right end
    align: Align = "left"
    type_: Type | None = None  # None: that of the row


class Sheet:
    """Paper being written on: black on white; lengths in points (1/72 in) from the top left."""

    def __init__(self, *, width_pt: float, height_pt: float, dpi: int, fonts: FontSet) -> None:
        self.width_pt = width_pt
        self.height_pt = height_pt
        self.dpi = dpi
        self._fonts = fonts
        self.image = Image.new("L", (round(self.px(width_pt)), round(self.px(height_pt))), 255)
        self.draw = ImageDraw.Draw(self.image)
        self.regions: list[TrueRegion] = []

    def paragraph(
        self,
        text: str,
        type_: Type,
        *,
        x_pt: float,
        y_pt: float,
        width_pt: float,
        justified: bool = False,
        indent_pt: float = 0.0,
        indented: int = 1,
        kind: RegionKind = RegionKind.TEXT,
    ) -> float:
        """Set text in lines of at most this width; line breaks in it are kept.

        The first `indented` lines begin `indent_pt` further right.

        Returns:
            y of the next free line's top, points.
        """
        font = self._font(type_)
        lines = []
        for source in text.split("\n"):
            rooms = [self.px(width_pt - indent_pt)] * indented + [self.px(width_pt)]
            rows = self._wrap(source.split(), font, rooms)
            for number, words in enumerate(rows):
                inset = indent_pt if number < indented else 0.0
                width = self.px(width_pt - inset)
                fill = width if justified and number < len(rows) - 1 else None
                baseline_pt = y_pt + type_.size_pt
                lines.append(self._set(words, font, self.px(x_pt + inset), baseline_pt, fill))
                y_pt += type_.leading_pt
        self._add(lines, kind)
        return y_pt

    def row(
        self,
        cells: Sequence[Cell],
        type_: Type,
        *,
        y_pt: float,
        continues: bool = False,
        kind: RegionKind = RegionKind.TEXT,
    ) -> float:
        """Set pieces of text on one baseline: one line, read from left to right.

        Args:
            cells: what to set.
            type_: how, where a cell does not say.
            y_pt: top of the line.
            continues: the line belongs to the last region of its kind; else it begins its own.
            kind: of the region.

        Returns:
            y of the next free line's top, points.
        """
        words: list[TrueWord] = []
        baseline_pt = y_pt + type_.size_pt
        for cell in cells:
            font = self._font(cell.type_ or type_)
            start_px = self.px(cell.x_pt) - _SHIFT[cell.align] * font.getlength(cell.text)
            words.extend(self._set(cell.text.split(), font, start_px, baseline_pt, None).words)
        self._add([_line(words, round(self.px(baseline_pt)))], kind, continues=continues)
        return y_pt + type_.leading_pt

    def line(
        self,
        text: str,
        type_: Type,
        *,
        x_pt: float,
        y_pt: float,
        align: Align = "left",
        continues: bool = False,
        kind: RegionKind = RegionKind.TEXT,
    ) -> float:
        """Set one line of one piece, see `row`."""
        cell = Cell(text=text, x_pt=x_pt, align=align)
        return self.row([cell], type_, y_pt=y_pt, continues=continues, kind=kind)

    def rule(
        self, x0_pt: float, y0_pt: float, x1_pt: float, y1_pt: float, *, width_pt: float = 0.6
    ) -> None:
        """Draw a straight horizontal or vertical line."""
        half = self.px(width_pt) / 2
        x0, y0 = round(self.px(x0_pt) - half), round(self.px(y0_pt) - half)
        x1, y1 = round(self.px(x1_pt) + half), round(self.px(y1_pt) + half)
        self.draw.rectangle((x0, y0, max(x0, x1 - 1), max(y0, y1 - 1)), fill=0)
        box = Box(x0_px=x0, y0_px=y0, x1_px=max(x0 + 1, x1), y1_px=max(y0 + 1, y1))
        self.regions.append(TrueRegion(kind=RegionKind.RULE, box=box))

    def frame(self, x_pt: float, y_pt: float, width_pt: float, height_pt: float) -> None:
        """Draw a rectangle of four rules."""
        right, bottom = x_pt + width_pt, y_pt + height_pt
        self.rule(x_pt, y_pt, right, y_pt)
        self.rule(x_pt, bottom, right, bottom)
        self.rule(x_pt, y_pt, x_pt, bottom)
        self.rule(right, y_pt, right, bottom)

    def finish(self) -> DrawnPage:
        """The page as it was printed: clean and straight."""
        return DrawnPage(
            gray=np.asarray(self.image).copy(),
            dpi=self.dpi,
            skew_deg=0.0,
            regions=tuple(self.regions),
        )

    def width_of(self, text: str, type_: Type) -> float:
        """Width of a line, points."""
        return self._font(type_).getlength(text) * _POINTS_PER_INCH / self.dpi

    def px(self, length_pt: float) -> float:
        """A length in pixels."""
        return length_pt * self.dpi / _POINTS_PER_INCH

    def _font(self, type_: Type) -> ImageFont.FreeTypeFont:
        return self._fonts.at(type_.style, self.px(type_.size_pt))

    def _add(self, lines: list[TrueLine], kind: RegionKind, *, continues: bool = False) -> None:
        texts = [n for n, region in enumerate(self.regions) if region.kind is kind]
        before = self.regions.pop(texts[-1]).lines if continues and texts else ()
        together = (*before, *lines)
        box = Box.union(line.box for line in together)
        region = TrueRegion(kind=kind, box=box, lines=together)
        self.regions.insert(texts[-1] if before else len(self.regions), region)

    @staticmethod
    def _wrap(
        words: Sequence[str], font: ImageFont.FreeTypeFont, rooms_px: Sequence[float]
    ) -> list[list[str]]:
        """Words in lines of these widths, the last of which goes on."""
        rows: list[list[str]] = [[]]
        for word in words:
            room = rooms_px[min(len(rows), len(rooms_px)) - 1]
            if rows[-1] and font.getlength(" ".join((*rows[-1], word))) > room:
                rows.append([])
            rows[-1].append(word)
        return rows

    def _set(
        self,
        words: Sequence[str],
        font: ImageFont.FreeTypeFont,
        x_px: float,
        baseline_pt: float,
        fill_px: float | None,
    ) -> TrueLine:
        if not words:
            raise ValueError("a line needs a word")
        baseline = round(self.px(baseline_pt))
        space = font.getlength(" ")
        if fill_px is not None and len(words) > 1:
            space = (fill_px - sum(font.getlength(word) for word in words)) / (len(words) - 1)
        found = []
        for word in words:
            found.append(self._word(word, font, round(x_px), baseline))
            x_px += font.getlength(word) + space
        return _line(found, baseline)

    def _word(self, text: str, font: ImageFont.FreeTypeFont, x_px: int, baseline: int) -> TrueWord:
        self.draw.text((x_px, baseline), text, fill=0, font=font, anchor="ls")
        boxes = []
        for position, char in enumerate(text):
            # The pen's place takes kerning with the character before into account.
            pen = x_px + font.getlength(text[: position + 1]) - font.getlength(char)
            boxes.append(self._box(_ink(char, font), pen, baseline))
        return TrueWord(text=text, box=Box.union(boxes), chars=tuple(boxes))

    def _box(self, ink: tuple[float, float, float, float], pen: float, baseline: float) -> Box:
        # Kept on the sheet, and never empty, though ink may leave it.
        width, height = self.image.size
        x0 = min(max(0, round(pen + ink[0])), width - 1)
        y0 = min(max(0, round(baseline + ink[1])), height - 1)
        x1 = min(max(x0 + 1, round(pen + ink[2])), width)
        y1 = min(max(y0 + 1, round(baseline + ink[3])), height)
        return Box(x0_px=x0, y0_px=y0, x1_px=x1, y1_px=y1)


def _ink(char: str, font: ImageFont.FreeTypeFont) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a character's ink from its place on the baseline, px.

    Pillow's own box of a text is as wide as the pen moves: it has the white at both sides.
    """
    mask, (left, top) = font.getmask2(char, mode="L", anchor="ls")
    box = mask.getbbox()
    if box is None:
        return font.getbbox(char, anchor="ls")
    return left + box[0], top + box[1], left + box[2], top + box[3]


def _line(words: Sequence[TrueWord], baseline: float) -> TrueLine:
    box = Box.union(word.box for word in words)
    ends = ((float(box.x0_px), float(baseline)), (float(box.x1_px), float(baseline)))
    return TrueLine(words=tuple(words), box=box, baseline=ends)
