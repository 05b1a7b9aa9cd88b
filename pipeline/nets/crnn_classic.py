"""The classic recurrent line recogniser, as a yardstick for the convolutional one.

Seven convolutions of 64 to 512 filters and two bidirectional LSTM layers of 128 (Shi, Bai and Yao
2017, "An end-to-end trainable neural network for image-based sequence recognition"). It does not
ship: recurrent layers do not convert to LiteRT with dynamic batches, and cost several times as
much.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipeline.line_image import HEIGHT_PX
from pipeline.vocabulary import CHARACTERS


def _conv(x: Any, filters: int, *, normalise: bool = False) -> Any:
    x = layers.Conv2D(filters, 3, padding="same", use_bias=not normalise)(x)
    return layers.ReLU()(layers.BatchNormalization()(x) if normalise else x)


def build_classic_crnn() -> keras.Model:
    """Input (N, 32, W, 1) float, ink 1 on paper 0; output (N, W/4, 1 + vocabulary) logits.

    Index 0 of the last axis is the CTC blank. W must be a multiple of 4.
    """
    image = layers.Input((HEIGHT_PX, None, 1), name="image")
    x = layers.MaxPooling2D(2)(_conv(image, 64))
    x = layers.MaxPooling2D(2)(_conv(x, 128))
    x = layers.MaxPooling2D((2, 1))(_conv(_conv(x, 256), 256))
    x = _conv(_conv(x, 512, normalise=True), 512, normalise=True)
    x = layers.ZeroPadding2D(((0, 0), (0, 1)))(layers.MaxPooling2D((2, 1))(x))
    x = layers.ReLU()(layers.Conv2D(512, 2)(x))
    x = layers.Reshape((-1, 512))(x)
    for _ in range(2):
        x = layers.Bidirectional(layers.LSTM(128, return_sequences=True))(x)
    logits = layers.Dense(len(CHARACTERS) + 1, name="logits")(x)
    return keras.Model(image, logits, name="crnn_classic")
