"""Turning a trained Keras model into LiteRT files."""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

# Numbers of the LiteRT schema.
_CONV_2D: Final = 3
_FLOAT32: Final = 0
_INT8: Final = 9

_LIMIT: Final = 127


def export_float(model: Any, path: Path) -> None:
    """Write a float32 LiteRT file with the inputs and outputs of the model."""
    path.write_bytes(convert_float(model))


def convert_float(model: Any) -> bytes:
    """A float32 file: the reference that quantised ones are held against."""
    import tensorflow as tf

    return _convert(tf.lite.TFLiteConverter.from_keras_model(model))


def convert_mixed(model: Any, keep_float: Collection[str] = ()) -> bytes:
    """A file with int8 weights in its convolutions, whose inputs are quantised as they come.

    Float32 in and out. "Dynamic range": XNNPACK brings the input of a layer to 8 bits, row by row
    of the batch, and computes in integers. TensorFlow's own converter does it to depthwise
    convolutions as well, for which XNNPACK has no such kernel: the graph falls apart between two
    sets of kernels, and a quarter of the speed is lost (docs/decisions/0016).

    Args:
        model: Keras model.
        keep_float: layers whose name holds one of these stay float; depthwise ones always do.
    """
    return quantise_convolutions(convert_float(model), keep_float)


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


def quantise_convolutions(float_file: bytes, keep_float: Collection[str] = ()) -> bytes:
    """The float file with the weights of its convolutions in int8, one scale an output channel.

    Args:
        float_file: what `convert_float` gives.
        keep_float: layers whose name holds one of these stay as they are; depthwise ones always do.

    Returns:
        A LiteRT file, float32 in and out.
    """
    from tensorflow.lite.python import schema_py_generated as schema
    from tensorflow.lite.tools import flatbuffer_utils

    with contextlib.redirect_stdout(io.StringIO()):
        model: Any = flatbuffer_utils.convert_bytearray_to_object(bytearray(float_file))
    for graph in model.subgraphs:
        for operator in graph.operators:
            code = model.operatorCodes[operator.opcodeIndex].builtinCode
            name = graph.tensors[operator.outputs[0]].name.decode()
            if code == _CONV_2D and not any(kept in name for kept in keep_float):
                _quantise(model, graph.tensors[operator.inputs[1]], schema)
    return bytes(flatbuffer_utils.convert_object_to_bytearray(model))


def _quantise(model: Any, weights: Any, schema: Any) -> None:
    if weights.type != _FLOAT32:
        return
    buffer = model.buffers[weights.buffer]
    values = np.frombuffer(bytes(buffer.data), np.float32).reshape(weights.shape)
    numbers, scales = to_int8(values)
    buffer.data = numbers.tobytes()
    weights.type = _INT8
    weights.quantization = schema.QuantizationParametersT()
    weights.quantization.scale = scales.tolist()
    weights.quantization.zeroPoint = [0] * len(scales)
    weights.quantization.quantizedDimension = 0


def to_int8(
    weights: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Symmetric int8 of weights (C, ...), and one scale for each of the C output channels.

    >>> numbers, scales = to_int8(np.array([[0.5, -1.0], [0.0, 0.0]], np.float32))
    >>> numbers.tolist()
    [[64, -127], [0, 0]]
    """
    flat = weights.reshape(len(weights), -1)
    scales = np.maximum(np.abs(flat).max(axis=1), 1e-12).astype(np.float32) / np.float32(_LIMIT)
    numbers = np.clip(np.rint(flat / scales[:, None]), -_LIMIT, _LIMIT).astype(np.int8)
    return numbers.reshape(weights.shape), scales


def _convert(converter: Any) -> bytes:
    # Keras prints what it saves on the way, and stdout is for results. The warning asks for
    # ranges of the input, which the representative pictures give.
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Statistics for quantized inputs")
        return bytes(converter.convert())
