"""The stretches of frames in which the network is not sure, cut out to be summed exactly.

Between two frames of which the network is sure every path that matters passes through both, so
that sums over a whole line are products of sums over such windows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import Flags, Indices, PagePath

#: A frame whose best class has the probability 0.999 is sure.
SURE_ODDS = 0.001 / 0.999
#: Frames that speak for another character with less than this need no sum of their own.
_STRAY_ODDS = 0.01
#: Longer windows are parted at their surest frame; also a bound for sums in float64.
MAX_FRAMES = 64


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Windows:
    """Frames start..end of the page; the characters first..last stand in them, whole or in part."""

    starts: Indices  # (M,)
    ends: Indices
    first: Indices
    last: Indices
    line: Indices
    #: (N,) characters to be judged: they have no sure frame, or are perhaps one with the next.
    is_open: Flags
    is_inside: Flags  # (F,) frames of any window


def cut_windows(
    path: PagePath, sure_odds: float = SURE_ODDS, max_frames: int = MAX_FRAMES
) -> Windows:
    """The windows of a page, one sure frame (where there is one) on either side."""
    is_doubtful = (path.odds > sure_odds) | path.is_rewritten
    is_open = least_odds(path) > sure_odds
    is_open |= _wavering_doubles(path, is_doubtful)
    spans = _stretches(path, is_doubtful, _seeds(path, is_open, min(_STRAY_ODDS, sure_odds * 10)))
    spans = [part for span in spans for part in _parted(path, *span, max_frames)]
    starts, ends = np.array(spans, np.int64).reshape(-1, 2).T
    is_inside = np.zeros(len(path.odds) + 1, np.int64)
    np.add.at(is_inside, starts, 1)
    np.add.at(is_inside, ends, -1)
    return Windows(
        starts=starts,
        ends=ends,
        first=np.searchsorted(path.ends, starts, "right"),
        last=np.searchsorted(path.starts, ends, "left"),
        line=np.searchsorted(path.lines, starts, "right") - 1,
        is_open=is_open,
        is_inside=np.cumsum(is_inside)[:-1] > 0,
    )


def least_odds(path: PagePath) -> npt.NDArray[np.float32]:
    """(N,) odds in each character's surest frame."""
    # reduceat over start, end, start, ...: every second value is a character's.
    bounds = np.stack([path.starts, path.ends], axis=1).ravel()
    odds = np.where(path.is_rewritten, np.float32(1), path.odds)  # the best class is not read there
    padded = np.concatenate((odds, [np.float32(np.inf)]))
    return np.minimum.reduceat(padded, bounds)[::2] if len(bounds) else np.zeros(0, np.float32)


def _wavering_doubles(path: PagePath, is_doubtful: Flags) -> Flags:
    """(N,) characters beside their like with no sure blank between: the two may be one."""
    sure_blanks = np.concatenate(([0], np.cumsum(path.is_blank & ~is_doubtful)))
    between = sure_blanks[path.starts[1:]] - sure_blanks[path.ends[:-1]]
    line = path.line_of_chars()
    merges = (path.labels[1:] == path.labels[:-1]) & (between == 0) & (line[1:] == line[:-1])
    found = np.zeros(len(path.labels), np.bool_)
    found[:-1] |= merges
    found[1:] |= merges
    return found


def _seeds(path: PagePath, is_open: Flags, stray_odds: float) -> Flags:
    """(F,) frames for whose sake a window is cut.

    Those of open characters, those that speak for another character than is read there, and those
    amid a character that may be a gap between two.
    """
    marks = np.zeros(len(path.odds) + 2, np.int64)
    np.add.at(marks, np.maximum(path.starts[is_open] - 1, 0), 1)
    np.add.at(marks, path.ends[is_open] + 1, -1)
    seeds = (np.cumsum(marks)[:-2] > 0) | (path.stray_odds > stray_odds)
    amid = ~path.is_blank
    amid[path.starts] = False
    amid[path.ends - 1] = False
    return np.asarray(seeds | amid, np.bool_)


def _stretches(path: PagePath, is_doubtful: Flags, seeds: Flags) -> list[tuple[int, int]]:
    """Runs of doubtful frames that hold a seed, widened by a frame, none across lines."""
    inside = is_doubtful.copy()
    inside[1:] |= is_doubtful[:-1]
    inside[:-1] |= is_doubtful[1:]
    edge = np.zeros(len(inside) + 1, np.bool_)
    edge[1:-1] = inside[1:] != inside[:-1]
    edge[path.lines] = True
    edges = np.flatnonzero(edge)
    starts, ends = edges[:-1], edges[1:]
    counts = np.concatenate(([0], np.cumsum(seeds & is_doubtful)))
    kept = inside[starts] & (counts[ends] > counts[starts])
    return list(zip(starts[kept].tolist(), ends[kept].tolist(), strict=True))


def _parted(path: PagePath, start: int, end: int, max_frames: int) -> list[tuple[int, int]]:
    parts = []
    while end - start > max_frames:
        low = start + max_frames // 2
        cut = low + int(path.odds[low : start + max_frames - 1].argmin())
        parts.append((start, cut + 1))
        start = cut
    return [*parts, (start, end)]
