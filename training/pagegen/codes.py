"""Barcodes and QR codes as they are printed on receipts and forms; they hold nothing but noise."""

from __future__ import annotations

import numpy as np
from PIL import Image

from ocrq.types import Box, RegionKind
from training.pagegen.sheet import Sheet
from training.pagegen.truth import TrueRegion

_BARS = 40  # with the white after each
_WIDTHS = (1, 2, 3, 4)
_RING = 7  # modules


def barcode(
    sheet: Sheet, x_pt: float, y_pt: float, height_pt: float, rng: np.random.Generator
) -> float:
    """Draw a barcode from its left end; gives its width, points."""
    module_px = max(2, round(sheet.px(0.75)))
    widths = rng.choice(_WIDTHS, size=(_BARS, 2), p=(0.5, 0.25, 0.15, 0.1)) * module_px
    x0, y0 = round(sheet.px(x_pt)), round(sheet.px(y_pt))
    x, y1 = x0, y0 + round(sheet.px(height_pt))
    for bar, white in widths.tolist():
        sheet.draw.rectangle((x, y0, x + bar - 1, y1 - 1), fill=0)
        x += bar + white
    end = x - int(widths[-1, 1])
    box = Box(x0_px=x0, y0_px=y0, x1_px=end, y1_px=y1)
    sheet.regions.append(TrueRegion(kind=RegionKind.PICTURE, box=box))
    return (end - x0) / sheet.px(1.0)


def square_code(
    sheet: Sheet, x_pt: float, y_pt: float, side_pt: float, rng: np.random.Generator
) -> None:
    """Draw something with the corners and the modules of a QR code."""
    modules = int(rng.choice((21, 25, 29, 33)))
    cells = np.where(rng.random((modules, modules)) < 0.5, 0, 255).astype(np.uint8)
    ring = np.full((_RING + 1, _RING + 1), 255, np.uint8)
    ring[:_RING, :_RING] = 0
    ring[1 : _RING - 1, 1 : _RING - 1] = 255
    ring[2 : _RING - 2, 2 : _RING - 2] = 0
    size = _RING + 1
    cells[:size, :size] = ring
    cells[:size, -size:] = ring[:, ::-1]
    cells[-size:, :size] = ring[::-1]
    module_px = max(1, round(sheet.px(side_pt) / modules))
    code = Image.fromarray(np.kron(cells, np.ones((module_px, module_px), np.uint8)))
    corner = (round(sheet.px(x_pt)), round(sheet.px(y_pt)))
    sheet.image.paste(code, corner)
    box = Box(
        x0_px=corner[0],
        y0_px=corner[1],
        x1_px=corner[0] + code.width,
        y1_px=corner[1] + code.height,
    )
    sheet.regions.append(TrueRegion(kind=RegionKind.PICTURE, box=box))
