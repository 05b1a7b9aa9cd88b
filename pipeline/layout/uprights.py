"""Upright rules that are dotted or broken are no letters and no marks.

The sides of a box around a table, printed in dots or faded, are pieces as high as letters or lower.
One below the other they show what they are: letters of lines have more white between them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from pipeline.layout.components import Components, Flags, Sorted

_THIN: Final = 0.3  # letter heights
_LEAST_THIN_PX: Final = 3
_HIGHER: Final = 1.2  # times as high as wide, at least
_GAP: Final = 0.45  # letter heights of white between two pieces; lines of text have more
_ASIDE: Final = 0.2  # letter heights from the middle of one to that of the next
_LONG: Final = 3.5  # letter heights of the whole rule
_LEAST_PIECES: Final = 3
_INK: Final = 0.3  # of its length
_LETTERS: Final = (0.75, 1.3)  # letter heights: pieces that could all be letters
_MOST_ASKED: Final = 4_000


def set_uprights_apart(found: Components, kinds: Sorted, text_height_px: float) -> Sorted:
    """The kinds with the pieces of upright rules among the rules.

    Args:
        found: the page's components.
        kinds: what each is by its size.
        text_height_px: of a typical letter.
    """
    t = text_height_px
    pieces = np.concatenate([kinds.body, kinds.mark])
    height, width = found.height[pieces], found.width[pieces]
    pieces = pieces[(width <= max(_LEAST_THIN_PX, _THIN * t)) & (height >= _HIGHER * width)]
    if not _LEAST_PIECES <= len(pieces) <= _MOST_ASKED:
        return kinds
    rules = [k for chain in _chains(found, pieces, t) if _is_rule(found, chain, t) for k in chain]
    if not rules:
        return kinds
    return replace(
        kinds,
        body=np.setdiff1d(kinds.body, rules),
        mark=np.setdiff1d(kinds.mark, rules),
        rule=np.concatenate([kinds.rule, np.array(rules, np.intp)]),
    )


def _chains(
    found: Components, pieces: np.ndarray[tuple[int], np.dtype[np.intp]], t: float
) -> list[list[int]]:
    """Pieces one below the other, from top to bottom, near each other."""
    ends: dict[int, list[list[int]]] = {}
    chains: list[list[int]] = []
    step = max(1.0, _ASIDE * t)
    for k in pieces[np.argsort(found.y0[pieces], kind="stable")].tolist():
        x = (int(found.x0[k]) + int(found.x1[k])) / 2
        bucket = int(x // step)
        near = [
            chain
            for b in (bucket - 1, bucket, bucket + 1)
            for chain in ends.get(b, ())
            if abs(_middle(found, chain[-1]) - x) <= step
            and -1 <= int(found.y0[k]) - int(found.y1[chain[-1]]) <= _GAP * t
        ]
        if near:
            chain = max(near, key=lambda c: int(found.y1[c[-1]]))
            ends[int(_middle(found, chain[-1]) // step)].remove(chain)
            chain.append(k)
        else:
            chain = [k]
            chains.append(chain)
        ends.setdefault(bucket, []).append(chain)
    return chains


def _middle(found: Components, k: int) -> float:
    return (int(found.x0[k]) + int(found.x1[k])) / 2


def _is_rule(found: Components, chain: Sequence[int], t: float) -> bool:
    length = int(found.y1[chain[-1]]) - int(found.y0[chain[0]])
    if len(chain) < _LEAST_PIECES or length < _LONG * t:
        return False
    height = found.height[list(chain)]
    like_letters: Flags = (height >= _LETTERS[0] * t) & (height <= _LETTERS[1] * t)
    return bool(height.sum() >= _INK * length and not like_letters.all())
