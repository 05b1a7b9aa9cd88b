"""Doubtful windows read again with what a language expects.

Where the network wavers, the texts that it has some weight for are held against what usually
stands between the characters around them (shallow fusion: the logarithm of the network's weight
plus a share of the language model's). Windows that it is sure of are never looked at, and every
place that then reads otherwise is named with what the network alone had read. Confidences of
doubtful characters are weighed in the same way.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from pipeline.ctc.beam import doubtful_windows, keeps_edges, read_likeliest
from pipeline.ctc.dash_runs import settle_dashes
from pipeline.ctc.doubt import PageDoubt, doubt_page
from pipeline.ctc.expected_doubt import weigh
from pipeline.ctc.page_text import PageText
from pipeline.ctc.path import Indices, PagePath
from pipeline.ctc.rewriting import merged, rewritten
from pipeline.ctc.texts import Text, likely_texts, text_weight
from pipeline.ctc.windows import Windows, cut_windows
from pipeline.ctc.word_case import settle_case
from pipeline.language.model import CONTEXT, LanguageModel
from pipeline.vocabulary import decode

#: Odds against a character, or for one in a gap, from which a window is read again: where the
#: network gives what it read 97 parts in a hundred, no language is asked.
LANGUAGE_ODDS: Final = 0.03
#: Odds up to which a frame parts windows. Those that are summed are parted by surer ones and may
#: hold thirty characters: whose texts a beam would have to hold all together.
_SURE_ODDS: Final = 0.03
_BEAM: Final = 16
_LEAST: Final = 3e-3
#: Texts whose weight is less than this part of the best one's are dropped (logarithm).
_LEAST_WEIGHT: Final = -7.0
#: Readings of windows near each other that are followed together.
_HYPOTHESES: Final = 8
#: Alternatives of a doubtful character that are held against what the language says, and among
#: which other forms of a quote are looked for.
_LEAST_ALTERNATIVES: Final = 4

#: Number of a character of the page, and what the network alone had read there.
Change = tuple[int, str]


def read_page(
    path: PagePath, language: LanguageModel | None, alternatives: int
) -> tuple[PagePath, PageDoubt, list[Change]]:
    """The lines of a page as read, what speaks against it, and what its surroundings changed.

    Args:
        path: the best one of the network's frames.
        language: what is expected, of the case of words too; None: the network alone reads.
        alternatives: how many other classes are kept of a character that is in doubt, if not some
            more that are weighed anyway.
    """
    path, doubt = read_likeliest(path, max(alternatives, _LEAST_ALTERNATIVES))
    if language is None:
        return path, doubt, []
    path, doubt, changes = read_expected(path, doubt, language)
    for settle in (settle_case, settle_dashes):
        path, doubt, settled = settle(path, doubt)
        named = {number for number, _ in changes}
        changes += [change for change in settled if change[0] not in named]
    return path, doubt, changes


def read_expected(
    path: PagePath, doubt: PageDoubt, language: LanguageModel
) -> tuple[PagePath, PageDoubt, list[Change]]:
    """The lines as language and network together read them.

    Args:
        path: as the network alone reads them (`read_likeliest`).
        doubt: of `path`, with some alternatives.
        language: what is expected.

    Returns:
        The path; its doubt, weighed; what was changed, by number of the new path's characters.
    """
    windows = cut_windows(path, _SURE_ODDS)
    chosen = _choose(path, windows, doubtful_windows(windows, doubt, LANGUAGE_ODDS), language)
    if not chosen:
        return path, weigh(path, doubt, language), []
    found = [(m, np.array(text, np.int64)) for m, text in chosen]
    better = rewritten(path, windows, found)
    lines = np.unique(windows.line[[m for m, _ in chosen]])
    again = doubt_page(better.of_lines(lines), alternatives=doubt.others.shape[1])
    changes = _changes(path, windows, chosen)
    return better, weigh(better, merged(path, doubt, better, again, lines), language), changes


@dataclass(slots=True, kw_only=True)
class _Chain:
    """Windows of a line so near each other that they are each other's context."""

    before: str  # what stands before the first one, at least a character
    windows: list[int] = field(default_factory=list)
    #: What was chosen in each window so far, the text from the first one on, the network's weight.
    hypotheses: list[tuple[tuple[Text, ...], str, float]] = field(
        default_factory=lambda: [((), "", 0.0)]
    )


def _choose(
    path: PagePath, windows: Windows, doubtful: Sequence[int], language: LanguageModel
) -> list[tuple[int, Text]]:
    """Windows that read otherwise, ascending, with their texts."""
    page = PageText(path)
    chains = _chains(page, windows, _foretold(page, windows, doubtful))
    for step in range(max((len(c.windows) for c in chains), default=0)):
        growing = [chain for chain in chains if len(chain.windows) > step]
        grown = [_grow(path, page, windows, chain, step) for chain in growing]
        texts = [
            chain.before + body + behind
            for chain, (hypotheses, behind) in zip(growing, grown, strict=True)
            for _, body, _ in hypotheses
        ]
        skip = [len(c.before) for c, (h, _) in zip(growing, grown, strict=True) for _ in h]
        expected = iter(language.log_weight(texts, skip).tolist())
        for chain, (hypotheses, _) in zip(growing, grown, strict=True):
            ranked = sorted(((next(expected) + h[2], h) for h in hypotheses), key=lambda e: -e[0])
            chain.hypotheses = [h for _, h in ranked[:_HYPOTHESES]]
    return sorted(
        (m, text)
        for chain in chains
        for m, text in zip(chain.windows, chain.hypotheses[0][0], strict=True)
        if text != _labels(path, windows, m)
    )


def _foretold(page: PageText, windows: Windows, doubtful: Sequence[int]) -> list[int]:
    """The windows that a language knows something of: those outside addresses."""
    # A window without characters is in an address if both its neighbours are.
    inside = np.concatenate(([False], page.in_addresses(), [False]))
    return [
        m
        for m in doubtful
        for first, last in [(int(windows.first[m]) + 1, int(windows.last[m]) + 1)]
        if not (inside[first:last].any() or (inside[first - 1] and inside[last]))
    ]


def _chains(page: PageText, windows: Windows, doubtful: Sequence[int]) -> list[_Chain]:
    chains: list[_Chain] = []
    line, done = -1, 0
    for m in doubtful:
        first, last = int(windows.first[m]), int(windows.last[m])
        is_near = windows.line[m] == line and first < done + CONTEXT
        if is_near and first < done:  # shares a character with the window before
            continue
        if not is_near:
            line = int(windows.line[m])
            chains.append(_Chain(before=page.before(line, first)))
        chains[-1].windows.append(m)
        done = last
    return chains


def _grow(
    path: PagePath, page: PageText, windows: Windows, chain: _Chain, step: int
) -> tuple[list[tuple[tuple[Text, ...], str, float]], str]:
    """All hypotheses with each text of one more window, and what stands behind it for sure."""
    m = chain.windows[step]
    line, first, last = int(windows.line[m]), int(windows.first[m]), int(windows.last[m])
    between = page.text[int(windows.last[chain.windows[step - 1]]) : first] if step else ""
    behind = page.behind(line, last)
    if step + 1 < len(chain.windows):
        behind = behind[: int(windows.first[chain.windows[step + 1]]) - last]
    texts = _texts(path, windows, m)
    grown = [
        ((*choice, text), body + between + spelled, weight + more)
        for choice, body, weight in chain.hypotheses
        for text, spelled, more in texts
    ]
    return grown, behind


def _texts(path: PagePath, windows: Windows, m: int) -> list[tuple[Text, str, float]]:
    """What may stand in a window: classes, spelled, logarithm of the network's weight."""
    frames = path.logits[windows.starts[m] : windows.ends[m]]
    was = _labels(path, windows, m)
    weights = likely_texts(frames, _BEAM, _LEAST)
    best, most = next(iter(weights.items()))
    if was not in weights:
        weights[was] = most * text_weight(frames, was) / max(text_weight(frames, best), 1e-300)
    found = [
        (text, decode(list(text)), math.log(max(weight / most, 1e-300)))
        for text, weight in weights.items()
        if text == was or keeps_edges(path, windows, m, text)
    ]
    return [entry for entry in found if entry[2] > _LEAST_WEIGHT or entry[0] == was]


def _labels(path: PagePath, windows: Windows, m: int) -> Text:
    return tuple(path.labels[windows.first[m] : windows.last[m]].tolist())


def _changes(path: PagePath, windows: Windows, chosen: Sequence[tuple[int, Text]]) -> list[Change]:
    """Places of the new path that read otherwise, each with what stood there.

    Where characters went and none came, the character before them is named together with them, at
    the beginning of a line the one behind.
    """
    text = decode(path.labels.tolist())
    changes: list[Change] = []
    moved = 0
    for m, labels in chosen:
        first, last = int(windows.first[m]), int(windows.last[m])
        was, now = text[first:last], decode(list(labels))
        same, rest = _same_ends(was, now)
        begin, end, place = first + same, last - rest, first + same + moved
        if len(was) == len(now):
            changes += [(first + k + moved, was[k]) for k in range(len(now)) if was[k] != now[k]]
        elif same + rest < len(now):
            changes.append((place, text[begin:end]))
        elif begin > path.chars[windows.line[m]]:
            changes.append((place - 1, text[begin - 1 : end]))
        else:
            changes.append((place, text[begin : end + 1]))
        moved += len(now) - len(was)
    return changes


def _same_ends(was: str, now: str) -> tuple[int, int]:
    """How many characters two texts begin with alike, and end with behind these.

    >>> _same_ends("the rn", "the m"), _same_ends("aab", "ab")
    ((4, 0), (1, 1))
    """
    most = min(len(was), len(now))
    same = next((k for k in range(most) if was[k] != now[k]), most)
    rest = 0
    while rest < most - same and was[-1 - rest] == now[-1 - rest]:
        rest += 1
    return same, rest


def of_line(changes: Sequence[Change], kept: Indices) -> tuple[tuple[int, str], ...]:
    """Changes of one line, by position among the characters of the page that are kept of it."""
    if not changes:
        return ()
    position = {k: number for number, k in enumerate(kept.tolist())}
    return tuple((position[k], seen) for k, seen in changes if k in position)
