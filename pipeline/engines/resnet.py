"""The character engine: segmented glyphs, each classified by the trained ResNet.

Doubtful glyphs are cut and joined into further candidates, and the best path through them is
taken; then the heights on the line, the neighbours and the gaps settle what a picture of a single
character cannot tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from ocrq.types import EngineInfo, PageOptions
from pipeline.calibration import Calibration
from pipeline.engines.answers import characters_of
from pipeline.engines.calibrated import calibrated
from pipeline.engines.dirt import LineFacts, find_dirt, on_baseline
from pipeline.engines.engine import Engine, LineImage, LineReading
from pipeline.engines.glyph_sight import GlyphSight, SeenLine
from pipeline.engines.line_doubt import weigh
from pipeline.engines.pieces import box_around
from pipeline.letter_heights import USUAL_CAP
from pipeline.line_knowledge.character_classes import allowed
from pipeline.line_knowledge.context import kinds_of, log_frequencies, settle
from pipeline.line_knowledge.geometry import HeightModel
from pipeline.line_knowledge.lattice import Span, best_path
from pipeline.line_knowledge.lattice_sums import LineLattice
from pipeline.line_knowledge.spaces import Spacing, space_probabilities, with_habits
from pipeline.runtime.protocol import GlyphClassifier
from pipeline.weights import ModelFiles

Floats = npt.NDArray[np.float64]

_TINY: Final = 3e-4  # floor of a probability: the int8 softmax knows nothing below it
_AS_MEASURED: Final = 4.0  # log odds that the heights measured on a line are what they seem
_CUT_COST: Final = 2.5  # log odds against each cut ...
_JOIN_COST: Final = 0.0  # ... and each join: what is small and near is as often broken as not
_LEAST_WIDTH: Final = 0.25  # x-heights that the thinnest character counts
_DIRT_COST: Final = 2.0  # log odds against a glyph being dirt, beyond what its picture says
_UNCHANGED: Final = Calibration()


class ResNetEngine:
    """Reads lines character by character."""

    def __init__(
        self,
        classifier: GlyphClassifier,
        info: EngineInfo,
        calibration: Calibration = _UNCHANGED,
    ) -> None:
        self._classes = classifier.classes
        self._calibration = calibration
        self._info = info
        self._sight = GlyphSight(classifier)
        self._heights = HeightModel(classifier.classes)
        self._kinds = kinds_of(classifier.classes)
        self._frequencies = log_frequencies(classifier.classes)

    @property
    def info(self) -> EngineInfo:
        return self._info

    def read(self, lines: Sequence[LineImage], options: PageOptions) -> list[LineReading]:
        """Read the lines of a page; see `Engine.read`."""
        may_be = allowed(self._classes, options.classes)
        seen = self._sight.see(lines)
        for reading in seen:
            self._choose(reading, may_be)
        settled = self._settle(seen, may_be, options.alternatives)
        return calibrated(settled, self._calibration)

    def _choose(self, reading: SeenLine, may_be: npt.NDArray[np.bool_]) -> None:
        """Find the best path; each candidate counts by its width."""
        if not reading.candidates:
            return
        line = reading.line
        scores = self._scores(reading, may_be, line.x_height_px, line.cap_height_px)
        weights = self._evidence(reading, scores.max(axis=1))
        spans = [
            Span(first=c.first, last=c.last, score=weight)
            for c, weight in zip(reading.candidates, weights.tolist(), strict=True)
        ]
        reading.path = np.array(best_path(spans, max(c.last for c in reading.candidates)))

    def _evidence(self, reading: SeenLine, best: Floats) -> Floats:
        """(S,) log weight of each candidate as a character, given that of its best class.

        Counted by its width: else a path of few wide characters would beat one of many narrow.
        """
        boxes = [box_around(c.pieces) for c in reading.candidates]
        widths = np.array([x1 - x0 for x0, _, x1, _ in boxes]) / reading.line.x_height_px
        costs = [_CUT_COST * c.cuts + _JOIN_COST * c.joins for c in reading.candidates]
        weights: Floats = np.maximum(widths, _LEAST_WIDTH) * best - costs
        return weights

    def _scores(
        self,
        reading: SeenLine,
        may_be: npt.NDArray[np.bool_],
        x_height_px: float,
        cap_height_px: float,
    ) -> Floats:
        """(S, C) log likelihood of each class by picture and by height."""
        line = reading.line
        boxes = [box_around(c.pieces) for c in reading.candidates]
        base = [line.baseline_at((b[0] + b[2]) / 2) for b in boxes]
        edges = np.array([(y - b[1], y - b[3]) for y, b in zip(base, boxes, strict=True)])
        heights = self._heights.log_likelihood(edges, x_height_px, cap_height_px)
        pictures = np.log(np.maximum(reading.characters, _TINY))
        scores: Floats = np.where(may_be, pictures + heights, -np.inf)
        return scores

    def _settle(
        self, readings: Sequence[SeenLine], may_be: npt.NDArray[np.bool_], alternatives: int
    ) -> list[LineReading]:
        """Heights, neighbours and gaps decide together; what is no row of letters goes."""
        kept = [r for r in readings if not r.is_dirt]
        boxes = [r.boxes() for r in kept]
        spaces = space_probabilities(
            [
                Spacing(left_px=b[:, 0], right_px=b[:, 2], x_height_px=r.line.x_height_px)
                for r, b in zip(kept, boxes, strict=True)
            ]
        )
        every = [self._best_heights(r, may_be) for r in kept]
        scores = [score[r.path] + self._frequencies for r, score in zip(kept, every, strict=True)]
        texts = [self._text(p) for p in settle(scores, spaces, self._kinds)]
        spaces = [with_habits(s, text) for s, text in zip(spaces, texts, strict=True)]
        posteriors = settle(scores, spaces, self._kinds)
        facts = [self._facts(*known) for known in zip(kept, boxes, posteriors, strict=True)]
        dirt = find_dirt(facts)
        lattices = [self._lattice(*known) for known in zip(kept, every, posteriors, strict=True)]
        doubts = weigh(lattices, spaces, self._kinds)
        results = {
            id(r): LineReading(
                chars=characters_of(
                    r.line,
                    b,
                    lattice.text,
                    doubt.probability,
                    s,
                    self._classes,
                    alternatives,
                ),
                missing_risk=doubt.missing_risk,
                is_dirt=bool(is_dirt),
            )
            for r, b, lattice, doubt, s, is_dirt in zip(
                kept, boxes, lattices, doubts, spaces, dirt, strict=True
            )
        }
        return [results.get(id(r), LineReading()) for r in readings]

    def _lattice(self, reading: SeenLine, scores: Floats, posterior: Floats) -> LineLattice:
        """All candidates of a line with their weights, and what was read."""
        likely = scores + self._frequencies
        likely -= np.logaddexp.reduce(likely, axis=1, keepdims=True)
        evidence = self._evidence(reading, scores.max(axis=1))
        characters = reading.characters.max(axis=1)
        dirty = np.log(np.maximum(reading.rejected, _TINY) / characters)
        # A part of a glyph is no character either; only a whole one may be dirt.
        is_whole = np.arange(len(reading.candidates)) < len(reading.line.glyphs)
        return LineLattice(
            first=np.array([c.first for c in reading.candidates]),
            last=np.array([c.last for c in reading.candidates]),
            score=evidence[:, None] + likely,
            skip=np.where(is_whole, evidence + dirty - _DIRT_COST, -np.inf),
            path=reading.path,
            text=posterior.argmax(axis=1),
        )

    def _facts(self, reading: SeenLine, boxes: Floats, posterior: Floats) -> LineFacts:
        line = reading.line
        base = np.array([line.baseline_at(x) for x in (boxes[:, 0] + boxes[:, 2]) / 2])
        return LineFacts(
            text=self._text(posterior),
            confidence=float(posterior.max(axis=1).mean()),
            rejected=float(reading.rejected[reading.path].mean()),
            on_baseline=on_baseline(
                (base - boxes[:, 3]) / line.x_height_px,
                (boxes[:, 3] - boxes[:, 1]) / line.x_height_px,
            ),
            x_height_px=line.x_height_px,
        )

    def _text(self, posterior: Floats) -> str:
        return "".join(self._classes[k] for k in posterior.argmax(axis=1))

    def _best_heights(self, reading: SeenLine, may_be: npt.NDArray[np.bool_]) -> Floats:
        """Scores under the heights that explain the line best.

        What was taken for x-height may be the height of capitals (a line without small letters),
        and the reverse.
        """
        line = reading.line
        x, cap = line.x_height_px, line.cap_height_px
        tries = [(x, cap), (x / USUAL_CAP, x), (cap, cap * USUAL_CAP)]
        best, best_evidence = None, -np.inf
        for k, (x_px, cap_px) in enumerate(tries):
            scores = self._scores(reading, may_be, x_px, cap_px)
            evidence = float(np.logaddexp.reduce(scores[reading.path], axis=1).sum())
            evidence += _AS_MEASURED if k == 0 else 0.0
            if evidence > best_evidence:
                best, best_evidence = scores, evidence
        assert best is not None
        return best


def make_engine(device: Literal["cpu", "gpu"] = "cpu") -> Engine:
    """The engine with the shipped weights.

    Raises:
        ModelError: they are missing or damaged.
    """
    from pipeline.weights import find_model

    model = find_model("resnet")
    return load_engine(model, Calibration.from_card(model.card), device)


def load_engine(
    model: ModelFiles, calibration: Calibration, device: Literal["cpu", "gpu"] = "cpu"
) -> Engine:
    """The engine with given weights and a calibration of its confidences.

    Raises:
        ModelError: the weights are damaged.
    """
    from pipeline.runtime.classifier import load_classifier

    info = EngineInfo(name="resnet", version=model.version, weights_sha256=model.weights_sha256)
    return ResNetEngine(load_classifier(model, device), info, calibration)
