"""Other texts put into the windows of a path, and the doubt of lines that were read again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import Indices, Logits, PagePath
from pipeline.ctc.windows import Windows
from pipeline.vocabulary import BLANK


def best_alignment(logits: Logits, text: Indices) -> tuple[Indices, Indices]:
    """First frame and one behind the last of each character on the text's likeliest path.

    Args:
        logits: (T, C) frames that can spell the text.
        text: (N,) classes.
    """
    states = np.full(2 * len(text) + 1, BLANK, np.int64)
    states[1::2] = text
    emitted = logits[:, states].astype(np.float64)
    may_skip = np.zeros(len(states), np.bool_)
    may_skip[3::2] = text[1:] != text[:-1]
    score = np.full(len(states), -np.inf)
    score[:2] = emitted[0, :2]
    came = np.zeros(emitted.shape, np.int64)
    for t in range(1, len(logits)):
        one = np.concatenate(([-np.inf], score[:-1]))
        two = np.where(
            may_skip, np.concatenate(([-np.inf, -np.inf], score))[: len(states)], -np.inf
        )
        options = np.stack([score, one, two])
        came[t] = options.argmax(axis=0)
        score = options.max(axis=0) + emitted[t]
    state = len(states) - 1
    if len(text) and score[-2] > score[-1]:
        state -= 1
    starts, ends = np.zeros(len(text), np.int64), np.zeros(len(text), np.int64)
    for t in range(len(logits) - 1, -1, -1):
        if state % 2:
            starts[state // 2] = t
            ends[state // 2] = max(ends[state // 2], t + 1)
        state -= int(came[t, state])
    return starts, ends


def rewritten(path: PagePath, windows: Windows, found: list[tuple[int, Indices]]) -> PagePath:
    """The path with other texts in some windows: (number of the window, classes), ascending."""
    labels, starts, ends = [], [], []
    is_rewritten = path.is_rewritten.copy()
    counts = np.diff(path.chars)
    upto = 0
    for m, text in found:
        first, last = int(windows.first[m]), int(windows.last[m])
        low, high = int(windows.starts[m]), int(windows.ends[m])
        begins, stops = best_alignment(path.logits[low:high], text)
        begins, stops = begins + low, stops + low
        if last > first and len(text):  # characters that go on beyond the window stay whole
            begins[0] = (
                min(begins[0], path.starts[first]) if path.starts[first] < low else begins[0]
            )
            stops[-1] = (
                max(stops[-1], path.ends[last - 1]) if path.ends[last - 1] > high else stops[-1]
            )
        labels += [path.labels[upto:first], text]
        starts += [path.starts[upto:first], begins]
        ends += [path.ends[upto:first], stops]
        upto = last
        counts[windows.line[m]] += len(text) - (last - first)
        is_rewritten[low + 1 : high - 1] = True
    return replace(
        path,
        labels=np.concatenate([*labels, path.labels[upto:]]),
        starts=np.concatenate([*starts, path.starts[upto:]]),
        ends=np.concatenate([*ends, path.ends[upto:]]),
        chars=np.concatenate(([0], np.cumsum(counts))),
        is_rewritten=is_rewritten,
    )


def merged(
    path: PagePath, doubt: PageDoubt, better: PagePath, again: PageDoubt, changed: Indices
) -> PageDoubt:
    """`doubt` with the lines `changed` from `again`, which is of these lines alone."""
    parts = []
    at = 0
    places = dict(zip(changed.tolist(), range(len(changed)), strict=True))
    for line in range(len(path)):
        if line in places:
            count = int(better.chars[line + 1] - better.chars[line])
            parts.append((again, at, count, at + places[line]))
            at += count
        else:
            first, last = int(path.chars[line]), int(path.chars[line + 1])
            parts.append((doubt, first, last - first, first + line))
    return PageDoubt(
        odds=np.concatenate([d.odds[a : a + n] for d, a, n, _ in parts]),
        gap_odds=np.concatenate([d.gap_odds[g : g + n + 1] for d, _, n, g in parts]),
        removed=np.concatenate([d.removed[a : a + n] for d, a, n, _ in parts]),
        others=np.concatenate([d.others[a : a + n] for d, a, n, _ in parts]),
        other_odds=np.concatenate([d.other_odds[a : a + n] for d, a, n, _ in parts]),
    )
