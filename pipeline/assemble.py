"""What an engine read in pieces becomes the lines and regions of a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise

import numpy as np

from ocrq.types import Box, LineResult, RegionKind, RegionResult
from pipeline.dirt_lines import are_dirt
from pipeline.engines.engine import LineImage, LineReading
from pipeline.initials import is_own_word
from pipeline.joined import join_chars, join_risks
from pipeline.layout.pictures import Furniture
from pipeline.page_numbers import part_numbers
from pipeline.region_kinds import name_regions
from pipeline.rotation import PageMapping
from pipeline.tables import PiecedLine, cut_tables
from pipeline.word_list import NO_WORDS, WordList

Baseline = tuple[tuple[float, float], tuple[float, float]]  # x, y of its left and right end, px


def assemble(
    images: Sequence[LineImage],
    read: Sequence[LineReading],
    kinds: Sequence[RegionKind],
    furniture: Sequence[tuple[RegionKind, Box]],
    words: WordList = NO_WORDS,
) -> tuple[tuple[RegionResult, ...], tuple[LineResult, ...]]:
    """Lines with text, and the regions of the page, numbered anew without gaps.

    Pieces of one line are put together with a space between them; in a table each is a cell.

    Args:
        images: of the lines in reading order.
        read: what was read in each.
        kinds: of the regions that the images name.
        furniture: regions without lines, on the upright page.
        words: tell whether a large initial is a word of its own.
    """
    by_line = _by_line(images, read)
    ends = _ends(images)
    pieced = [_pieced(pieces, ends, words) for pieces in by_line]
    strays = [all(reading.is_dirt for _, reading in pieces) for pieces in by_line]
    pieced, kinds = _dirt_apart(pieced, strays, kinds)
    pictures = [box for kind, box in furniture if kind is RegionKind.PICTURE]
    height_px = images[0].rotation.source_size[1] if images else 0
    named = name_regions([p.line for p in pieced], dict(enumerate(kinds)), pictures, height_px)
    pieced, named = part_numbers(pieced, named)
    lines, named = cut_tables(pieced, named)
    return _numbered(lines, named, furniture)


def _dirt_apart(
    pieced: Sequence[PiecedLine], strays: Sequence[bool], kinds: Sequence[RegionKind]
) -> tuple[list[PiecedLine], list[RegionKind]]:
    """Each line of dirt in a region of its own that the text leaves out: it may be a word yet."""
    apart, kinds = [], list(kinds)
    shadows = are_dirt([p.line for p in pieced], kinds)
    for piece, is_stray, is_shadow in zip(pieced, strays, shadows, strict=True):
        if is_stray or is_shadow:
            apart.append(replace(piece, line=replace(piece.line, region=len(kinds))))
            kinds.append(RegionKind.PICTURE_TEXT)
        else:
            apart.append(piece)
    return apart, kinds


def _pieced(
    pieces: Sequence[tuple[LineImage, LineReading]], ends: Mapping[int, Baseline], words: WordList
) -> PiecedLine:
    """A line, and what of it stands between wide gaps: on most pages the line itself."""
    line, near = _line(pieces, ends, words), _near(pieces)
    parts = (line,) if len(near) == 1 else tuple(_line(part, ends, words) for part in near)
    return PiecedLine(line=line, pieces=parts)


def _line(
    pieces: Sequence[tuple[LineImage, LineReading]], ends: Mapping[int, Baseline], words: WordList
) -> LineResult:
    first = pieces[0][0]
    chars, changed = join_chars(
        [(reading.chars, reading.changed) for _, reading in pieces],
        is_initial=first.is_initial and not _is_own_word(pieces, words),
    )
    # The foot of an initial is that of a row further down.
    levels = [image for image, _ in pieces if not image.is_initial] or [first]
    return LineResult(
        box=Box.union(c.box for c in chars),
        region=first.region,
        baseline=(ends[id(levels[0])][0], ends[id(levels[-1])][1]),
        chars=chars,
        missing_risk=join_risks([reading.missing_risk for _, reading in pieces]),
        engine=Counter(r.engine for _, r in pieces for _ in r.chars).most_common(1)[0][0],
        changed=changed,
    )


def _is_own_word(pieces: Sequence[tuple[LineImage, LineReading]], words: WordList) -> bool:
    """Whether the initial that a line begins with is a word."""
    if len(pieces) < 2:
        return False
    (_, initial), (image, rest) = pieces[:2]
    gap_px = rest.chars[0].box.x0_px - initial.chars[-1].box.x1_px
    return is_own_word(initial.text, rest.text, gap_px / max(image.x_height_px, 1.0), words)


def place_furniture(furniture: Furniture, mapping: PageMapping) -> list[tuple[RegionKind, Box]]:
    """Pictures and rules as boxes on the upright page."""
    found = [(RegionKind.PICTURE, p) for p in furniture.pictures]
    found += [(RegionKind.RULE, p) for p in furniture.rules]
    boxes = mapping.boxes_to_upright([(p.x0, p.y0, p.x1, p.y1) for _, p in found])
    return [(kind, box) for (kind, _), box in zip(found, boxes, strict=True)]


def _by_line(
    images: Sequence[LineImage], read: Sequence[LineReading]
) -> list[list[tuple[LineImage, LineReading]]]:
    """The pieces of each line that have text."""
    lines: list[list[tuple[LineImage, LineReading]]] = []
    for image, reading in zip(images, read, strict=True):
        if not (image.continues and lines):
            lines.append([])
        if reading.chars:
            lines[-1].append((image, reading))
    return [line for line in lines if line]


def _near(
    pieces: Sequence[tuple[LineImage, LineReading]],
) -> list[list[tuple[LineImage, LineReading]]]:
    """Pieces between wide gaps; parts of a long line, whose crops meet, are one."""
    groups = [[pieces[0]]]
    for before, after in pairwise(pieces):
        if after[0].left_px > before[0].left_px + before[0].gray.shape[1]:
            groups.append([])
        groups[-1].append(after)
    return groups


def _ends(images: Sequence[LineImage]) -> dict[int, Baseline]:
    """The baseline of each image, by its identity, on the upright page and its ends moved onto it.

    The lines of a page share the way to it, which takes them all in the time of a few.
    """
    found: dict[int, Baseline] = {}
    for _, same in groupby(images, key=lambda image: id(image.rotation)):
        lines = list(same)
        mapping = lines[0].rotation
        points = mapping.to_upright_points(
            [
                end
                for line in lines
                for end in (
                    (line.left_px, line.top_px + line.baseline_px[0]),
                    (line.left_px + line.gray.shape[1], line.top_px + line.baseline_px[1]),
                )
            ]
        )
        inside = np.clip(points, 0, mapping.source_size).reshape(-1, 4).tolist()
        for line, (x0, y0, x1, y1) in zip(lines, inside, strict=True):
            found[id(line)] = (x0, y0), (x1, y1)
    return found


def _numbered(
    lines: Sequence[LineResult],
    kinds: Mapping[int, RegionKind],
    furniture: Sequence[tuple[RegionKind, Box]],
) -> tuple[tuple[RegionResult, ...], tuple[LineResult, ...]]:
    """Regions in the order of their first lines, numbered from 0, and the lines with them.

    Regions without lines follow from top to bottom.
    """
    numbers = {old: new for new, old in enumerate(dict.fromkeys(line.region for line in lines))}
    numbered = tuple(replace(line, region=numbers[line.region]) for line in lines)
    boxes: dict[int, list[Box]] = {}
    for line in numbered:
        boxes.setdefault(line.region, []).append(line.box)
    regions = [
        RegionResult(number=new, kind=kinds[old], box=Box.union(boxes[new]))
        for old, new in numbers.items()
    ]
    for kind, box in sorted(furniture, key=lambda item: (item[1].y0_px, item[1].x0_px)):
        regions.append(RegionResult(number=len(regions), kind=kind, box=box))
    return tuple(regions), numbered
