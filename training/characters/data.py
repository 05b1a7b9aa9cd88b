"""The data of a run: files and fonts read, normalised and split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.nets.vocabulary import ASCII_CLASSES, class_set
from training.characters.batches import BatchMaker, class_weights
from training.characters.charset import CharacterSet
from training.characters.config import TrainConfig
from training.characters.formats import load_characters
from training.characters.split import Split, split_by_cluster
from training.fonts import FontFace, find_fonts, load_faces, split_faces


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingData:
    """Everything that is read before the first batch."""

    handprint: CharacterSet
    split: Split
    train_faces: Sequence[FontFace]
    held_out_faces: Sequence[FontFace]

    def batches(self, config: TrainConfig) -> BatchMaker:
        """Batches of the training side only."""
        allowed = class_set(config.only)
        train = self.handprint.take(self.split.train)
        shown = [ASCII_CLASSES.index(c) for c in allowed]
        train = train.take(np.flatnonzero(np.isin(train.labels, shown)))
        return BatchMaker(
            handprint=train,
            faces=self.train_faces,
            size=config.batch,
            handprint_share=config.handprint_share,
            reject_share=config.reject_share,
            seed=config.seed,
            class_weights=class_weights(train.labels, config.class_weight_power),
            print_classes=allowed,
        )


def load_data(config: TrainConfig) -> TrainingData:
    """Read what the configuration names and split it by its seed."""
    handprint = CharacterSet.concatenate(load_characters(p) for p in config.characters)
    train_faces, held_out_faces = split_faces(
        load_faces(find_fonts(config.fonts)), seed=config.seed
    )
    return TrainingData(
        handprint=handprint,
        split=split_by_cluster(handprint, seed=config.seed),
        train_faces=train_faces,
        held_out_faces=held_out_faces,
    )
