"""Training batches: handprint, print and rejects, mixed and varied anew each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from pipeline.nets.vocabulary import ASCII_CLASSES
from training.characters.augment import Augmentation, augment
from training.characters.charset import REJECT, CharacterSet
from training.characters.print_glyphs import Wear, draw_print
from training.characters.rejects import draw_rejects
from training.fonts import FontFace


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one step learns from."""

    pictures: npt.NDArray[np.float32]  # (N, 32, 32, 1), 0..1, ink white
    labels: npt.NDArray[np.int64]  # (N,)
    weights: npt.NDArray[np.float32]  # (N,)


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchMaker:
    """Makes batch `step` from the seed alone, so that a resumed run sees the same batches."""

    handprint: CharacterSet
    faces: Sequence[FontFace]
    size: int
    handprint_share: float
    reject_share: float
    seed: int
    class_weights: npt.NDArray[np.float32]  # (94,)
    augmentation: Augmentation = field(default_factory=Augmentation)
    wear: Wear = field(default_factory=Wear)
    print_classes: str = ASCII_CLASSES  # print is drawn of these

    def make(self, step: int) -> Batch:
        """The batch of a step, from 0."""
        rng = np.random.default_rng((self.seed, step))
        hand = round(self.size * self.handprint_share)
        rejects = round(self.size * self.reject_share)
        rows = self._rows(step, hand)
        varied = np.stack(
            [augment(self.handprint.images[r], self.augmentation, rng) for r in rows.tolist()]
        )
        hand_labels = self.handprint.labels[rows]
        printed = draw_print(
            self.faces, self.size - hand - rejects, self.wear, rng, self.print_classes
        )
        pictures, labels = [varied, printed.images], [hand_labels, printed.labels]
        if rejects:
            negatives = draw_rejects(self.faces, rejects, self.wear, rng, self.handprint)
            pictures.append(negatives.images)
            labels.append(negatives.labels)
        weights = np.ones(self.size, dtype=np.float32)
        weights[:hand] = self.class_weights[hand_labels]
        return Batch(
            pictures=to_input(np.concatenate(pictures)),
            labels=np.concatenate(labels),
            weights=weights,
        )

    def _rows(self, step: int, count: int) -> npt.NDArray[np.int64]:
        """Rows of this step: every picture once in each pass, in a new order each pass."""
        total = len(self.handprint)
        positions = step * count + np.arange(count)
        passes = positions // total
        rows = np.empty(count, dtype=np.int64)
        for number in np.unique(passes):
            order = _order(self.seed, int(number), total)
            chosen = passes == number
            rows[chosen] = order[positions[chosen] % total]
        return rows


@lru_cache(maxsize=2)
def _order(seed: int, number: int, total: int) -> npt.NDArray[np.int64]:
    """The order of one pass."""
    return np.random.default_rng((seed, 1 << 40, number)).permutation(total)


def to_input(images: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """Pictures (N, 32, 32) uint8 as a network takes them: (N, 32, 32, 1) float32, 0..1."""
    return images[..., None].astype(np.float32) / np.float32(255)


def class_weights(labels: npt.NDArray[np.int64], power: float) -> npt.NDArray[np.float32]:
    """Weights of the 94 classes from their counts: count**-power, mean over pictures 1.

    A class without pictures gets weight 1. A power of 1 makes classes count alike, which costs
    accuracy where labels are ambiguous; 0 leaves counts as they are.

    >>> class_weights(np.array([0, 0, 0, 1]), 1.0)[:3].tolist() == [np.float32(2 / 3), 2.0, 1.0]
    True
    """
    counts = np.bincount(labels, minlength=REJECT)[:REJECT].astype(np.float64)
    weights = np.where(counts > 0, np.maximum(counts, 1) ** -power, 0.0)
    mean = (weights * counts).sum() / counts.sum()
    result: npt.NDArray[np.float32] = np.where(counts > 0, weights / mean, 1.0).astype(np.float32)
    return result
