"""How sure each character is when a language says what it expects, before calibration."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.page_text import PageText
from pipeline.ctc.path import PagePath
from pipeline.language.model import LanguageModel
from pipeline.vocabulary import CHARACTERS

#: Characters with less against them are as sure as the network says.
_WEIGHED_FROM: Final = 0.01
#: A language may not multiply odds by more than this (logarithm).
_MOST: Final = 30.0
#: Share of the language's logarithm that counts for how sure a character is. What was chosen with
#: its help looks surer by it than it is: of 0, 1/4, ... 1 this had the least log loss on folds.
_SHARE: Final = 0.75


def weigh(path: PagePath, doubt: PageDoubt, language: LanguageModel) -> PageDoubt:
    """What speaks against each character, with what the language says of the line without it.

    Each alternative's odds are multiplied by how much likelier the language finds the line with
    it, those of the line without the character likewise; what is left, of characters that are not
    told apart, stays.
    """
    page = PageText(path)
    line = path.line_of_chars()
    places = np.flatnonzero((doubt.odds > _WEIGHED_FROM) & (doubt.others[:, :1] > 0).any(axis=1))
    texts: list[str] = []
    skip: list[int] = []
    counts: list[int] = []
    for k in places.tolist():
        before, behind = page.before(int(line[k]), k), page.behind(int(line[k]), k + 1)
        options = [page.text[k], "", *(CHARACTERS[c - 1] for c in doubt.others[k].tolist() if c)]
        texts += [before + option + behind for option in options]
        skip += [len(before)] * len(options)
        counts.append(len(options))
    weights = language.log_weight(texts, skip)
    odds, removed, other_odds = doubt.odds.copy(), doubt.removed.copy(), doubt.other_odds.copy()
    others = doubt.others.copy()
    ends = np.cumsum(counts, dtype=np.int64)
    for k, begin, end in zip(places.tolist(), (ends - counts).tolist(), ends.tolist(), strict=True):
        gained = np.clip(weights[begin + 1 : end] - weights[begin], -_MOST, _MOST)
        ratios = np.exp(_SHARE * gained)
        told = doubt.other_odds[k].sum() + doubt.removed[k]
        removed[k] *= ratios[0]
        weighed = np.zeros(len(others[k]))
        weighed[: len(ratios) - 1] = other_odds[k][: len(ratios) - 1] * ratios[1:]
        order = np.argsort(-weighed, kind="stable")
        others[k], other_odds[k] = others[k][order], weighed[order]
        odds[k] = max(odds[k] - told, 0.0) + removed[k] + weighed.sum()
    return replace(doubt, odds=odds, removed=removed, others=others, other_odds=other_odds)
