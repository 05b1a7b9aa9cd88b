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
    is_weighed = (doubt.odds > _WEIGHED_FROM) & (doubt.others[:, :1] > 0).any(axis=1)
    places = np.flatnonzero(is_weighed & ~page.in_addresses())
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
    firsts = np.cumsum([0, *counts], dtype=np.int64)[:-1]
    gained = np.clip(weights - np.repeat(weights[firsts], counts), -_MOST, _MOST)
    ratios = np.exp(_SHARE * gained)
    odds, removed, other_odds = doubt.odds.copy(), doubt.removed.copy(), doubt.other_odds.copy()
    others = doubt.others.copy()
    # Alternatives stand first in their row, so that row by row they are as in the texts.
    is_other = others[places] > 0
    of_others = np.ones(len(ratios), np.bool_)
    of_others[firsts] = of_others[firsts + 1] = False  # the character itself, and without it
    weighed = np.zeros(is_other.shape)
    weighed[is_other] = other_odds[places][is_other] * ratios[of_others]
    told = other_odds[places].sum(axis=1) + removed[places]
    removed[places] *= ratios[firsts + 1]
    order = np.argsort(-weighed, axis=1, kind="stable")
    others[places] = np.take_along_axis(others[places], order, axis=1)
    other_odds[places] = np.take_along_axis(weighed, order, axis=1)
    odds[places] = np.maximum(odds[places] - told, 0.0) + removed[places] + weighed.sum(axis=1)
    return replace(doubt, odds=odds, removed=removed, others=others, other_odds=other_odds)
