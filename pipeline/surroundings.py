"""What is on a scan besides text, and shows in its tones alone: dark places, sides of the sheet."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.image import GrayImage
from pipeline.layout.photographs import find_dark, scan_tones
from pipeline.layout.placed import Placed
from pipeline.layout.sheet_sides import Side, find_sides
from pipeline.negative import as_positive
from pipeline.orient import rotate_quarter
from pipeline.prepare import Prepared
from pipeline.reversed_print import turn_reversed


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Places that may be photographs, on the level page; sides of the sheet, on the scan."""

    dark: tuple[Placed, ...] = ()
    sides: tuple[Side, ...] = ()


def find_surroundings(
    scan: GrayImage, page: Prepared, letter_px: float, *, turn_light: bool
) -> Surroundings:
    """Look around the text of a page.

    Args:
        scan: (H, W) uint8, 0 = black, before its quarter-turn.
        page: what was made of it.
        letter_px: height of a typical letter on the scan; 0: there is none, and nothing is found.
        turn_light: a plate of light letters is neither a photograph nor the table beside a sheet:
            where something was found, it is looked for again with these turned dark on light.
    """
    if letter_px <= 0:
        return Surroundings()
    upright = as_positive(rotate_quarter(scan, page.rotation_deg))
    found = _look(upright, page, letter_px)
    if turn_light and (found.dark or found.sides):
        turned = turn_reversed(upright)
        if turned is not upright:
            return _look(turned, page, letter_px)
    return found


def _look(upright: GrayImage, page: Prepared, letter_px: float) -> Surroundings:
    tones = scan_tones(upright, letter_px)
    size = page.gray.shape[::-1]
    return Surroundings(
        dark=find_dark(tones, letter_px, page.mapping, size, page.scale), sides=find_sides(tones)
    )
