"""Upright rules that are dotted or broken are no letters and no marks.

The sides of a box around a table, printed in dots or faded, are pieces as high as letters or lower.
One below the other they show what they are: letters of lines have more white between them. Letters
of small print have less, measured by the page's usual letters, but they have others at their sides.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.layout.components import Components, Flags, Sorted

Indices = npt.NDArray[np.intp]

_THIN: Final = 0.3  # letter heights
_LEAST_THIN_PX: Final = 3
_HIGHER: Final = 1.2  # times as high as wide, at least; dots of a fine border are lower
_GAP: Final = 0.45  # letter heights of white between two pieces; lines of text have more
_DOT_GAP: Final = 0.65  # between two dots; one of a fine border is worn away now and then
_ASIDE: Final = 0.2  # letter heights from the middle of one to that of the next
_LONG: Final = 3.5  # letter heights of the whole rule
_LEAST_PIECES: Final = 3
_INK: Final = 0.3  # of its length
_REST: Final = 0.2  # letter heights between a rule and what is left of the same side
_LETTERS: Final = (0.75, 1.3)  # letter heights: pieces that could all be letters
#: Letters have ink beside them, no farther away than they are high, for more of the chain's ink.
_BESIDE: Final = 0.5
_REACH: Final = 0.25  # letter heights, at most
#: So many pieces so near (letter heights) are letters even where they are as narrow as dots.
_LEAST_ROW: Final = 4
_FAR: Final = 1.2
_MOST_ASKED: Final = 4_000
_MOST_DOTS: Final = 10_000


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
    thin_px = max(_LEAST_THIN_PX, _THIN * t)
    thin, slim = width <= thin_px, height >= _HIGHER * width
    asked = pieces[thin & (slim | (height <= _THIN * t))]
    if len(asked) > _MOST_DOTS:  # a pattern, or grain
        asked = pieces[thin & slim]
        if len(asked) > _MOST_ASKED:
            return kinds
    # What is left of a side goes on where a rule ends.
    whole = kinds.rule[found.width[kinds.rule] <= thin_px]
    known = set(whole.tolist())
    chains = _chains(found, np.concatenate([asked, whole]), t, known)
    rules = {
        k
        for chain in chains
        if _is_rule(found, chain, t, known)
        and not _are_letters(found, pieces, [k for k in chain if k not in known], t)
        for k in chain
        if k not in known
    }
    if not rules:
        return kinds
    sides = np.array(sorted(rules), np.intp)
    return replace(
        kinds,
        body=np.setdiff1d(kinds.body, sides),
        mark=np.setdiff1d(kinds.mark, sides),
        rule=np.concatenate([kinds.rule, sides]),
    )


def _chains(found: Components, pieces: Indices, t: float, known: Set[int]) -> list[list[int]]:
    """Pieces one below the other, from top to bottom, near each other; `known` are whole rules."""
    ends: dict[int, list[list[int]]] = {}
    chains: list[list[int]] = []
    step = max(1.0, _ASIDE * t)
    wide = np.where(found.height <= _THIN * t, _DOT_GAP * t, _GAP * t)
    wide[list(known)] = _REST * t
    # Numbers of Python: each is asked for again and again, one at a time.
    white, y0s, y1s = wide.tolist(), found.y0.tolist(), found.y1.tolist()
    middles = ((found.x0 + found.x1) / 2).tolist()
    for k in pieces[np.argsort(found.y0[pieces], kind="stable")].tolist():
        x, y0 = middles[k], y0s[k]
        bucket = int(x // step)
        near = [
            chain
            for b in (bucket - 1, bucket, bucket + 1)
            for chain in ends.get(b, ())
            if abs(middles[chain[-1]] - x) <= step
            and -1 <= y0 - y1s[chain[-1]] <= min(white[k], white[chain[-1]])
        ]
        if near:
            chain = max(near, key=lambda c: y1s[c[-1]])
            ends[int(middles[chain[-1]] // step)].remove(chain)
            chain.append(k)
        else:
            chain = [k]
            chains.append(chain)
        ends.setdefault(bucket, []).append(chain)
    return chains


def _is_rule(found: Components, chain: Sequence[int], t: float, known: Set[int]) -> bool:
    length = int(found.y1[chain[-1]]) - int(found.y0[chain[0]])
    if (len(chain) < _LEAST_PIECES and known.isdisjoint(chain)) or length < _LONG * t:
        return False
    height = found.height[list(chain)]
    like_letters: Flags = (height >= _LETTERS[0] * t) & (height <= _LETTERS[1] * t)
    return bool(height.sum() >= _INK * length and not like_letters.all())


def _are_letters(found: Components, pieces: Indices, chain: Sequence[int], t: float) -> bool:
    """Whether a chain is of letters: most of it has others right beside it.

    Two borders beside each other are no letters; of small print there are more.
    """
    if not chain:
        return False
    links = np.array(chain, np.intp)
    high = found.height[links]
    reach = np.minimum(high, _REACH * t)
    left, right = found.x0[links], found.x1[links]
    far = _FAR * t
    near = pieces[(found.x1[pieces] > left.min() - far) & (found.x0[pieces] < right.max() + far)]
    near = np.setdiff1d(near, links)[:, np.newaxis]
    level = (found.y0[near] < found.y1[links]) & (found.y1[near] > found.y0[links])
    white = np.maximum(found.x0[near] - right, left - found.x1[near])
    touching = level & (white < reach)
    is_wide = found.width[near] > _THIN * t
    is_row = np.count_nonzero(level & (white < far), axis=0) >= _LEAST_ROW
    beside = (touching & (is_wide | is_row)).any(axis=0)
    return bool(high[beside].sum() > _BESIDE * high.sum())
