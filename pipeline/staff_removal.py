"""Takes staves of music out of a page: their lines, notes, clefs and bars.

A page of a songbook has its words between the staves. Were rules alone taken out, notes and clefs
would be left, which are as high as letters and stand in rows as these do.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from pipeline.binarize import InkImage
from pipeline.image import GrayImage
from pipeline.layout.page import find_pieces
from pipeline.layout.placed import Placed
from pipeline.staff_notes import hanging_ink, lone_notes
from pipeline.staff_words import holds_words
from pipeline.staves import Staff, find_staves
from pipeline.tones import without_ink

_MARGIN: Final = 0.25  # spaces above and below the lines: half of their own thickness and more
#: What hangs on a staff reaches no farther from it, in spaces: a stem with a flag, ledger lines.
_REACH: Final = 4.5


def remove_staves(
    gray: GrayImage, ink: InkImage, text_height_px: float, small: InkImage | None = None
) -> tuple[GrayImage, InkImage, tuple[Placed, ...]] | None:
    """The page without staves of music, and where they were; None when it has none.

    Args:
        gray: (H, W) uint8, 0 = black, cleaned and level.
        ink: (H, W) bool, its binarisation.
        text_height_px: of a typical letter.
        small: `pipeline.marks.reduce_ink` of this ink or of more, if that is there.
    """
    staves = [
        staff
        for staff in find_staves(ink, text_height_px, small)
        if not holds_words(ink, staff, text_height_px)
    ]
    if not staves:
        return None
    space_px = float(np.median([np.median(staff.space) for staff in staves]))
    bands = _bands(staves, ink.shape, _MARGIN)
    about = _bands(staves, ink.shape, _REACH) > 0
    gone = (bands > 0) & ink
    gone |= hanging_ink(ink, bands, about, space_px)
    gone |= lone_notes(find_pieces(ink & ~gone), gone, bands, about, space_px)
    return *without_ink(gray, ink, gone), tuple(
        place for staff in staves for place in _places(staff)
    )


def _places(staff: Staff) -> list[Placed]:
    return [
        Placed(
            x0=float(x0),
            y0=float(staff.top[x0:x1].min()),
            x1=float(x1),
            y1=float(staff.bottom[x0:x1].max()),
        )
        for x0, x1 in staff.spans
    ]


def _bands(staves: Sequence[Staff], shape: tuple[int, ...], margin: float) -> GrayImage:
    """(H, W) uint8, 1 from so many spaces above the staves to as many below them."""
    bands = np.zeros(shape, np.uint8)
    for staff in staves:
        upper, lower = staff.top - margin * staff.space, staff.bottom + margin * staff.space
        for x0, x1 in staff.spans:
            x = np.arange(x0, x1)
            edge = np.vstack(
                [np.column_stack([x, upper[x0:x1]]), np.column_stack([x, lower[x0:x1]])[::-1]]
            )
            cv2.fillPoly(bands, [np.round(edge).astype(np.int32)], (1,))
    return bands
