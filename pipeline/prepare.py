"""From the scan to the page that lines are cut from: upright, clean, level, flat."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import cast

from ocrq.types import PageOptions, Quality
from pipeline.broken_print import close_broken
from pipeline.clean import clean_page
from pipeline.deskew import estimate_skew
from pipeline.engines.engine import Engine
from pipeline.flatten import Bend, Flattening, estimate_bend, flatten_gray
from pipeline.grain import find_grain, smooth_grain
from pipeline.halftone import dot_px, smooth_halftone
from pipeline.homography import chained
from pipeline.image import GrayImage
from pipeline.layout.page import Pieces, find_pieces
from pipeline.layout.placed import Placed
from pipeline.level_page import LevelPage
from pipeline.orient import estimate_orientation, rotate_quarter
from pipeline.orient_text import settle_orientation
from pipeline.page_dirt import (
    Timer,
    is_print,
    without_creases,
    without_dirt,
    without_faint,
    without_squared,
)
from pipeline.quality import measure_quality
from pipeline.rotation import PageMapping
from pipeline.screened_print import without_screens
from pipeline.screens import find_screens
from pipeline.seen_page import SeenPage
from pipeline.sheet import find_sheet
from pipeline.squared_paper import without_squares
from pipeline.stages import Stages
from pipeline.streaks import without_streaks

#: Below this height of a letter the page is enlarged (x-heights up to about 10 px: a quarter fewer
#: errors on book pages reduced to 4 to 10 px, none fewer above).
_SMALL_TEXT_PX = 12.0
_ENLARGED = 2
#: Of a page that slopes by less, lines are found and levelled one by one as they are; to turn it
#: costs its letters more sharpness than that is worth.
_LEAST_TURN_DEG = 0.1
_MAX_ENLARGED_PIXELS = 30_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """The page that lines are cut from, and the way back."""

    gray: GrayImage
    mapping: PageMapping  # from the upright page
    scale: int  # how many times larger than on the upright page letters are
    rotation_deg: int
    skew_deg: float
    quality: Quality  # of the scan; the x-height is not known yet


def prepare_page(
    scan: GrayImage, options: PageOptions, engine: Engine, timed: Timer, stages: Stages | None
) -> tuple[Prepared, Pieces]:
    """Make a scan ready to be cut into lines.

    Steps that most pages do without (`halftone`, `screens`, `streaks`, `smooth`, `rectify`,
    `squares`, `creases`, `broken`, `faint`, `back`, `pale`, `border`, `staves`, `rules`, `specks`,
    `enlarge`) are timed only where they changed the page, so that a reading's times tell which were
    applied.

    Args:
        scan: (H, W) uint8, 0 = black; it is not changed.
        options: what is done to the page.
        engine: asked which way up a page is when its letters don't tell.
        timed: measures a stage.
        stages: is given the pictures.

    Returns:
        The page, and its ink in pieces: they are large, and needed for the layout alone.
    """
    mended = without_streaks(scan) if options.clean else None
    if mended is not None:
        with timed("streaks"):
            scan = mended
    with timed("clean"):
        gray = clean_page(scan) if options.clean else scan
    with timed("binarize"):
        seen = SeenPage.of(gray)
    dots_px = dot_px(seen.ink) if options.clean else 0
    if dots_px:
        with timed("halftone"):
            scan = smooth_halftone(scan, dots_px)
            gray = clean_page(scan)
            seen = SeenPage.of(gray)
    unshaded = without_screens(gray, find_screens(gray)) if options.clean and not dots_px else None
    if unshaded is not None:
        with timed("screens"):
            gray = unshaded
            seen = SeenPage.of(gray)
    # Lines that lie aslant are found when the page is level; among these letters can hardly be.
    bare = without_squares(gray, seen.ink) if options.clean and options.remove_rules else None
    if bare is not None:
        with timed("squares"):
            gray = bare[0]
            seen = SeenPage.of(gray)
    with timed("quality"):
        quality = measure_quality(scan, seen.ink, seen.overview)
    grain = find_grain(quality, seen) if options.clean else None
    if grain is not None:
        with timed("smooth"):
            seen = SeenPage.of(smooth_grain(gray, grain))
    with timed("orient"):
        rotation_deg = 0
        if options.orient:
            vote = estimate_orientation(seen.ink, seen.overview)
            settled = settle_orientation(seen.gray, seen.ink, vote, options, engine)
            rotation_deg = settled.rotation_deg
        scan, seen = rotate_quarter(scan, rotation_deg), seen.turned(rotation_deg)
    sheet = find_sheet(scan) if options.rectify else None
    maps: list[PageMapping] = []
    if sheet is not None:
        with timed("rectify"):
            maps.append(sheet)
            flat = sheet.apply(scan)
            gray = clean_page(flat) if options.clean else flat
            seen = SeenPage.of(gray if grain is None else smooth_grain(gray, grain))
    if stages is not None:
        stages.cleaned, stages.mask = seen.gray, seen.ink
    with timed("deskew"):
        slope_deg = estimate_skew(seen.ink, seen.overview).skew_deg if options.deskew else 0.0
        turned_deg = slope_deg if abs(slope_deg) >= _LEAST_TURN_DEG else 0.0
        page = LevelPage.of(seen.gray, seen.ink, turned_deg, seen.levels)
        del gray, seen
    with timed("flatten"):
        pieces = find_pieces(page.ink)
    if options.clean:
        side = partial(without_faint, engine=engine)
        steps = (without_squared, without_creases, close_broken, side, without_dirt)
        for step in steps:
            changed = step(page, pieces, options, timed)
            if changed is not None:
                maps.append(page.rotation)
                page, pieces = changed
    staves = [(place.x0, place.y0, place.x1, place.y1) for place in pieces.staves]
    music = chained(maps, page.rotation).boxes_to_upright(staves) if staves else []
    scale = _scale_for(pieces, page.gray.size) if options.clean else 1
    if scale > 1:
        with timed("enlarge"):
            page, larger = page.enlarged(scale)
            maps.append(larger)
            pieces = find_pieces(page.ink)
    with timed("flatten"):
        straight, mapping = page.gray, cast(PageMapping, page.rotation)
        bend = _bend_of(pieces) if options.deskew else None
        if bend is not None:
            mapping = flattening = Flattening.of(page.rotation, bend)
            straight = flatten_gray(page.upright, flattening)
            pieces = find_pieces(page.ink_of(straight, flattening))
        del page
    mapping = chained(maps, mapping)
    if stages is not None:
        stages.straight = straight
    prepared = Prepared(
        gray=straight,
        mapping=mapping,
        scale=scale,
        rotation_deg=rotation_deg,
        # The sheet of a photograph had its own slope.
        skew_deg=slope_deg if sheet is None else _slope_of(mapping, straight.shape),
        quality=quality,
    )
    if music:
        placed = tuple(Placed.from_upright(music, mapping, scale))
        pieces = replace(pieces, staves=placed)
    return prepared, pieces


def _scale_for(pieces: Pieces, pixels: int) -> int:
    is_small = 0 < pieces.text_height_px < _SMALL_TEXT_PX
    is_bearable = pixels * _ENLARGED**2 <= _MAX_ENLARGED_PIXELS
    return _ENLARGED if is_small and is_bearable and is_print(pieces) else 1


def _bend_of(pieces: Pieces) -> Bend | None:
    return estimate_bend(pieces.found, pieces.chains, pieces.text_height_px)


def _slope_of(mapping: PageMapping, shape: tuple[int, ...]) -> float:
    """Clockwise slope on the upright page of what is level, in the middle of the page, degrees."""
    height, width = shape
    ends = mapping.to_upright_points([(0.25 * width, height / 2), (0.75 * width, height / 2)])
    x, y = (ends[1] - ends[0]).tolist()
    return math.degrees(math.atan2(y, x))
