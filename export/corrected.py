"""A corrected line: people's text on the machine's boxes."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise, takewhile

from ocrq.types import Box, CharResult, LineResult

#: Above this many cells the table of edit distances is not worth its time and memory, and the
#: middle of the line is matched by place: a line that was typed anew has little to align.
_MAX_CELLS = 4_000_000

#: (index in the old characters | None for an insertion, index in the new text | None: deletion)
_Step = tuple[int | None, int | None]


def apply_correction(line: LineResult, corrected_text: str) -> LineResult:
    """Give the line its corrected text (as NFC); every character keeps or gets a box.

    The two texts are aligned by least edit distance (Levenshtein 1966). A character that stays is
    the machine's own, confidence and alternatives included. One that replaces another takes its
    box; an inserted one gets a share of the room between its neighbours; both have confidence 1.0
    and no alternatives, because a person wrote them.
    """
    text = unicodedata.normalize("NFC", corrected_text)
    if text == line.text:
        return line
    chars: list[CharResult | None] = [None] * len(text)
    for old, new in _align(line.text, text):
        if old is None or new is None:
            continue
        was = line.chars[old]
        kept = was.char == text[new]
        chars[new] = was if kept else CharResult(char=text[new], confidence=1.0, box=was.box)
    return replace(line, chars=tuple(_fill_gaps(chars, text, line.box)))


def _align(old: str, new: str) -> list[_Step]:
    """Steps in order from both starts to both ends, a least edit script."""
    head = _shared_start(old, new)
    tail = _shared_start(old[head:][::-1], new[head:][::-1])
    middle = _align_middle(old[head : len(old) - tail], new[head : len(new) - tail])
    steps: list[_Step] = [(i, i) for i in range(head)]
    steps += [(None if o is None else o + head, None if n is None else n + head) for o, n in middle]
    steps += [(len(old) - tail + i, len(new) - tail + i) for i in range(tail)]
    return steps


def _shared_start(a: str, b: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(a, b, strict=False)))


def _align_middle(old: str, new: str) -> list[_Step]:
    if (len(old) + 1) * (len(new) + 1) > _MAX_CELLS:
        shared = min(len(old), len(new))
        steps: list[_Step] = [(i, i) for i in range(shared)]
        steps += [(i, None) for i in range(shared, len(old))]
        return steps + [(None, i) for i in range(shared, len(new))]
    cost = _edit_costs(old, new)
    steps = []
    i, j = len(old), len(new)
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (old[i - 1] != new[j - 1]):
            i, j = i - 1, j - 1
            steps.append((i, j))
        elif i and cost[i][j] == cost[i - 1][j] + 1:
            i -= 1
            steps.append((i, None))
        else:
            j -= 1
            steps.append((None, j))
    return steps[::-1]


def _edit_costs(old: str, new: str) -> list[list[int]]:
    """cost[i][j]: edits from old[:i] to new[:j]."""
    rows = [list(range(len(new) + 1))]
    for i, was in enumerate(old, start=1):
        above, row = rows[-1], [i]
        for j, now in enumerate(new, start=1):
            row.append(min(above[j - 1] + (was != now), above[j] + 1, row[j - 1] + 1))
        rows.append(row)
    return rows


def _fill_gaps(chars: Sequence[CharResult | None], text: str, line_box: Box) -> list[CharResult]:
    """Give each run of inserted characters (None) boxes between its neighbours."""
    filled: list[CharResult] = []
    at = 0
    for is_gap, run in groupby(chars, key=lambda c: c is None):
        members = list(run)
        if is_gap:
            left = filled[-1].box if filled else None
            after = chars[at + len(members)] if at + len(members) < len(chars) else None
            boxes = _boxes_between(left, after.box if after else None, line_box, len(members))
            for char, box in zip(text[at:], boxes, strict=False):
                filled.append(CharResult(char=char, confidence=1.0, box=box))
        else:
            filled += [c for c in members if c is not None]
        at += len(members)
    return filled


def _boxes_between(left: Box | None, right: Box | None, line_box: Box, count: int) -> list[Box]:
    """Share the room between two boxes (or a box and the line's end) among `count` characters.

    Without room the boxes are one pixel wide at the border, so that none is empty.
    """
    neighbours = [b for b in (left, right) if b is not None] or [line_box]
    y0_px = min(b.y0_px for b in neighbours)
    y1_px = max(b.y1_px for b in neighbours)
    x0_px = left.x1_px if left else min(line_box.x0_px, right.x0_px if right else line_box.x0_px)
    x1_px = right.x0_px if right else max(line_box.x1_px, left.x1_px if left else line_box.x1_px)
    if x1_px <= x0_px:
        x0_px = max(0, x1_px - 1)
        x1_px = x0_px + 1
    width = x1_px - x0_px
    edges = [x0_px + width * k // count for k in range(count + 1)]
    return [Box(x0_px=a, y0_px=y0_px, x1_px=max(b, a + 1), y1_px=y1_px) for a, b in pairwise(edges)]
