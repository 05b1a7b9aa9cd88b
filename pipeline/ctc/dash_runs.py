"""Dashes side by side are of one kind: what is read as `-–` are the two hyphens of a typewriter.

Hyphen and dash differ in length alone, and where two touch neither end shows. No printer sets
different ones side by side.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pipeline.ctc.doubt import PageDoubt
from pipeline.ctc.path import PagePath
from pipeline.ctc.turned import turned_doubt
from pipeline.vocabulary import CHARACTERS, INDEX, decode

_IS_DASH: Final = np.array([False, *(char in "-–—" for char in CHARACTERS)])


def settle_dashes(
    path: PagePath, doubt: PageDoubt
) -> tuple[PagePath, PageDoubt, list[tuple[int, str]]]:
    """The lines with hyphens where different dashes stood side by side.

    Args:
        path: as read.
        doubt: of `path`.

    Returns:
        The path; its doubt; numbers of the characters that were changed, with what stood there.
    """
    dashes = np.flatnonzero(_IS_DASH[path.labels])
    line = path.line_of_chars()[dashes]
    begins = np.concatenate(([True], (np.diff(dashes) > 1) | (np.diff(line) > 0)))[: len(dashes)]
    firsts = np.flatnonzero(begins)
    if not len(firsts):
        return path, doubt, []
    kinds = path.labels[dashes]
    is_mixed = np.minimum.reduceat(kinds, firsts) != np.maximum.reduceat(kinds, firsts)
    hyphen = INDEX["-"]
    places = dashes[is_mixed[np.cumsum(begins) - 1] & (kinds != hyphen)]
    labels = path.labels.copy()
    labels[places] = hyphen
    doubt = turned_doubt(path.labels, places, labels[places], doubt)
    seen = decode(path.labels[places].tolist())
    return replace(path, labels=labels), doubt, list(zip(places.tolist(), seen, strict=True))
