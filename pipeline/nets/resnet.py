"""Residual networks for 32x32 characters: the reference one and a small one for CPU work.

Both take (N, 32, 32, 1) float32 in 0..1, ink white, and give (N, C) float32 logits. Importing this
module loads Keras and its backend.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from pipeline.glyph_image import SIZE_PX


def reference_resnet(
    classes: int,
    stages: tuple[int, ...] = (3, 3, 3),
    filters: tuple[int, ...] = (64, 64, 128, 256),
    l2: float = 5e-4,
) -> Any:
    """Pre-activation bottleneck ResNet (He et al. 2016, identity mappings), CIFAR-style stem.

    The first of `filters` is the stem's, the others the stages'; a bottleneck is a quarter as
    wide. Accurate but slow on CPUs: with the activation first, batch normalisation cannot be
    folded into the convolutions. Kept as the yardstick for the small network.
    """
    regulariser = keras.regularizers.L2(l2)

    def normalise(x: Any) -> Any:
        return layers.BatchNormalization(epsilon=2e-5, momentum=0.9)(x)

    def convolve(x: Any, width: int, size: int, stride: int = 1) -> Any:
        return layers.Conv2D(
            width,
            size,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=regulariser,
        )(x)

    def bottleneck(x: Any, width: int, stride: int, is_first: bool) -> Any:
        active = layers.ReLU()(normalise(x))
        shortcut = convolve(active, width, 1, stride) if is_first else x
        y = convolve(active, width // 4, 1)
        y = convolve(layers.ReLU()(normalise(y)), width // 4, 3, stride)
        y = convolve(layers.ReLU()(normalise(y)), width, 1)
        return layers.Add()([y, shortcut])

    picture = layers.Input((SIZE_PX, SIZE_PX, 1))
    x = convolve(normalise(picture), filters[0], 3)
    for stage, (depth, width) in enumerate(zip(stages, filters[1:], strict=True)):
        for block in range(depth):
            is_first = block == 0
            x = bottleneck(x, width, 2 if is_first and stage > 0 else 1, is_first)
    x = layers.GlobalAveragePooling2D()(layers.ReLU()(normalise(x)))
    logits = layers.Dense(classes, kernel_regularizer=regulariser, name="logits")(x)
    return keras.Model(picture, logits, name="reference_resnet")


def small_resnet(
    classes: int,
    depths: tuple[int, ...] = (2, 2, 2),
    widths: tuple[int, ...] = (16, 32, 96),
    l2: float = 1e-4,
) -> Any:
    """Post-activation ResNet (He et al. 2015) of basic blocks, thin where pictures are large.

    Batch normalisation follows each convolution, so the converter folds it away. The last stage
    is wide because 4x4 positions are cheap and 95 classes need the features.
    """
    regulariser = keras.regularizers.L2(l2)

    def convolve(x: Any, width: int, size: int, stride: int = 1) -> Any:
        x = layers.Conv2D(
            width,
            size,
            strides=stride,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            kernel_regularizer=regulariser,
        )(x)
        return layers.BatchNormalization(momentum=0.97)(x)

    picture = layers.Input((SIZE_PX, SIZE_PX, 1))
    x = layers.ReLU()(convolve(picture, widths[0], 3))
    x = layers.MaxPooling2D(2)(x)
    for stage, (depth, width) in enumerate(zip(depths, widths, strict=True)):
        for block in range(depth):
            stride = 2 if stage > 0 and block == 0 else 1
            is_same = stride == 1 and x.shape[-1] == width
            shortcut = x if is_same else convolve(x, width, 1, stride)
            y = layers.ReLU()(convolve(x, width, 3, stride))
            x = layers.ReLU()(layers.Add()([convolve(y, width, 3), shortcut]))
    x = layers.GlobalAveragePooling2D()(x)
    logits = layers.Dense(classes, name="logits")(x)
    return keras.Model(picture, logits, name="small_resnet")


def medium_resnet(classes: int) -> Any:
    """The small network with a third block in the stages where a block costs least."""
    return small_resnet(classes, depths=(2, 3, 3))
