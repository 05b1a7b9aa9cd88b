"""Contact sheets: a picture of each disagreement with its number, for judging by eye."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ocrq.types import Box, CharResult
from pipeline.image import GrayImage
from pipeline.limits import Limits
from pipeline.load import load_page
from pipeline.orient import rotate_quarter
from training.evaluation.datasets import PageSample
from training.evaluation.judge import Disagreement, Judged
from training.evaluation.reading import Reading
from training.evaluation.tracked import track

_CELL_PX: Final = (560, 132)
_COLUMNS: Final = 3
_ROWS: Final = 12
_CONTEXT: Final = 12  # characters that are shown around the place
_LETTER_PX: Final = 40  # height that a line is brought to
_RED: Final = (200, 30, 30)
_GRAY: Final = (110, 110, 110)


def write_sheets(
    folder: Path,
    pages: Sequence[PageSample],
    readings: Mapping[str, Reading],
    judged: Sequence[Judged],
    *,
    ignore_case: bool,
) -> list[Path]:
    """PNG files of numbered disagreements, numbered as adjudicate.disagreement_rows numbers them.

    A cell shows the line around the place, a red frame about what was read; above it the number,
    what the truth has and what was read. Where nothing was read the frame stands in the gap.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {page.name: page.path for page in pages}
    cells: list[Image.Image] = []
    number = 0
    written: list[Path] = []
    for document in judged:
        places = _Places(paths[document.name], readings[document.name], ignore_case)
        for found in document.disagreements:
            number += 1
            cells.append(_cell(number, document, found, places))
            if len(cells) == _COLUMNS * _ROWS:
                written.append(_write(folder, len(written) + 1, cells))
                cells = []
    if cells:
        written.append(_write(folder, len(written) + 1, cells))
    return written


class _Places:
    """Where the characters of a reading stand on its pages, which are loaded when asked for."""

    def __init__(self, path: Path, reading: Reading, ignore_case: bool) -> None:
        self._path = path
        self._results = reading.results
        tracked = track(reading.text, ignore_case)
        self._behind = [reading.chars[k] for k in tracked.source.tolist()]
        self._page_of = {
            id(char): number
            for number, result in enumerate(reading.results)
            for line in result.lines
            for char in line.chars
        }
        self._line_of = {
            id(char): line.box
            for result in reading.results
            for line in result.lines
            for char in line.chars
        }
        self._loaded: tuple[int, GrayImage] | None = None

    def find(self, found: Disagreement) -> tuple[GrayImage, Box, Box | None] | None:
        """The page, what to show of it and what to frame; None where nothing stands near."""
        start, end = found.got_place, found.got_place + len(found.got)
        own = [char for char in self._behind[start:end] if char is not None]
        before = self._near(range(start - 1, max(-1, start - 1 - _CONTEXT), -1))
        after = self._near(range(end, min(len(self._behind), end + _CONTEXT)))
        anchor = (own or before[:1] or after[:1] or [None])[0]
        if anchor is None:
            return None
        page, line = self._page_of[id(anchor)], self._line_of[id(anchor)]
        near = [
            char.box
            for char in (*own, *before, *after)
            if self._page_of[id(char)] == page and self._line_of[id(char)] == line
        ]
        framed = [c.box for c in own if self._line_of[id(c)] == line]
        shown = Box.union([*near, line if len(near) < 4 else near[0]])
        return self._image(page), shown, Box.union(framed) if framed else self._gap(before, after)

    def _near(self, places: range) -> list[CharResult]:
        return [char for char in (self._behind[k] for k in places) if char is not None]

    def _gap(self, before: list[CharResult], after: list[CharResult]) -> Box | None:
        if not before or not after:
            return None
        left, right = before[0].box, after[0].box
        if self._line_of[id(before[0])] != self._line_of[id(after[0])] or right.x0_px < left.x0_px:
            return None
        x0_px, x1_px = sorted((left.x1_px, right.x0_px))
        return Box(
            x0_px=x0_px - 2,
            y0_px=min(left.y0_px, right.y0_px),
            x1_px=x1_px + 2,
            y1_px=max(left.y1_px, right.y1_px),
        )

    def _image(self, number: int) -> GrayImage:
        if self._loaded is None or self._loaded[0] != number:
            gray = load_page(str(self._path), number, Limits(), None).gray
            turned = rotate_quarter(gray, self._results[number].rotation_deg)
            self._loaded = (number, np.asarray(turned, np.uint8))
        return self._loaded[1]


def _cell(number: int, document: Judged, found: Disagreement, places: _Places) -> Image.Image:
    cell = Image.new("RGB", _CELL_PX, "white")
    draw = ImageDraw.Draw(cell)
    draw.rectangle((0, 0, _CELL_PX[0] - 1, _CELL_PX[1] - 1), outline=(210, 210, 210))
    draw.text((6, 3), f"{number}", fill=_RED, font=_font(17))
    draw.text((56, 5), document.name[:34], fill=_GRAY, font=_font(13))
    truth = _around(document.truth, found.place, len(found.expected))
    read = _around(document.text, found.got_place, len(found.got))
    draw.text((6, 24), f"truth  {truth}", fill="black", font=_font(14))
    draw.text((6, 43), f"read   {read}", fill="black", font=_font(14))
    where = places.find(found)
    if where is None:
        draw.text((6, 80), "nothing was read near it", fill=_GRAY, font=_font(14))
        return cell
    picture = _picture(*where)
    cell.paste(picture, (6, 64))
    return cell


def _around(text: str, place: int, length: int) -> str:
    before, after = text[max(0, place - 16) : place], text[place + length : place + length + 16]
    middle = text[place : place + length].replace(" ", "␣")
    return f"{before}[{middle[:24]}{'…' if len(middle) > 24 else ''}]{after}"


def _picture(gray: GrayImage, shown: Box, framed: Box | None) -> Image.Image:
    height = shown.y1_px - shown.y0_px
    margin = max(4, height // 3)
    x0, y0 = max(0, shown.x0_px - margin), max(0, shown.y0_px - margin)
    crop = Image.fromarray(gray[y0 : shown.y1_px + margin, x0 : shown.x1_px + margin]).convert(
        "RGB"
    )
    room = (_CELL_PX[0] - 12, _CELL_PX[1] - 70)
    scale = min(_LETTER_PX / max(1, height), room[0] / crop.width, room[1] / crop.height)
    size = (max(1, round(crop.width * scale)), max(1, round(crop.height * scale)))
    picture = crop.resize(size, Image.Resampling.LANCZOS if scale < 1 else Image.Resampling.BICUBIC)
    if framed is not None:
        corners = (framed.x0_px - x0, framed.y0_px - y0, framed.x1_px - x0, framed.y1_px - y0)
        left, top, right, bottom = (round(v * scale) for v in corners)
        ImageDraw.Draw(picture).rectangle((left - 3, top - 3, right + 2, bottom + 2), outline=_RED)
    return picture


def _write(folder: Path, number: int, cells: Sequence[Image.Image]) -> Path:
    rows = -(-len(cells) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _CELL_PX[0], rows * _CELL_PX[1]), "white")
    for k, cell in enumerate(cells):
        # Down the columns, as the table is read.
        sheet.paste(cell, (k // rows * _CELL_PX[0], k % rows * _CELL_PX[1]))
    path = folder / f"sheet-{number:03d}.png"
    sheet.save(path)
    return path


def _font(size: int) -> ImageFont.FreeTypeFont:
    # matplotlib brings a font with all letters of the vocabulary; Pillow's own has ASCII only.
    from matplotlib import get_data_path

    return ImageFont.truetype(Path(get_data_path()) / "fonts/ttf/DejaVuSans.ttf", size)
