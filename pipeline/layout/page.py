"""The layout of a page: rows of components in paragraphs, in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from ocrq.types import RegionKind
from pipeline.layout.blocks import find_blocks, split_paragraphs
from pipeline.layout.bridges import part_bridges
from pipeline.layout.chains import Indices, chain_letters
from pipeline.layout.codes import find_codes
from pipeline.layout.components import (
    Components,
    InkImage,
    Sorted,
    find_components,
    sort_components,
)
from pipeline.layout.corners import set_corners_apart
from pipeline.layout.crossed_letters import give_to_rows, set_crossed_apart
from pipeline.layout.display import find_display, set_display, without_display
from pipeline.layout.dotted_lines import height_of_letters
from pipeline.layout.drawings import has_large, is_large
from pipeline.layout.edges import are_cut
from pipeline.layout.fields import join_fields
from pipeline.layout.gutters import Gutter, find_gutters
from pipeline.layout.held_letters import free_held
from pipeline.layout.holes import set_holes_apart
from pipeline.layout.inserts import around_inserts, find_inserts, in_inserts, set_in
from pipeline.layout.leaders import find_close_leaders, find_leaders, without_dots
from pipeline.layout.led_rows import add_leaders, places_of
from pipeline.layout.loops import free_letters, set_loops_apart
from pipeline.layout.marks import add_marks
from pipeline.layout.neighbours import find_strips
from pipeline.layout.pictures import Furniture, find_dashes, find_furniture, holds, is_steady
from pipeline.layout.placed import Placed
from pipeline.layout.plates import set_plates_apart
from pipeline.layout.row import Row, make_rows
from pipeline.layout.rows import join_far, join_near, join_quotes, split_at_gutters
from pipeline.layout.sideways import set_sideways_apart
from pipeline.layout.small_type import find_small_rows
from pipeline.layout.touching import cut_touching
from pipeline.layout.uprights import set_uprights_apart
from pipeline.order import reading_order
from pipeline.rotation import PageMapping

#: Letters on a row that are more than a name on a map.
_SENTENCE: Final = 14
_LEAST_CHAIN: Final = 5  # letters beside each other that nobody takes for dirt


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Paragraph:
    """Rows of one paragraph from top to bottom."""

    rows: tuple[Row, ...]
    kind: RegionKind = RegionKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Layout:
    """What stands where on the deskewed page."""

    found: Components
    text_height_px: float  # of a typical letter; 0 on a page without text
    paragraphs: tuple[Paragraph, ...]  # in reading order
    furniture: Furniture = Furniture()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pieces:
    """The ink of a page in pieces, before it is known what belongs to which line."""

    found: Components
    text_height_px: float  # of a typical letter; 0 on a page without text
    kinds: Sorted | None  # None on a page without text
    chains: tuple[Indices, ...]  # letters beside each other
    display: tuple[Indices, ...] = ()  # the same of letters far larger than the page's
    apart: tuple[Row, ...] = ()  # words beyond the sheet
    leaders: tuple[Indices, ...] = ()  # dots that are neither letters nor marks
    staves: tuple[Placed, ...] = ()  # of music, whose ink is out of the page
    sideways: tuple[Placed, ...] = ()  # lines that run up or down, whose letters are not read

    @property
    def share_in_line(self) -> float:
        """Share of what has the size of letters that stands beside others; 0 without text."""
        if self.kinds is None or not len(self.kinds.body):
            return 0.0
        chained = sum(len(chain) for chain in self.chains if len(chain) >= _LEAST_CHAIN)
        return chained / len(self.kinds.body)


def find_pieces(ink: InkImage) -> Pieces:
    """Find and sort the components of a page, and chain its letters.

    Args:
        ink: (H, W) bool, True = ink; text runs level to within a degree or so.
    """
    found = find_components(ink)
    height_px = height_of_letters(found)
    if height_px == 0.0:
        return Pieces(found=found, text_height_px=0.0, kinds=None, chains=())
    kinds = set_holes_apart(found, sort_components(found, height_px), height_px)
    kinds = set_uprights_apart(found, kinds, height_px)
    found, kinds = free_held(found, kinds, height_px)
    kinds = set_loops_apart(found, kinds, height_px)
    display = find_display(found, kinds, height_px)
    kinds = set_crossed_apart(found, without_display(kinds, display), height_px)
    leaders = find_leaders(found, kinds, height_px)
    kinds = without_dots(kinds, leaders)
    chains = chain_letters(found, kinds.body, height_px)
    kinds, chained, sideways = set_sideways_apart(found, kinds, chains, height_px)
    return Pieces(
        found=found,
        text_height_px=height_px,
        kinds=kinds,
        chains=chained,
        display=tuple(display),
        leaders=leaders,
        sideways=sideways,
    )


def find_layout(ink: InkImage) -> Layout:
    """Find the rows of text of a deskewed page and put them in reading order.

    Args:
        ink: (H, W) bool, True = ink; text runs level to within half a degree.
    """
    return arrange(find_pieces(ink))


def arrange(
    pieces: Pieces, mapping: PageMapping | None = None, dark: Sequence[Placed] = ()
) -> Layout:
    """Put the pieces of a page in rows, columns and reading order.

    Args:
        pieces: of the page.
        mapping: from the upright scan, whose edges cut a neighbour page's lines off; None: the
            page is the scan.
        dark: places that may be photographs.
    """
    found, height_px = pieces.found, pieces.text_height_px
    if pieces.kinds is None:
        return Layout(found=found, text_height_px=0.0, paragraphs=())
    codes = find_codes(found, height_px)
    plates = set_plates_apart(found, pieces.kinds, pieces.chains, pieces.display, dark, codes)
    kinds = set_corners_apart(found, plates.kinds, height_px)
    corners = np.setdiff1d(plates.kinds.body, kinds.body)
    strips = find_strips(found, plates.chains, height_px, mapping)
    leaders = (*pieces.leaders, *find_close_leaders(found, kinds, height_px))
    # Words stand below their notes, and so does the white between them in all verses.
    led = [*places_of(found, leaders, pieces.kinds.body, height_px), *pieces.staves]
    columns = find_gutters(found, plates.chains, height_px, plates.boxes, led, kinds.rule)
    gutters = (*columns, *(strip.gutter for strip in strips))
    letters = plates.chains
    if len(corners):
        letters = tuple(chain[np.isin(chain, corners, invert=True)] for chain in letters)
    chains = split_at_gutters(found, [chain for chain in letters if len(chain)], gutters)
    rows = join_near(found, part_bridges(found, make_rows(found, chains)), gutters)
    pictures = plates.boxes
    if has_large(found, kinds, height_px):
        seen = find_furniture(found, kinds, rows, height_px, plates.boxes, plates.display).pictures
        pictures = (*pictures, *(box for box in seen if is_large(box, height_px)))
    inserts = find_inserts(rows, gutters, pictures, height_px)
    gutters = (*gutters, *around_inserts([*pictures, *inserts]))
    rows = join_far(found, rows, gutters)
    rows = join_fields(found, rows, gutters)
    rows = add_leaders(found, rows, pieces.leaders, gutters, height_px)
    furniture = find_furniture(found, kinds, rows, height_px, plates.boxes, plates.display)
    count = len(found)
    found, rows = free_letters(found, kinds, rows, furniture.pictures, height_px)
    if len(found) > count:  # a loop without its letters is no picture
        furniture = find_furniture(found, kinds, rows, height_px, plates.boxes, plates.display)
    found, rows = give_to_rows(found, kinds.crossed, rows)
    found, rows = cut_touching(found, rows)
    dashes = find_dashes(found, kinds.mark, height_px)
    ruled = np.concatenate([np.empty(0, np.intp), *(members for _, members in dashes)])
    marks = np.setdiff1d(kinds.mark, ruled)
    rows = add_marks(found, rows, marks)
    rows += find_small_rows(found, rows, marks, gutters)
    # A quote behind a full stop is near its line only now that the line has the full stop.
    rows = join_quotes(found, rows, gutters)
    rows = set_display(found, rows, plates.display, height_px)
    aside = [
        is_cut or _is_drawn(found, furniture, row) or any(strip.holds(row) for strip in strips)
        for row, is_cut in zip(rows, are_cut(found, rows, mapping), strict=True)
    ]
    drawn = [row for row, is_aside in zip(rows, aside, strict=True) if is_aside]
    others = _paragraphs([*drawn, *plates.words, *pieces.apart])
    words = [Paragraph(rows=p.rows, kind=RegionKind.PICTURE_TEXT) for p in others]
    rows = [row for row, is_aside in zip(rows, aside, strict=True) if not is_aside]
    return Layout(
        found=found,
        text_height_px=height_px,
        paragraphs=(*_paragraphs(rows, inserts, columns), *words),
        furniture=replace(
            furniture,
            pictures=(*furniture.pictures, *pieces.sideways),
            rules=(*furniture.rules, *(box for box, _ in dashes)),
        ),
    )


def _is_drawn(found: Components, furniture: Furniture, row: Row) -> bool:
    """Whether a row is a word in a picture; a long one is running text behind a stamp or a pen."""
    is_long = len(row.members) >= _SENTENCE and is_steady(found, row)
    return holds(furniture.pictures, Placed.of_row(row)) and not is_long


def _paragraphs(
    rows: Sequence[Row], inserts: Sequence[Placed] = (), gutters: Sequence[Gutter] = ()
) -> tuple[Paragraph, ...]:
    places = [Placed.of_row(r) for r in rows]
    amid = [in_inserts(place, inserts) for place in places]
    flowing, apart = (
        _blocks(places, [k for k, is_amid in enumerate(amid) if is_amid is wanted])
        for wanted in (False, True)
    )
    blocks = [*flowing, *apart]
    boxes = [Placed.around([places[k] for k in block]) for block in blocks]
    line_px = float(np.median([place.height for place in places])) if places else 0.0
    inserted = range(len(flowing), len(blocks))
    order = set_in(reading_order(boxes[: len(flowing)], line_px, gutters), boxes, inserted)
    return tuple(
        Paragraph(rows=tuple(rows[k] for k in paragraph))
        for n in order
        for paragraph in split_paragraphs(places, blocks[n])
    )


def _blocks(places: Sequence[Placed], members: Sequence[int]) -> list[list[int]]:
    """Blocks of some of the rows, as numbers among all."""
    found = find_blocks([places[k] for k in members])
    return [[members[k] for k in block] for block in found]
