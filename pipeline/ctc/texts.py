"""The texts that some frames are likely to spell: a prefix beam search (Hannun et al. 2014)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import Logits
from pipeline.vocabulary import BLANK

Text = tuple[int, ...]

_BEAM = 6
#: Classes less likely than this in a frame are not followed.
_LEAST = 1e-2


def likeliest_text(logits: Logits) -> Text:
    """The text with the most weight over all its paths, as far as the beam sees.

    Args:
        logits: (T, C) frames.
    """
    return next(iter(likely_texts(logits)))


def likely_texts(logits: Logits, beam: int = _BEAM, least: float = _LEAST) -> dict[Text, float]:
    """The texts with the most weight over all their paths, best first, the best with about 1.

    Args:
        logits: (T, C) frames.
        beam: texts kept after each frame.
        least: classes with less weight against the frame's best are not followed.
    """
    weights = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64))
    beams: list[_Beam] = [("", 1.0, 0.0)]
    for still, likely in _likely_classes(weights, least):
        if not likely:  # half of all frames: their best class is a sure blank
            most = (beams[0][1] + beams[0][2]) * still
            beams = [(text, (blank + char) * still / most, 0.0) for text, blank, char in beams]
            continue
        blanks = {text: (blank + char) * still for text, blank, char in beams} if still else {}
        chars = _grown(beams, likely, beam)
        total = chars.copy()
        for text, weight in blanks.items():
            total[text] = weight + total.get(text, 0.0)
        kept = sorted(total, key=total.__getitem__, reverse=True)[:beam]
        most = total[kept[0]]
        beams = [(t, blanks.get(t, 0.0) / most, chars.get(t, 0.0) / most) for t in kept]
    return {tuple(map(ord, text)): blank + char for text, blank, char in beams}


#: A text with the weight of its paths that end in a blank, and of those that end in its last
#: character. It is a string, a character for each class: what was hashed once is found again soon.
_Beam = tuple[str, float, float]


def _likely_classes(
    weights: npt.NDArray[np.float64], least: float
) -> Iterator[tuple[float, list[tuple[str, float]]]]:
    """For each frame the weight of the blank, and all likely characters, the likeliest first."""
    is_likely = weights > least
    stills = np.where(is_likely[:, BLANK], weights[:, BLANK], 0.0).tolist()
    is_likely[:, BLANK] = False
    frames, classes = np.nonzero(is_likely)
    found = weights[frames, classes]
    order = np.lexsort((-found, frames))
    row = list(zip(map(chr, classes[order].tolist()), found[order].tolist(), strict=True))
    bounds = np.concatenate(([0], np.cumsum(is_likely.sum(axis=1)))).tolist()
    for still, (first, last) in zip(stills, pairwise(bounds), strict=True):
        yield still, row[first:last]


def _grown(
    beams: Sequence[_Beam], likely: Sequence[tuple[str, float]], beam: int
) -> dict[str, float]:
    """Weight of the paths that end in their last character after one more frame, by text.

    The likelier texts with the likelier characters are more than `beam` other texts, each with more
    weight than one far down in both orders, which need not be made to be forgotten.
    """
    chars: dict[str, float] = {}
    weight_of = dict(likely)
    for place, (text, blank, char) in enumerate(beams, 1):
        both = blank + char
        end = text[-1:]
        if end in weight_of:
            chars[text] = chars.get(text, 0.0) + char * weight_of[end]
        for c, weight in likely[: beam // place + 1]:
            longer = text + c
            chars[longer] = chars.get(longer, 0.0) + (blank if c == end else both) * weight
    if len(likely) > beam // len(beams) + 1:
        # What is a text already gets its share, however far down it is.
        known = {text: (place, blank, char) for place, (text, blank, char) in enumerate(beams, 1)}
        rank = {c: number for number, (c, _) in enumerate(likely)}
        for text, _, _ in beams:
            if text[:-1] not in known or text[-1:] not in rank:
                continue
            place, blank, char = known[text[:-1]]
            if rank[text[-1]] > beam // place:
                before = blank if text[-2:-1] == text[-1] else blank + char
                chars[text] = chars.get(text, 0.0) + before * weight_of[text[-1]]
    return chars


def text_weight(logits: Logits, text: Text) -> float:
    """Weight of all paths of a text, each frame's best class counted as 1 (Graves 2006).

    Args:
        logits: (T, C) frames.
        text: classes.
    """
    states = np.full(2 * len(text) + 1, BLANK, np.int64)
    states[1::2] = text
    weights = np.exp((logits - logits.max(axis=1, keepdims=True)).astype(np.float64))[:, states]
    may_skip = np.zeros(len(states), np.bool_)
    may_skip[3::2] = states[3::2] != states[1:-2:2]
    forward = np.zeros(len(states))
    forward[:2] = weights[0, :2]
    for row in weights[1:]:
        before = np.concatenate(([0.0], forward[:-1]))
        skipped = np.concatenate(([0.0, 0.0], forward))[: len(states)]
        forward = (forward + before + np.where(may_skip, skipped, 0.0)) * row
    return float(forward[-2:].sum())
