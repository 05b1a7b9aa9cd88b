"""A second look at windows in which another text may be likelier than the best path's.

The best path is the likeliest single path; a text is as likely as all its paths together. It is
looked for (`pipeline.ctc.texts`) in the windows where what speaks against a character or for a
missing one is as strong as what speaks for the reading.
"""

from __future__ import annotations

import numpy as np

from pipeline.ctc.doubt import PageDoubt, doubt_page
from pipeline.ctc.path import Indices, PagePath
from pipeline.ctc.rewriting import merged, rewritten
from pipeline.ctc.texts import Text, likeliest_text, text_weight
from pipeline.ctc.windows import Windows, cut_windows

#: Odds against a character, or for one in a gap, from which a window is searched: a text that
#: differs in one character can only be likelier from 1 on. Lower bounds found nothing more on the
#: calibration folds (docs/decisions/0015).
SEARCH_ODDS = 1.0
#: Of a page, in all the windows that are searched, the shortest first. Pages of text have 30 to
#: 800; one of stripes or noise, where every line is in doubt, would take half a minute.
_MOST_FRAMES = 4_000


def read_likeliest(path: PagePath, alternatives: int = 0) -> tuple[PagePath, PageDoubt]:
    """The lines of a page as read, and what speaks against it.

    Args:
        path: the best one of its lines.
        alternatives: how many other classes are kept of each character that is in doubt.
    """
    doubt = doubt_page(path, alternatives=alternatives)
    better, changed = search_beams(path, doubt)
    if len(changed) == 0:
        return path, doubt
    # Only lines that now read otherwise are summed again.
    again = doubt_page(better.of_lines(changed), alternatives=alternatives)
    return better, merged(path, doubt, better, again, changed)


def search_beams(
    path: PagePath, doubt: PageDoubt, search_odds: float = SEARCH_ODDS
) -> tuple[PagePath, Indices]:
    """The path with likelier texts where there are any.

    Args:
        path: lines as the best path reads them.
        doubt: of `path`.
        search_odds: windows with this much doubt are searched.

    Returns:
        The path, and the lines that now read otherwise (ascending). Characters of their windows
        are open: their odds come from sums.
    """
    windows = cut_windows(path)
    found: list[tuple[int, Indices]] = []
    done = 0
    for m in doubtful_windows(windows, doubt, search_odds):
        first, last = int(windows.first[m]), int(windows.last[m])
        if first < done:  # shares a character with a window that was rewritten
            continue
        frames = path.logits[windows.starts[m] : windows.ends[m]]
        was = tuple(path.labels[first:last].tolist())
        text = likeliest_text(frames)
        if text == was or not keeps_edges(path, windows, m, text):
            continue
        # The beam forgets paths of both texts: only the whole sums can tell which is likelier.
        if text_weight(frames, text) > text_weight(frames, was):
            found.append((m, np.array(text, np.int64)))
            done = last
    if not found:
        return path, np.zeros(0, np.int64)
    return rewritten(path, windows, found), np.unique(windows.line[[m for m, _ in found]])


def doubtful_windows(windows: Windows, doubt: PageDoubt, search_odds: float) -> list[int]:
    """Windows with so much doubt in them, ascending; of a page of doubt only the shortest ones."""
    chars = np.concatenate(([0], np.cumsum(doubt.odds > search_odds)))
    gaps = np.concatenate(([0], np.cumsum(doubt.gap_odds > search_odds)))
    in_chars = chars[windows.last] - chars[windows.first]
    in_gaps = gaps[windows.last + windows.line + 1] - gaps[windows.first + windows.line]
    doubtful = np.flatnonzero(in_chars + in_gaps)
    frames = (windows.ends - windows.starts)[doubtful]
    shortest = np.argsort(frames, kind="stable")
    bearable = shortest[np.cumsum(frames[shortest]) <= _MOST_FRAMES]
    return [int(m) for m in np.sort(doubtful[bearable])]


def keeps_edges(path: PagePath, windows: Windows, m: int, text: Text) -> bool:
    """Whether characters that go on beyond the window are the same in the text.

    No text leaves a line without any: what stands alone is doubted, and not taken away.
    """
    first, last = int(windows.first[m]), int(windows.last[m]) - 1
    if first > last:
        return True
    begins, ends = path.chars[windows.line[m]], path.chars[windows.line[m] + 1]
    if not text and first == begins and last + 1 == ends:
        return False
    goes_left = path.starts[first] < windows.starts[m]
    goes_right = path.ends[last] > windows.ends[m]
    if (goes_left or goes_right) and not text:
        return False
    if first == last and goes_left and goes_right:
        return False
    keeps_left = not goes_left or text[0] == path.labels[first]
    return bool(keeps_left and (not goes_right or text[-1] == path.labels[last]))
