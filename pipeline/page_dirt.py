"""What a level page is freed of before it is cut into lines, each only with evidence."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final

from ocrq.types import PageOptions
from pipeline.binarize import InkImage, binarize
from pipeline.borders import find_borders
from pipeline.creases import remove_creases
from pipeline.engines.engine import Engine
from pipeline.faint_ink import find_faint
from pipeline.faint_print import strengthen_faint
from pipeline.layout.drawings import framed_drawings
from pipeline.layout.page import Pieces, find_pieces
from pipeline.layout.placed import Placed
from pipeline.level_page import LevelPage
from pipeline.marks import reduce_ink
from pipeline.pale_strokes import clear_pale_strokes
from pipeline.rule_removal import remove_rules
from pipeline.show_through import clear_back
from pipeline.slanted_rules import without_slanted_rules
from pipeline.specks import remove_specks
from pipeline.squared_paper import without_squares
from pipeline.staff_removal import remove_staves
from pipeline.tones import without_ink
from pipeline.which_side import darken_this_side

Timer = Callable[[str], AbstractContextManager[None]]
Changed = tuple[LevelPage, Pieces] | None  # None: the page stays as it is

#: Share of letters beside others from which small ink is print: 0.74 to 1.00 on small print, 0.31
#: to 0.57 where dot-matrix letters fell apart: those dots are neither to be enlarged nor removed.
_IN_LINES: Final = 0.65


def without_creases(page: LevelPage, pieces: Pieces, options: PageOptions, timed: Timer) -> Changed:
    """The page without the creases of a folded sheet."""
    flat = remove_creases(page.gray, page.ink, pieces.found, pieces.text_height_px)
    if flat is None:
        return None
    with timed("creases"):
        page = LevelPage.of(*flat, 0.0)
        return page, find_pieces(page.ink)


def without_squared(page: LevelPage, pieces: Pieces, options: PageOptions, timed: Timer) -> Changed:
    """The page without the pale lines of squared paper."""
    bare = without_squares(page.gray, page.ink) if options.remove_rules else None
    if bare is None:
        return None
    with timed("squares"):
        page = LevelPage.of(*bare, 0.0)
        return page, find_pieces(page.ink)


def without_faint(
    page: LevelPage, pieces: Pieces, options: PageOptions, timed: Timer, *, engine: Engine
) -> Changed:
    """The page with faded print made dark, or what shows of its back made paper.

    The engine is asked which side faint writing is on, where that is in doubt.
    """
    seen = find_faint(page.gray, page.ink, pieces.text_height_px)
    if seen is None:
        return None
    name, changed = "faint", strengthen_faint(page.gray, page.ink, seen)
    if changed is None:
        name, changed = "back", clear_back(page.gray, page.ink, seen)
        if changed is None:
            return None
        darker = darken_this_side(page.gray, changed[0], seen.depth, options, engine)
        if darker is not None:
            name, changed = "faint", (darker, binarize(darker))
    with timed(name):
        page = LevelPage.of(*changed, 0.0)
        return page, find_pieces(page.ink)


def _drawings_of(pieces: Pieces) -> tuple[Placed, ...]:
    if pieces.kinds is None:
        return ()
    return framed_drawings(pieces.found, pieces.kinds, pieces.text_height_px)


def without_dirt(page: LevelPage, pieces: Pieces, options: PageOptions, timed: Timer) -> Changed:
    """The page without pale strokes, borders, staves, rules and specks."""
    gray, ink = page.gray, page.ink
    staves: tuple[Placed, ...] = ()
    covered: InkImage | None = None
    if pieces.kinds is not None:
        paler = clear_pale_strokes(gray, ink, pieces.found, pieces.kinds, pieces.text_height_px)
        if paler is not None:
            with timed("pale"):
                gray, ink = paler
                pieces = find_pieces(ink)
    if pieces.kinds is not None:
        border = find_borders(ink, pieces.text_height_px)
        if border is not None:
            with timed("border"):
                gray, ink = without_ink(gray, ink, border)
                pieces = find_pieces(ink)
    small = reduce_ink(ink) if options.remove_rules else None
    if options.remove_rules and pieces.kinds is not None:
        silent = remove_staves(gray, ink, pieces.text_height_px, small)
        if silent is not None:
            with timed("staves"):
                gray, ink, staves = silent
                pieces = find_pieces(ink)
    if options.remove_rules:
        aslant = without_slanted_rules(gray, ink, pieces.found, pieces.text_height_px)
        if aslant is not None:
            with timed("rules"):
                covered, (gray, ink), small = ink & ~aslant[1], aslant, None
                pieces = find_pieces(ink)
        drawings = _drawings_of(pieces)
        ruled = remove_rules(gray, ink, pieces.text_height_px, drawings, small)
        if ruled is not None:
            with timed("rules"):
                gone = ink & ~ruled[1]
                covered = gone if covered is None else covered | gone
                gray, ink = ruled
                pieces = find_pieces(ink)
    if pieces.kinds is not None and is_print(pieces):
        letters = len(pieces.kinds.body)
        specked = remove_specks(gray, ink, pieces.found, pieces.text_height_px, letters)
        if specked is not None:
            with timed("specks"):
                gray, ink = specked
                pieces = find_pieces(ink)
    if ink is page.ink:
        return None
    cleaned = LevelPage.of(gray, ink, 0.0)
    cleaned = replace(cleaned, covered=covered, closed_px=page.closed_px)
    return cleaned, replace(pieces, staves=staves)


def is_print(pieces: Pieces) -> bool:
    """Whether most letters stand in lines: those of dot-matrix print fall apart to dots."""
    return pieces.kinds is not None and pieces.share_in_line >= _IN_LINES
