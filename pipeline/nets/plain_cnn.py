"""Two plain convolutional networks that character recognisers are often begun with: yardsticks.

Both take (N, 32, 32, 1) float32 in 0..1, ink white, and give (N, C) float32 logits. Importing this
module loads Keras and its backend.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipeline.glyph_image import SIZE_PX


def plain_cnn(classes: int) -> Any:
    """Three convolutions of 32, 64 and 128 with pooling, two dense layers: 138,468 at 36 classes.

    The usual network of tutorials for the A-Z and MNIST sets together.
    """
    picture = layers.Input((SIZE_PX, SIZE_PX, 1))
    x = layers.Conv2D(32, 3, activation="relu")(picture)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(128, 3, activation="relu")(x)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(64, activation="relu")(x)
    x = layers.Dense(128, activation="relu")(x)
    return keras.Model(picture, layers.Dense(classes, name="logits")(x), name="plain_cnn")


def mnist_cnn(classes: int) -> Any:
    """Two convolutions of 32 and 64 with pooling, dropout, one dense layer: Keras' own example."""
    picture = layers.Input((SIZE_PX, SIZE_PX, 1))
    x = layers.MaxPooling2D(2)(layers.Conv2D(32, 3, activation="relu")(picture))
    x = layers.MaxPooling2D(2)(layers.Conv2D(64, 3, activation="relu")(x))
    x = layers.Dropout(0.5)(layers.Flatten()(x))
    return keras.Model(picture, layers.Dense(classes, name="logits")(x), name="mnist_cnn")
