"""The case of letters that are drawn alike, in lines of one height whose neighbours show which.

`sows` alone in the cell of a table has the same picture as `SOWS`, and the network, which sees a
line without what is around it, cannot tell them apart. The lines beside it can
(`pipeline.letter_heights`). Only what the two letters of a pair have together is shared out anew:
how likely a place is one of the two, the picture says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import PagePath, spelled_anew
from pipeline.engines.engine import LetterSize, LineImage
from pipeline.vocabulary import CHARACTERS, INDEX

Logits = npt.NDArray[np.float32]

#: Small letters that are drawn as their capitals are.
_ALIKE: Final = "copsuvwxz"
#: Letters and digits whose shape alone says that they are high, or low.
_HIGH: Final = frozenset("bdfhklt123456789ABDEFGHIJLMNQRTY")
_LOW: Final = frozenset("aegmnqry")
#: How much likelier one height makes one case than the other, as a logarithm: heights are measured
#: well, but whether the neighbours are set in the same size is a guess.
_EVIDENCE: Final = 6.0


def with_letters_of_size(lines: Sequence[LineImage], path: PagePath) -> PagePath:
    """The best path once `c o p s u v w x z` are in the case that their height says.

    Args:
        lines: of the page.
        path: of the same lines; its logits are changed in place.
    """
    changed = []
    for k, line in enumerate(lines):
        text = [CHARACTERS[n - 1] for n in path.labels[path.chars[k] : path.chars[k + 1]]]
        if line.letters_are is None or not text or _is_denied(line.letters_are, text):
            continue
        frames = path.logits[path.lines[k] : path.lines[k + 1]]
        small_by = _EVIDENCE if line.letters_are == "small" else -_EVIDENCE
        for char in _ALIKE:
            _share_out(frames, INDEX[char], INDEX[char.upper()], small_by)
        if small_by > 0 and _is_word(text):  # nor is a nought as low as an o
            _share_out(frames, INDEX["o"], INDEX["0"], small_by)
        changed.append(k)
    return spelled_anew(path, changed) if changed else path


def _is_denied(size: LetterSize, text: Sequence[str]) -> bool:
    """Whether letters that cannot be mistaken say otherwise than the neighbours do."""
    other = _HIGH if size == "small" else _LOW
    return not other.isdisjoint(text)


def _is_word(text: Sequence[str]) -> bool:
    """Whether a line is no number: figures of old type are as low as small letters."""
    return any(char.isalpha() and char not in "oO" for char in text)


def _share_out(frames: Logits, one: int, other: int, by: float) -> None:
    """Make a class likelier than another by `by`, in logits; their sum stays."""
    a, b = frames[:, one], frames[:, other]
    if np.isneginf(a[0]) or np.isneginf(b[0]):  # one of them is shut out by --classes
        return
    both = np.logaddexp(a, b)
    ahead = a - b + np.float32(by)
    frames[:, one] = both - np.logaddexp(0, -ahead)
    frames[:, other] = both - np.logaddexp(0, ahead)
