"""The line recogniser: a convolutional network with a CTC output, in Keras 3 on any backend.

Fully convolutional, so that it converts to LiteRT with dynamic batch and width and runs int8 on
XNNPACK: all tensors stay four-dimensional, time is the width axis, one step for four columns.
Recurrent layers were measured three times slower there and do not convert with dynamic batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
from keras import layers

from pipeline.line_image import HEIGHT_PX
from pipeline.vocabulary import CHARACTERS


@dataclass(frozen=True, slots=True, kw_only=True)
class CrnnSize:
    """Widths of one size of the network."""

    stem: int
    eighth: int  # channels at 8 rows
    quarter: int  # channels at 4 rows
    time: int  # channels of the time blocks, after the rows are folded
    time_blocks: int


SIZES = {
    "s": CrnnSize(stem=24, eighth=48, quarter=96, time=192, time_blocks=4),
    "m": CrnnSize(stem=24, eighth=56, quarter=112, time=256, time_blocks=6),
}


def _conv(
    x: Any,
    filters: int,
    kernel: int | tuple[int, int],
    strides: tuple[int, int] = (1, 1),
    *,
    relu: bool = True,
    padding: str = "same",
) -> Any:
    x = layers.Conv2D(filters, kernel, strides=strides, padding=padding, use_bias=False)(x)
    x = layers.BatchNormalization(momentum=0.97, epsilon=1e-3)(x)
    return layers.ReLU()(x) if relu else x


def _residual(x: Any, filters: int) -> Any:
    return layers.ReLU()(layers.Add()([x, _conv(_conv(x, filters, 3), filters, 3, relu=False)]))


def _time_block(x: Any, filters: int) -> Any:
    y = layers.DepthwiseConv2D((1, 9), padding="same", use_bias=False)(x)
    y = layers.BatchNormalization(momentum=0.97, epsilon=1e-3)(y)
    return layers.ReLU()(layers.Add()([x, _conv(y, filters, 1, relu=False)]))


def build_crnn(size: str = "m", *, dropout: float = 0.1) -> keras.Model:
    """Input (N, 32, W, 1) float, ink 1 on paper 0; output (N, W/4, 1 + vocabulary) logits.

    Index 0 of the last axis is the CTC blank.
    """
    s = SIZES[size]
    image = layers.Input((HEIGHT_PX, None, 1), name="image")
    x = _conv(image, s.stem, 3, (2, 2))
    x = _conv(x, s.eighth, 3, (2, 2))
    x = _residual(x, s.eighth)
    x = _conv(x, s.quarter, 3, (2, 1))
    x = _residual(x, s.quarter)
    x = _conv(x, s.time, (4, 1), padding="valid")
    x = layers.Dropout(dropout)(x)
    for _ in range(s.time_blocks):
        x = _time_block(x, s.time)
    x = layers.Dropout(dropout)(x)
    x = layers.Conv2D(len(CHARACTERS) + 1, 1, name="logits")(x)
    return keras.Model(image, layers.Reshape((-1, len(CHARACTERS) + 1))(x), name=f"crnn_{size}")
