"""How sure each character of a line is, given the rest of the line, before calibration.

The probability of a character is

    P(line) / [sum over c of P(line with this character replaced by c) + P(line without it)]

and its odds are one minus it over it. The sums run over all CTC paths (pipeline/ctc/sums.py) where
the network is unsure of every frame of the character; elsewhere they are the odds of its surest
frame. (Were frames independent it would be the product of all its frames; they share their errors,
and the surest one foretells them better, docs/decisions/0015.) A gap's odds are those of the line
with one more character there against the line as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.ctc.path import Indices, PagePath
from pipeline.ctc.sums import CLASSES_KEPT, Floats, sum_windows
from pipeline.ctc.windows import MAX_FRAMES, SURE_ODDS, Windows, cut_windows, least_odds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PageDoubt:
    """What speaks against the lines of a page as read."""

    odds: Floats  # (N,) against each character
    #: (N + L,) for a character that was not read: before character k of line m at k + m, at the
    #: end of line m at its last character's + 1.
    gap_odds: Floats
    removed: Floats  # (N,) what of `odds` is for the line without the character
    others: Indices  # (N, A) other classes, likeliest first; 0 where none was weighed
    other_odds: Floats  # (N, A) of the line with that class against the line as read


def doubt_page(
    path: PagePath,
    *,
    alternatives: int = 0,
    sure_odds: float = SURE_ODDS,
    max_frames: int = MAX_FRAMES,
    classes_kept: int = CLASSES_KEPT,
) -> PageDoubt:
    """Odds of all characters and gaps of a page's lines.

    Args:
        path: the lines as read.
        alternatives: how many are kept of each character that is judged by sums.
        sure_odds: frames with at most these odds are sure; 0 sums over all frames.
        max_frames: of one window of unsure frames.
        classes_kept: how many classes are told apart in a window beside those of its text.
    """
    windows = cut_windows(path, sure_odds, max_frames)
    doubt = _surest_frames(path, windows, alternatives)
    doubt.odds[windows.is_open] = 0.0
    for sums in sum_windows(path, windows, classes_kept):
        # A character at the cut of a long window stands on both sides of it.
        np.maximum.at(doubt.odds, sums.char, sums.replaced.sum(axis=1) + sums.removed)
        np.maximum.at(doubt.removed, sums.char, sums.removed)
        np.add.at(doubt.gap_odds, sums.gap, sums.inserted)
        told_apart = sums.replaced[:, :-1]
        kept = min(alternatives, told_apart.shape[1])
        best = np.argsort(told_apart, axis=1)[:, ::-1][:, :kept]
        weights = np.take_along_axis(told_apart, best, axis=1)
        classes = np.take_along_axis(sums.classes, best, axis=1)
        doubt.others[sums.char, :kept] = np.where(weights > 0, classes, 0)
        doubt.other_odds[sums.char, :kept] = weights
    return doubt


def _surest_frames(path: PagePath, windows: Windows, alternatives: int) -> PageDoubt:
    size = len(path.labels)
    # Outside the windows a blank frame that is another character would be one more.
    frames = np.flatnonzero(path.is_blank & ~windows.is_inside)
    line = np.searchsorted(path.lines, frames, "right") - 1
    gaps = np.searchsorted(path.starts, frames) + line
    gap_odds = np.bincount(gaps, weights=path.stray_odds[frames], minlength=size + len(path))
    return PageDoubt(
        odds=least_odds(path).astype(np.float64),
        gap_odds=gap_odds.astype(np.float64),
        removed=np.zeros(size),
        others=np.zeros((size, alternatives), np.int64),
        other_odds=np.zeros((size, alternatives)),
    )
