"""From the scan to the page that lines are cut from: upright, clean, level, flat."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Self, cast

import numpy as np

from ocrq.types import PageOptions, Quality
from pipeline.binarize import InkImage, below, binarize, find_levels
from pipeline.clean import clean_page
from pipeline.deskew import estimate_skew, rotate_gray, turned_ink
from pipeline.engines.engine import Engine
from pipeline.faint_ink import find_faint
from pipeline.faint_print import strengthen_faint
from pipeline.flatten import Bend, Flattening, estimate_bend, flatten_gray
from pipeline.grain import is_grainy, smooth_grain
from pipeline.homography import Homography, chained
from pipeline.image import GrayImage
from pipeline.layout.drawings import framed_drawings
from pipeline.layout.page import Pieces, find_pieces
from pipeline.layout.placed import Placed
from pipeline.marks import Overview
from pipeline.orient import estimate_orientation, rotate_quarter
from pipeline.orient_text import settle_orientation
from pipeline.pale_strokes import clear_pale_strokes
from pipeline.quality import measure_quality
from pipeline.rotation import PageMapping, Rotation
from pipeline.rule_removal import remove_rules
from pipeline.sheet import find_sheet
from pipeline.show_through import clear_back
from pipeline.specks import remove_specks
from pipeline.stages import Stages

Timer = Callable[[str], AbstractContextManager[None]]

#: Below this height of a letter the page is enlarged (x-heights up to about 10 px: a quarter fewer
#: errors on book pages reduced to 4 to 10 px, none fewer above).
_SMALL_TEXT_PX = 12.0
_ENLARGED = 2
#: Share of letters beside others from which small ink is print: 0.74 to 1.00 on small print, 0.31
#: to 0.57 where dot-matrix letters fell apart: those dots are neither to be enlarged nor removed.
_IN_LINES = 0.65
_LEAST_CHAIN = 5
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

    Steps that most pages do without (`smooth`, `rectify`, `faint`, `back`, `pale`, `specks`,
    `rules`, `enlarge`) are timed only where they changed the page, so that a reading's times tell
    which were applied.

    Args:
        scan: (H, W) uint8, 0 = black; it is not changed.
        options: what is done to the page.
        engine: asked which way up a page is when its letters don't tell.
        timed: measures a stage.
        stages: is given the pictures.

    Returns:
        The page, and its ink in pieces: they are large, and needed for the layout alone.
    """
    with timed("clean"):
        gray = clean_page(scan) if options.clean else scan
    with timed("binarize"):
        levels = find_levels(gray)
        ink = below(gray, levels)
    with timed("quality"):
        overview = Overview.of(ink)
        quality = measure_quality(scan, ink, overview)
    if options.clean and is_grainy(quality):
        with timed("smooth"):
            gray = smooth_grain(gray, quality)
            levels = find_levels(gray)
            ink = below(gray, levels)
            overview = Overview.of(ink)
    with timed("orient"):
        rotation_deg = 0
        if options.orient:
            seen = estimate_orientation(ink, overview)
            rotation_deg = settle_orientation(gray, ink, seen, options, engine).rotation_deg
        scan, gray = rotate_quarter(scan, rotation_deg), rotate_quarter(gray, rotation_deg)
        if rotation_deg:
            ink = np.ascontiguousarray(np.rot90(ink, -rotation_deg // 90))
            levels = rotate_quarter(levels, rotation_deg)
            overview = Overview.of(ink)
    sheet = find_sheet(scan) if options.rectify else None
    maps: list[PageMapping] = []
    if sheet is not None:
        with timed("rectify"):
            maps.append(sheet)
            flat = sheet.apply(scan)
            gray = clean_page(flat) if options.clean else flat
            if options.clean and is_grainy(quality):
                gray = smooth_grain(gray, quality)
            levels = find_levels(gray)
            ink = below(gray, levels)
            overview = Overview.of(ink)
    if stages is not None:
        stages.cleaned, stages.mask = gray, ink
    with timed("deskew"):
        slope_deg = estimate_skew(ink, overview).skew_deg if options.deskew else 0.0
        turned_deg = slope_deg if abs(slope_deg) >= _LEAST_TURN_DEG else 0.0
        page = _Level.of(gray, ink, turned_deg, levels)
        del gray, ink, overview
    with timed("flatten"):
        pieces = find_pieces(page.ink)
    if options.clean:
        seen_faint = find_faint(page.gray, page.ink, pieces.text_height_px)
        for name, step in (("faint", strengthen_faint), ("back", clear_back)):
            changed = None if seen_faint is None else step(page.gray, page.ink, seen_faint)
            if changed is not None:
                with timed(name):
                    maps.append(page.rotation)
                    page = _Level.of(*changed, 0.0)
                    pieces = find_pieces(page.ink)
                break
        cleaned = _without_dirt(page, pieces, options, timed)
        if cleaned is not None:
            maps.append(page.rotation)
            page, pieces = cleaned
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
            pieces = find_pieces(binarize(straight))
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
    return prepared, pieces


def _scale_for(pieces: Pieces, pixels: int) -> int:
    is_small = 0 < pieces.text_height_px < _SMALL_TEXT_PX
    is_bearable = pixels * _ENLARGED**2 <= _MAX_ENLARGED_PIXELS
    return _ENLARGED if is_small and is_bearable and _is_print(pieces) else 1


def _is_print(pieces: Pieces) -> bool:
    if pieces.kinds is None:
        return False
    chained = sum(len(chain) for chain in pieces.chains if len(chain) >= _LEAST_CHAIN)
    return chained >= _IN_LINES * len(pieces.kinds.body)


def _bend_of(pieces: Pieces) -> Bend | None:
    return estimate_bend(pieces.found, pieces.chains, pieces.text_height_px)


def _drawings_of(pieces: Pieces) -> tuple[Placed, ...]:
    if pieces.kinds is None:
        return ()
    return framed_drawings(pieces.found, pieces.kinds, pieces.text_height_px)


def _without_dirt(
    page: _Level, pieces: Pieces, options: PageOptions, timed: Timer
) -> tuple[_Level, Pieces] | None:
    """The level page without rules and specks, from which all that follows starts."""
    gray, ink = page.gray, page.ink
    if pieces.kinds is not None:
        paler = clear_pale_strokes(gray, ink, pieces.found, pieces.kinds, pieces.text_height_px)
        if paler is not None:
            with timed("pale"):
                gray, ink = paler
                pieces = find_pieces(ink)
    if options.remove_rules:
        drawings = _drawings_of(pieces)
        ruled = remove_rules(gray, ink, pieces.text_height_px, drawings)
        if ruled is not None:
            with timed("rules"):
                gray, ink = ruled
                pieces = find_pieces(ink)
    if pieces.kinds is not None and _is_print(pieces):
        letters = len(pieces.kinds.body)
        specked = remove_specks(gray, ink, pieces.found, pieces.text_height_px, letters)
        if specked is not None:
            with timed("specks"):
                gray, ink = specked
                pieces = find_pieces(ink)
    return None if gray is page.gray else (_Level.of(gray, ink, 0.0), pieces)


def _slope_of(mapping: PageMapping, shape: tuple[int, ...]) -> float:
    """Clockwise slope on the upright page of what is level, in the middle of the page, degrees."""
    height, width = shape
    ends = mapping.to_upright_points([(0.25 * width, height / 2), (0.75 * width, height / 2)])
    x, y = (ends[1] - ends[0]).tolist()
    return math.degrees(math.atan2(y, x))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Level:
    """A page before and after it was made level."""

    upright: GrayImage
    gray: GrayImage
    ink: InkImage
    rotation: Rotation

    @classmethod
    def of(
        cls, upright: GrayImage, ink: InkImage, slope_deg: float, levels: GrayImage | None = None
    ) -> Self:
        height_px, width_px = upright.shape
        rotation = Rotation.of(width_px, height_px, -slope_deg)
        gray = upright
        if slope_deg:
            gray = rotate_gray(upright, -slope_deg)
            ink = binarize(gray) if levels is None else turned_ink(gray, levels, rotation)
        return cls(upright=upright, gray=gray, ink=ink, rotation=rotation)

    def enlarged(self, factor: int) -> tuple[_Level, Homography]:
        """The same from a larger copy of the upright page, and the way to that copy."""
        height_px, width_px = self.upright.shape
        larger = Homography.scaling(width_px, height_px, factor)
        gray = larger.apply(self.upright)
        return _Level.of(gray, binarize(gray), -self.rotation.angle_deg), larger
