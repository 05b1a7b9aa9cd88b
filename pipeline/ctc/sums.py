"""Sums over all CTC paths of texts that differ from what was read in one character.

For each window of doubtful frames: the weight of its text, of the text with one character replaced
by each class, with it left out, and with one put into each gap; by forward and backward sums over
the label lattice (Graves et al. 2006), windows of like length at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import Indices, PagePath
from pipeline.ctc.windows import MAX_FRAMES, Windows
from pipeline.vocabulary import BLANK

Floats = npt.NDArray[np.float64]

#: Classes told apart in a window beside those of its text; the rest are summed as one.
CLASSES_KEPT = 12
#: Windows up to these lengths are summed together: each bound costs a pass, each gap padding.
_LENGTHS = (9, 16, 28)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sums:
    """Weights relative to that of the window's text as read (1.0)."""

    char: Indices  # (A,) characters of the page
    replaced: Floats  # (A, K + 1) each by another class; by itself 0; last all other classes
    removed: Floats  # (A,) left out
    classes: Indices  # (A, K)
    gap: Indices  # (G,) gaps: number of the character behind + number of the line
    inserted: Floats  # (G,) with one character more, summed over classes, each text once


def sum_windows(
    path: PagePath, windows: Windows, classes_kept: int = CLASSES_KEPT
) -> Iterator[Sums]:
    """Sums of all windows, some at a time.

    Args:
        path: lines as read.
        windows: of `path`.
        classes_kept: how many classes are told apart beside those of the text.
    """
    lengths = windows.ends - windows.starts
    low = 0
    for high in (*_LENGTHS, max(MAX_FRAMES, int(lengths.max(initial=0)))):
        members = np.flatnonzero((lengths > low) & (lengths <= high))
        low = max(low, high)
        if len(members):
            # By the bound, not by the texts at hand: what is summed as one must not depend on them.
            yield _sum_batch(path, windows, members, classes_kept + high // 2 + 2)


def _sum_batch(path: PagePath, windows: Windows, members: Indices, classes_kept: int) -> Sums:
    starts, first = windows.starts[members], windows.first[members]
    frames = windows.ends[members] - starts
    counts = windows.last[members] - first
    chars = first[:, None] + np.arange(int(counts.max()) + 1)
    is_char = chars < windows.last[members][:, None]
    chars = np.where(is_char, chars, 0)
    # The column behind the last label is blank in every row: what follows the last character.
    labels = np.where(is_char, path.labels[chars], BLANK) if len(path.labels) else chars
    weight, classes = _weights(path, starts, frames, labels, classes_kept)
    before, behind = _prefixes_and_suffixes(path, starts, frames, labels, counts)

    # One item for each open character, then one for each gap.
    row, left = np.nonzero(is_char & windows.is_open[chars] if len(path.labels) else is_char)
    n = len(row)
    gap_row = np.repeat(np.arange(len(members)), counts + 1)
    gaps = np.arange(len(gap_row)) - np.repeat(np.cumsum(counts + 1) - counts - 1, counts + 1)
    char, gap = first[row] + left, first[gap_row] + gaps + windows.line[members][gap_row]
    row, left = np.concatenate((row, gap_row)), np.concatenate((left, gaps))
    right = left + (np.arange(len(row)) < n)

    enter_blank, enter_char = before.at(row, left)
    leave_blank, leave_char = behind.at(row, right)
    previous, following = labels[row, left - 1], labels[row, right]
    known = np.concatenate((classes, np.full((len(members), 1), -1)), axis=1)[row]
    total = _one_between(
        weight,
        row,
        (enter_blank[:-1], enter_char[:-1], (known != previous[:, None]).astype(np.float64)),
        (leave_blank[1:], leave_char[1:], (known != following[:, None]).astype(np.float64)),
        path.logits.shape[1] - 1 - classes.shape[1],
    )
    # Left out: from what is before it straight into what is behind, or to the end.
    skips = enter_blank[:, :n] + enter_char[:, :n] * (previous[:n] != following[:n])
    removed = (skips * behind.first_entry(row[:n], right[:n])).sum(axis=0)
    # A character beside its like is the same text on either side of it: counted on the far one.
    own = np.where(np.arange(len(row)) < n, labels[row, left], following)
    total[known == own[:, None]] = 0.0
    text = before.whole_text()[row]
    total /= text[:, None]
    return Sums(
        char=char,
        replaced=total[:n],
        removed=removed / text[:n],
        classes=classes[row[:n]],
        gap=gap,
        inserted=total[n:].sum(axis=1),
    )


def _weights(
    path: PagePath, starts: Indices, frames: Indices, labels: Indices, kept: int
) -> tuple[Floats, Indices]:
    """Likely classes (M, K) of each window, and the weights of these and of the rest.

    Returns:
        (W, M, K + 1) weights against each frame's best, zero behind the window's end; (M, K).
    """
    time = np.arange(int(frames.max()))[:, None]
    is_valid = time < frames
    where = np.where(is_valid, starts + time, starts)
    relative = path.logits[where]
    relative -= path.top[where][:, :, None]
    most = relative.max(axis=0)  # frames beyond the end repeat the first
    np.put_along_axis(most, labels, np.float32(np.inf), axis=1)  # the text's own are kept
    most[:, BLANK] = -np.inf
    kept = min(max(kept, labels.shape[1]), most.shape[1] - 1)
    classes = np.argpartition(most, -kept, axis=1)[:, -kept:]
    weight = np.exp(np.take_along_axis(relative, classes[None], axis=2).astype(np.float64))
    blank = np.exp(relative[:, :, BLANK].astype(np.float64))
    others = np.maximum(1.0 + path.odds[where] - blank - weight.sum(axis=2), 0.0)
    weight = np.concatenate((weight, others[:, :, None]), axis=2)
    weight[~is_valid] = 0.0
    return weight, np.asarray(classes, np.int64)


_Edge = tuple[Floats, Floats, Floats]


def _one_between(weight: Floats, row: Indices, enter: _Edge, leave: _Edge, unlikely: int) -> Floats:
    """(Q, K + 1) summed over all first and last frames of one more character, of each class.

    The last column stands for `unlikely` classes: of their common weight in one frame only that
    share goes on to the next which is of the same class.

    Args:
        weight: (W, M, K + 1) of the classes in each window.
        row: (Q,) whose windows are meant.
        enter: (W, Q) sums that end before each frame in the gap and in the character before it,
            and (Q, K + 1) 1 where a class may follow that character at once, else 0.
        leave: the same of what begins behind each frame.
        unlikely: how many classes the last column stands for.
    """
    running, total = np.zeros((2, len(row), weight.shape[2]))
    # Frame by frame in the same small arrays: those of all frames would not fit into the cache.
    step = np.empty_like(running)
    for t in range(len(weight)):
        running[:, -1] /= max(1, unlikely)
        running += _edge(enter, t, step)
        running *= weight[t].take(row, axis=0, out=step)
        step = _edge(leave, t, step)
        step *= running
        total += step
    return total


def _edge(edge: _Edge, t: int, out: Floats) -> Floats:
    """(Q, K + 1) sums at frame t for each class, written into `out`."""
    blank, char, may_touch = edge
    np.multiply(char[t, :, None], may_touch, out=out)
    out += blank[t, :, None]
    return out


class _Side:
    """Sums over the paths of all beginnings (or, seen from the end, of all ends) of the texts.

    State 2 k is the blank before character k, state 2 k + 1 character k.
    """

    def __init__(self, sums: Floats, frames: Indices, counts: Indices, *, from_end: bool) -> None:
        self._sums = sums  # (W + 1, M, S): paths of the first frames (of W none) to each state
        self._frames = frames
        self._counts = counts
        self._from_end = from_end

    def at(self, row: Indices, gap: Indices) -> tuple[Floats, Floats]:
        """(W + 1, Q) sums that end before frame t (begin at t) in a gap, or next to it.

        Returns:
            Those in the blank of the gap, those in the character on this side of it.
        """
        char = self._counts[row] - gap if self._from_end else gap
        if self._from_end:
            passed = self._frames[row] - np.arange(len(self._sums))[:, None]
        else:
            passed = np.broadcast_to(
                np.arange(len(self._sums))[:, None], (len(self._sums), len(row))
            )
        is_there = passed >= 0
        time = np.maximum(passed, 0)
        blank = np.where(is_there, self._sums[time, row, 2 * char], 0.0)
        beside = np.where(is_there & (char > 0), self._sums[time, row, 2 * char - 1], 0.0)
        return blank, beside

    def first_entry(self, row: Indices, gap: Indices) -> Floats:
        """(W + 1, Q) ends that begin at frame t with the character behind a gap, or are empty."""
        _, char = self.at(row, gap)
        at_end = np.arange(len(self._sums))[:, None] == self._frames[row]
        return np.where((gap == self._counts[row]) & at_end, 1.0, char)

    def whole_text(self) -> Floats:
        """(M,) the sum over all paths of the text."""
        row = np.arange(len(self._frames))
        last = self._sums[self._frames, row]
        state = 2 * self._counts
        ends = last[row, state] + np.where(self._counts > 0, last[row, state - 1], 0.0)
        return np.asarray(ends, np.float64)


def _prefixes_and_suffixes(
    path: PagePath, starts: Indices, frames: Indices, labels: Indices, counts: Indices
) -> tuple[_Side, _Side]:
    """Both passes in one: the second half of the batch is the first, seen from the end."""
    size, longest = len(frames), int(frames.max())
    places = np.maximum(counts[:, None] - 1 - np.arange(labels.shape[1]), 0)
    turned = np.take_along_axis(labels, places, axis=1)
    both = np.concatenate((labels, turned))[:, :-1]
    states = np.full((2 * size, 2 * both.shape[1] + 1), BLANK, np.int64)
    states[:, 1::2] = both
    time = np.arange(longest)[:, None]
    forward = starts + np.minimum(time, frames - 1)
    backward = starts + np.maximum(frames - 1 - time, 0)
    where = np.concatenate((forward, backward), axis=1)
    relative = path.logits[where[:, :, None], states] - path.top[where][:, :, None]
    emitted = np.exp(relative.astype(np.float64))
    may_skip = np.zeros(states.shape)
    may_skip[:, 3::2] = both[:, 1:] != both[:, :-1]
    sums = np.zeros((longest + 1, *states.shape))
    sums[0, :, 0] = 1.0
    sums[1, :, :2] = emitted[0, :, :2]
    for t in range(1, longest):
        now, was = sums[t + 1], sums[t]
        now += was
        now[:, 1:] += was[:, :-1]
        now[:, 2:] += was[:, :-2] * may_skip[:, 2:]
        now *= emitted[t]
    return (
        _Side(sums[:, :size], frames, counts, from_end=False),
        _Side(sums[:, size:], frames, counts, from_end=True),
    )
