"""Pictures of what is no single character: pairs, parts of characters, rules, dirt.

Only such as cannot be taken for a character: half an O is a bracket, r and n make an m.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Final

import numpy as np

from pipeline.glyph_image import normalise_intensity
from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.blots import draw_dirt, draw_rule
from training.characters.charset import REJECT, CharacterSet
from training.characters.hand_rejects import draw_hand_half, draw_hand_pair
from training.characters.print_glyphs import (
    Bitmap,
    Wear,
    class_shares,
    draw_scale,
    family_shares,
    scan,
)
from training.fonts import FontFace


class RejectKind(StrEnum):
    """What a negative shows."""

    PAIR = "printed pairs"
    JOINT = "ends of printed pairs"
    HALF = "halves of print"
    HAND_PAIR = "hand-printed pairs"
    HAND_HALF = "halves of handprint"
    RULE = "pieces of rules"
    DIRT = "noise"


#: How often each kind is drawn where there is handprint; sums to 1.
REJECT_SHARES: Final[Mapping[RejectKind, float]] = {
    RejectKind.PAIR: 0.36,
    RejectKind.JOINT: 0.1,
    RejectKind.HALF: 0.14,
    RejectKind.HAND_PAIR: 0.16,
    RejectKind.HAND_HALF: 0.08,
    RejectKind.RULE: 0.07,
    RejectKind.DIRT: 0.09,
}
_OF_HAND: Final = frozenset({RejectKind.HAND_PAIR, RejectKind.HAND_HALF})

#: Sides of which a half is no character: the left of e is a c, the right of K is a <.
_LEFT_HALVES: Final = "agsSzZ25@&"
_RIGHT_HALVES: Final = "egsSzZ25R@&"
#: Thin characters: two of them side by side look like one (ll, "", H).
_THIN: Final = frozenset("|lI1!'`.,:;-_/\\()[]{}ij\"~^*=tfr")
#: Pairs that touch into another character.
_LOOKALIKES: Final = frozenset({"vv", "VV", "cl", "rn", "lo", "Io", "oo", "nn", "cc", "Vv", "vV"})


def draw_rejects(
    faces: Sequence[FontFace],
    count: int,
    wear: Wear,
    rng: np.random.Generator,
    handprint: CharacterSet | None = None,
    kinds: Sequence[RejectKind] = tuple(RejectKind),
) -> CharacterSet:
    """Draw `count` negatives.

    Args:
        faces: what print is drawn from.
        count: how many.
        wear: how scans of print vary.
        rng: of every choice.
        handprint: characters that pairs and halves are made from; None: of print alone.
        kinds: which kinds, in their usual proportions.
    """
    possible = [k for k in kinds if handprint is not None or k not in _OF_HAND]
    shares = np.array([REJECT_SHARES[k] for k in possible])
    drawn = rng.choice(len(possible), size=count, p=shares / shares.sum())
    picks = rng.choice(len(faces), size=count, p=family_shares(faces))
    images = []
    for number, pick in zip(drawn.tolist(), picks.tolist(), strict=True):
        kind, face = possible[number], faces[pick]
        if kind in _OF_PRINT:
            ink = scan(_OF_PRINT[kind](face, rng), draw_scale(face, wear, rng), wear, rng)
        elif kind is RejectKind.RULE:
            ink = draw_rule(rng)
        elif kind is RejectKind.DIRT or handprint is None:
            ink = draw_dirt(rng)
        elif kind is RejectKind.HAND_PAIR:
            ink = draw_hand_pair(handprint, rng)
        else:
            ink = draw_hand_half(handprint, rng)
        images.append(normalise_intensity(ink))
    return CharacterSet(images=np.stack(images), labels=np.full(count, REJECT, dtype=np.int64))


def _draw_pair(face: FontFace, rng: np.random.Generator) -> Bitmap:
    """Two characters on one baseline that touch or overlap a little."""
    while True:
        first, second = rng.choice(len(ASCII_CLASSES), size=2, p=class_shares()).tolist()
        chars = ASCII_CLASSES[first] + ASCII_CLASSES[second]
        if (
            first in face.glyphs
            and second in face.glyphs
            and not (chars[0] in _THIN and chars[1] in _THIN)
            and not (_THIN & set(".,'`-_\"~^") & set(chars))
            and chars not in _LOOKALIKES
        ):
            break
    left, right = face.glyphs[first], face.glyphs[second]
    top = max(face.tops_px[first], face.tops_px[second])
    tops = top - face.tops_px[first], top - face.tops_px[second]
    height = max(tops[0] + left.shape[0], tops[1] + right.shape[0])
    start = max(0, left.shape[1] - int(rng.integers(-2, 5)))
    canvas = np.zeros((height, start + right.shape[1] + left.shape[1]), dtype=np.uint8)
    canvas[tops[0] : tops[0] + left.shape[0], : left.shape[1]] = left
    place = canvas[tops[1] : tops[1] + right.shape[0], start : start + right.shape[1]]
    np.maximum(place, right, out=place)
    return np.ascontiguousarray(canvas[:, : max(start + right.shape[1], left.shape[1])])


def _draw_joint(face: FontFace, rng: np.random.Generator) -> Bitmap:
    """The end of one character and the beginning of the next."""
    pair = _draw_pair(face, rng)
    width = pair.shape[1]
    start, end = rng.uniform(0.2, 0.32), rng.uniform(0.68, 0.8)
    return np.ascontiguousarray(pair[:, int(start * width) : max(int(end * width), 1)])


def _draw_half(face: FontFace, rng: np.random.Generator) -> Bitmap:
    """Somewhat less than half of a character, left or right: more would still be read as it."""
    is_left = rng.random() < 0.5
    chars = _LEFT_HALVES if is_left else _RIGHT_HALVES
    known = [c for c in chars if ASCII_CLASSES.index(c) in face.glyphs]
    glyph = face.glyphs[ASCII_CLASSES.index(known[int(rng.integers(len(known)))])]
    width = glyph.shape[1]
    kept = max(1, round(width * rng.uniform(0.35, 0.5)))
    return np.ascontiguousarray(glyph[:, :kept] if is_left else glyph[:, width - kept :])


_OF_PRINT: Final[Mapping[RejectKind, Callable[[FontFace, np.random.Generator], Bitmap]]] = {
    RejectKind.PAIR: _draw_pair,
    RejectKind.JOINT: _draw_joint,
    RejectKind.HALF: _draw_half,
}
