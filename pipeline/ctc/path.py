"""What a CTC network's frames spell: the best path, and how far each frame is from sure.

The lines of a page are handled together, their frames one behind another in one array. Everything
is relative to the best class of a frame, so that the best path has weight 1 and nothing underflows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.vocabulary import BLANK

Logits = npt.NDArray[np.float32]  # (T, C) frames of a line, class 0 the blank
Indices = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

#: Below this float32 cannot tell a probability from 1.
_LEAST_ODDS = np.float32(1e-7)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PagePath:
    """The lines of a page as read: the characters, and the frames that say them.

    The characters of a best path stand in runs of frames in which they are the likeliest class.
    """

    logits: Logits  # (F, C) of all lines
    lines: Indices  # (L + 1,) bounds of the lines in frames
    chars: Indices  # (L + 1,) bounds of the lines in characters
    labels: Indices  # (N,) classes from left to right, no blanks
    starts: Indices  # (N,) first frame of each character
    ends: Indices  # (N,) one behind its last
    top: npt.NDArray[np.float32]  # (F,) logit of each frame's best class
    odds: npt.NDArray[np.float32]  # (F,) against it: (1 - p) / p
    #: (F,) the same, where the blank and the characters on either side do not count either: what
    #: speaks for another character. Between a character and its blank frames often waver.
    stray_odds: npt.NDArray[np.float32]
    is_blank: Flags  # (F,) frames whose best class is the blank
    is_rewritten: Flags  # (F,) frames that are read otherwise than by their best classes
    continues: Flags  # (L,) lines that go on with the one before: its text is their context

    def __len__(self) -> int:
        return len(self.lines) - 1

    def of_lines(self, numbers: Indices) -> PagePath:
        """The path of some of the lines, ascending, as a page of their own."""
        frames = [np.arange(self.lines[k], self.lines[k + 1]) for k in numbers]
        chars = [np.arange(self.chars[k], self.chars[k + 1]) for k in numbers]
        bounds = np.concatenate(([0], np.cumsum([len(f) for f in frames])))
        # By how many frames each line moves to the left.
        moved = np.repeat(self.lines[numbers] - bounds[:-1], [len(c) for c in chars])
        frame, char = np.concatenate(frames), np.concatenate(chars)
        return PagePath(
            logits=self.logits[frame],
            lines=bounds,
            chars=np.concatenate(([0], np.cumsum([len(c) for c in chars]))),
            labels=self.labels[char],
            starts=self.starts[char] - moved,
            ends=self.ends[char] - moved,
            top=self.top[frame],
            odds=self.odds[frame],
            stray_odds=self.stray_odds[frame],
            is_blank=self.is_blank[frame],
            is_rewritten=self.is_rewritten[frame],
            continues=np.zeros(len(numbers), np.bool_),
        )

    def line_of_chars(self) -> Indices:
        """(N,) number of each character's line."""
        return np.repeat(np.arange(len(self)), np.diff(self.chars))


def best_path(lines: Sequence[Logits]) -> PagePath:
    """Greedy decoding: the best class of each frame, repeats joined, blanks dropped (Graves 2006).

    Args:
        lines: (T, C) valid frames of each line, T >= 0, already divided by the temperature.
    """
    logits = np.concatenate(lines) if lines else np.zeros((0, 1), np.float32)
    bounds = np.concatenate(([0], np.cumsum([len(line) for line in lines], dtype=np.int64)))
    return _spelled(logits, bounds, *_best_of_frames(lines, bounds))


def spelled_anew(path: PagePath, changed: Sequence[int]) -> PagePath:
    """The best path after `path.logits` was changed in some lines.

    Args:
        path: of `best_path`, no line rewritten.
        changed: numbers of these lines.
    """
    best = np.full(len(path.top), BLANK, np.int64)
    best[~path.is_blank] = np.repeat(path.labels, path.ends - path.starts)
    top, odds = path.top.copy(), path.odds.copy()
    for k in changed:
        here = slice(int(path.lines[k]), int(path.lines[k + 1]))
        best[here], top[here], odds[here] = _best_of_line(path.logits[here])
    return _spelled(path.logits, path.lines, best, top, odds)


def _spelled(
    logits: Logits,
    bounds: Indices,
    best: Indices,
    top: npt.NDArray[np.float32],
    odds: npt.NDArray[np.float32],
) -> PagePath:
    is_edge = np.ones(len(best) + 1, np.bool_)
    is_edge[1:-1] = best[1:] != best[:-1]
    is_edge[bounds] = True
    edges = np.flatnonzero(is_edge)
    spoken = best[edges[:-1]] != BLANK
    starts, ends = edges[:-1][spoken], edges[1:][spoken]
    labels = best[starts]

    # The characters at or before and at or behind each frame; blank beyond the ends of its line.
    frames = np.arange(len(best))
    chars = np.searchsorted(starts, bounds)
    line = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    around = np.concatenate(([BLANK], labels, [BLANK]))
    before, behind = (
        np.searchsorted(starts, frames, "right"),
        np.searchsorted(ends, frames, "right"),
    )
    left = np.where(before > chars[line], around[before], BLANK)
    right = np.where(behind < chars[line + 1], around[behind + 1], BLANK)
    stray = odds.copy()
    seen = [best]
    for classes in (np.full(len(best), BLANK), left, right):
        is_new = np.all([classes != other for other in seen], axis=0)
        stray -= np.where(is_new, np.exp(logits[frames, classes] - top), np.float32(0))
        seen.append(classes)
    return PagePath(
        logits=logits,
        lines=bounds,
        chars=chars,
        labels=labels,
        starts=starts,
        ends=ends,
        top=top,
        odds=np.maximum(odds, _LEAST_ODDS),
        stray_odds=np.maximum(stray, _LEAST_ODDS),
        is_blank=best == BLANK,
        is_rewritten=np.zeros(len(best), np.bool_),
        continues=np.zeros(len(bounds) - 1, np.bool_),
    )


def _best_of_frames(
    lines: Sequence[Logits], bounds: Indices
) -> tuple[Indices, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """(F,) best class of each frame, its logit, and the odds against it.

    Line by line: the frames of one stay in the cache, those of a page do not.
    """
    best = np.zeros(bounds[-1], np.int64)
    top, odds = np.zeros((2, len(best)), np.float32)
    for line, begin, end in zip(lines, bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        if begin < end:
            here = slice(begin, end)
            best[here], top[here], odds[here] = _best_of_line(line)
    return best, top, odds


def _best_of_line(
    line: Logits,
) -> tuple[Indices, npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """The same of the frames of one line, at least one."""
    best = line.argmax(axis=1)
    top = line[np.arange(len(line)), best]
    relative = line - top[:, None]
    return best, top, np.exp(relative, out=relative).sum(axis=1) - np.float32(1)
