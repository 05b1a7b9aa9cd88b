"""Letters that a hair, a pen or a ring has joined to one high piece of ink wait for their rows.

Such a piece has the size of a large letter, and was taken for one: rows of two lines became one
row through it, or its own line was parted at it and cut out as high as the hair. So rows are made
of the letters about it, and each takes what of the piece lies in its band. The recogniser reads
through what is left of the hair there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.connected import label_pieces
from pipeline.layout.components import Components, Piece, Sorted
from pipeline.layout.row import Row, with_gains

Indices = npt.NDArray[np.intp]

_HIGH: Final = 1.7  # letter heights of a piece that is asked; letters with a tail are lower
_WIDE: Final = 0.8  # letter heights; brackets and strokes of a pen between letters are narrower
_MOST_FILLED: Final = 0.4  # of its box is ink; initials and bold type have more
_LETTER: Final = (0.5, 1.6)  # letter heights of a letter beside it
_BESIDE: Final = 1.2  # letter heights of white between it and the letter
_ALIKE: Final = 0.7  # of its height has the next letter of a line of large type
_MOST_ASKED: Final = 300
_AT_ENDS: Final = 1.5  # row heights beyond the ends of a row that it takes ink from
_ABOVE: Final = 0.6  # row heights over the band that capitals reach
_BELOW: Final = 0.45  # and that tails hang below
_LEAST: Final = 0.5  # of a row's height a piece reaches into its band
_LEAST_PART: Final = 0.3  # of a row's height; lower scraps are the hair's


def set_crossed_apart(found: Components, kinds: Sorted, text_height_px: float) -> Sorted:
    """The kinds with high sparse pieces that stand amid letters as `crossed`.

    Args:
        found: the page's components.
        kinds: what each is.
        text_height_px: of a typical letter.
    """
    t, body = text_height_px, kinds.body
    width, height = found.width[body].astype(np.int64), found.height[body]
    may_be = (height >= _HIGH * t) & (width >= _WIDE * t)
    may_be &= found.area[body] <= _MOST_FILLED * width * height
    asked = body[may_be]
    if not len(asked):
        return kinds
    asked = asked[np.argsort(-found.area[asked], kind="stable")[:_MOST_ASKED]]
    letters = body[(height >= _LETTER[0] * t) & (height <= _LETTER[1] * t)]
    high = body[height >= _HIGH * t]
    crossed = [
        k
        for k in asked.tolist()
        if _is_amid(found, k, letters, _BESIDE * t) and not _has_alike(found, k, high)
    ]
    if not crossed:
        return kinds
    apart = np.array(crossed, np.intp)
    return replace(kinds, body=np.setdiff1d(body, apart), crossed=apart)


def _is_amid(found: Components, k: int, letters: Indices, beside_px: float) -> bool:
    """Whether a letter is close on the left of a piece or in its box, and another on the right."""
    middle_y = (found.y0[letters] + found.y1[letters]) / 2
    level = letters[(middle_y >= found.y0[k]) & (middle_y <= found.y1[k])]
    middle_x = (found.x0[level] + found.x1[level]) / 2
    left = (middle_x <= found.x1[k]) & (found.x1[level] >= found.x0[k] - beside_px)
    right = (middle_x >= found.x0[k]) & (found.x0[level] <= found.x1[k] + beside_px)
    return bool(left.any() and right.any() and np.count_nonzero(left | right) > 1)


def _has_alike(found: Components, k: int, high: Indices) -> bool:
    """Whether a piece as high stands beside this one, as in a line of large type."""
    height = int(found.height[k])
    gap = np.maximum(found.x0[high] - found.x1[k], found.x0[k] - found.x1[high])
    shared = np.minimum(found.y1[high], found.y1[k]) - np.maximum(found.y0[high], found.y0[k])
    alike = (gap <= height) & (shared >= _ALIKE * height) & (high != k)
    return bool(np.any(alike & (shared >= _ALIKE * found.height[high])))


def give_to_rows(
    found: Components, crossed: Indices, rows: Sequence[Row]
) -> tuple[Components, list[Row]]:
    """Give each row what pieces that are crossed have in its band.

    `found.labels` is changed in place: what a row takes gets new labels.

    Returns:
        The components with the new pieces appended, and the rows with them.
    """
    pieces: list[Piece] = []
    gains: dict[int, list[int]] = {}
    for k in crossed.tolist():
        for n, y0, y1 in _strips(found, k, rows):
            for piece in _parts(found, k, y0, y1, rows[n], found.highest + 1 + len(pieces)):
                gains.setdefault(n, []).append(len(found) + len(pieces))
                pieces.append(piece)
    if not pieces:
        return found, list(rows)
    found = found.with_pieces({}, pieces)
    return found, [with_gains(found, row, gains.get(n, [])) for n, row in enumerate(rows)]


def _strips(found: Components, k: int, rows: Sequence[Row]) -> list[tuple[int, int, int]]:
    """Rows that piece `k` reaches into, from the top, with the first and end pixel line of each.

    A row takes ink as far as its letters reach, and to the middle of the white to the next row.
    """
    x0, x1 = int(found.x0[k]), int(found.x1[k])
    x = (x0 + x1) / 2
    reached: list[tuple[int, float, float]] = []
    for n, row in enumerate(rows):
        top, bottom = row.band_at(x)
        beside = _AT_ENDS * row.height
        shared = min(found.y1[k], bottom) - max(found.y0[k], top)
        if shared >= _LEAST * row.height and x1 > row.x0 - beside and x0 < row.x1 + beside:
            reached.append((n, top, bottom))
    reached.sort(key=lambda r: r[1] + r[2])
    strips = []
    for at, (n, top, bottom) in enumerate(reached):
        first, last = top - _ABOVE * rows[n].height, bottom + _BELOW * rows[n].height
        if at > 0:
            first = max(first, (reached[at - 1][2] + top) / 2)
        if at + 1 < len(reached):
            last = min(last, (bottom + reached[at + 1][1]) / 2)
        strips.append((n, max(int(found.y0[k]), round(first)), min(int(found.y1[k]), round(last))))
    return strips


def _parts(found: Components, k: int, y0: int, y1: int, row: Row, label: int) -> list[Piece]:
    """The ink of piece `k` between two lines of pixels in connected parts, from this label on."""
    left, right = int(found.x0[k]), int(found.x1[k])
    if y1 <= y0:
        return []
    block = found.labels[y0:y1, left:right]
    labels, stats = label_pieces(block == found.label[k])
    parts: list[Piece] = []
    for n, (x, y, width, height, area) in enumerate(stats.tolist()):
        if n == 0 or height < _LEAST_PART * row.height:
            continue
        own = label + len(parts)
        window = (slice(y, y + height), slice(x, x + width))
        block[window][labels[window] == n] = own
        parts.append((own, left + x, y0 + y, left + x + width, y0 + y + height, area))
    return parts
