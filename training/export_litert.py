"""Turning a trained Keras model into LiteRT files."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt


def export_float(model: Any, path: Path) -> None:
    """Write a float32 LiteRT file with the inputs and outputs of the model."""
    import tensorflow as tf

    path.write_bytes(_convert(tf.lite.TFLiteConverter.from_keras_model(model)))


def convert_dynamic_range(model: Any) -> bytes:
    """A file with int8 weights whose activations are quantised as they come, row by row.

    Float32 in and out. Slower than int8 throughout by a quarter, but it reads as the float file
    does (docs/decisions/0009).
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    return _convert(converter)


def convert_int8(model: Any, samples: Iterable[npt.NDArray[np.float32]]) -> bytes:
    """The int8 file of a model: uint8 pixels in, float32 logits out.

    Args:
        model: Keras model of one input in 0..1.
        samples: inputs of one row; their activations set the ranges.
    """
    import tensorflow as tf

    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    # Pixels go in as they are: 0..255 is 0..1 at a scale of 1/255.
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.float32
    return _convert(converter)


def _convert(converter: Any) -> bytes:
    # Keras prints what it saves on the way, and stdout is for results. The warning asks for
    # ranges of the input, which the representative pictures give.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return bytes(converter.convert())
