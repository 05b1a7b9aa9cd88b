"""What a page's languages say of its letters: foreign ones are held back, old ones expected."""

from __future__ import annotations

from typing import Final

import numpy as np

from pipeline.ctc.path import PagePath, spelled_anew
from pipeline.language.letters import letter_table

#: From which weight on a letter is foreign.
_FOREIGN: Final = -0.5


def with_letters_of_page(path: PagePath) -> PagePath:
    """The best path once letters need as much more evidence as they are rare on this page.

    Args:
        path: of the whole page; its logits are changed in place.
    """
    if not len(path.labels):
        return path
    line = path.line_of_chars()
    weight = letter_table().weights(path.labels, line)
    expected = np.flatnonzero(weight > 0)
    if len(expected):
        path.logits[:, expected] += weight[expected].astype(np.float32)
        path = spelled_anew(path, range(len(path.lines) - 1))
        line = path.line_of_chars()
    foreign = np.flatnonzero(weight < _FOREIGN)
    is_foreign = np.zeros(len(weight), np.bool_)
    is_foreign[foreign] = True
    lines = np.unique(line[is_foreign[path.labels]]).tolist()
    for k in lines:
        frames = slice(int(path.lines[k]), int(path.lines[k + 1]))
        path.logits[frames, foreign] += weight[foreign].astype(np.float32)
    return spelled_anew(path, lines) if lines else path
