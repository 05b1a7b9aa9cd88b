"""Glyphs of a page's lines, and the cuts and joins of doubtful ones, as the network sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.engines.candidates import Candidate, further, singles
from pipeline.engines.engine import LineImage
from pipeline.engines.pieces import box_around, crop
from pipeline.glyph_image import normalise_glyphs
from pipeline.line_knowledge.twins import twin_matrix
from pipeline.runtime.protocol import GlyphClassifier

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]

#: Lines beyond this number of glyphs are not read: the page is noise (a newspaper page has less).
MAX_GLYPHS: Final = 40_000
#: Cuts and joins of a page; print needs about one a glyph, so that only noise runs out of them.
#: Lines behind are read without.
MAX_FURTHER: Final = 15_000
#: Pictures that are made and classified at a time, so that a page of noise takes no memory.
_CHUNK: Final = 1024
_MOSTLY_REJECTED: Final = 0.6  # mean reject probability of a line that is dirt


@dataclass(slots=True)
class SeenLine:
    """One line on its way: candidates with their probabilities, then the chosen ones."""

    line: LineImage
    candidates: list[Candidate]
    characters: Floats  # (S, C) probability of each class, its twins of shape included
    rejected: Floats  # (S,) that a candidate is no single character
    path: Indices  # (N,) the candidates that were chosen, from left to right

    def boxes(self) -> Floats:
        """(N, 4) x0, y0, x1, y1 of the chosen ones, px of the crop."""
        found = [box_around(self.candidates[k].pieces) for k in self.path]
        return np.array(found, float).reshape(-1, 4)

    @property
    def is_dirt(self) -> bool:
        """Whether there is nothing to read: no glyphs, or most of them no characters."""
        return not self.candidates or float(self.rejected[self.path].mean()) > _MOSTLY_REJECTED


class GlyphSight:
    """Shows candidates to the network."""

    def __init__(self, classifier: GlyphClassifier) -> None:
        self._classifier = classifier
        self._twins = twin_matrix(classifier.classes)

    def see(self, lines: Sequence[LineImage]) -> list[SeenLine]:
        """All glyphs of the page in one call, then the further candidates in another."""
        left = MAX_GLYPHS
        seen = []
        for line in lines:
            candidates = singles(line) if len(line.glyphs) <= left else []
            left -= len(candidates)
            seen.append(
                SeenLine(
                    line=line,
                    candidates=candidates,
                    characters=np.zeros((0, len(self._classifier.classes))),
                    rejected=np.zeros(0),
                    path=np.arange(len(candidates)),
                )
            )
        self._classify(seen)
        left = MAX_FURTHER
        for reading in seen:
            if reading.is_dirt:
                continue
            sureness = reading.characters.max(axis=1, initial=0.0)
            candidates = further(reading.line, sureness.tolist())
            left -= len(candidates) - len(reading.candidates)
            if left >= 0:
                reading.candidates = candidates
        self._classify(seen)
        return seen

    def _classify(self, seen: Sequence[SeenLine]) -> None:
        """Classify the candidates of each line that have no probabilities yet."""
        wanted = [
            (reading.line, candidate.pieces)
            for reading in seen
            for candidate in reading.candidates[len(reading.characters) :]
        ]
        parts = [
            self._classifier.classify(normalise_glyphs([crop(*w) for w in wanted[k : k + _CHUNK]]))
            for k in range(0, max(len(wanted), 1), _CHUNK)
        ]
        found = np.vstack(parts).astype(np.float64)
        characters = found[:, : len(self._classifier.classes)] @ self._twins
        index = self._classifier.reject_index
        rejected = np.zeros(len(found)) if index is None else found[:, index]
        at = 0
        for reading in seen:
            behind = at + len(reading.candidates) - len(reading.characters)
            reading.characters = np.vstack([reading.characters, characters[at:behind]])
            reading.rejected = np.concatenate([reading.rejected, rejected[at:behind]])
            at = behind
