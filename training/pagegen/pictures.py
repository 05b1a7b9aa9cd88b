"""What is on a sheet besides its text: maps, photographs, black bands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from ocrq.types import Box, RegionKind
from training.pagegen.scenes import Press, draw_scene, print_tones
from training.pagegen.sheet import Sheet, Type
from training.pagegen.truth import TrueRegion

Frame = tuple[float, float, float, float]  # left, top, width, height, points


def draw_map(
    sheet: Sheet, frame: Frame, *, words: Sequence[str], type_: Type, rng: np.random.Generator
) -> None:
    """Scribble a map: winding lines all over, with words at places that stay white."""
    x_pt, y_pt, width_pt, height_pt = frame
    box = _add_picture(sheet, frame)
    x0, y0, x1, y1 = box.x0_px, box.y0_px, box.x1_px, box.y1_px
    pen = max(1, round(sheet.px(0.8)))
    for _ in range(18):
        at = np.array([rng.uniform(x0, x1), rng.uniform(y0, y1)])
        steps = np.cumsum(rng.normal(0, 1, (40, 2)), axis=0) * sheet.px(5)
        path = np.clip(at + steps, (x0, y0), (x1, y1))
        sheet.draw.line([(float(x), float(y)) for x, y in path], fill=0, width=pen)
    sheet.draw.rectangle((x0, y0, x1 - 1, y1 - 1), outline=0, width=pen)
    for number, word in enumerate(words):
        left = x_pt + width_pt * (0.1 + 0.4 * (number % 2))
        top = y_pt + height_pt * (0.15 + 0.7 * number / len(words))
        corner = [sheet.px(left) - pen * 3, sheet.px(top)]
        corner += [sheet.px(left + sheet.width_of(word, type_)) + pen * 3]
        corner += [sheet.px(top + 1.3 * type_.size_pt)]
        sheet.draw.rectangle([round(v) for v in corner], fill=255)
        sheet.line(word, type_, x_pt=left, y_pt=top, kind=RegionKind.PICTURE_TEXT)


def photograph(
    sheet: Sheet, frame: Frame, rng: np.random.Generator, press: Press | None = None
) -> None:
    """Print a photograph; without a press, one is chosen."""
    box = _add_picture(sheet, frame)
    press = press or Press(rng.choice(list(Press)))
    tones = draw_scene(rng, box.height_px, box.width_px)
    printed = print_tones(tones, press, sheet.dpi, rng)
    sheet.image.paste(Image.fromarray(printed), (box.x0_px, box.y0_px))


def tint(sheet: Sheet, frame: Frame, grey: int) -> None:
    """Print a box in a light grey under the text that is there already; it is no picture."""
    left, top, width, height = frame
    edges = [round(sheet.px(v)) for v in (left, top, left + width, top + height)]
    paper = sheet.image.crop((edges[0], edges[1], edges[2], edges[3]))
    sheet.image.paste(paper.point(lambda v: min(v, grey)), (edges[0], edges[1]))


def reverse(sheet: Sheet, frame: Frame, *, fill: float = 1.0, radius_pt: float = 0.0) -> None:
    """Print what is in a frame white on a dark fill, as a heading in a black band is printed.

    Args:
        sheet: with the text in its place, black on white.
        frame: of the fill.
        fill: its darkness, 1 is black.
        radius_pt: of its corners.
    """
    left, top, width, height = (round(sheet.px(v)) for v in frame)
    band = (left, top, left + width, top + height)
    text = sheet.image.crop(band)
    turned = text.point([round(255 - v * fill) for v in range(256)])
    shape = Image.new("L", (width, height), 0)
    corners = (0, 0, width - 1, height - 1)
    ImageDraw.Draw(shape).rounded_rectangle(corners, sheet.px(radius_pt), fill=255)
    sheet.image.paste(turned, (left, top), shape)


def _add_picture(sheet: Sheet, frame: Frame) -> Box:
    left, top, width, height = frame
    edges = [round(sheet.px(v)) for v in (left, top, left + width, top + height)]
    box = Box(x0_px=edges[0], y0_px=edges[1], x1_px=edges[2], y1_px=edges[3])
    sheet.regions.append(TrueRegion(kind=RegionKind.PICTURE, box=box))
    return box
