"""Doubtful characters of a line, shown to the character network one by one.

The line network sees a line 32 px high, the character network each character as large as it was
scanned, and they err in different places. Where the line network doubts a character, what the other
one says of its ink is added to the logits of its frames: a product of experts (Hinton 2002), in
which the second counts by a share, for both have seen the same ink. Decoding, language and
confidences then work on these frames as on any others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from pipeline.ctc.path import PagePath, spelled_anew
from pipeline.ctc.windows import least_odds
from pipeline.engines.engine import LineImage
from pipeline.engines.pieces import Piece, crop
from pipeline.glyph_image import normalise_glyphs
from pipeline.line_boxes import character_boxes
from pipeline.line_knowledge.twins import twin_matrix
from pipeline.runtime.classifier import load_classifier
from pipeline.runtime.protocol import GlyphClassifier
from pipeline.vocabulary import CHARACTERS, INDEX
from pipeline.weights import find_model

Floats = npt.NDArray[np.float64]

#: Odds against a character in its surest frame from which it is looked at again.
ASK_FROM: Final = 0.2
#: How much the logarithms of the second network count; chosen on the calibration folds by
#: `python -m training.lines second-look`.
SHARE: Final = 0.3
#: The least probability that is believed: the int8 network errs more often than it says.
_LEAST: Final = 3e-3
#: A picture that is more likely no single character than one says nothing.
_MOST_REJECTED: Final = 0.5
#: Of a page; a page of hand print has six hundred, more have only pages of noise.
_MOST_CHARACTERS: Final = 3_000
#: A piece of ink belongs to a character that covers this share of its columns, or whose own
#: columns it covers by half.
_OWN_COLUMNS: Final = 0.35
_COVERING: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """A doubtful character."""

    frames: slice  # of the page, half-way to the characters on either side
    column: int  # of the classifier's answer: what was read
    picture: npt.NDArray[np.uint8]  # gray, its ink alone


class SecondLook:
    """The character network asked about single characters of lines."""

    def __init__(self, classifier: GlyphClassifier, share: float = SHARE) -> None:
        self._classifier = classifier
        self._share = share
        self._twins = twin_matrix(classifier.classes)
        self._column = {char: k for k, char in enumerate(classifier.classes)}
        self._outputs = np.array([INDEX[char] for char in classifier.classes])

    def weigh(
        self, lines: Sequence[LineImage], steps_px: Sequence[float], path: PagePath
    ) -> PagePath:
        """The best path once the character network has said what it sees.

        Args:
            lines: of a page.
            steps_px: columns of each line's crop for one frame.
            path: the line network's; its logits are changed in place.
        """
        asked: list[_Asked] = []
        changed = []
        for k, found in self._doubtful(path):
            changed.append(k)
            asked += self._pictures(lines[k], steps_px[k], path, k, found)
            if len(asked) > _MOST_CHARACTERS:
                break
        if not asked:
            return path
        answers = self._classifier.classify(normalise_glyphs([a.picture for a in asked]))
        for each, shift in zip(asked, self._shifts(asked, answers), strict=True):
            path.logits[each.frames, self._outputs] += shift
        return spelled_anew(path, changed)

    def _doubtful(self, path: PagePath) -> list[tuple[int, list[int]]]:
        """Lines with characters to ask about, and these: numbers among those of the page."""
        found: dict[int, list[int]] = {}
        line = path.line_of_chars()
        for k in np.flatnonzero(least_odds(path) > ASK_FROM).tolist():
            if CHARACTERS[path.labels[k] - 1] in self._column:
                found.setdefault(int(line[k]), []).append(k)
        return list(found.items())

    def _pictures(
        self, line: LineImage, step_px: float, path: PagePath, number: int, wanted: Sequence[int]
    ) -> list[_Asked]:
        first, last = int(path.chars[number]), int(path.chars[number + 1])
        begin, end = int(path.lines[number]), int(path.lines[number + 1])
        labels = path.labels[first:last]
        starts, ends = path.starts[first:last], path.ends[first:last]
        is_space = labels == INDEX[" "]
        boxes = character_boxes(line, starts - begin, ends - begin, is_space, step_px)
        between = (ends[:-1] + starts[1:]) // 2
        bounds = np.concatenate(([begin], between, [end])).tolist()
        glyphs = line.glyph_edges()[:, ::2]
        asked = []
        for k in wanted:
            own = k - first
            pieces = ink_of(line, glyphs, boxes[own])
            if pieces:
                asked.append(
                    _Asked(
                        frames=slice(bounds[own], bounds[own + 1]),
                        column=self._column[CHARACTERS[labels[own] - 1]],
                        picture=crop(line, pieces),
                    )
                )
        return asked

    def _shifts(self, asked: Sequence[_Asked], answers: npt.NDArray[np.float32]) -> Floats:
        """(N, C) what is added to the logits of the classifier's characters; 0 for what was read.

        Twins of shape share their probability: which of them it is, only the line can tell.
        """
        probability = answers[:, : len(self._column)].astype(np.float64)
        probability /= np.maximum(probability.sum(axis=1, keepdims=True), 1e-9)
        logarithm = np.log(np.maximum(probability @ self._twins, _LEAST))
        read = np.array([each.column for each in asked])
        relative = logarithm - logarithm[np.arange(len(read)), read][:, None]
        shifts: Floats = self._share * self._trust(answers)[:, None] * relative
        return shifts

    def _trust(self, answers: npt.NDArray[np.float32]) -> Floats:
        """(N,) 1 for a picture that is a character for sure, 0 for one that is rather none."""
        if self._classifier.reject_index is None:
            return np.ones(len(answers))
        rejected = answers[:, self._classifier.reject_index].astype(np.float64)
        return np.asarray(np.where(rejected > _MOST_REJECTED, 0.0, 1 - rejected), np.float64)


def shipped_look(device: Literal["cpu", "gpu"] = "cpu") -> SecondLook:
    """The second look of the newest shipped character network.

    Raises:
        ModelError: the weights are missing or damaged.
    """
    return SecondLook(load_classifier(find_model("resnet"), device))


def ink_of(line: LineImage, glyphs: Floats, box: Floats) -> list[Piece]:
    """What of the line's ink is a character's.

    Args:
        line: the line.
        glyphs: (G, 2) first column of each glyph and one behind its last.
        box: x0, y0, x1, y1 of the character, px of the crop.
    """
    x0, x1 = box[0], box[2]
    common = np.minimum(glyphs[:, 1], x1) - np.maximum(glyphs[:, 0], x0)
    belongs = common >= _OWN_COLUMNS * (glyphs[:, 1] - glyphs[:, 0])
    belongs |= common >= _COVERING * (x1 - x0)
    pieces = []
    for g in np.flatnonzero(belongs & (common > 0)).tolist():
        glyph = line.glyphs[g]
        left, right = max(glyph.x0_px, round(x0)), min(glyph.x1_px, round(x1))
        if right > left:
            pieces.append(
                Piece(glyph=g, x0_px=left, y0_px=glyph.y0_px, x1_px=right, y1_px=glyph.y1_px)
            )
    return pieces
